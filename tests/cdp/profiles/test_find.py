"""People are found by any identifier and by what stands in their traits, a page at a time."""

from datetime import timedelta

import pytest

from cdp.common.keyset import BadCursor, pack
from cdp.profiles import find
from cdp.profiles.find import NoSuchPerson, Seen, by_any, in_traits, starting_with
from cdp.profiles.models import Profile
from tests.taking_in import NOW, ago, identify, take_in

pytestmark = pytest.mark.django_db


def never() -> bool:
    return False


def email_of(profile_id: int) -> str:
    return str(Profile.objects.get(pk=profile_id).traits["email"])


def three() -> None:
    take_in(
        [
            identify("1", traits={"email": "Ada@example.com", "city": "Berlin"}, at=ago(days=1)),
            identify("2", traits={"email": "bea@example.com", "city": 'Say "Bern"'}, at=ago(days=2)),
            identify("3", traits={"email": "carl@example.com", "score": 100, "note": "100 %"}, at=ago(days=3)),
        ]
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@", {"ada@example.com"}),
        ("ADA@", {"ada@example.com"}),
        ("2", {"2"}),
        ("%", set()),
        ("_da", set()),
        ("example", set()),
    ],
)
def test_identifiers_are_found_by_how_they_begin(text: str, found: set[str]) -> None:
    three()
    assert {said.partition(": ")[2] for said in starting_with(text).values()} == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("berl", ["city: Berlin"]),
        ("EXAMPLE", ["email: Ada@example.com", "email: bea@example.com", "email: carl@example.com"]),
        ('"Bern"', ['city: Say "Bern"']),
        ("100 %", ["note: 100 %"]),
        ("city", []),
        ("_", []),
    ],
)
def test_traits_are_found_by_any_part_most_recently_seen_first(text: str, found: list[str]) -> None:
    three()
    scan = in_traits(text, after="", size=10, is_time_up=never)
    assert list(scan.found.values()) == found
    assert (scan.scanned, scan.next) == (3, "")


def test_a_full_page_goes_on_after_its_last_person() -> None:
    three()
    first = in_traits("example", after="", size=2, is_time_up=never)
    second = in_traits("example", after=first.next, size=2, is_time_up=never)
    assert [email_of(pk) for pk in first.found] == ["Ada@example.com", "bea@example.com"]
    assert [email_of(pk) for pk in second.found] == ["carl@example.com"]
    assert not second.next


def test_when_the_time_is_up_the_search_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    three()
    monkeypatch.setattr(find, "SCAN", 1)
    first = in_traits("carl", after="", size=10, is_time_up=lambda: True)
    assert (first.found, first.scanned) == ({}, 1)
    second = in_traits("carl", after=first.next, size=10, is_time_up=never)
    assert [email_of(pk) for pk in second.found] == ["carl@example.com"]


def test_the_span_of_days_narrows_the_search() -> None:
    three()
    since = (NOW - timedelta(days=2)).date()
    scan = in_traits("example", after="", size=10, is_time_up=never, seen=Seen(since=since))
    assert [email_of(pk) for pk in scan.found] == ["Ada@example.com", "bea@example.com"]


@pytest.mark.parametrize("cursor", ["x", pack([1]), pack(["2026-01-01", "x"]), pack(["then", 1]), pack([{"a": 1}])])
def test_a_damaged_cursor_is_told(cursor: str) -> None:
    with pytest.raises(BadCursor):
        in_traits("x", after=cursor, size=10, is_time_up=never)


def test_merged_profiles_answer_with_the_winner() -> None:
    take_in([identify("1", traits={"email": "a@example.com"}, at=ago(days=2))])
    take_in([identify(anonymousId="v1", at=ago(days=1))])
    loser = Profile.objects.latest("id")
    take_in([identify(anonymousId="v1", traits={"email": "a@example.com"})])
    winner = Profile.objects.get(merged_into=None)
    assert by_any(str(loser.uuid)) == by_any(str(winner.uuid)) == winner
    assert by_any("email:A@example.com") == by_any("anonymous_id:v1") == winner


@pytest.mark.parametrize(
    "text", ["", "email:", "nobody", "email:nobody@example.com", "7d444840-9dc0-41d1-b245-5ffdce74fad2", "a:\x00"]
)
def test_an_unknown_person_is_told(text: str) -> None:
    with pytest.raises(NoSuchPerson):
        by_any(text)
