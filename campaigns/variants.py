"""What each variant of a campaign says, and from whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.changes import Lost, changed
from campaigns.content.blocks import Problem
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.library.versions import keep_sent, modules_of_version
from campaigns.models import Campaign, Template, Variant
from cdp.accounts.models import User

OWN = 0
"""The number of what a campaign says where nothing is tested."""


class VariantsChanged(Exception):
    """Somebody changed a variant at this moment. Look at it again."""


@dataclass(frozen=True)
class Made:
    """What a mail is made from."""

    content: Any
    modules: Mapping[int, Any]
    sender: str


def made(campaign: Campaign) -> dict[int, Made]:
    """By number of the variant, 0 being the campaign's own. As it was kept when the campaign was started; before, as
    it is now. Raises Lost where a variant changes what is no longer there."""
    version = campaign.version
    base = version.content if version else campaign.template.content
    modules = modules_of_version(version) if version else modules_for(base)
    found = {OWN: Made(base, modules, campaign.sender)}
    for one in campaign.variants.select_related("template").order_by("number"):
        found[one.number] = made_of(one, found[OWN])
    return found


def made_of(variant: Variant, own: Made) -> Made:
    """`own` is what the campaign itself says."""
    sender = variant.sender or own.sender
    if variant.content is not None:
        return Made(variant.content, {int(pk): held for pk, held in variant.modules.items()}, sender)
    content = changed(variant.template.content if variant.template else own.content, variant.changes)
    return Made(content, modules_for(content) if variant.template else own.modules, sender)


def problems(campaign: Campaign, *, vocabulary: Vocabulary) -> list[Problem]:
    """Of the variants; their places are led by the variant's name. The campaign's own mail is not among them."""
    version = Made(campaign.template.content, modules_for(campaign.template.content), campaign.sender)
    found = []
    for one in campaign.variants.select_related("template").order_by("number"):
        try:
            said = made_of(one, version)
        except Lost as lost:
            found.append(Problem(one.name, str(lost)))
            continue
        for problem in problems_of(
            said.content, vocabulary=vocabulary, modules=said.modules, has_topic=campaign.topic_id is not None
        ):
            found.append(Problem(f"{one.name}: {problem.place}", problem.message, problem.is_error))
    return found


def keep(campaign: Campaign, *, checked: Mapping[int, Made], by: User | None, now: datetime) -> None:
    """What is sent of each variant stays as it is, whatever is edited since. Call it in the transaction that starts the
    campaign. `checked` is what `made` gave when its problems were looked for: raises VariantsChanged if it differs."""
    with transaction.atomic():
        variants = list(campaign.variants.select_for_update(of=("self",)).order_by("number"))
        own_mails = [one.template_id for one in variants if one.template_id]
        locked = Template.objects.select_for_update(of=("self",)).filter(pk__in=own_mails).in_bulk()
        found = made(campaign)
        if {number: said.content for number, said in found.items()} != {
            number: said.content for number, said in checked.items()
        }:
            raise VariantsChanged
        for one in variants:
            said = found[one.number]
            one.content, one.modules = said.content, {str(pk): held for pk, held in said.modules.items()}
            one.save(update_fields=["content", "modules"])
            if one.template_id:
                keep_sent(locked[one.template_id], modules=said.modules, by=by, now=now)
