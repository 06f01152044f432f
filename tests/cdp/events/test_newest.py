"""Reading events newest first: exact pages whatever the filter, and the live view."""

from datetime import timedelta

import pytest

from cdp.common.keyset import BadCursor, pack
from cdp.events import arrivals
from cdp.events.arrivals import Watch
from cdp.events.newest import Wanted, newest
from cdp.profiles.models import Identifier
from tests.taking_in import NOW, ago, source, take_in, track

pytestmark = pytest.mark.django_db


def some_events() -> None:
    """Several at one instant, in two months, of three people and three names."""
    take_in(
        [
            track(f"u{n % 3}", f"Name {n % 4}", at=ago(days=n // 5 * 9), messageId=f"m{n}", properties={"n": n})
            for n in range(40)
        ]
    )


def person(user: str) -> int:
    return Identifier.objects.get(value=user).profile_id


def everything(wanted: Wanted, size: int) -> list[str]:
    keys, after = [], ""
    while True:
        page = newest(wanted, after=after, size=size)
        keys += [event.message_id for event in page.rows]
        if not page.next:
            return keys
        after = page.next


@pytest.mark.parametrize("size", [1, 3, 50])
def test_pages_hold_every_event_once_in_one_order(size: int) -> None:
    some_events()
    for wanted, n in (
        (Wanted(), 40),
        (Wanted(names=["Name 1", "Name 2"]), 20),
        (Wanted(profile_id=person("u1")), 13),
        (Wanted(profile_id=person("u1"), names=["Name 1"]), 4),
        (Wanted(since=ago(days=18), until=ago(days=9)), 10),
        (Wanted(names=["no such"]), 0),
    ):
        keys = everything(wanted, size)
        assert len(keys) == len(set(keys)) == n
        assert keys == everything(wanted, 1_000)


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["x", "m", 1, 1],
        [NOW.isoformat(), "a\x00", 1, 1],
        [NOW.isoformat(), "m", 1, 2**70],
        ["2026-01-01", "m", 1, 1],
        {},
    ],
)
def test_a_cursor_made_by_hand_is_told(values: object) -> None:
    with pytest.raises(BadCursor):
        newest(Wanted(), after=pack(values), size=1)  # type: ignore[arg-type]


def test_live_shows_what_arrived_and_in_quiet_hours_the_latest() -> None:
    some_events()
    rows, is_fresh = arrivals.lately(Watch(), now=NOW + timedelta(seconds=5))
    assert (len(rows), is_fresh) == (40, True)
    rows, is_fresh = arrivals.lately(Watch(), now=NOW + timedelta(days=2))
    assert (len(rows), is_fresh) == (40, False)


def test_live_narrows_by_name_source_and_person() -> None:
    some_events()
    take_in([track("u1", "Special 100%")], of="app")
    found = [
        len(arrivals.since(NOW, watch))
        for watch in (
            Watch(name="special"),
            Watch(name="100%"),
            Watch(name="_"),
            Watch(source_id=source("app").pk),
            Watch(profile_id=person("u2")),
        )
    ]
    assert found == [1, 1, 0, 1, 13]
    assert arrivals.since(NOW + timedelta(minutes=1), Watch()) == []
