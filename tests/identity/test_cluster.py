"""Groups: evidence of all pairs counts, a single weak bridge breaks, hard evidence keeps people apart."""

from itertools import combinations

import numpy as np
import pytest

from identity.cluster import Pairs, groups

Weights = dict[tuple[int, int], float]


def grouped(
    weights: Weights, *, size: int, barred: frozenset[tuple[int, int]] = frozenset(), largest: int = 100
) -> list[set[int]]:
    """Pairs not named weigh -8 bits; those of 4 bits and more are links."""

    def judge(a: np.ndarray, b: np.ndarray) -> Pairs:
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        bits = np.array([weights.get(pair, -8.0) for pair in pairs])
        return Pairs(a, b, bits, bits >= 4, np.array([pair in barred for pair in pairs], bool))

    everything = np.array(sorted(combinations(range(size), 2))).reshape(-1, 2)
    group = groups(judge(everything[:, 0], everything[:, 1]), size=size, judge=judge, largest=largest)
    found: dict[int, set[int]] = {}
    for record, number in enumerate(group.tolist()):
        found.setdefault(number, set()).add(record)
    assert all(number == min(members) for number, members in found.items())
    return list(found.values())


def clique(*members: int, bits: float = 10.0) -> Weights:
    return dict.fromkeys(combinations(members, 2), bits)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, [{0}, {1}, {2}]),
        ({(0, 1): 5.0}, [{0, 1}, {2}]),
        ({(0, 1): 3.0}, [{0}, {1}, {2}]),
        (clique(0, 1, 2), [{0, 1, 2}]),
        ({(0, 1): 9.0, (1, 2): 9.0, (0, 2): 1.0}, [{0, 1, 2}]),
        ({(0, 1): 9.0, (1, 2): 5.0, (0, 2): -9.0}, [{0, 1}, {2}]),
    ],
)
def test_three_records(weights: Weights, expected: list[set[int]]) -> None:
    assert grouped(weights, size=3) == expected


def test_a_single_weak_bridge_between_two_groups_breaks() -> None:
    assert grouped({**clique(0, 1, 2), **clique(3, 4, 5), (2, 3): 6.0}, size=6) == [{0, 1, 2}, {3, 4, 5}]


def test_hard_evidence_forbids_even_by_way_of_a_third() -> None:
    assert grouped(clique(0, 1, 2), size=3, barred=frozenset({(0, 2)})) == [{0, 1}, {2}]
    assert grouped({(0, 1): 20.0}, size=2, barred=frozenset({(0, 1)})) == [{0}, {1}]


def test_no_group_grows_beyond_the_cap() -> None:
    assert [len(group) for group in grouped(clique(*range(7)), size=7, largest=3)] == [3, 3, 1]


def test_a_chain_of_thousands_ends_in_bounded_groups() -> None:
    chain = {(i, i + 1): 9.0 for i in range(399)}
    assert max(map(len, grouped(chain, size=400))) <= 3
