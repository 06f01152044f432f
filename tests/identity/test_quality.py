"""Estimates hold the truth in their intervals."""

import numpy as np
import pytest
from django.db import connection

from identity.models import Candidate
from identity.quality import BANDS, Band, estimate, measure, sample_for_audit, wilson
from tests.taking_in import NOW


def bands_of(probability: np.ndarray, linked: np.ndarray, decided: np.ndarray, is_same: np.ndarray) -> list[Band]:
    place = np.searchsorted(BANDS, probability, side="right") - 1
    found = []
    for band in range(len(BANDS) - 1):
        of = place == band
        free, told = of & ~decided, of & decided
        found.append(
            Band(
                int((free & linked).sum()), float(probability[free & linked].sum()),
                int((free & ~linked).sum()), float(probability[free & ~linked].sum()),
                int((told & is_same).sum()), int((told & ~is_same).sum()),
            )
        )  # fmt: skip
    return found


def test_intervals_hold_the_truth_though_the_model_is_too_sure() -> None:
    """The model says 2^w to 1 where 2^(0.7 w) is so; three hundred answers tell. Ninety-five of a hundred should."""
    held = [_holds(np.random.default_rng(seed)) for seed in range(40)]
    assert sum(precision for precision, _ in held) >= 35
    assert sum(recall for _, recall in held) >= 35


def _holds(random: np.random.Generator) -> tuple[bool, bool]:
    weight = random.uniform(-4, 12, 6_000)
    believed, truly = 1 / (1 + 2**-weight), 1 / (1 + 2 ** -(0.7 * weight))
    is_same = random.random(6_000) < truly
    linked = believed >= 0.99
    decided = np.zeros(6_000, bool)
    decided[random.choice(6_000, 300, replace=False)] = True
    found = estimate(bands_of(believed, linked, decided, is_same))
    precision = is_same[~decided & linked].mean()
    recall = (is_same & (linked | decided)).sum() / is_same.sum()
    assert found.precision_expected and found.recall
    assert found.precision_expected.high - found.precision_expected.low < 0.1
    assert found.recall.high - found.recall.low < 0.1
    in_precision = found.precision_expected.low <= precision <= found.precision_expected.high
    return bool(in_precision), bool(found.recall.low <= recall <= found.recall.high)


def test_without_answers_the_model_speaks() -> None:
    found = estimate([Band(100, 99.0, 0, 0, 0, 0), Band(0, 0, 50, 10.0, 0, 0)], below_floor=5)
    assert found.precision_expected and found.recall
    assert found.precision_expected.value == pytest.approx(0.99, abs=0.02)
    assert found.recall.value == pytest.approx(99 / 114, abs=0.04)
    assert found.missed == pytest.approx(15, rel=0.2)
    assert found.precision_audited is None


def test_nothing_to_estimate_from() -> None:
    found = estimate([Band()] * (len(BANDS) - 1))
    assert (found.precision_expected, found.precision_audited, found.recall) == (None, None, None)


def test_wilson_by_the_book() -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: 81 of 263, 0 of 20."""
    assert (round(wilson(81, 182).low, 4), round(wilson(81, 182).high, 4)) == (0.2553, 0.3662)
    assert (wilson(0, 20).low, round(wilson(0, 20).high, 4)) == (0, 0.1611)


@pytest.mark.django_db
def test_it_counts_what_stands_in_the_tables_and_audits_are_a_sample() -> None:
    Candidate.objects.bulk_create(
        Candidate(record_a=i, record_b=i + 1_000, weight=8, probability=0.996, state="linked", found_at=NOW)
        for i in range(60)
    )
    Candidate.objects.create(record_a=1, record_b=5_000, weight=0, probability=0.5, state="open", found_at=NOW)
    exact = {"weight": 9, "probability": 0.99, "state": "linked", "found_at": NOW}
    Candidate.objects.create(record_a=2, record_b=5_000, is_exact=True, **exact)
    assert sample_for_audit(20, seed=1) == 20
    assert sample_for_audit(100, seed=1) == 40
    checked = list(Candidate.objects.filter(is_audit=True).order_by("id").values_list("id", flat=True)[:10])
    Candidate.objects.filter(id__in=checked[:9]).update(state="same", decided_at=NOW)
    Candidate.objects.filter(id=checked[9]).update(state="different", decided_at=NOW)
    with connection.cursor() as cursor:
        found = measure(cursor)
    assert (found.linked, found.waiting, found.decisions, found.audited) == (50, 1, 10, 10)
    assert found.precision_audited == wilson(9, 1)
