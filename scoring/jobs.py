"""Training a predictor is long work: its job is the progress bar on its page."""

from datetime import datetime

from django.db import transaction

from cdp.accounts.models import User
from cdp.common.models import Job
from scoring.models import Predictor

KIND = "predictor"


def new_job(predictor: Predictor, *, title: str, by: User | None, now: datetime) -> Job:
    with transaction.atomic():
        job = Job.objects.create(
            kind=KIND, title=title, params={"predictor_id": predictor.pk}, created_by=by, created_at=now
        )
        Predictor.objects.filter(pk=predictor.pk).update(last_job=job)
    return job
