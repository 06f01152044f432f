"""How a campaign stands with its last check: what the send box says, and whether sending needs a second word."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campaigns.content.modules import modules_for
from campaigns.models import Campaign, Check, Feed, Offer
from campaigns.target import document_of, versions
from cdp.common.models import Job


class Kind(StrEnum):
    NONE = "none"
    """Never checked, or the check came to nothing."""
    RUNNING = "running"
    OUTDATED = "outdated"
    """Something else would be sent now, or to others."""
    ERRORS = "errors"
    WARNINGS = "warnings"
    FINE = "fine"


@dataclass(frozen=True)
class Standing:
    kind: Kind
    words: str
    check: Check | None = None

    @property
    def is_enough(self) -> bool:
        """Whether it may be sent without a second word."""
        return self.kind in (Kind.FINE, Kind.WARNINGS)


def fingerprint_of(campaign: Campaign, *, content: Any, modules: Mapping[int, Any]) -> str:
    """Equal as long as the same would be said to the same people; fields of the content in any order."""
    said: list[Any] = [content, sorted(modules.items()), document_of(campaign), campaign.topic_id]
    if ways := list(campaign.variants.order_by("number").values_list("number", "template__content", "changes")):
        said.append(ways)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def newest(campaign: Campaign) -> Check | None:
    return Check.objects.filter(campaign=campaign).select_related("job").order_by("-id").first()


def last_finished(campaign: Campaign) -> Check | None:
    finished = Check.objects.filter(campaign=campaign).exclude(finished_at=None)
    return finished.select_related("job").order_by("-id").first()


def standing(campaign: Campaign) -> Standing:
    check = newest(campaign)
    if check is not None and check.job is not None and check.job.state in (Job.State.WAITING, Job.State.RUNNING):
        return Standing(Kind.RUNNING, "The whole audience is being checked.", check)
    check = last_finished(campaign)
    if check is None:
        return Standing(Kind.NONE, "Not checked with the whole audience yet.")
    if changes := changes_since(check, campaign):
        return Standing(Kind.OUTDATED, f"{changes[0]} Check again.", check)
    words = verdict(check)
    if check.errors:
        return Standing(Kind.ERRORS, words, check)
    return Standing(Kind.WARNINGS if check.warnings else Kind.FINE, words, check)


def verdict(check: Check) -> str:
    people = "Nobody gets it" if not check.reached else f"{check.reached:,} {_people(check.reached)} it"
    if not check.errors and not check.warnings:
        return f"{people}; nothing to fix."
    to_fix = f"{check.errors:,} to fix" if check.errors else ""
    to_see = f"{check.warnings:,} to look at" if check.warnings else ""
    first, *rest = [one for one in (to_fix, to_see) if one]
    thing = "thing" if first.startswith("1 ") else "things"
    number, _, what = first.partition(" ")
    return f"{people}; {', '.join([f'{number} {thing} {what}', *rest])}."


def _people(n: int) -> str:
    return "person gets" if n == 1 else "people get"


def changes_since(check: Check, campaign: Campaign) -> list[str]:
    """What is no longer as it was checked, in sentences, the weightiest first."""
    content = campaign.template.content
    found = []
    modules = modules_for(content)
    if fingerprint_of(campaign, content=content, modules=modules) != check.fingerprint:
        found.append("The mail, its audience or its topic was changed after this check.")
    elif versions(campaign) != check.segment_version:
        found.append("The rule of a segment of its audience was changed after this check.")
    named = check.result.get("names", {})
    if Offer.objects.filter(key__in=named.get("offers", []), changed_at__gt=check.as_of).exists():
        found.append("An offer in it was changed after this check.")
    if Feed.objects.filter(key__in=named.get("feeds", []), changed_at__gt=check.as_of).exists():
        found.append("A feed in it was changed after this check.")
    return found
