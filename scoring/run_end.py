"""What a scoring of everybody leaves: its row, a sample of what it said, and news for whatever follows scores."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from cdp.common.copying import copy_rows
from cdp.common.models import Job
from scoring import chunks
from scoring.loaded import reference_of
from scoring.lots import Ids, Numbers
from scoring.models import Predictor, ScoringChunk, ScoringRun
from scoring.watching.seen import seen_of
from segments.refresh import mark_stale

SAMPLE = 5_000
"""People of each run whose forecasts are kept until it is known what they did: an AUC is then known to 0.02."""
_BANDS = """
select s.band, count(*) from scoring_score s join profiles_profile p on p.id = s.profile_id and p.merged_into is null
 where s.predictor_id = %s group by s.band
"""
_FAILED = "Scoring failed: "


def finish(job: Job, predictors: Mapping[int, Predictor], *, at: datetime, now: datetime) -> bool:
    """Once, and only when every stretch is written: else False. Ringing for the segments is the caller's."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        stretches = ScoringChunk.objects.filter(job=locked)
        if locked.state != Job.State.RUNNING or stretches.exclude(state=ScoringChunk.State.WRITTEN).exists():
            return False
        for predictor in predictors.values():
            _settle(locked, predictor, at=at, now=now)
        end(locked, Job.State.DONE, now=now)
    return True


def end(job: Job, state: Job.State, *, now: datetime, error: str = "") -> None:
    with transaction.atomic():
        ScoringChunk.objects.filter(job=job).delete()
        Job.objects.filter(pk=job.pk).update(state=state, finished_at=now, heartbeat_at=now, error=error)


def fail(job: Job, error: Exception, *, now: datetime) -> None:
    """The scores stay what they were for those who were not written yet."""
    problem = f"{type(error).__name__}: {error}"[:1000]
    end(job, Job.State.FAILED, now=now, error=problem)
    Predictor.objects.filter(pk__in=job.params["predictor_ids"]).update(problem=_FAILED + problem)


def _settle(job: Job, predictor: Predictor, *, at: datetime, now: datetime) -> None:
    ids, values = chunks.all_said(job.pk, predictor.pk)
    key = str(predictor.pk)
    stretches = list(ScoringChunk.objects.filter(job=job).values_list("changed", "seen"))
    model_id = job.params["models"][key]
    counts = [seen[key] for _, seen in stretches if key in seen]
    run = ScoringRun.objects.create(
        predictor=predictor,
        model_id=model_id,
        at=at,
        people=len(values),
        mean=float(values.mean()) if len(values) else None,
        quantiles=job.checkpoint["quantiles"][key],
        bands=_bands(predictor.pk),
        changed=sum(changed.get(key, 0) for changed, _ in stretches),
        usual_days=job.params["usual_days"],
        took_ms=round((now - (job.started_at or at)).total_seconds() * 1000),
        **seen_of(counts, reference=reference_of(model_id), at=at),
    )
    _keep_forecasts(run, ids, values)
    Predictor.objects.filter(pk=predictor.pk).update(scored_at=at)
    Predictor.objects.filter(pk=predictor.pk, problem__startswith=_FAILED).update(problem="")
    mark_stale(predictor.fact)


def _bands(predictor_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BANDS, [predictor_id])
        return dict(cursor.fetchall())


def _keep_forecasts(run: ScoringRun, ids: Ids, values: Numbers) -> None:
    picked = np.arange(len(ids))
    if len(ids) > SAMPLE:
        picked = np.sort(np.random.default_rng(run.pk).choice(len(ids), SAMPLE, replace=False))
    rows = zip(ids[picked].tolist(), values[picked].tolist(), strict=True)
    with connection.cursor() as cursor:
        copy_rows(cursor, "scoring_forecast", ("run_id", "profile_id", "value"), ((run.pk, *row) for row in rows))
