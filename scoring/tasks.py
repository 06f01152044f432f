from celery import shared_task

from cdp.common.bell import ring
from cdp.common.clock import utc_now
from cdp.common.jobs import working
from scoring.jobs import new_job
from scoring.models import Predictor
from scoring.predict import score_all
from scoring.train import train
from segments import tasks as segment_tasks
from segments.refresh import mark_stale


@shared_task(queue="bulk", acks_late=True)
def train_and_score(job_id: int) -> None:
    """What the button starts."""
    with working(job_id, clock=utc_now) as progress:
        predictor = Predictor.objects.get(pk=progress.job.params["predictor_id"])
        train(predictor, now=utc_now())
        score_all(predictor, now=utc_now(), report=progress.report)
    if mark_stale(f"score:{predictor.pk}"):
        ring(segment_tasks.refresh_stale)


@shared_task(queue="bulk", acks_late=True)
def refresh_all() -> None:
    """Every night: a new version of each predictor where it proves useful, and everybody's scores."""
    for predictor in Predictor.objects.order_by("id"):
        job = new_job(predictor, title=f"Nightly training of “{predictor.name}”", by=None, now=utc_now())
        train_and_score.delay(job.pk)
