"""What is wrong with the data, in sentences, each with the page where it is put right. Worst first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Count, Max, Q
from django.urls import reverse

from campaigns.models import Delivery, Endpoint, Feed
from cdp.accounts.models import Source
from cdp.common.models import Job
from cdp.connectors import imports
from cdp.connectors.models import Import
from cdp.events.models import EventVolume, InboxBatch, RejectedMessage
from identity.models import IdentitySnapshot
from segments.models import Fault, Segment

STALLED = timedelta(minutes=1)
SILENT, USUAL_DAYS, OFTEN = timedelta(hours=24), 14, 7
"""A source is silent that sent on so many of the last days, and nothing for so long."""
FAILED_WITHIN = timedelta(days=7)
COUNTED_UP_TO = 10_000
NAMED = 3


class Visitor(Protocol):
    def may(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class Problem:
    """`since` ends the sentence `text`: it stands since then, or happened then."""

    text: str
    url: str = ""
    is_grave: bool = False
    note: str = ""
    since: datetime | None = None


Finder = Callable[[datetime], Iterator[Problem]]


def problems(visitor: Visitor, *, now: datetime) -> list[Problem]:
    found = [one for permission, find in FINDERS if visitor.may(permission) for one in find(now)]
    return sorted(found, key=lambda one: not one.is_grave)


def _inbox(now: datetime) -> Iterator[Problem]:
    live = InboxBatch.objects.filter(lane=InboxBatch.Lane.LIVE).order_by("id")
    oldest = live.values_list("received_at", flat=True).first()
    if oldest and now - oldest > STALLED:
        text = "Events are accepted but not taken in: the oldest request waits"
        yield Problem(text, reverse("events:live"), True, "Is a worker running?", oldest)


def _quarantine(now: datetime) -> Iterator[Problem]:
    waiting = RejectedMessage.objects.filter(state=RejectedMessage.State.WAITING)
    n = waiting.order_by("-id")[: COUNTED_UP_TO + 1].count()
    if n:
        newest = waiting.order_by("-id").values_list("rejected_at", "reason").first()
        at, reason = newest or (None, "")
        yield Problem(f"{_many(n, 'event')} in quarantine, the newest", reverse("events:quarantine"), False, reason, at)


def _silent(now: datetime) -> Iterator[Problem]:
    """Sources that sent on most days and stopped. Files are no stream; we are our own source."""
    streams = Source.objects.filter(is_active=True).exclude(kind__in=[Source.Kind.INTERNAL, Source.Kind.IMPORT])
    sent = EventVolume.objects.filter(on__gt=now.date() - timedelta(days=USUAL_DAYS))
    often = sent.values("source_id").annotate(days=Count("on", distinct=True)).filter(days__gte=OFTEN)
    usual = {row["source_id"] for row in often}
    used = streams.filter(pk__in=usual).annotate(at=Max("keys__last_used_at")).filter(at__lt=now - SILENT)
    for source in used.order_by("name"):
        url = reverse("accounts:source", args=[source.pk])
        yield Problem(f"“{source.name}” sends on most days and went silent", url, True, since=source.at)


def _imports(now: datetime) -> Iterator[Problem]:
    """The latest of each file name, if it failed."""
    lately = Import.objects.filter(job__created_at__gt=now - FAILED_WITHIN).select_related("job").order_by("-id")[:50]
    seen: set[str] = set()
    for one in lately:
        if one.file_name not in seen and one.job.state == Job.State.FAILED:
            url = reverse("connectors:import", args=[one.pk])
            yield Problem(f"The import of {one.file_name} failed", url, True, one.job.error, one.job.finished_at)
        seen.add(one.file_name)


def _jobs(now: datetime) -> Iterator[Problem]:
    """Other long work; what segments, predictors and imports do is told by themselves."""
    told = (imports.KIND, "segment_refresh", "predictor", "scoring")
    lately = Job.objects.filter(created_at__gt=now - FAILED_WITHIN).exclude(kind__in=told)
    newest = lately.order_by("kind", "title", "-id").distinct("kind", "title")
    for job in [one for one in newest if one.state == Job.State.FAILED][:NAMED]:
        yield Problem(f"“{job.title}” failed", is_grave=True, note=job.error, since=job.finished_at)


def _segments(now: datetime) -> Iterator[Problem]:
    failing = Segment.objects.filter(archived_at=None).exclude(error="").order_by("name")
    for one in failing[:NAMED]:
        text = f"“{one.name}” cannot be refreshed: it is right as of"
        yield Problem(text, reverse("segments:segment", args=[one.pk]), True, one.error, one.as_of)
    unseen = Fault.objects.filter(seen_at=None).values("segment_id").annotate(at=Max("at"))
    faulty = {row["segment_id"]: row["at"] for row in unseen}
    for one in Segment.objects.filter(pk__in=faulty).order_by("name")[:NAMED]:
        text = f"A check found people wrongly in or out of “{one.name}”; it was put right"
        yield Problem(text, reverse("segments:checks", args=[one.pk]), since=faulty[one.pk])


def _feeds(now: datetime) -> Iterator[Problem]:
    for one in Feed.objects.filter(archived_at=None).exclude(last_failed_at=None).order_by("name"):
        if one.is_failing:
            url = reverse("campaigns:feed", args=[one.pk])
            yield Problem(f"The feed “{one.name}” fails", url, True, one.last_error, one.last_failed_at)


def _unknown(now: datetime) -> Iterator[Problem]:
    rows = Delivery.objects.filter(state=Delivery.State.UNKNOWN, verdict="").order_by("-settled_at", "-ref")
    n = rows[: COUNTED_UP_TO + 1].count()
    if n:
        yield Problem(f"Of {_many(n, 'mail')} it is not known whether they went out", reverse("campaigns:unknown"))


def _webhooks(now: datetime) -> Iterator[Problem]:
    off = Q(state=Endpoint.State.DISABLED)
    failing = Q(state=Endpoint.State.ON, failing_since__lt=now - timedelta(minutes=10))
    for one in Endpoint.objects.filter(off | failing).order_by("name"):
        url = reverse("campaigns:webhook", args=[one.pk])
        if one.state == Endpoint.State.DISABLED:
            text = f"The webhook “{one.name}” was switched off"
            yield Problem(text, url, True, one.disabled_because, one.changed_at)
        else:
            yield Problem(f"The webhook “{one.name}” has been failing", url, True, since=one.failing_since)


def _identity(now: datetime) -> Iterator[Problem]:
    found = IdentitySnapshot.objects.order_by("-at").defer("figures").first()
    if found and found.is_alarm:
        text = (
            f"Far more merges than usual: {found.merges_24h:,} in 24 hours, usual are {found.usual_merges:,.0f} a day"
        )
        yield Problem(text, reverse("identity:quality"), True, "Perhaps a source sends one value for many.", found.at)
    if found and found.strays:
        text = f"{found.strays:,} rows name a person that was merged away"
        yield Problem(text, reverse("identity:quality"), True, since=found.at)


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("view_data", _inbox),
    ("view_data", _silent),
    ("view_data", _imports),
    ("view_data", _identity),
    ("view_segments", _segments),
    ("view_campaigns", _feeds),
    ("manage_sending", _webhooks),
    ("view_data", _jobs),
    ("view_campaigns", _unknown),
    ("view_data", _quarantine),
)
"""What each asks is told to those who may open the pages it leads to."""


def _many(n: int, word: str) -> str:
    return f"more than {COUNTED_UP_TO:,} {word}s" if n > COUNTED_UP_TO else f"{n:,} {word}{'' if n == 1 else 's'}"
