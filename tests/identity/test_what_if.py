"""Other thresholds, tried on stored candidates."""

import time
from collections.abc import Sequence

import numpy as np
import pytest
from django.db import connection

from identity.models import Candidate
from identity.rules import Fuzzy
from identity.what_if import Stored, load, what_if
from tests.taking_in import NOW

Row = tuple[int, int, float, str]
PRESENT = Fuzzy(link=0.99, review=0.5)


def stored(rows: Sequence[Row], *, may_merge: bool = True, link: float = 0.99) -> Stored:
    a, b, probability, state = zip(*rows, strict=True)
    return Stored(
        np.array(a), np.array(b), np.array(probability), np.full(len(a), may_merge), np.array(state, object), link
    )


PAIRS: list[Row] = [
    (1, 2, 0.999, "linked"),
    (2, 3, 0.995, "linked"),
    (3, 4, 0.95, "open"),
    (5, 6, 0.96, "open"),
    (7, 8, 0.4, "left"),
    (9, 10, 0.97, "different"),
    (11, 12, 0.3, "same"),
]


def test_the_present_rules_change_nothing() -> None:
    found = what_if(stored(PAIRS), PRESENT)
    assert (found.linked, found.asked, found.left) == (2, 2, 1)
    assert (found.made, found.broken, found.changed, found.newly_linked, found.no_longer_linked) == (0, 0, 0, 0, 0)
    assert (found.sample_linked, found.sample_unlinked) == ([], [])


@pytest.mark.parametrize(
    ("link", "review", "counts", "groups"),
    [
        (0.9, 0.5, (4, 0, 1), (1, 0, 1)),
        (0.9, 0.35, (4, 1, 0), (1, 0, 1)),
        (0.997, 0.5, (1, 3, 1), (0, 0, 1)),
        (0.9999, 0.5, (0, 4, 1), (0, 1, 0)),
    ],
)
def test_other_thresholds(
    link: float, review: float, counts: tuple[int, int, int], groups: tuple[int, int, int]
) -> None:
    found = what_if(stored(PAIRS), Fuzzy(link=link, review=review))
    assert (found.linked, found.asked, found.left) == counts
    assert (found.made, found.broken, found.changed) == groups


def test_samples_are_of_what_changes() -> None:
    assert what_if(stored(PAIRS), Fuzzy(link=0.9)).sample_linked == [(3, 4), (5, 6)]
    assert what_if(stored(PAIRS), Fuzzy(link=0.997)).sample_unlinked == [(2, 3)]
    assert len(what_if(stored(PAIRS), Fuzzy(link=0.9), samples=1).sample_linked) == 1


def test_what_lacks_two_fields_that_agree_is_never_linked() -> None:
    assert what_if(stored([(1, 2, 0.99, "open")], may_merge=False), Fuzzy(link=0.6)).linked == 0


def test_a_bridge_that_was_broken_stays_broken() -> None:
    rows: list[Row] = [(1, 2, 0.999, "linked"), (2, 3, 0.9999, "open")]
    assert what_if(stored(rows), Fuzzy(link=0.9)).newly_linked == 0


def test_groups_that_would_be_too_large_are_left_to_a_steward() -> None:
    chain: list[Row] = [(i, i + 1, 0.95, "open") for i in range(10)]
    assert what_if(stored(chain), Fuzzy(link=0.9, largest=10)).linked == 0
    assert what_if(stored(chain), Fuzzy(link=0.9, largest=11)).linked == 10


def test_switched_off_everything_falls_apart() -> None:
    found = what_if(stored(PAIRS), Fuzzy(is_on=False))
    assert (found.linked, found.asked, found.broken) == (0, 0, 1)


def test_nothing_stored() -> None:
    nobody, never = np.empty(0, np.int64), np.empty(0, bool)
    nothing = Stored(nobody, nobody, np.empty(0), never, np.empty(0, object), 0.99)
    assert what_if(nothing, PRESENT).linked == 0


@pytest.mark.django_db
def test_a_hundred_thousand_candidates_are_answered_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into identity_candidate (record_a, record_b, weight, probability, evidence, state, decided_by,"
            " found_at, may_merge, is_exact, is_audit) select i, i + 1 + i %% 7, 0, (i %% 1000) / 1000.0, '[]',"
            " case when i %% 1000 >= 990 then 'linked' when i %% 1000 >= 500 then 'open' else 'left' end, '', %s,"
            " i %% 3 > 0, i %% 10 = 0, false from generate_series(1, 100000) i",
            [NOW],
        )
        start = time.perf_counter()
        found = what_if(load(cursor, link=0.99), Fuzzy(link=0.8, review=0.4))
        assert time.perf_counter() - start < 1.0
    assert found.linked + found.asked + found.left == Candidate.objects.filter(is_exact=False).count() == 90_000
