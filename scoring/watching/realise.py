"""Once a run's window closed: what was said of the people drawn then, held against what they did."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from cdp.rules.fields import RuleError
from scoring.columns import Numbers
from scoring.models import Forecast, Predictor, ScoringRun, TrainedModel
from scoring.quality import Realised
from scoring.targets import Ids, outcome
from scoring.watching.realised import of_amounts, of_probabilities

Kind = Predictor.Kind
log = logging.getLogger(__name__)


def realise_due(*, now: datetime, currency: str) -> list[ScoringRun]:
    """All runs whose window closed. A target that cannot be looked up is noted as such, and not asked for again."""
    done = []
    for run in _due(now):
        try:
            found = realise(run, currency=currency)
        except RuleError as error:
            log.warning("What came of run %s cannot be looked up: %s", run.pk, error)
            found = None
        run.realised, run.realised_at = (None if found is None else asdict(found)), now
        with transaction.atomic():
            run.save(update_fields=["realised", "realised_at"])
            Forecast.objects.filter(run_id=run.pk).delete()
        done.append(run)
    return done


def realise(run: ScoringRun, *, currency: str) -> Realised:
    predictor, until = run.predictor, run.at + timedelta(days=run.predictor.days)
    ids, said = _forecasts(run)
    came = outcome(predictor, ids, after=run.at, until=until)
    match Kind(predictor.kind):
        case Kind.VALUE:
            return of_amounts(said, came, unit=currency)
        case Kind.NEXT_ORDER:
            days = float(predictor.days)
            return of_amounts(np.minimum(said, days), np.where(np.isnan(came), days, came), unit="days")
        case _:
            return of_probabilities(said, came, auc_measured=_auc_measured(run))


def _due(now: datetime) -> Iterator[ScoringRun]:
    open_runs = ScoringRun.objects.filter(realised_at=None, at__lt=now).select_related("predictor").order_by("at")
    for run in open_runs.defer("quantiles", "spread"):
        if run.at + timedelta(days=run.predictor.days) <= now:
            yield run


def _forecasts(run: ScoringRun) -> tuple[Ids, Numbers]:
    """By profile id; people merged away since are their winner's, whose own forecast counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select f.profile_id, f.value from {Forecast._meta.db_table} f"
            " join profiles_profile p on p.id = f.profile_id and p.merged_into is null"
            " where f.run_id = %s order by 1",
            [run.pk],
        )
        rows = cursor.fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64), np.array([row[1] for row in rows], dtype=np.float64)


def _auc_measured(run: ScoringRun) -> float | None:
    quality = TrainedModel.objects.filter(pk=run.model_id).values_list("quality", flat=True).first()
    return quality.get("auc") if quality else None
