"""Blocking: who shares a key meets, and a common value does not explode."""

import numpy as np

from identity.block import ALL_PAIRS_UP_TO, REACHES, Blocks, Rule, candidate_pairs, widest

MANY = ALL_PAIRS_UP_TO + 500


def rule(key: np.ndarray, order: np.ndarray | None = None) -> Rule:
    size = len(key)
    return Rule("a key", np.arange(size, dtype=np.int32), key, np.zeros(size, np.int64) if order is None else order)


def never(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.zeros(len(a))


def pairs(*rules: Rule) -> set[tuple[int, int]]:
    a, b = candidate_pairs(rules, size=MANY, worth=never)
    found = list(zip(a.tolist(), b.tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    return set(found)


def test_few_records_all_meet() -> None:
    a, b = candidate_pairs([], size=4, worth=never)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def test_who_shares_a_key_meets_once_whatever_the_number_of_rules() -> None:
    key = np.full(MANY, -1, np.int64)
    key[[3, 700, 1900]] = 5
    assert pairs(rule(key), rule(key)) == {(3, 700), (3, 1900), (700, 1900)}


def test_a_missing_key_meets_nobody() -> None:
    assert pairs(rule(np.full(MANY, -1, np.int64))) == set()


def test_a_common_value_meets_its_nearest_only() -> None:
    everyone_alike = np.zeros(MANY, np.int64)
    order = np.arange(MANY, dtype=np.int64)[::-1].copy()
    found = pairs(rule(everyone_alike, order))
    assert len(found) < REACHES[0].near * MANY
    assert all(b - a <= REACHES[0].near for a, b in found)


def test_one_record_under_two_keys_does_not_meet_itself() -> None:
    two = Rule("two", np.array([7, 7, 9], np.int32), np.zeros(3, np.int64), np.zeros(3, np.int64))
    assert pairs(two) == {(7, 9)}


def blocks_of(size: int, *, is_last_resort: bool = False) -> Blocks:
    key = np.repeat(np.arange(MANY // size, dtype=np.int64), size)
    return Blocks.of(Rule("", np.arange(len(key), dtype=np.int32), key, np.zeros(len(key), np.int64), is_last_resort))


def test_blocks_in_which_all_meet_become_smaller_until_the_pairs_fit() -> None:
    blocks = blocks_of(20)
    all_meet = MANY // 20 * 190
    assert widest([blocks], budget=all_meet, worth=never) == [REACHES[0]]
    (smaller,) = widest([blocks], budget=all_meet - 1, worth=never)
    assert smaller.window < 20
    assert 0 < len(blocks.pairs(smaller, MANY)) < all_meet


def test_the_rule_whose_pairs_are_least_likely_gives_way() -> None:
    """Records are one person if their numbers are near."""
    near, far = blocks_of(20), Blocks.of(rule(np.arange(MANY, dtype=np.int64) % (MANY // 20)))

    def worth(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(np.abs(a - b) < 20, 1.0, 0.0)

    enough = near.count(REACHES[0]) + 10
    for blocks in ([near, far], [far, near]):
        reaches = widest(blocks, budget=enough, worth=worth)
        found = {id(one): one.count(reach) for one, reach in zip(blocks, reaches, strict=True)}
        assert found == {id(near): near.count(REACHES[0]), id(far): 0}
