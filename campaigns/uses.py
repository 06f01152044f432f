"""Which campaigns, templates and modules use a segment, a predictor or another campaign: as audience, by what starts
or ends it, in a rule or a condition, by a token."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.content.meanings import fold
from campaigns.content.read import modules_of
from campaigns.models import Campaign, Template, Variant
from scoring.models import Predictor
from segments.models import Segment
from segments.uses import Use, mentioned

CONTAINS = re.compile(r"""\bsegments\s+contains\s+(?:"([^"]*)"|'([^']*)')""")
SCORES = re.compile(r"""\bscores\s*(?:\.\s*([\w-]+)|\[\s*(?:"([^"]*)"|'([^']*)')\s*\])""")
Named = dict[int, set[int]]
"""Template → ids that it names."""


def campaigns_by_segment(segment_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    names = dict(Segment.objects.filter(pk__in=segment_ids).values_list("pk", "name"))
    in_content = _naming(names, "segment", CONTAINS)
    in_rules = _by_variants(in_content, _by_rules(set(segment_ids), "segment"), "segment", names)
    naming = Q(included__in=segment_ids) | Q(excluded__in=segment_ids) | Q(template_id__in=list(in_content))
    naming |= Q(pk__in=list(in_rules))
    rows = Campaign.objects.filter(naming).distinct().prefetch_related("included", "excluded")
    for campaign in rows.order_by("name"):
        inside, outside = ({one.pk for one in some.all()} for some in (campaign.included, campaign.excluded))
        named = in_content.get(campaign.template_id, set()) | in_rules.get(campaign.pk, set())
        spoken_to = inside | _entering(campaign)
        for segment_id in named | (inside | outside) & set(segment_ids):
            is_sending = campaign.state == Campaign.State.SENDING and segment_id in spoken_to
            yield segment_id, _use(campaign, is_sending=is_sending)
    yield from _in_library(in_content)


def campaigns_by_predictor(predictor_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    names = dict(Predictor.objects.filter(pk__in=predictor_ids).values_list("pk", "name"))
    in_content = _naming(names, "score", SCORES)
    in_rules = _by_variants(in_content, _by_rules(set(predictor_ids), "score"), "score", names)
    naming = Q(template_id__in=list(in_content)) | Q(pk__in=list(in_rules))
    for campaign in Campaign.objects.filter(naming).order_by("name"):
        for predictor_id in in_content.get(campaign.template_id, set()) | in_rules.get(campaign.pk, set()):
            yield predictor_id, _use(campaign)
    yield from _in_library(in_content)


def campaigns_by_campaign(campaign_ids: Collection[int]) -> Iterator[tuple[int, Use]]:
    """Follow-ups, and those that ask who got, opened or clicked what another sent. That a campaign asks about its own
    mails is no use."""
    in_content = _naming(dict.fromkeys(campaign_ids, ""), "message", None)
    in_rules = _by_variants(in_content, _by_rules(set(campaign_ids), "message"), "message", campaign_ids)
    naming = Q(template_id__in=list(in_content)) | Q(pk__in=list(in_rules))
    for campaign in Campaign.objects.filter(naming).order_by("name"):
        for other in in_content.get(campaign.template_id, set()) | in_rules.get(campaign.pk, set()):
            if other != campaign.pk:
                yield other, _use(campaign)
    yield from _in_library(in_content)


RULES = ("rule", "condition", "exit", "trigger")
"""What of a campaign holds rules, or names segments and campaigns as rules do."""


def _by_rules(ids: Collection[int], kind: str) -> Named:
    """Campaign → ids that its rules name."""
    found: Named = {}
    for pk, *documents in Campaign.objects.values_list("pk", *RULES):
        named = {one for document in documents for one in mentioned(document, kind)}
        if kind == "segment":
            named |= {document["segment"] for document in documents if document and document.get("segment")}
        if named := named & set(ids):
            found[pk] = named
    return found


def _by_variants(in_content: Named, found: Named, kind: str, ids: Collection[int]) -> Named:
    """Campaign → ids that its variants name, by a mail of their own or by what they change, beside those found."""
    rows = Variant.objects.filter(Q(template_id__in=list(in_content)) | ~Q(changes=[]))
    for pk, template_id, changes in rows.values_list("campaign_id", "template_id", "changes"):
        named = in_content.get(template_id, set()) | mentioned(changes, kind) & set(ids)
        if named:
            found[pk] = found.get(pk, set()) | named
    return found


def _entering(campaign: Campaign) -> set[int]:
    """The segment whose people it writes to as they come into it."""
    trigger = campaign.trigger or {}
    return {trigger["segment"]} if trigger.get("kind") == "enters" else set()


def _use(campaign: Campaign, *, is_sending: bool = False) -> Use:
    return Use(
        kind="Campaign",
        name=campaign.name,
        url=reverse("campaigns:campaign", args=[campaign.pk]),
        permission="view_campaigns",
        state=campaign.get_state_display(),
        is_over=campaign.state in (Campaign.State.SENT, Campaign.State.CANCELLED),
        is_sending=is_sending,
    )


def _in_library(in_content: Named) -> Iterator[tuple[int, Use]]:
    """Templates to start from, and modules, that are kept."""
    kept = Template.objects.filter(pk__in=list(in_content), archived_at=None).exclude(kind=Template.Kind.MAIL)
    for template in kept.order_by("name"):
        url = f"{reverse('campaigns:campaigns')}mails/{template.pk}/"
        for about in in_content[template.pk]:
            yield about, Use(template.get_kind_display(), template.name, url, "view_campaigns")


def _naming(names: Mapping[int, str], kind: str, token: "re.Pattern[str] | None") -> Named:
    """Those that name one of the ids, by themselves or by a module. Without `token` texts name none."""
    found: Named = {}
    holders: dict[int, set[int]] = {}
    by_name: dict[str, set[int]] = {}
    for about, name in names.items():
        by_name.setdefault(fold(name), set()).add(about)
    for pk, content in _contents(kind):
        named = mentioned(content, kind) & set(names)
        for name in _names(content, token) if token else ():
            named |= by_name.get(fold(name), set())
        if named:
            found[pk] = named
        for module in modules_of(content):
            holders.setdefault(module, set()).add(pk)
    for module, holding in holders.items():
        for pk in holding if module in found else ():
            found[pk] = found.get(pk, set()) | found[module]
    return found


WORDS = {
    "segment": ('"segment"', '"overlap"', "segments"),
    "score": ('"score"', "scores"),
    "message": ('"message"',),
}
"""What stands in a content that names one of the kind."""


def _contents(kind: str) -> Iterator[tuple[int, Any]]:
    """Contents are large: only those that may name one of the kind, or hold a module, are read."""
    wanted = Q(text__contains='"module": ')
    for word in WORDS[kind]:
        wanted |= Q(text__contains=word)
    texts = Template.objects.annotate(text=Cast("content", TextField())).filter(wanted)
    yield from texts.values_list("pk", "content")


def _names(document: Any, token: "re.Pattern[str]") -> Iterator[str]:
    """In every text of the content, also where its Liquid cannot be read."""
    if isinstance(document, str):
        for groups in token.findall(document):
            yield next(filter(None, groups), "")
    elif isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from _names(part, token)
