"""How many: counted where that is quick, estimated with an honest interval where it is not."""

from collections import Counter

import numpy as np
import pytest
from django.db import connection

from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from segments import bounded, drawing, estimate, reading
from segments.bounded import TooSlow, at_most
from segments.drawing import Draw, Span
from segments.estimate import estimated, size_of, wilson
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW


def a_reading(*leaves: object) -> reading.Reading:
    return reading.read(rule(*leaves), now=NOW, zone=UTC)  # type: ignore[arg-type]


def people(n: int, *, in_rome: int) -> None:
    Profile.objects.bulk_create(
        Profile(
            traits={"city": "Rome" if one < in_rome else "Oslo"}, first_seen_at=NOW, last_seen_at=NOW, created_at=NOW
        )
        for one in range(n)
    )


ROME = trait("city", "is", "Rome")


@pytest.mark.django_db
def test_what_is_quick_is_counted() -> None:
    people(30, in_rome=12)
    size = size_of(a_reading(ROME))
    assert (size.n, size.low, size.high, size.is_exact, len(size.some)) == (12, 12, 12, True, 12)


@pytest.mark.django_db
def test_who_is_shown_stays_the_same_for_as_long_as_they_stay_in() -> None:
    people(30, in_rome=30)
    first = size_of(a_reading(ROME)).some
    Profile.objects.filter(pk=first[3]).update(traits={})
    assert list(size_of(a_reading(ROME)).some) == [one for one in first if one != first[3]]


@pytest.mark.django_db
def test_what_is_slow_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count is given no time at all; a sample that takes in everybody is exact all the same."""
    people(600, in_rome=150)
    monkeypatch.setattr(estimate, "_counted", lambda *_: (_ for _ in ()).throw(TooSlow))
    assert (size_of(a_reading(ROME)).n, size_of(a_reading(ROME)).is_exact) == (150, True)
    monkeypatch.setattr(drawing, "FIRST", 200)
    monkeypatch.setattr(drawing, "MOST", 200)
    size = size_of(a_reading(ROME))
    assert not size.is_exact
    assert size.low <= 150 <= size.high
    assert size.low < size.n < size.high


@pytest.mark.django_db
def test_no_time_for_anybody_is_said_and_nothing_is_broken_by_it() -> None:
    people(5, in_rome=5)

    def sleep(_: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(5)")

    with pytest.raises(TooSlow):
        drawing.look(Draw(drawing.span()), sleep, seconds=0.05)
    assert estimated(a_reading(ROME), seconds=1).n == 5


@pytest.mark.django_db
def test_nobody_at_all() -> None:
    assert size_of(a_reading(ROME)).n == 0
    assert estimated(a_reading(ROME), seconds=1).is_exact


@pytest.mark.django_db
def test_a_time_limit_ends_with_its_block() -> None:
    with connection.cursor() as cursor:
        with at_most(0.5):
            cursor.execute("show statement_timeout")
            assert cursor.fetchone()[0] == "500ms"
        cursor.execute("show statement_timeout")
        assert cursor.fetchone()[0] == "0"
    assert bounded.SHORTEST_S < estimate.DRAW_S


@pytest.mark.parametrize("share", [0.002, 0.05, 0.5, 0.97])
def test_the_interval_holds_the_truth_nineteen_times_in_twenty(share: float) -> None:
    """For Wilson's interval the true cover is close to 95 %, never far below."""
    rng, looked = np.random.default_rng(1), 2_000
    hits = rng.binomial(looked, share, size=3_000)
    held = [low <= share <= high for low, high in (wilson(int(n), looked, whole=10**7) for n in hits)]
    assert 0.93 <= np.mean(held) <= 0.98


def test_nobody_found_is_not_nobody() -> None:
    low, high = wilson(0, 1_000, whole=10**6)
    assert low == 0
    assert 0.003 < high < 0.005


@pytest.mark.parametrize("of", [Span(10, 50), Span(7, 300_000)])
def test_nobody_is_drawn_twice_and_each_draw_goes_on(of: Span) -> None:
    whole, again = Draw(of), Draw(of)
    first = whole.take(30) + whole.take(15)
    assert first == again.take(45)
    assert max(Counter(first).values()) == 1
    assert all(of.first <= one < of.first + of.n for one in first)


def test_a_draw_ends_with_everybody() -> None:
    draw = Draw(Span(1, 20))
    assert sorted(draw.take(50)) == list(range(1, 21))
    assert draw.take(5) == []
