"""When clusterings run, and the job that shows how far a run is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.models import Job
from scoring.cluster.leaf import fact
from scoring.models import Clustering
from segments.live import depending_on
from segments.models import Segment
from segments.schedule import Schedule

KIND = "clustering"
PERCENT = 100
OPEN = (Job.State.WAITING, Job.State.RUNNING)
UNHEARD, DEAD = timedelta(minutes=1), timedelta(hours=2)


def schedule_of(clustering: Clustering, zone: ZoneInfo) -> Schedule:
    return Schedule(Segment.Pace.CRON, clustering.schedule, zone)


def set_next(clustering: Clustering, *, now: datetime, zone: ZoneInfo) -> None:
    Clustering.objects.filter(pk=clustering.pk).update(due_at=schedule_of(clustering, zone).next_after(now))


@transaction.atomic
def ask(clustering: Clustering, *, by: User | None, now: datetime) -> Job:
    """The run under way, if there is one. Starting it is the caller's."""
    locked = Clustering.objects.select_for_update(of=("self",)).select_related("last_job").get(pk=clustering.pk)
    if locked.last_job is not None and locked.last_job.state in OPEN:
        return locked.last_job
    title, params = f"Grouping for “{locked.name}”"[:200], {"clustering_id": locked.pk}
    job = Job.objects.create(kind=KIND, title=title, params=params, total=PERCENT, created_by=by, created_at=now)
    Clustering.objects.filter(pk=locked.pk).update(last_job=job)
    return job


def ask_due(*, now: datetime, zone: ZoneInfo) -> list[int]:
    """Jobs for those whose time has come; times missed while nobody worked are made up for once."""
    due = list(Clustering.objects.filter(archived_at=None, due_at__lte=now).order_by("due_at", "id"))
    jobs = []
    for clustering in due:
        jobs.append(ask(clustering, by=None, now=now).pk)
        set_next(clustering, now=now, zone=zone)
    return jobs


def unheard(*, now: datetime) -> list[int]:
    """Jobs whose bell was lost, or whose worker died."""
    waiting = Job.objects.filter(kind=KIND, state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    dead = Job.objects.filter(kind=KIND, state=Job.State.RUNNING, heartbeat_at__lt=now - DEAD)
    return [*waiting.values_list("pk", flat=True), *dead.values_list("pk", flat=True)]


def segments_using(clustering_id: int) -> list[str]:
    """Names of the segments whose rule asks for one of its clusters."""
    names = Segment.objects.filter(pk__in=depending_on({fact(clustering_id)})).order_by("name")
    return [f"“{name}”" for name in names.values_list("name", flat=True)]
