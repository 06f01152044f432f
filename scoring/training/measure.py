"""How good a model is on a window it never saw: everything that pages draw and verdicts rest on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.artefact import Model
from scoring.columns import FeatureTable
from scoring.quality import Group, Importance, Quality, Realised
from scoring.training import figures
from scoring.training.figures import Compared
from scoring.training.lesson import About
from scoring.training.windows import Window

Numbers = NDArray[np.float64]
SHUFFLED_PEOPLE = 3_000
SHUFFLES = 3
MOST_IMPORTANT = 15
"""Columns with the largest contributions are shuffled; the others move hardly anybody."""
FEWEST_OF_GROUP = 10


@dataclass(frozen=True)
class Measured:
    quality: Quality
    against_recency: Compared | None
    """None where too few did it, or did not."""


def recency_rank(table: FeatureTable, about: About) -> Numbers:
    """The baseline: who did it last does it next (who never did, last of all); of who leaves, the other way round."""
    try:
        days = table.column(about.recency)
    except KeyError:
        return np.zeros(len(table))
    latest: Numbers = -np.where(np.isnan(days), np.inf, days)
    return -latest if about.is_absence else latest


def measured(
    model: Model, window: Window, *, about: About, threshold: float | None, seed: int, groups: tuple[Group, ...] = ()
) -> Measured:
    said, happened = model.probabilities(window.table), window.happened
    by_recency = recency_rank(window.table, about)
    auc = figures.auc(happened, said)
    bins = figures.calibration(happened, said)
    error = None if auc is None else figures.auc_error(auc, did=window.did, did_not=window.did_not)
    quality = Quality(
        people=len(happened),
        happened=window.did,
        window=_times(window.moment, about.days),
        auc=auc,
        auc_error=error,
        auc_recency=figures.auc(happened, by_recency),
        average_precision=figures.average_precision(happened, said),
        f1=None if threshold is None else figures.f1_at(happened, said, threshold),
        threshold=threshold,
        brier=figures.brier(happened, said) if len(said) else None,
        brier_baseline=figures.brier(happened, float(happened.mean())) if len(said) else None,
        calibration_error=figures.calibration_error(bins),
        calibration=bins,
        curve=figures.curve(happened, said),
        gains=figures.gains(happened, said),
        importance=() if auc is None else importance(model, window, seed=seed),
        groups=groups,
    )
    return Measured(quality, figures.compared(happened, said, by_recency))


def _times(moment: datetime, days: int) -> tuple[str, str]:
    return moment.isoformat(), (moment + timedelta(days=days)).isoformat()


def importance(model: Model, window: Window, *, seed: int) -> tuple[Importance, ...]:
    """How much AUC falls when one column is shuffled among people, so that it says nothing of them any more."""
    generator = np.random.default_rng(seed)
    count = min(SHUFFLED_PEOPLE, len(window.happened))
    some = np.sort(generator.choice(len(window.happened), count, replace=False))
    X, happened = model.coding.matrix(window.table.rows(some)), window.happened[some]
    before = figures.auc(happened, model.plain.log_odds(X))
    if before is None:
        return ()
    strength = np.abs(model.plain.contributions(X[: min(count, 500)]).parts).mean(axis=0)
    found = []
    for at in np.argsort(-strength, kind="stable")[:MOST_IMPORTANT].tolist():
        falls = []
        for _ in range(SHUFFLES):
            mixed = X.copy()
            mixed[:, at] = generator.permutation(X[:, at])
            falls.append(before - (figures.auc(happened, model.plain.log_odds(mixed)) or before))
        found.append(Importance(model.columns[at].name, float(np.mean(falls)), float(np.std(falls))))
    return tuple(sorted(found, key=lambda one: -one.falls))


def group(name: str, happened: Numbers, said: Numbers) -> Group:
    did = int(happened.sum())
    is_enough = min(did, len(happened) - did) >= FEWEST_OF_GROUP
    return Group(name, len(happened), did, float(said.mean()), figures.auc(happened, said) if is_enough else None)


def realised(happened: Numbers, said: Numbers) -> Realised:
    """What came of forecasts."""
    bins = figures.calibration(happened, said)
    return Realised(
        people=len(happened),
        said=float(said.mean()) if len(said) else 0.0,
        came=float(happened.mean()) if len(said) else 0.0,
        auc=figures.auc(happened, said),
        brier=figures.brier(happened, said) if len(said) else None,
        calibration_error=figures.calibration_error(bins),
        calibration=bins,
    )
