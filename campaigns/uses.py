"""Which campaigns use a segment: as their audience, or in a condition of what they say."""

from collections.abc import Collection, Iterator

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.models import Campaign, Template
from segments.uses import Use, mentioned

NAMES_SEGMENTS = '"segment"'


def campaigns_by_segment(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    in_content = _templates_that_name(segment_ids)
    naming = Q(segment_id__in=segment_ids) | Q(template_id__in=list(in_content))
    for campaign in Campaign.objects.filter(naming).order_by("name"):
        named = in_content.get(campaign.template_id, set()) | ({campaign.segment_id} & set(segment_ids))
        for segment_id in named:
            yield (
                segment_id,
                Use(
                    kind="Campaign",
                    name=campaign.name,
                    url=reverse("campaigns:campaign", args=[campaign.pk]),
                    permission="view_campaigns",
                    state=campaign.get_state_display(),
                    is_over=campaign.state == Campaign.State.SENT,
                    is_sending=campaign.state == Campaign.State.SENDING and campaign.segment_id == segment_id,
                ),
            )


def _templates_that_name(segment_ids: Collection[int]) -> dict[int, set[int]]:
    """Contents are large: only those with a condition on a segment are read."""
    texts = Template.objects.annotate(text=Cast("content", TextField())).filter(text__contains=NAMES_SEGMENTS)
    wanted = set(segment_ids)
    return {pk: mentioned(content) & wanted for pk, content in texts.values_list("pk", "content")}
