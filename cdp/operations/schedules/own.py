"""What people set a time for: segments, predictors, clusterings, recommendations, campaigns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from campaigns.models import Campaign
from cdp.accounts.models import User
from scoring.item_models import Recommending
from scoring.models import Clustering, Predictor
from segments.models import Segment
from segments.schedule import BadCron, Schedule, schedule_of

SHOWN = 200


@dataclass(frozen=True)
class Own:
    """`last_at`: when it last ran. `problem` is what the last run said, if it failed."""

    kind: str
    name: str
    url: str
    every: str
    last_at: datetime | None
    next_at: datetime | None
    took_s: float | None = None
    problem: str = ""
    is_paused: bool = False


def schedules_of_people(user: User, *, zone: ZoneInfo) -> list[Own]:
    """Those whose pages this person may open, the soonest first."""
    found: list[Own] = []
    if user.may("view_segments"):
        found += _segments(zone)
    if user.may("view_predictions"):
        found += [*_predictors(zone), *_clusterings(zone), *_recommendations(zone)]
    if user.may("view_campaigns"):
        found += _campaigns(zone)
    return sorted(found, key=lambda own: (own.next_at is None, own.next_at, own.name))


def _segments(zone: ZoneInfo) -> Iterator[Own]:
    rows = Segment.objects.filter(archived_at=None, kind=Segment.Kind.RULE).exclude(pace=Segment.Pace.LIVE)
    for one in rows.order_by("due_at")[:SHOWN]:
        took_s = one.took_ms / 1000 if one.took_ms is not None else None
        url, every = reverse("segments:segment", args=[one.pk]), schedule_of(one, zone).english()
        yield Own("Segment", one.name, url, every, one.as_of, one.due_at, took_s, one.error)


def _predictors(zone: ZoneInfo) -> Iterator[Own]:
    for one in Predictor.objects.filter(archived_at=None).order_by("due_at")[:SHOWN]:
        url, every = reverse("scoring:predictor", args=[one.pk]), _english(one.schedule, zone)
        if one.trains_every_days:
            every += f"; learns anew every {one.trains_every_days} days"
        yield Own("Predictor", one.name, url, every, one.scored_at, one.due_at)


def _clusterings(zone: ZoneInfo) -> Iterator[Own]:
    for one in Clustering.objects.filter(archived_at=None).order_by("due_at")[:SHOWN]:
        url, every = reverse("scoring:clustering", args=[one.pk]), _english(one.schedule, zone)
        yield Own("Clusters", one.name, url, every, one.ran_at, one.due_at, problem=one.problem)


def _recommendations(zone: ZoneInfo) -> Iterator[Own]:
    for one in Recommending.objects.all()[:1]:
        url, every = reverse("scoring:recommendations"), _english(one.schedule, zone)
        yield Own("Recommendations", "Everybody's recommendations", url, every, one.ran_at, one.due_at)


def _campaigns(zone: ZoneInfo) -> Iterator[Own]:
    states = (Campaign.State.SENDING, Campaign.State.SCHEDULED, Campaign.State.PAUSED)
    rows = Campaign.objects.filter(kind=Campaign.Kind.RECURRING, state__in=states).order_by("next_at")
    for one in rows[:SHOWN]:
        url, every = reverse("campaigns:campaign", args=[one.pk]), _english(one.cron, zone)
        is_paused = one.state == Campaign.State.PAUSED
        yield Own("Campaign", one.name, url, every, None, None if is_paused else one.next_at, is_paused=is_paused)


def _english(cron: str, zone: ZoneInfo) -> str:
    try:
        return Schedule("cron", cron, zone).english()
    except BadCron:
        return cron
