"""Long work: what waits, what runs and how far it is."""

from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse

from cdp.common.models import Job

OPEN = (Job.State.WAITING, Job.State.RUNNING)
SHOWN = 30


def by_state() -> dict[tuple[str, str], int]:
    """(kind, state) → how many, of those that are open."""
    rows = Job.objects.filter(state__in=OPEN).values("kind", "state").annotate(n=Count("id"))
    return {(row["kind"], row["state"]): row["n"] for row in rows}


def silent_s(*, now: datetime) -> float:
    """How long the running job that has been silent longest has said nothing."""
    at = Job.objects.filter(state=Job.State.RUNNING).aggregate(at=Min("heartbeat_at"))["at"]
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def shown() -> list[Job]:
    return list(Job.objects.filter(state__in=OPEN).select_related("created_by").order_by("-state", "-id")[:SHOWN])


def page_of(job: Job) -> str:
    """Where it can be followed and stopped; empty where it has no page of its own."""
    about = _PAGES.get(job.kind)
    if about is None:
        return ""
    route, param = about
    if not param:
        return reverse(route)
    return reverse(route, args=[job.params[param]]) if param in job.params else ""


_PAGES = {
    "segment_refresh": ("segments:segment", "segment_id"),
    "segment_check": ("segments:checks", "segment_id"),
    "predictor": ("scoring:predictor", "predictor_id"),
    "scoring": ("scoring:predictors", ""),
    "clustering": ("scoring:clustering", "clustering_id"),
    "recommending": ("scoring:recommendations", ""),
    "match": ("identity:rules", ""),
    "import": ("connectors:imports", ""),
}
