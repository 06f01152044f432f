"""Readouts: at once where they are quick, kept and told with their age where they are not."""

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from cdp.common import readouts
from cdp.common.estimate import Size
from cdp.common.readouts import FRESH_AT_MOST, SHOWN_FOR, Kept, kept, kept_soon
from tests.factories import NOW


class Counter:
    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> int:
        self.n += 1
        return self.n


def test_what_is_quick_is_made_for_everybody_who_looks() -> None:
    make = Counter()
    assert [kept(make, "x", now=NOW).value for _ in range(3)] == [1, 2, 3]


def test_what_is_slow_is_kept_with_its_moment_until_something_else_is_asked(settings: Any) -> None:
    settings.READOUT_SLOW_S = 0
    make = Counter()
    first = kept(make, "x", 1, now=NOW)
    later = kept(make, "x", 1, now=NOW + timedelta(seconds=5))
    assert (first.value, later.value, later.at, later.is_live) == (1, 1, NOW, False)
    assert kept(make, "x", 2, now=NOW).value == 2


def test_nobody_is_shown_what_is_older_than_a_day(settings: Any) -> None:
    settings.READOUT_SLOW_S = 0
    make = Counter()
    kept(make, "x", now=NOW)
    assert kept(make, "x", now=NOW + SHOWN_FOR + timedelta(seconds=1)).value == 2


@pytest.mark.parametrize(("took_s", "fresh_s"), [(0.1, 10), (1.0, 60), (3600.0, FRESH_AT_MOST.total_seconds())])
def test_the_longer_it_took_the_longer_it_is_shown(took_s: float, fresh_s: float) -> None:
    assert (Kept(1, NOW, took_s).fresh_until - NOW).total_seconds() == fresh_s


@pytest.mark.django_db
def test_of_few_people_a_part_is_never_waited_for(settings: Any) -> None:
    settings.READOUT_SLOW_S = 0.1
    found = kept_soon(Counter(), "x", now=NOW)
    assert found is not None and found.value == 1


def test_of_very_many_a_part_answers_at_once_and_has_it_later(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.READOUT_SLOW_S = 0.01
    monkeypatch.setattr(readouts, "table_size", lambda table: Size(10**6, False))
    may_end, begun = Event(), list[Thread]()

    class Noted(Thread):
        def start(self) -> None:
            begun.append(self)
            super().start()

    monkeypatch.setattr(readouts, "Thread", Noted)

    def make() -> str:
        may_end.wait(10)
        return "counted"

    assert kept_soon(make, "x", now=NOW) is None
    assert kept_soon(make, "x", now=NOW) is None, "one at a time"
    may_end.set()
    (making,) = begun
    making.join(10)
    found = kept_soon(make, "x", now=NOW)
    assert found is not None and found.value == "counted"


def test_what_cannot_be_counted_is_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.READOUT_SLOW_S = 10
    monkeypatch.setattr(readouts, "table_size", lambda table: Size(10**6, False))

    def make() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept_soon(make, "x", now=NOW)
