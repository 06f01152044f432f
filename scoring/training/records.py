"""The shop's own records as windows of the past."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from cdp.rules.tree import UTC
from scoring.answers import wanted_of
from scoring.cold import Newcomer, NewcomerRates, newcomer_rates
from scoring.columns import FeatureTable
from scoring.feature_columns import ORDER, SENT
from scoring.features import features_as_of
from scoring.models import Predictor
from scoring.newcomers import newcomers
from scoring.populations import people_as_of
from scoring.targets import outcome
from scoring.training.lesson import About
from scoring.training.windows import Window

Kind = Predictor.Kind
MOST = 25_000
"""People of a moment that are learned from. More move an AUC by less than its error, and each moment costs a pass."""
NEW_DAYS = 7.0
"""Who was first seen so lately is a newcomer."""
ORDERS = frozenset({Kind.PURCHASE, Kind.CHURN, Kind.LAPSE, Kind.VALUE, Kind.NEXT_ORDER})
_ABOUT = {
    Kind.OPEN: ("open_recency_days", "opened_90d"),
    Kind.CLICK: ("click_recency_days", "clicked_90d"),
    Kind.RULE: ("quiet_days", "events_90d"),
}
_FIRST = "select min(first_at) from events_eventstate where name = any(%s::text[]) or %s"


def about(predictor: Predictor) -> About:
    kind = Kind(predictor.kind)
    recency, frequency = _ABOUT.get(kind, ("recency_days", "order_days"))
    if kind is Kind.EVENT:
        recency, frequency = f"event.{predictor.event_name}.recency_days", f"event.{predictor.event_name}.n"
    return About(
        days=predictor.days,
        recency=recency,
        frequency=frequency,
        is_of_orders=kind in ORDERS,
        is_absence=kind in (Kind.CHURN, Kind.LAPSE),
        is_amount=kind is Kind.VALUE,
    )


@dataclass
class Records:
    """Windows are read once. `most` people of each."""

    predictor: Predictor
    seed: int
    most: int | None = MOST
    read: dict[datetime, FeatureTable] = field(default_factory=dict)
    came: dict[datetime, NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.about = about(self.predictor)
        self.days = self.predictor.days
        self.first_at = first_at(self.predictor)
        self.wanted = wanted_of([self.predictor], UTC)

    def known(self, moment: datetime) -> FeatureTable:
        if moment not in self.read:
            ids = people_as_of(self.predictor, moment, most=self.most, seed=self.seed)
            self.read[moment] = features_as_of(moment, wanted=self.wanted, ids=ids.tolist())
        return self.read[moment]

    def window(self, moment: datetime) -> Window:
        table = self.known(moment)
        if moment not in self.came:
            until = moment + timedelta(days=self.days)
            self.came[moment] = outcome(self.predictor, table.profile_ids, after=moment, until=until)
        return Window(moment, table, self.came[moment])

    def newcomers(self, windows: Sequence[Window]) -> NewcomerRates:
        """Of people first seen in the days before a moment: what they then did."""
        people: list[Newcomer] = []
        happened: list[float] = []
        for window in windows:
            new = np.flatnonzero(window.table.column("tenure_days") <= NEW_DAYS)
            came = dict(zip(window.table.profile_ids[new].tolist(), window.happened[new].tolist(), strict=True))
            for profile_id, newcomer in newcomers(list(came), window.moment).items():
                people.append(newcomer)
                happened.append(came[profile_id])
        everybody = np.concatenate([np.empty(0), *(one.happened for one in windows)])
        return newcomer_rates(people, np.array(happened), prior=float(everybody.mean()) if len(everybody) else 0.0)


def first_at(predictor: Predictor) -> datetime | None:
    """When what the question is about was first recorded: before it, that nobody did it says nothing."""
    kind = Kind(predictor.kind)
    names: list[str] = [ORDER] if kind in ORDERS else []
    names += [predictor.event_name] if kind is Kind.EVENT else []
    names += list(SENT) if kind in (Kind.OPEN, Kind.CLICK) else []
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [names, not names])
        found: datetime | None = cursor.fetchone()[0]
    return found
