"""Exact identifiers join, unless they would make two people one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.exact import Join, Node, groups

T = datetime(2026, 1, 1, tzinfo=UTC)


def node(name: str) -> Node:
    return ("record", int(name[1:]))


def joined(hard: dict[str, set[str]], joins: list[tuple[str, str, list[str]]]) -> list[list[str]]:
    found = groups(
        {node(name): values for name, values in hard.items()},
        [Join((namespace, value), T, tuple(node(name) for name in names)) for namespace, value, names in joins],
    )
    return sorted(sorted(f"r{index}" for _, index in group.nodes) for group in found)


@pytest.mark.parametrize(
    ("hard", "joins", "expected"),
    [
        ({"r1": set(), "r2": set()}, [], [["r1"], ["r2"]]),
        ({"r1": set(), "r2": set()}, [("email", "a", ["r1", "r2"])], [["r1", "r2"]]),
        ({"r1": {"u1"}, "r2": {"u2"}}, [("email", "a", ["r1", "r2"])], [["r1"], ["r2"]]),
        ({"r1": {"u1"}, "r2": {"u1"}}, [("email", "a", ["r1", "r2"])], [["r1", "r2"]]),
        # the anonymous device goes with the e-mail (stronger), not with the device's other user
        (
            {"r1": {"u1"}, "r2": {"u2"}, "r3": set()},
            [("anonymous_id", "d", ["r1", "r2", "r3"]), ("email", "b", ["r2", "r3"])],
            [["r1"], ["r2", "r3"]],
        ),
        (
            {"r1": set(), "r2": set(), "r3": set()},
            [("email", "a", ["r1", "r2"]), ("phone", "1", ["r2", "r3"])],
            [["r1", "r2", "r3"]],
        ),
    ],
)
def test_groups(hard: dict[str, set[str]], joins: list[tuple[str, str, list[str]]], expected: list[list[str]]) -> None:
    assert joined(hard, joins) == expected


JOINS = st.lists(
    st.tuples(
        st.sampled_from(["email", "phone", "anonymous_id", "loyalty"]),
        st.sampled_from("abc"),
        st.lists(st.sampled_from(["r1", "r2", "r3", "r4", "r5"]), min_size=1, max_size=3, unique=True),
    ),
    max_size=8,
    unique_by=lambda join: join[:2],
)


@given(joins=JOINS, data=st.data())
def test_order_of_joins_does_not_matter_and_no_group_has_two_hard_values(
    joins: list[tuple[str, str, list[str]]], data: st.DataObject
) -> None:
    hard = {"r1": {"u1"}, "r2": {"u2"}, "r3": set[str](), "r4": set[str](), "r5": {"u1"}}
    other = data.draw(st.permutations(joins))
    first = joined({name: set(values) for name, values in hard.items()}, joins)
    assert first == joined({name: set(values) for name, values in hard.items()}, list(other))
    assert all(len(set().union(*(hard[name] for name in group))) <= 1 for group in first)
