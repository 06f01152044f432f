"""What each variant of a campaign says, and from whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.changes import Lost, changed
from campaigns.content.blocks import Problem
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.library.versions import keep_sent, modules_of_version, note_save
from campaigns.models import Campaign, Template, Variant
from cdp.accounts.models import User

OWN = 0
"""The number of what a campaign says where nothing is tested."""


class ChangedMeanwhile(Exception):
    """Somebody changed the mail at this moment. Look at it again."""


@dataclass(frozen=True)
class Made:
    """What a mail is made from."""

    content: Any
    modules: Mapping[int, Any]
    sender: str


def made(campaign: Campaign) -> dict[int, Made]:
    """By number of the variant, 0 being the campaign's own. As it was kept when the campaign was started; before, as
    it is now. Raises Lost where a variant changes what is no longer there."""
    version = campaign.version if _is_kept(campaign) else None
    base = version.content if version else campaign.template.content
    modules = modules_of_version(version) if version else modules_for(base)
    found = {OWN: Made(base, modules, campaign.sender)}
    for one in campaign.variants.select_related("template").order_by("number"):
        found[one.number] = _kept(one, campaign) if version else made_of(one, found[OWN])
    return found


def made_of(variant: Variant, own: Made) -> Made:
    """As it is now. `own` is what the campaign itself says. Raises Lost."""
    content = changed(variant.template.content if variant.template else own.content, variant.changes)
    return Made(content, modules_for(content) if variant.template else own.modules, variant.sender or own.sender)


def _kept(variant: Variant, campaign: Campaign) -> Made:
    modules = {int(pk): held for pk, held in variant.modules.items()}
    return Made(variant.content, modules, variant.sender or campaign.sender)


def _is_kept(campaign: Campaign) -> bool:
    """What a campaign that was taken back kept counts no more."""
    return campaign.version_id is not None and campaign.state not in (Campaign.State.DRAFT, Campaign.State.WAITING)


def campaigns_saying(template: Template) -> QuerySet[Campaign]:
    """Those whose mail it is, or the mail of one of their variants."""
    as_variant = Variant.objects.filter(template=template).values("campaign_id")
    return Campaign.objects.filter(Q(template=template) | Q(pk__in=as_variant))


def mail_of_its_own(name: str, *, content: Any, by: User | None, now: datetime) -> Template:
    """For one variant of one campaign: no two share one, for what was sent can no longer be edited."""
    made = Template.objects.create(
        name=name[:120], content=content, created_by=by, changed_by=by, created_at=now, changed_at=now
    )
    note_save(made, by=by, now=now)
    return made


def problems(campaign: Campaign, *, vocabulary: Vocabulary) -> list[Problem]:
    """Of the variants; their places are led by the variant's name. The campaign's own mail is not among them."""
    return [
        Problem(f"{variant.name}: {one.place}" if one.place else variant.name, one.message, one.is_error)
        for variant, found in problems_of_each(campaign, vocabulary=vocabulary)
        for one in found
    ]


def problems_of_each(campaign: Campaign, *, vocabulary: Vocabulary) -> list[tuple[Variant, list[Problem]]]:
    """What a variant changes that is no longer there has no place."""
    own = Made(campaign.template.content, modules_for(campaign.template.content), campaign.sender)
    has_topic = campaign.topic_id is not None
    listed = []
    for one in campaign.variants.select_related("template").order_by("number"):
        try:
            said = made_of(one, own)
        except Lost as lost:
            found = [Problem("", str(lost))]
        else:
            found = problems_of(said.content, vocabulary=vocabulary, modules=said.modules, has_topic=has_topic)
        listed.append((one, found))
    return listed


def keep(campaign: Campaign, *, checked: Mapping[int, Made], by: User | None, now: datetime) -> None:
    """What is sent of each variant stays as it is, whatever is edited since. Call it in the transaction that starts the
    campaign. `checked` is what `made` gave when its problems were looked for: raises ChangedMeanwhile if it differs."""
    with transaction.atomic():
        variants = list(campaign.variants.select_for_update(of=("self",)).order_by("number"))
        own_mails = [one.template_id for one in variants if one.template_id]
        locked = Template.objects.select_for_update(of=("self",)).filter(pk__in=own_mails).in_bulk()
        found = made(campaign)
        if {number: said.content for number, said in found.items()} != {
            number: said.content for number, said in checked.items()
        }:
            raise ChangedMeanwhile
        for one in variants:
            said = found[one.number]
            one.content, one.modules = said.content, {str(pk): held for pk, held in said.modules.items()}
            one.save(update_fields=["content", "modules"])
            if one.template_id:
                keep_sent(locked[one.template_id], modules=said.modules, by=by, now=now)
