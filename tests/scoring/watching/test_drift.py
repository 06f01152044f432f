"""Drift fires on a planted shift, and stays silent through a planted season, growth and small numbers."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scoring.columns import Column, FeatureTable, Unit
from scoring.watching.psi import drift, drifted, stability_index
from scoring.watching.spread import Moment, added, counts_of, reference_of, shares_of, spread_of

START = datetime(2025, 1, 1, tzinfo=UTC)
RECENCY = Column("recency_days", "days", Unit.DAYS, "", "")
SOURCE = Column("source", "source", Unit.CATEGORY, "", "")


def people_at(month: float, n: int = 4000, *, seed: int = 1, shift: float = 0.0, growth: float = 0.0) -> Moment:
    """December is busy: recency halves. `shift` is in standard deviations of its logarithm."""
    generator = np.random.default_rng([seed, int(month * 10)])
    season = -0.7 * np.cos(2 * np.pi * (month - 0.5) / 12) + growth * month
    recency = np.exp(generator.normal(3 + season + shift, 1.0, n))
    recency[generator.random(n) < 0.05] = np.nan
    words = generator.choice(np.array(["web", "shop", None], dtype=object), (n, 1))
    table = FeatureTable(np.arange(n), (RECENCY,), recency[:, None], (SOURCE,), words)
    scores = 1 / (1 + np.nan_to_num(recency, nan=60.0) / 30)
    return Moment(START + timedelta(days=30.4 * month), table, scores)


def found(moments: list[Moment], now: Moment) -> dict[str, float]:
    reference = reference_of(moments)
    return drift(reference, spread_of(now.table, now.scores, reference), people=len(now.table), at=now.at)


YEAR = [people_at(month) for month in range(13)]


def test_silent_through_a_season_that_was_seen() -> None:
    for month in (12.5, 15, 18, 21, 24):
        assert drifted(found(YEAR, people_at(month, seed=2))) == []


def test_the_season_alone_would_fire_against_a_single_moment() -> None:
    """Else the silence above would prove nothing."""
    assert "recency_days" in drifted(found([YEAR[6]], people_at(12, seed=2)))


@pytest.mark.parametrize("month", [12.5, 15, 18, 21])
def test_fires_on_a_shift_in_any_season(month: float) -> None:
    shifted = found(YEAR, people_at(month, seed=2, shift=1.2))
    assert set(drifted(shifted)) == {"recency_days", "score"}
    assert shifted["source"] == 0


def test_silent_on_growth_that_goes_on() -> None:
    moments = [people_at(month, growth=0.1) for month in range(13)]
    assert drifted(found(moments, people_at(13, seed=2, growth=0.1))) == []


def test_fires_when_a_source_falls_silent() -> None:
    now = people_at(12, seed=2)
    assert now.table.words is not None
    gone = now.table.words.copy()
    gone[gone == "web"] = None
    table = FeatureTable(now.table.profile_ids, now.table.numeric, now.table.values, now.table.categories, gone)
    assert drifted(found(YEAR, Moment(now.at, table, now.scores))) == ["source"]


def test_luck_among_few_people_is_no_drift() -> None:
    reference = reference_of([people_at(0, n=60)])
    alarms = 0
    for seed in range(2, 202):
        now = people_at(0, n=60, seed=seed)
        spread = spread_of(now.table, now.scores, reference)
        alarms += "recency_days" in drifted(drift(reference, spread, people=60, at=now.at))
    assert alarms <= 2


def test_index_by_hand() -> None:
    raw = (0.5 - 0.25) * np.log(2) + (0.5 - 0.75) * np.log(0.5 / 0.75)
    assert stability_index([0.5, 0.5], [0.25, 0.75], n=10**9, m=10**9) == pytest.approx(raw, abs=1e-6)
    assert stability_index([0.5, 0.5], [0.5, 0.5], n=50, m=50) == 0
    assert np.isfinite(stability_index([1.0, 0.0], [0.0, 1.0], n=100, m=100))


def test_counts_of_chunks_add_up_to_the_whole() -> None:
    reference, now = reference_of(YEAR), people_at(12, seed=2)
    half = np.arange(len(now.table)) < 1000
    parts = [counts_of(now.table.rows(which), now.scores[which], reference) for which in (half, ~half)]
    assert shares_of(added(parts)) == spread_of(now.table, now.scores, reference)
    assert all(sum(shares) == pytest.approx(1, abs=1e-4) for shares in shares_of(added(parts)).values())


def test_without_a_reference_nothing_is_said() -> None:
    assert drift({}, {"score": [1.0]}, people=5, at=START) == {}
