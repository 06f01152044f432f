"""How many a campaign was started for, who they were lately, and who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from campaigns.models import Campaign, Delivery, Triggered
from cdp.profiles.naming import Person
from cdp.profiles.naming import people as named

SHOWN = 10
Outcome = Triggered.Outcome


@dataclass(frozen=True)
class Latest:
    """Somebody for whom something happened, and what became of it."""

    person: Person | None
    """None: nobody is known by that any more."""
    at: datetime
    outcome: str
    state: str = ""
    """Of the message, in words."""
    due_at: datetime | None = None


@dataclass(frozen=True)
class Figures:
    today: int
    week: int
    again: int
    """Of the last seven days: happenings that started nothing, for the person had it before."""
    waiting: int
    next_at: datetime | None
    waiting_twice: tuple[tuple[Person, int], ...]
    """Who waits more than once, and how often."""
    latest: tuple[Latest, ...]


def figures(campaign: Campaign, *, now: datetime, midnight: datetime) -> Figures:
    lately = Triggered.objects.filter(campaign_id=campaign.pk, noted_at__gt=now - timedelta(days=7))
    started = Q(outcome=Outcome.STARTED)
    counts = lately.aggregate(
        week=Count("occurrence", filter=started),
        today=Count("occurrence", filter=started & Q(noted_at__gte=midnight)),
        again=Count("occurrence", filter=~started),
    )
    planned = Delivery.objects.filter(campaign_id=campaign.pk, state=Delivery.State.PLANNED)
    waiting = planned.aggregate(n=Count("ref"), first=Min("due_at"))
    return Figures(
        today=counts["today"],
        week=counts["week"],
        again=counts["again"],
        waiting=waiting["n"],
        next_at=waiting["first"],
        waiting_twice=_twice(campaign),
        latest=_latest(campaign),
    )


def _twice(campaign: Campaign) -> tuple[tuple[Person, int], ...]:
    rows = Delivery.objects.filter(campaign_id=campaign.pk, state=Delivery.State.PLANNED)
    often = rows.values("profile_id").annotate(n=Count("ref")).filter(n__gt=1).order_by("-n", "profile_id")
    found = [(one["profile_id"], one["n"]) for one in often[:SHOWN]]
    people = named([who for who, _ in found])
    return tuple((people[who], n) for who, n in found if who in people)


def _latest(campaign: Campaign) -> tuple[Latest, ...]:
    rows = Triggered.objects.filter(campaign_id=campaign.pk).order_by("-noted_at", "-occurrence")
    return lines(campaign, list(rows[:SHOWN]))


def lines(campaign: Campaign, rows: Sequence[Triggered]) -> tuple[Latest, ...]:
    """Each happening with its person and what became of the message."""
    people = named([one.profile_id for one in rows])
    sent = {
        (one.profile_id, one.occurrence): one
        for one in Delivery.objects.filter(
            campaign_id=campaign.pk,
            profile_id__in=[one.profile_id for one in rows],
            occurrence__in=[one.occurrence for one in rows],
        )
    }
    return tuple(
        _as_latest(one, people.get(one.profile_id), sent.get((one.profile_id, one.occurrence))) for one in rows
    )


def _as_latest(one: Triggered, person: Person | None, message: Delivery | None) -> Latest:
    if message is None:
        return Latest(person, one.at, one.get_outcome_display())
    why = str(Delivery.Reason(message.reason).label) if message.reason else ""
    return Latest(person, one.at, one.get_outcome_display(), why or message.get_state_display(), message.due_at)
