"""Predictors of the next order: learned from orders alone, measured on the latest window, read from a version."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from scoring.chunks import Said
from scoring.columns import FeatureTable, Numbers
from scoring.estimators.next_order import YEAR, Expected, NextOrder, Renewals, fit_next_order, levelled
from scoring.estimators.next_order_measured import PROMISED, Measured, measured, verdict
from scoring.features import Wanted, features_as_of
from scoring.models import Predictor, TrainedModel
from scoring.packed import NotAnArtefact, packed, unpacked
from scoring.populations import Ids, people_as_of
from scoring.quality import Quality
from scoring.renewals import came, renewals_as_of
from scoring.watching.reference import Says, learn_reference

ESTIMATOR = "renewal"
MOST = 50_000
"""People it is learned from and measured on."""
NO_DATE_DAYS = 366.0
"""The score of who is not expected to order within a year."""
KEPT = 32
_TOO_LITTLE = "Not used, because there is too little to learn from: nobody had ordered twice {} days ago."
WATCHED = ("recency_days", "mean_gap_days", "orders_365d")
"""Features whose drift matters here."""


@dataclass(frozen=True)
class Learned:
    """What a new version is made of. Without a model there was nothing to learn from."""

    quality: Quality
    verdict: str
    is_useful: bool = False
    artefact: bytes = b""
    reference: dict[str, Any] | None = None
    estimator: str = ""


@dataclass(frozen=True)
class _Past:
    ids: Ids
    renewals: Renewals
    came: Numbers


def learn_next_order(
    predictor: Predictor, *, now: datetime, seed: int, report: Callable[[str], None] = lambda step: None
) -> Learned:
    """Fitted two windows ago, its levels set by the window that followed, measured on the latest; then fitted anew."""
    span, days = timedelta(days=predictor.days), float(predictor.days)
    report("Reading orders")
    first, second = (_past(predictor, now - times * span, span, seed=seed) for times in (2, 1))
    try:
        report("Learning how people order")
        early, late = (fit_next_order(one.renewals, seed=seed) for one in (first, second))
    except ValueError:
        return Learned(Quality(len(second.ids), 0), _TOO_LITTLE.format(2 * predictor.days))
    report("Measuring on the latest days")
    tested = _with_levels(late, _levelled(early, first, days))
    found = measured(tested, second.renewals, came=second.came, days=days)
    final = _with_levels(_fitted_now(predictor, now, seed), _levelled(late, second, days))
    report("Noting how people are spread")
    return Learned(
        quality=_quality(found, window=(now - span, now)),
        verdict=verdict(found, days=predictor.days),
        is_useful=found.is_useful,
        artefact=packed({"kind": Predictor.Kind.NEXT_ORDER.value, "parameters": final.parameters()}, {}),
        reference=learn_reference(predictor, _says(final), now=now, seed=seed, read=_watched),
        estimator=ESTIMATOR,
    )


def dates(model_id: int, table: FeatureTable, now: datetime) -> Said:
    """What a version says of those of whom there is an order: the answer of this kind (scoring.answers)."""
    ids, renewals = renewals_as_of(now, ids=table.profile_ids.tolist())
    expected = model_of(model_id).expected(renewals)
    times = np.stack([expected.earliest, expected.days, expected.latest], axis=1)
    return Said(ids, _values(expected), np.where(expected.has_date[:, None], times, np.nan))


@lru_cache(maxsize=KEPT)
def model_of(version_id: int) -> NextOrder:
    """A version never changes. Raises NotAnArtefact, TrainedModel.DoesNotExist."""
    data = bytes(TrainedModel.objects.values_list("artefact", flat=True).get(pk=version_id))
    header, _ = unpacked(data)
    try:
        return NextOrder.from_parameters({name: float(value) for name, value in header["parameters"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAnArtefact("no dates of orders") from error


def _past(predictor: Predictor, moment: datetime, span: timedelta, *, seed: int) -> _Past:
    asked = people_as_of(predictor, moment, most=MOST, seed=seed)
    ids, renewals = renewals_as_of(moment, ids=asked.tolist())
    return _Past(ids, renewals, came(ids, renewals, after=moment, until=moment + span))


def _fitted_now(predictor: Predictor, now: datetime, seed: int) -> NextOrder:
    asked = people_as_of(predictor, now, most=MOST, seed=seed)
    return fit_next_order(renewals_as_of(now, ids=asked.tolist())[1], seed=seed)


def _levelled(model: NextOrder, past: _Past, days: float) -> NextOrder:
    """By those who are given a date."""
    dated = model.expected(past.renewals).has_date
    if not (dated & ~np.isnan(past.came)).any():
        return model
    return levelled(model, past.renewals.rows(dated), came=past.came[dated], days=days)


def _with_levels(model: NextOrder, of: NextOrder) -> NextOrder:
    return replace(model, low=of.low, middle=of.middle, high=of.high)


def _quality(found: Measured, *, window: tuple[datetime, datetime]) -> Quality:
    warnings = []
    if found.people and found.dated < found.people:
        without = found.people - found.dated
        warnings.append(
            f"{without:,} of {found.people:,} people are given no date: they probably do not order within a year."
        )
    if found.covered is not None and abs(found.covered - PROMISED) > 0.05:
        warnings.append(
            f"Its spans held {100 * found.covered:.0f} % of the orders, where {100 * PROMISED:.0f} % are promised."
        )
    return Quality(
        people=found.dated,
        happened=found.came,
        window=(window[0].isoformat(), window[1].isoformat()),
        mae=found.mae,
        mae_baseline=found.mae_baseline,
        covered=found.covered,
        warnings=tuple(warnings),
    )


def _values(expected: Expected) -> Numbers:
    found: Numbers = np.where(expected.has_date, np.minimum(expected.days, YEAR), NO_DATE_DAYS)
    return found


def _says(model: NextOrder) -> Says:
    def says(table: FeatureTable, moment: datetime) -> Numbers:
        return _values(model.expected(renewals_as_of(moment, ids=table.profile_ids.tolist())[1]))

    return says


def _watched(moment: datetime, ids: Ids) -> FeatureTable:
    table = features_as_of(moment, wanted=Wanted(), ids=ids.tolist())
    kept = [index for index, column in enumerate(table.numeric) if column.name in WATCHED]
    return FeatureTable(table.profile_ids, tuple(table.numeric[index] for index in kept), table.values[:, kept])
