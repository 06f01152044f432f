"""Learns a predictor from the past, and measures it on the latest window, which it never saw."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

from scoring.columns import FeatureTable
from scoring.estimators.logistic import LogLogistic
from scoring.features import Wanted, columns, features_as_of
from scoring.models import Predictor, TrainedModel
from scoring.targets import outcome

FEWEST = 30
"""Of those who did it, and of those who did not, in each window: below it an AUC says little (±0.1)."""


@dataclass(frozen=True)
class Window:
    """Features as of a moment, and whether the event followed within the predictor's days."""

    features: FeatureTable
    happened: NDArray[np.int64]

    @property
    def is_enough(self) -> bool:
        n = int(self.happened.sum())
        return min(n, len(self.happened) - n) >= FEWEST


@dataclass(frozen=True)
class Quality:
    """On the untouched window. AUC: how often one who did it is ranked above one who did not; 0.5 is guessing."""

    people: int
    happened: int
    auc: float | None = None
    auc_recency: float | None = None
    brier: float | None = None


def train(predictor: Predictor, *, now: datetime) -> TrainedModel:
    """Learns on (now - 2N, now - N], measures on (now - N, now], N being the predictor's days."""
    span = timedelta(days=predictor.days)
    learned = _window(predictor, now - 2 * span, span)
    measured = _window(predictor, now - span, span)
    people, happened = len(measured.happened), int(measured.happened.sum())
    if not (learned.is_enough and measured.is_enough):
        return _keep(predictor, now=now, quality=Quality(people, happened), verdict=_too_little(learned, measured))
    model = LogLogistic().fit(learned.features.values, learned.happened)
    likely = model.predict_proba(measured.features.values)[:, 1]
    quality = Quality(
        people=people,
        happened=happened,
        auc=float(roc_auc_score(measured.happened, likely)),
        auc_recency=float(roc_auc_score(measured.happened, -measured.features.column("recency_days"))),
        brier=float(brier_score_loss(measured.happened, likely)),
    )
    return _keep(predictor, now=now, quality=quality, model=model)


def _window(predictor: Predictor, moment: datetime, span: timedelta) -> Window:
    table = features_as_of(moment, wanted=Wanted())
    did = outcome(predictor, table.profile_ids, after=moment, until=moment + span)
    return Window(table, did.astype(np.int64))


def _keep(
    predictor: Predictor, *, now: datetime, quality: Quality, model: LogLogistic | None = None, verdict: str = ""
) -> TrainedModel:
    is_useful = model is not None and _beats_guessing(quality)
    with transaction.atomic():
        kept = TrainedModel.objects.create(
            predictor=predictor,
            trained_at=now,
            parameters={"features": [one.name for one in columns(Wanted())], **model.parameters()} if model else {},
            quality=asdict(quality),
            is_useful=is_useful,
            verdict=verdict or _verdict(quality, is_useful=is_useful),
        )
        if is_useful:
            predictor.active = kept
            predictor.save(update_fields=["active"])
    return kept


def _beats_guessing(quality: Quality) -> bool:
    """Better than recency alone, and than chance by more than luck explains (one-sided, 5 %)."""
    auc, by_recency = quality.auc or 0.0, quality.auc_recency or 0.0
    error = auc_error(auc, happened=quality.happened, not_happened=quality.people - quality.happened)
    return auc > by_recency and auc - 1.645 * error > 0.5


def auc_error(auc: float, *, happened: int, not_happened: int) -> float:
    """Standard error of an AUC: Hanley and McNeil, Radiology 143 (1982), 29–36, equation 1."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (happened - 1) * (q1 - auc**2) + (not_happened - 1) * (q2 - auc**2)
    return math.sqrt(spread / (happened * not_happened))


def _verdict(quality: Quality, *, is_useful: bool) -> str:
    auc, by_recency = 100 * (quality.auc or 0), 100 * (quality.auc_recency or 0)
    shares = f"it ranked {auc:.0f} % of pairs rightly, “who did it last” alone {by_recency:.0f} %"
    if is_useful:
        return f"In use: on the latest window, which it had not seen, {shares}."
    return f"Not used, because it is not clearly better than a simple guess: {shares}."


def _too_little(*windows: Window) -> str:
    did = min(int(one.happened.sum()) for one in windows)
    did_not = min(len(one.happened) - int(one.happened.sum()) for one in windows)
    return (
        f"Not used, because there is too little to learn from: each of the two latest windows needs {FEWEST} people"
        f" who did it and {FEWEST} who did not; the poorer has {did} and {did_not}."
    )
