"""A triggered campaign in sentences: starts when …, waits …, goes only if …"""

from dataclasses import dataclass

from campaigns.models import Campaign
from campaigns.triggers.definition import DID, Kind, parse_condition, parse_exit, parse_trigger
from cdp.rules.fields import RuleError
from cdp.rules.to_english import to_english

UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Said:
    starts: str = ""
    """… when"""
    waits: str = ""
    only_if: str = ""
    not_if: str = ""
    again: str = ""
    error: str = ""
    """Why it cannot be read, where something that it names is gone."""


def said(campaign: Campaign) -> Said:
    if not campaign.trigger:
        return Said(error="Nothing starts it yet.")
    try:
        trigger = parse_trigger(campaign.trigger, of=campaign.pk)
        condition, out = parse_condition(campaign.condition), parse_exit(campaign.exit)
        only = [f"they {DID[trigger.did]}"] if trigger.kind is Kind.MESSAGE else []
        if condition:
            only.append(f"they are among “{to_english(condition)}”")
        gone = [f"they did {' or '.join(out.since_trigger)} since"] if out.since_trigger else []
        if out.rule:
            gone.append(f"they are among “{to_english(out.rule)}”")
    except RuleError as error:
        return Said(error=str(error))
    return Said(
        starts=trigger.english(),
        waits=length(campaign.delay_s),
        only_if=" and ".join(only),
        not_if=" or ".join(gone),
        again=again(campaign.reentry_days),
    )


def length(seconds: int) -> str:
    """In the largest unit that says it whole; empty for none at all."""
    for name, size in UNITS:
        if seconds and seconds % size == 0:
            n = seconds // size
            return f"{n:,} {name}{'' if n == 1 else 's'}"
    return ""


def again(days: int | None) -> str:
    if days is None:
        return "once for each person, and never again"
    if days == 0:
        return "each time, also while the person still waits from an earlier time"
    return f"for the same person again after {days:,} day{'' if days == 1 else 's'} at the earliest"
