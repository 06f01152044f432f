"""A run that a job asks for: told how far it is, and why it could not be done where it could not."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.common.jobs import working
from cdp.common.models import Job
from cdp.rules.fields import RuleError
from scoring.cluster.choosing import TooAlike
from scoring.cluster.leaf import fact
from scoring.cluster.run import TooFewPeople, run
from scoring.cluster.schedule import OPEN
from scoring.models import Clustering
from segments.refresh import mark_stale


def run_job(job_id: int, *, clock: Callable[[], datetime], zone: ZoneInfo) -> list[int]:
    """Ids of the segments that must be refreshed. Safe to run twice.

    What only the set-up can cure is said on the clustering, and what was found before stays."""
    job = Job.objects.get(pk=job_id)
    clustering = Clustering.objects.filter(pk=job.params["clustering_id"], archived_at=None).first()
    if job.state not in OPEN or clustering is None:
        return []
    with working(job_id, clock=clock) as progress:
        try:
            run(clustering, now=clock(), zone=zone, report=progress.report)
        except (TooFewPeople, TooAlike, RuleError) as error:
            said = str(error) if isinstance(error, RuleError) else " ".join(str(error.__doc__).split())
            Clustering.objects.filter(pk=clustering.pk).update(problem=said)
            return []
        return mark_stale(fact(clustering.pk))
