"""Scores everybody with a predictor's active version, in chunks that keep memory flat."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from cdp.common.copying import copy_rows
from scoring.estimators.logistic import LogLogistic
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor, TrainedModel

CHUNK = 50_000


class Scored(NamedTuple):
    profile_ids: NDArray[np.int64]
    values: NDArray[np.float64]


def score_all(predictor: Predictor, *, now: datetime, report: Callable[[int], None] = lambda done: None) -> int:
    """Writes the scores of all people with an event, and drops those of others. Returns how many."""
    if predictor.active is None:
        return 0
    parts = []
    for part in _scored(predictor, predictor.active, now):
        parts.append(part)
        report(sum(len(one.profile_ids) for one in parts))
    if not parts:
        return 0
    ids, values = np.concatenate([p.profile_ids for p in parts]), np.concatenate([p.values for p in parts])
    percentiles = 100.0 * np.searchsorted(np.sort(values), values, side="right") / len(values)
    _write(predictor, ids, values, percentiles, now=now)
    return len(ids)


def _scored(predictor: Predictor, version: TrainedModel, now: datetime) -> Iterator[Scored]:
    model, after = LogLogistic.from_parameters(version.parameters), 0
    while True:
        table = features_as_of(now, wanted=Wanted(), after=after, limit=CHUNK)
        if not len(table.profile_ids):
            return
        yield Scored(table.profile_ids, model.predict_proba(table.values)[:, 1])
        after = int(table.profile_ids[-1])


def _write(
    predictor: Predictor,
    ids: NDArray[np.int64],
    values: NDArray[np.float64],
    percentiles: NDArray[np.float64],
    *,
    now: datetime,
) -> None:
    """Profiles merged since the features were read get no score."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "create temporary table fresh_scores (profile_id bigint, value float8, percentile float8) on commit drop"
        )
        rows = zip(ids.tolist(), values.tolist(), percentiles.tolist(), strict=True)
        copy_rows(cursor, "fresh_scores", ("profile_id", "value", "percentile"), rows)
        cursor.execute(
            "insert into scoring_score (profile_id, predictor_id, value, percentile, scored_at)"
            " select f.profile_id, %s, f.value, f.percentile, %s from fresh_scores f"
            " join profiles_profile p on p.id = f.profile_id and p.merged_into is null"
            " on conflict (profile_id, predictor_id) do update set value = excluded.value,"
            " percentile = excluded.percentile, scored_at = excluded.scored_at",
            [predictor.pk, now],
        )
        cursor.execute("delete from scoring_score where predictor_id = %s and scored_at < %s", [predictor.pk, now])
        Predictor.objects.filter(pk=predictor.pk).update(scored_at=now)
