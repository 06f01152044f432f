"""Learns a predictor from the past, measures it on the latest window, which it never saw, and keeps a new version."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray
from scipy.stats import rankdata

from scoring.artefact import Model
from scoring.columns import FeatureTable
from scoring.models import Predictor, TrainedModel
from scoring.next_order import learn_next_order
from scoring.one_core import one_core
from scoring.quality import Quality, Tried
from scoring.training.amounts import learn_amounts, refit_amounts
from scoring.training.champion import is_no_worse
from scoring.training.groups import groups_of
from scoring.training.learn import Learned, is_enough, learn, learn_simple, refit
from scoring.training.measure import measured
from scoring.training.records import Records
from scoring.training.verdict import Verdict, missing, verdict_of, verdict_of_amounts
from scoring.training.windows import Window
from scoring.watching.reference import features_reader, learn_reference
from scoring.words import did

Report = Callable[[str], None]
Numbers = NDArray[np.float64]
SEED = 20260101
BUDGET_S = 60.0
"""For trying candidates."""


@dataclass(frozen=True)
class Version:
    """What a new version is made of; without a model there was nothing to learn from."""

    quality: Quality
    verdict: Verdict
    model: Model | None = None
    tried: tuple[Tried, ...] = ()
    is_simple: bool = False


@one_core
def train(
    predictor: Predictor,
    *,
    now: datetime,
    seed: int = SEED,
    budget_s: float = BUDGET_S,
    report: Report = lambda step: None,
) -> TrainedModel:
    """Takes over by itself where the predictor says so and it proved useful and no worse than the one in use."""
    if predictor.kind == Predictor.Kind.NEXT_ORDER:
        return _train_next_order(predictor, now=now, seed=seed, report=report)
    past = Records(predictor, seed)
    report("Reading the past")
    if predictor.kind == Predictor.Kind.VALUE:
        version = _amounts(past, now=now, seed=seed, report=report)
    else:
        version = _probabilities(past, now=now, seed=seed, budget_s=budget_s, report=report)
    is_better = _is_better(past, version, now=now, seed=seed)
    report("Noting how people are spread")
    reference = _reference(past, version.model, now=now, seed=seed) if version.model else {}
    return _keep(predictor, version, is_better=is_better, reference=reference, now=now, seed=seed)


def _probabilities(past: Records, *, now: datetime, seed: int, budget_s: float, report: Report) -> Version:
    untouched = now - timedelta(days=past.days)
    window = past.window(untouched)
    learned = learn(past, until=untouched, seed=seed, budget_s=budget_s, report=report) if is_enough([window]) else None
    if learned is None or learned.is_simple:
        return _stand_in(past, window, learn_simple(past, until=now, seed=seed), now=now)
    report("Measuring on the latest days")
    groups = groups_of(learned.model, window)
    found = measured(learned.model, window, about=past.about, threshold=learned.threshold, seed=seed, groups=groups)
    verdict = verdict_of(found.quality, found.against_recency, days=past.days)
    report("Learning from the latest days too")
    model = refit(past, learned.candidate, slope=learned.slope, until=now, seed=seed)
    return Version(found.quality, verdict, model, learned.tried)


def _amounts(past: Records, *, now: datetime, seed: int, report: Report) -> Version:
    untouched = now - timedelta(days=past.days)
    window = past.window(untouched)
    report("Learning what people spend")
    learned = learn_amounts(past, until=untouched, seed=seed) if is_enough([window]) else None
    if learned is None or learned.is_simple:
        return _stand_in(past, window, learn_amounts(past, until=now, seed=seed), now=now)
    said, before = learned.model.amounts(window.table), spent_before(window.table, past.days)
    quality = Quality(
        people=len(said),
        happened=window.did,
        window=(untouched.isoformat(), now.isoformat()),
        mae=float(np.mean(np.abs(said - window.happened))),
        mae_baseline=float(np.mean(np.abs(before - window.happened))),
        rank_correlation=_correlation(said, window.happened),
        warnings=_total(said, window),
    )
    model = refit_amounts(past, learned.candidate, until=now, seed=seed)
    return Version(quality, verdict_of_amounts(quality, days=past.days), model, learned.tried)


def spent_before(table: FeatureTable, days: int) -> Numbers:
    """The baseline: what people spent in the 90 days before, at the window's length."""
    found: Numbers = np.maximum(table.column("revenue_90d"), 0.0) * days / 90
    return found


def _correlation(said: Numbers, happened: Numbers) -> float | None:
    if len(np.unique(said)) < 2 or len(np.unique(happened)) < 2:
        return None
    return float(np.corrcoef(rankdata(said), rankdata(happened))[0, 1])


def _total(said: Numbers, window: Window) -> tuple[str, ...]:
    return (
        f"All together were expected to spend {said.sum():,.0f}, and spent {window.happened.sum():,.0f}: single amounts"
        " are told as near to most people's as can be, so their sum says less than a forecast of the total would.",
    )


def _stand_in(past: Records, window: Window, simple: Learned | None, *, now: datetime) -> Version:
    """Too little to be measured: says what is missing, and that the simple model stands in where there is one."""
    lacking = missing(past, (window,), now=now, did=did(past.predictor))
    quality = Quality(len(window.happened), window.did, (window.moment.isoformat(), now.isoformat()), warnings=lacking)
    if simple is None:
        return Version(quality, Verdict("Not used, because there is too little to learn from. " + " ".join(lacking)))
    text = "A cautious simple model stands in, because there is too little to learn from. " + " ".join(lacking)
    return Version(quality, Verdict(text), simple.model, is_simple=True)


def _is_better(past: Records, version: Version, *, now: datetime, seed: int) -> bool:
    """Whether it may take over from the one in use."""
    champion = past.predictor.active
    if version.model is None or not (version.verdict.is_useful or version.is_simple):
        return False
    if champion is None or champion.is_simple:
        return True
    return not version.is_simple and is_no_worse(past, version.model, champion, now=now, seed=seed)


def _reference(past: Records, model: Model, *, now: datetime, seed: int) -> dict[str, Any]:
    def says(table: FeatureTable, at: datetime) -> Numbers:
        return model.amounts(table) if past.about.is_amount else model.probabilities(table)

    return learn_reference(past.predictor, says, now=now, seed=seed, read=features_reader(past.wanted))


def _keep(
    predictor: Predictor, version: Version, *, is_better: bool, reference: dict[str, Any], now: datetime, seed: int
) -> TrainedModel:
    is_waiting = version.verdict.is_useful and not (is_better and predictor.is_automatic)
    return _stored(
        predictor,
        TrainedModel(
            estimator=version.model.estimator if version.model else "",
            trained_at=now,
            as_of=now,
            seed=seed,
            artefact=version.model.to_bytes() if version.model else b"",
            quality=asdict(version.quality),
            candidates=[asdict(one) for one in version.tried],
            reference=reference,
            is_useful=version.verdict.is_useful,
            is_confident=version.verdict.is_confident,
            is_simple=version.is_simple,
            verdict=version.verdict.text + (_why_waiting(predictor, is_better) if is_waiting else ""),
        ),
        takes_over=is_better and (predictor.is_automatic or predictor.active is None),
    )


def _why_waiting(predictor: Predictor, is_better: bool) -> str:
    if not is_better:
        return " It does not take over, because the version in use did better on the same days."
    return " It waits until somebody takes it into use." if predictor.active is not None else ""


def _train_next_order(predictor: Predictor, *, now: datetime, seed: int, report: Report) -> TrainedModel:
    learned = learn_next_order(predictor, now=now, seed=seed, report=report)
    version = TrainedModel(
        estimator=learned.estimator,
        trained_at=now,
        as_of=now,
        seed=seed,
        artefact=learned.artefact,
        quality=asdict(learned.quality),
        reference=learned.reference or {},
        is_useful=learned.is_useful,
        verdict=learned.verdict,
    )
    return _stored(
        predictor, version, takes_over=learned.is_useful and (predictor.is_automatic or not predictor.active)
    )


@transaction.atomic
def _stored(predictor: Predictor, version: TrainedModel, *, takes_over: bool) -> TrainedModel:
    locked = Predictor.objects.select_for_update().get(pk=predictor.pk)
    last = TrainedModel.objects.filter(predictor=locked).aggregate(last=Max("number"))["last"]
    version.predictor, version.number = predictor, (last or 0) + 1
    version.save()
    locked.trained_at = version.trained_at
    if takes_over:
        locked.active = version
    locked.save(update_fields=["trained_at", "active"])
    predictor.trained_at, predictor.active = locked.trained_at, locked.active
    return version
