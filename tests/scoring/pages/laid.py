"""Predictors as they lie in the tables once they learned and scored: for pages that show them."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from scoring.models import Predictor, Score, ScoreChange, ScoringRun, TrainedModel
from scoring.quality import Bin, Gain, Group, Importance, Point, Quality, Tried
from tests.factories import NOW

Kind = Predictor.Kind


def a_predictor(name: str = "Buys in 30 days", **more: Any) -> Predictor:
    values = {"kind": Kind.PURCHASE, "days": 30, "created_at": NOW, **more}
    return Predictor.objects.create(name=name, **values)


def a_quality(*, auc: float = 0.81, people: int = 2_000, share: float = 0.2) -> Quality:
    """Of a predictor that is right as often as it says: the numbers fit one another."""
    happened = round(people * share)
    said = [share * 2 * (step + 0.5) / 10 for step in range(10)]
    shares = [step / 20 for step in range(21)]
    parts = [1 - (1 - one) ** (auc / (1 - auc)) for one in shares]
    return Quality(
        people=people,
        happened=happened,
        window=("2026-10-01T00:00:00+00:00", "2026-10-31T00:00:00+00:00"),
        auc=auc,
        auc_error=0.012,
        auc_recency=0.70,
        average_precision=0.52,
        f1=0.48,
        threshold=0.31,
        brier=0.131,
        brier_baseline=0.16,
        calibration_error=0.021,
        calibration=tuple(Bin(one, one * 1.04, people // 10) for one in said),
        curve=tuple(
            Point(round(0.05 * n, 2), round(people * (1 - n / 20) ** 2), round(happened * (1 - n / 20) ** 1.2))
            for n in range(20)
        ),
        gains=tuple(Gain(one, part) for one, part in zip(shares, parts, strict=True)),
        importance=(
            Importance("recency_days", 0.081, 0.004),
            Importance("orders", 0.044, 0.003),
            Importance("tenure_days", 0.012, 0.002),
        ),
        groups=(Group("New in 90 days", 400, 61, 0.16, 0.74), Group("VIP", 22, 9, 0.42)),
    )


def a_version(
    predictor: Predictor, *, quality: Quality | None = None, in_use: bool = True, **more: Any
) -> TrainedModel:
    found = quality or a_quality()
    values: dict[str, Any] = {
        "number": predictor.versions.count() + 1,
        "estimator": "boosting",
        "trained_at": NOW,
        "as_of": NOW,
        "seed": 1,
        "quality": asdict(found),
        "candidates": [
            asdict(Tried("boosting", {"rounds": 80, "depth": 3}, 0.812, 0.41, 0.803, 0.011, 3.2)),
            asdict(Tried("logistic", {"c": 1.0}, 0.794, 0.43, 0.79, 0.012, 0.4)),
        ],
        "is_useful": True,
        "is_confident": True,
        "verdict": "It ranks 81 of 100 pairs rightly, “who did it last” alone 70.",
        **more,
    }
    version = TrainedModel.objects.create(predictor=predictor, **values)
    if in_use:
        predictor.active, predictor.trained_at = version, NOW
        predictor.save(update_fields=["active", "trained_at"])
    return version


def scored(predictor: Predictor, ids: list[int], *, now: datetime = NOW, seed: int = 3, scale: float = 1.0) -> None:
    """Everybody has a score, skewed as scores are; the last runs and each person's history."""
    values = np.random.default_rng(seed).beta(1.3, 5, len(ids)) * scale
    ranks = 100 * (np.argsort(np.argsort(values)) + 1) / len(ids)
    bands = ["low" if rank < 50 else "medium" if rank < 80 else "high" for rank in ranks]
    is_next = predictor.kind == Kind.NEXT_ORDER
    rows = list(zip(ids, values.tolist(), ranks.tolist(), bands, strict=True))
    Score.objects.bulk_create(
        Score(
            profile_id=pk, predictor_id=predictor.pk, value=value, percentile=rank, band=band,
            model_id=predictor.active_id or 0, scored_at=now, **(_dates(value, now) if is_next else {}),
        )
        for pk, value, rank, band in rows
    )  # fmt: skip
    ScoreChange.objects.bulk_create(
        ScoreChange(
            profile_id=pk, predictor_id=predictor.pk, at=now - timedelta(days=20 - 5 * step), value=value * share,
            percentile=rank, band=band,
        )
        for pk, value, rank, band in rows
        for step, share in enumerate((0.4, 0.7, 0.6, 1.0))
    )  # fmt: skip
    counts = {band: bands.count(band) for band in ("low", "medium", "high")}
    for day in range(5, -1, -1):
        mean = float(values.mean()) * (1 + 0.03 * (day % 3))
        ScoringRun.objects.create(
            predictor=predictor, model_id=predictor.active_id or 0, at=now - timedelta(days=day), people=len(ids),
            mean=mean, bands=counts, changed=day, took_ms=830,
        )  # fmt: skip
    Predictor.objects.filter(pk=predictor.pk).update(scored_at=now, due_at=now + timedelta(hours=15))
    predictor.refresh_from_db()


def _dates(days: float, now: datetime) -> dict[str, datetime]:
    return {"expected_at": now + timedelta(days=days), "earliest_at": now, "latest_at": now + timedelta(days=2 * days)}
