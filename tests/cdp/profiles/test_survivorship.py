"""Which word wins, under each strategy and whatever the order of the records."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp.profiles.survivorship import Rule, Rules, Strategy, golden, survivors

WEB, CRM, SHOP, OURS = 1, 2, 3, 9
RANKS = {WEB: 50, CRM: 20, SHOP: 50, OURS: 10}


def at(day: int) -> str:
    return f"2026-03-{day:02}T00:00:00.000000Z"


def rules(strategy: Strategy, *sources: int, trait: str = "city") -> Rules:
    return Rules({trait: Rule(strategy, sources)}, RANKS, OURS)


def city(*words: tuple[int, Any, int]) -> list[tuple[int, int, dict[str, tuple[Any, str]]]]:
    """(source, value, day): each word from a record of its own."""
    return [(number, source, {"city": (value, at(day))}) for number, (source, value, day) in enumerate(words, 1)]


CASES: list[tuple[str, Rules, list[tuple[int, Any, int]], Any]] = [
    ("newest", rules(Strategy.RECENT), [(CRM, "Ulm", 1), (WEB, "Bonn", 2)], "Bonn"),
    ("newest null takes it away", rules(Strategy.RECENT), [(CRM, "Ulm", 1), (WEB, None, 2)], None),
    ("trust rank of sources", rules(Strategy.RANK), [(CRM, "Ulm", 1), (WEB, "Bonn", 2)], "Ulm"),
    ("the rule's own order", rules(Strategy.RANK, SHOP, CRM), [(CRM, "Ulm", 3), (SHOP, "Bonn", 2)], "Bonn"),
    ("named sources before others", rules(Strategy.RANK, WEB), [(CRM, "Ulm", 3), (WEB, "Bonn", 2)], "Bonn"),
    ("equal rank: newest", rules(Strategy.RANK), [(SHOP, "Ulm", 3), (WEB, "Bonn", 2)], "Ulm"),
    ("null withdraws its own word only", rules(Strategy.RANK), [(CRM, None, 3), (WEB, "Bonn", 2)], "Bonn"),
    ("only nulls", rules(Strategy.RANK), [(CRM, None, 3), (WEB, None, 2)], None),
    ("most frequent", rules(Strategy.FREQUENT), [(CRM, "Ulm", 1), (WEB, "Bonn", 3), (SHOP, "Ulm", 2)], "Ulm"),
    ("equally frequent: newest", rules(Strategy.FREQUENT), [(CRM, "Ulm", 1), (WEB, "Bonn", 3)], "Bonn"),
    ("frequent objects, keys in any order", rules(Strategy.FREQUENT),
     [(CRM, {"a": 1, "b": 2}, 1), (WEB, "Bonn", 3), (SHOP, {"b": 2, "a": 1}, 2)], {"b": 2, "a": 1}),
    ("true is not 1", rules(Strategy.FREQUENT), [(CRM, True, 1), (WEB, 1, 2), (SHOP, True, 1)], True),
    ("longest", rules(Strategy.LONGEST), [(CRM, "Frankfurt am Main", 1), (WEB, "Frankfurt", 3)], "Frankfurt am Main"),
    ("blanks do not lengthen", rules(Strategy.LONGEST), [(CRM, "Ulm     ", 1), (WEB, "Bonn", 3)], "Bonn"),
    ("equally long: newest", rules(Strategy.LONGEST), [(CRM, "Bern", 1), (WEB, "Bonn", 3)], "Bonn"),
    ("sources that count as verified", rules(Strategy.VERIFIED, CRM), [(CRM, "Ulm", 1), (WEB, "Bonn", 3)], "Ulm"),
    ("nothing verified: newest", rules(Strategy.VERIFIED), [(CRM, "Ulm", 1), (WEB, "Bonn", 3)], "Bonn"),
    ("union in order of time", rules(Strategy.UNION), [(WEB, "Bonn", 3), (CRM, "Ulm", 1), (SHOP, "Ulm", 4)],
     ["Ulm", "Bonn"]),
    ("union of lists", rules(Strategy.UNION), [(WEB, ["a", "b"], 3), (CRM, ["b", "c"], 1)], ["b", "c", "a"]),
    ("union of one is a list", rules(Strategy.UNION), [(WEB, "Bonn", 3)], ["Bonn"]),
    ("union without what was withdrawn", rules(Strategy.UNION), [(WEB, None, 3), (CRM, "Ulm", 1)], ["Ulm"]),
    ("our word sets aside what was before", rules(Strategy.LONGEST), [(CRM, "Frankfurt", 1), (OURS, "Ulm", 2)], "Ulm"),
    ("our null too", rules(Strategy.FREQUENT), [(CRM, "Ulm", 1), (WEB, "Ulm", 1), (OURS, None, 2)], None),
    ("what is said after it competes", rules(Strategy.LONGEST), [(OURS, "Ulm", 2), (CRM, "Frankfurt", 3)], "Frankfurt"),
    ("our word yields to the source it corrected", rules(Strategy.RANK),
     [(CRM, "Bonn", 3), (OURS, "Ulm", 2), (CRM, "Bern", 1)], "Bonn"),
    ("and to no lesser one", rules(Strategy.RANK), [(WEB, "Bonn", 3), (OURS, "Ulm", 2), (CRM, "Bern", 1)], "Ulm"),
    ("a rule for all", rules(Strategy.LONGEST, trait="*"), [(CRM, "Frankfurt", 1), (WEB, "Ulm", 3)], "Frankfurt"),
    ("another trait's rule", rules(Strategy.LONGEST, trait="street"), [(CRM, "Frankfurt", 1), (WEB, "Ulm", 3)], "Ulm"),
]  # fmt: skip


@pytest.mark.parametrize(("ruling", "words", "wins"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_wins(ruling: Rules, words: list[tuple[int, Any, int]], wins: Any) -> None:
    found = survivors(city(*words), ruling).get("city")
    assert (found.value if found else None) == wins


@pytest.mark.parametrize(
    ("sibling", "said_on", "wins"),
    [
        (None, 1, "new@x.org"),
        ("email_verified", 1, "old@x.org"),
        ("emailVerified", 2, "old@x.org"),
        ("email_verified", 0, "new@x.org"),
    ],
)
def test_a_verified_word_wins_if_it_was_verified_then_or_later(sibling: str | None, said_on: int, wins: str) -> None:
    told: dict[str, tuple[Any, str]] = {"email": ("old@x.org", at(1))} | (
        {sibling: (True, at(said_on))} if sibling else {}
    )
    records: list[tuple[int, int, dict[str, tuple[Any, str]]]] = [
        (1, CRM, told),
        (2, WEB, {"email": ("new@x.org", at(3)), "email_verified": (False, at(3))}),
    ]
    assert survivors(records, rules(Strategy.VERIFIED, trait="email"))["email"].value == wins


said = st.tuples(st.sampled_from([WEB, CRM, SHOP, OURS]), st.sampled_from(["Ulm", "Bonn", None, 1, ["Ulm"]]),
                 st.integers(1, 5))  # fmt: skip


@given(st.lists(said, min_size=1, max_size=8), st.sampled_from(list(Strategy)), st.integers())
def test_the_order_of_records_makes_no_difference(words: Any, strategy: Strategy, seed: int) -> None:
    records = city(*words)
    shuffled = random.Random(seed).sample(records, len(records))
    ruling = rules(strategy, CRM)
    assert survivors(records, ruling) == survivors(shuffled, ruling)


@given(st.lists(said, min_size=1, max_size=8))
def test_no_rules_and_a_rule_for_the_most_recent_agree(words: Any) -> None:
    records = city(*words)
    plain = golden((number, traits) for number, _, traits in records)
    assert survivors(records, None) == plain == survivors(records, rules(Strategy.RECENT))
