"""A small shop, and versions of predictors whose curves are written by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import numpy as np

from scoring.artefact import Model
from scoring.coding import Coding
from scoring.cold import NewcomerRates
from scoring.estimators.additive import Additive
from scoring.estimators.calibration import Calibration
from scoring.feature_columns import NUMBERS
from scoring.models import Predictor, TrainedModel
from tests.taking_in import NOW, ago, identify, take_in, track

Curves = Mapping[str, Sequence[tuple[float, float]]]
ORDERS: Curves = {"orders": [(0, -2.0), (6, 2.0)], "quiet_days": [(0, 0.5), (90, -0.5)]}
_numbers = count(1)


def shop(people: int = 40, *, now: datetime = NOW) -> None:
    """Person n has ordered n % 7 times, the last time n days ago, and has views up to then."""
    said: list[dict[str, Any]] = []
    for n in range(people):
        user = f"u{n}"
        said.append(identify(user, traits={"email": f"{user}@example.com"}, at=now - timedelta(days=200)))
        said += [track(user, "Product Viewed", at=now - timedelta(days=n % 90 + 1, hours=k)) for k in range(3)]
        said += [
            track(
                user,
                "Order Completed",
                at=now - timedelta(days=n % 90 + 1 + 9 * k),
                properties={"order_id": f"{user}-{k}", "total": 10 + n},
            )
            for k in range(n % 7)
        ]
    take_in(said)


def a_model(curves: Curves = ORDERS, *, intercept: float = 0.0, cold: NewcomerRates | None = None) -> Model:
    columns = {one.name: one for one in NUMBERS}
    knots = [x for points in curves.values() for x, _ in points]
    heights = [y for points in curves.values() for _, y in points]
    starts = np.cumsum([0, *(len(points) for points in curves.values())])
    n = len(curves)
    plain = Additive(
        intercept=intercept,
        is_squeezed=np.zeros(n, np.bool_),
        starts=starts.astype(np.int64),
        knots=np.array(knots, dtype=np.float64),
        heights=np.array(heights, dtype=np.float64),
        missing=np.full(n, -1.0),
        is_category=np.zeros(n, np.bool_),
        usual=np.full(n, 0.1),
    )
    coding = Coding(tuple(columns[name] for name in curves), {})
    return Model(coding, plain, Calibration(0.9, -0.1), cold or NewcomerRates(0.2), "logistic")


def a_version(predictor: Predictor, model: Model | None = None, **more: Any) -> TrainedModel:
    """In use from now on."""
    made = TrainedModel.objects.create(
        predictor=predictor,
        number=predictor.versions.count() + 1,
        estimator="logistic",
        trained_at=NOW,
        as_of=NOW,
        seed=1,
        artefact=(model or a_model()).to_bytes(),
        quality={"people": 10, "happened": 3},
        is_useful=True,
        verdict="",
        **more,
    )
    Predictor.objects.filter(pk=predictor.pk).update(active=made)
    predictor.refresh_from_db()
    return made


def a_predictor(**more: Any) -> Predictor:
    """With a version in use."""
    made = Predictor.objects.create(**{"name": f"Buys {next(_numbers)}", "days": 30, "created_at": ago(days=9), **more})
    a_version(made)
    return made
