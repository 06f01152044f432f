"""The same facts give the same people, in any order and in any portions; guards hold in every group."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.grouping import Dropped, Edge, Known, Side, Tie, grouped
from identity.rules import DEFAULTS, Blocked, Namespace, Rules

T = datetime(2026, 1, 1, tzinfo=UTC)
HARD = "user_id"


def at(days: float) -> datetime:
    return T + timedelta(days=days)


def edges(text: str) -> list[Edge]:
    """`1 email=a` joins record 1 to the e-mail a; each is a day later than the one before."""
    found = []
    for day, part in enumerate(text.split(", ")):
        record, _, value = part.partition(" ")
        namespace, _, name = value.partition("=")
        found.append(Edge(int(record), namespace, name, at(day)))
    return found


def known(some: Sequence[Edge], *, ties: Sequence[Tie] = (), sides: Sequence[Side] = ()) -> Known:
    records = {edge.record for edge in some} | {record for tie in ties for record in (tie.a, tie.b)}
    return Known({record: (1, f"r{record}") for record in sorted(records)}, some, ties, sides)


def people(found: Known, rules: Rules = DEFAULTS) -> list[list[int]]:
    return sorted(sorted(group) for group in grouped(found, rules).groups)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1 user_id=u, 2 user_id=v", [[1], [2]]),
        ("1 email=a, 2 email=a", [[1, 2]]),
        ("1 email=a, 2 email=a, 2 card=5, 3 card=5", [[1, 2, 3]]),
        # a phone belongs to a household: by itself it joins nobody
        ("1 phone=5, 2 phone=5", [[1], [2]]),
        # two user ids are two people whatever they share
        ("1 user_id=u, 2 user_id=v, 1 email=a, 2 email=a", [[1], [2]]),
        ("1 user_id=u, 2 user_id=u, 1 email=a, 2 email=b", [[1, 2]]),
        # a shared device goes with whom it saw first
        ("1 user_id=u, 2 user_id=v, 3 anonymous_id=d, 1 anonymous_id=d, 2 anonymous_id=d", [[1, 3], [2]]),
        ("1 user_id=u, 2 user_id=v, 3 anonymous_id=d, 2 anonymous_id=d, 1 anonymous_id=d", [[1], [2, 3]]),
        # the e-mail is stronger than the device, though it came later
        (
            "1 user_id=u, 2 user_id=v, 3 anonymous_id=d, 1 anonymous_id=d, 2 anonymous_id=d, 2 email=b, 3 email=b",
            [[1], [2, 3]],
        ),
        # through people in between
        ("1 user_id=u, 3 user_id=v, 1 email=a, 2 email=a, 2 card=5, 3 card=5", [[1, 2], [3]]),
    ],
)
def test_groups(said: str, expected: list[list[int]]) -> None:
    assert people(known(edges(said))) == expected


def test_a_dropped_edge_says_why() -> None:
    found = grouped(known(edges("1 user_id=u, 2 user_id=v, 1 email=a, 2 email=a")), DEFAULTS)
    assert found.dropped == {(2, "email", "a"): Dropped.HARD}


def test_limits_count_within_their_window_of_event_time() -> None:
    rules = Rules({"*": Namespace("*", 4, limit=2, window_days=7), "email": Namespace("email", 2)})

    def shared(days: Sequence[float]) -> Known:
        devices = [Edge(i + 2, "device", f"d{i}", at(day)) for i, day in enumerate(days)]
        own = [Edge(1, "device", f"d{i}", at(day)) for i, day in enumerate(days)]
        return known([*devices, *own])

    assert people(shared([0, 1, 2]), rules) == [[1, 2, 3], [4]]
    assert people(shared([0, 1, 8]), rules) == [[1, 2, 3, 4]]
    assert people(shared([0, 6.9, 7.1]), rules) == [[1, 2, 3, 4]]
    ever = Rules({"*": Namespace("*", 4, limit=2)})
    assert people(shared([0, 100, 900]), ever) == [[1, 2, 3], [4]]


def test_blocked_and_shared_values_join_nobody() -> None:
    said = known(edges("1 email=till@shop.example, 2 email=till@shop.example"))
    assert people(said, replace(DEFAULTS, blocked=(Blocked("email", "till@*"),))) == [[1], [2]]
    assert people(said, replace(DEFAULTS, blocked=(Blocked("*", "TILL@shop.example"),))) == [[1], [2]]
    assert people(said, replace(DEFAULTS, blocked=(Blocked("phone", "till@*"),))) == [[1, 2]]
    shared = replace(said, shared=frozenset({("email", "till@shop.example")}))
    found = grouped(shared, DEFAULTS)
    assert set(found.dropped.values()) == {Dropped.SHARED}
    assert people(shared) == [[1], [2]]


def test_a_stewards_word_counts_for_more_than_shared_values_and_less_than_hard_ones() -> None:
    by_hand = Tie(1, 2, is_manual=True, weight=0, at=at(50))
    likely = Tie(1, 2, is_manual=False, weight=20, at=at(50))
    two = edges("1 user_id=u, 2 user_id=v")
    assert people(known(two, ties=[by_hand])) == [[1], [2]]
    assert people(known(two, ties=[likely])) == [[1], [2]]
    # record 3 shares an e-mail with a stranger of another user id, and a steward said it is record 1
    three = edges("1 user_id=u, 2 user_id=v, 2 email=a, 3 email=a")
    assert people(known(three)) == [[1], [2, 3]]
    assert people(known(three, ties=[replace(by_hand, b=3)])) == [[1, 3], [2]]
    assert people(known(three, ties=[replace(likely, b=3)])) == [[1], [2, 3]]


def test_separated_records_stay_apart_by_every_way() -> None:
    sides = [Side(1, 0, 1), Side(1, 1, 2)]
    assert people(known(edges("1 email=a, 2 email=a"), sides=sides)) == [[1], [2]]
    assert people(known(edges("1 user_id=u, 2 user_id=u"), sides=sides)) == [[1], [2]]
    detour = edges("1 email=a, 3 email=a, 3 card=5, 2 card=5")
    assert people(known(detour, sides=sides)) == [[1, 3], [2]]


def test_links_by_likeness_never_make_a_group_larger_than_allowed() -> None:
    rules = replace(DEFAULTS, fuzzy=replace(DEFAULTS.fuzzy, largest=2))
    ties = [Tie(1, 2, False, 12, T), Tie(2, 3, False, 15, T)]
    found = grouped(known([], ties=ties), rules)
    assert sorted(map(sorted, found.groups)) == [[1], [2, 3]]
    assert found.dropped_ties == {(1, 2): Dropped.LIMIT}


SAID = st.lists(
    st.builds(
        Edge,
        st.integers(1, 7),
        st.sampled_from([HARD, "email", "phone", "loyalty", "anonymous_id"]),
        st.sampled_from("abcd"),
        st.integers(0, 20).map(at),
    ),
    max_size=24,
    unique_by=lambda edge: (edge.record, edge.namespace, edge.value),
)
TIES = st.lists(
    st.builds(Tie, st.integers(1, 3), st.integers(4, 7), st.booleans(), st.sampled_from([8.0, 12.0]), st.just(T)),
    max_size=3,
    unique_by=lambda tie: (tie.a, tie.b),
)
SIDES = st.lists(
    st.builds(Side, st.just(1), st.integers(0, 1), st.integers(1, 7)), max_size=4, unique_by=lambda one: one.record
)
TIGHT = Rules(
    {
        HARD: Namespace(HARD, 1, is_hard=True, limit=1),
        "*": Namespace("*", 4, limit=2, window_days=5),
        "email": Namespace("email", 2, limit=2),
    }
)


def whole(said: list[Edge], ties: list[Tie], sides: list[Side]) -> Known:
    return Known({record: (1, f"r{record}") for record in range(1, 8)}, said, ties, sides)


@given(said=SAID, ties=TIES, sides=SIDES, data=st.data())
def test_the_order_of_what_is_known_does_not_matter(
    said: list[Edge], ties: list[Tie], sides: list[Side], data: st.DataObject
) -> None:
    first = grouped(whole(said, ties, sides), TIGHT)
    renumbered = data.draw(st.permutations(range(1, 8)))
    to = dict(zip(range(1, 8), renumbered, strict=True))
    other = Known(
        {to[record]: (1, f"r{record}") for record in data.draw(st.permutations(range(1, 8)))},
        [replace(edge, record=to[edge.record]) for edge in data.draw(st.permutations(said))],
        [replace(tie, a=to[tie.a], b=to[tie.b]) for tie in data.draw(st.permutations(ties))],
        [replace(side, record=to[side.record]) for side in data.draw(st.permutations(sides))],
    )
    second = grouped(other, TIGHT)
    assert sorted(sorted(to[record] for record in group) for group in first.groups) == sorted(
        sorted(group) for group in second.groups
    )
    assert {(to[record], *value): why for (record, *value), why in first.dropped.items()} == second.dropped


@given(said=SAID, ties=TIES, sides=SIDES)
def test_every_group_keeps_the_rules(said: list[Edge], ties: list[Tie], sides: list[Side]) -> None:
    found = grouped(whole(said, ties, sides), TIGHT)
    assert sorted(record for group in found.groups for record in group) == list(range(1, 8))
    for group in found.groups:
        kept = [
            edge
            for edge in said
            if edge.record in group and (edge.record, edge.namespace, edge.value) not in found.dropped
        ]
        assert len({edge.value for edge in kept if edge.namespace == HARD}) <= 1
        assert len({edge.value for edge in kept if edge.namespace == "email"}) <= 2
        assert len({one.side for one in sides if one.record in group}) <= 1
    of = {record: i for i, group in enumerate(found.groups) for record in group}
    homes: dict[tuple[str, str], int] = {}
    for edge in said:
        if (edge.record, edge.namespace, edge.value) not in found.dropped:
            assert homes.setdefault((edge.namespace, edge.value), of[edge.record]) == of[edge.record]


@given(said=SAID)
def test_without_conflicts_groups_are_the_connected_components(said: list[Edge]) -> None:
    free = Rules({"*": Namespace("*", 1)})
    found = grouped(whole(said, [], []), free)
    assert not found.dropped
    of = {record: i for i, group in enumerate(found.groups) for record in group}
    for one in said:
        for other in said:
            if (one.namespace, one.value) == (other.namespace, other.value):
                assert of[one.record] == of[other.record]
