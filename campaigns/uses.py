"""What uses a segment or a predictor: campaigns for their audience, and mails, templates and modules in a condition."""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.models import Campaign, Template
from segments.uses import Use, mentioned


def campaigns_by_segment(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    in_content = _templates_that_name(segment_ids, "segment")
    naming = Q(segment_id__in=segment_ids) | Q(template_id__in=list(in_content))
    for campaign in Campaign.objects.filter(naming).order_by("name"):
        named = in_content.get(campaign.template_id, set()) | ({campaign.segment_id} & set(segment_ids))
        for segment_id in named:
            is_sending = campaign.state == Campaign.State.SENDING and campaign.segment_id == segment_id
            yield segment_id, _use(campaign, is_sending=is_sending)
    yield from _in_library(in_content)


def campaigns_by_predictor(predictor_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    in_content = _templates_that_name(predictor_ids, "score")
    for campaign in Campaign.objects.filter(template_id__in=list(in_content)).order_by("name"):
        for predictor_id in in_content[campaign.template_id]:
            yield predictor_id, _use(campaign)
    yield from _in_library(in_content)


def _in_library(in_content: Mapping[int, set[int]]) -> Iterator[tuple[int, Use]]:
    """Templates and modules: what they name must not go while somebody may send it."""
    rows = Template.objects.filter(pk__in=list(in_content), archived_at=None).exclude(kind=Template.Kind.MAIL)
    for template in rows.order_by("name"):
        for number in in_content[template.pk]:
            url = reverse("campaigns:mail_versions", args=[template.pk])
            yield number, Use(template.get_kind_display(), template.name, url, "view_campaigns")


def _use(campaign: Campaign, *, is_sending: bool = False) -> Use:
    return Use(
        kind="Campaign",
        name=campaign.name,
        url=reverse("campaigns:campaign", args=[campaign.pk]),
        permission="view_campaigns",
        state=campaign.get_state_display(),
        is_over=campaign.state == Campaign.State.SENT,
        is_sending=is_sending,
    )


def _templates_that_name(ids: Collection[int], kind: str) -> dict[int, set[int]]:
    """Contents are large: only those with a condition of that kind are read."""
    texts = Template.objects.annotate(text=Cast("content", TextField())).filter(text__contains=f'"{kind}"')
    found = {pk: mentioned(content, kind) & set(ids) for pk, content in texts.values_list("pk", "content")}
    return {pk: about for pk, about in found.items() if about}
