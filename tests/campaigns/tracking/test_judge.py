"""Machines known by what they do, and of the people none lost."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Hit
from campaigns.tracking.hits import is_apple
from campaigns.tracking.judge import CLICK, OPEN, TRAP, Look, Sent, Why, machines
from tests.taking_in import NOW

CROWD: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "crowd.json").read_text())
SENT = Sent(claimed_at=NOW - timedelta(seconds=5), handed_at=NOW)
LINKS = [f"https://shop.example/{name}" for name in "abcdefgh"]
BROWSERS = ("Chrome/120.0 Safari/537.36", "Firefox/128.0", "Version/17.1 Safari/604.1", "Chrome/114.0 Safari/537.36")


def looks(hits: list[dict[str, Any]], *, first: int = 0) -> list[Look]:
    return [
        Look(
            UUID(int=first + n),
            hit["kind"],
            NOW + timedelta(seconds=hit["s"]),
            (hit.get("link", ""), ""),
            hit["agent"],
            hit["ip"],
            frozenset([*hit.get("signs", []), *(["apple"] if is_apple(hit["ip"]) else [])]),
        )
        for n, hit in enumerate(hits)
    ]


@pytest.mark.parametrize("name", CROWD)
def test_recorded_hits(name: str) -> None:
    made = looks(CROWD[name]["hits"])
    found = machines(made, sent=SENT)
    wanted = CROWD[name]["machine"] or ["-"] * len(made)
    assert [found.get(look.id, "-") for look in made] == wanted, CROWD[name]["about"]


def reader(chance: random.Random, number: int) -> list[Look]:
    """Somebody who reads: perhaps sees pictures, follows up to four links, a second or more apart, a double click
    now and then, perhaps again days later from another place."""
    agent, place = f"Mozilla/5.0 {chance.choice(BROWSERS)}", f"home-{number}"
    at = NOW + timedelta(seconds=chance.choice([1.2, 5, 90, 4000, 90_000]))
    made = []
    if chance.random() < 0.6:
        made.append((OPEN, at, ("", ""), agent, place))
    for link in chance.sample(LINKS, chance.randint(0, 4)):
        at += timedelta(seconds=chance.uniform(1, 40))
        times = [at] if chance.random() < 0.8 else [at, at + timedelta(seconds=0.2)]
        made += [(CLICK, one, (link, ""), agent, place) for one in times]
    if chance.random() < 0.3:
        made.append((OPEN, at + timedelta(days=2), ("", ""), f"Mozilla/5.0 {chance.choice(BROWSERS)}", "work"))
    return [Look(UUID(int=number * 100 + n), *one) for n, one in enumerate(made)]


def test_of_ten_thousand_readers_none_is_taken_for_a_machine() -> None:
    chance = random.Random(7)
    lost = {number: machines(reader(chance, number), sent=SENT) for number in range(10_000)}
    assert not {number: why for number, why in lost.items() if why}


def test_of_readers_whose_mail_a_gateway_looked_through_none_is_lost() -> None:
    """The gateway follows all links and the hidden one within three seconds, as the mail arrives."""
    chance, missed = random.Random(8), 0
    for number in range(3_000):
        people = reader(chance, number)
        agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/99.0 Safari/537.36"
        gateway = [
            Look(
                UUID(int=9_000_000 + n), CLICK, NOW + timedelta(seconds=chance.uniform(0.1, 3)), (link, ""), agent, "gw"
            )
            for n, link in enumerate(LINKS)
        ]
        gateway.append(Look(UUID(int=9_900_000), TRAP, NOW + timedelta(seconds=2), agent=agent, place="gw"))
        found = machines([*people, *gateway], sent=SENT)
        assert not found.keys() & {one.id for one in people}
        missed += len({one.id for one in gateway} - found.keys())
    assert missed == 0


@given(st.lists(st.tuples(st.sampled_from([OPEN, CLICK, TRAP]), st.integers(0, 40), st.integers(0, 5),
                          st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x", "y"])), max_size=12),
       st.randoms())  # fmt: skip
def test_the_order_in_which_hits_were_written_says_nothing(made: list[Any], chance: random.Random) -> None:
    hits = [
        Look(UUID(int=n), kind, NOW + timedelta(seconds=s), (str(link), ""), agent, place)
        for n, (kind, s, link, agent, place) in enumerate(made)
    ]
    shuffled = chance.sample(hits, len(hits))
    assert machines(hits, sent=SENT) == machines(shuffled, sent=SENT)
    assert {one.id for one in hits if one.kind == TRAP} <= machines(hits, sent=SENT).keys()


def test_a_click_before_the_provider_had_the_mail_is_no_persons() -> None:
    click = Look(UUID(int=1), CLICK, NOW + timedelta(seconds=3), ("https://x.org/", ""), "Firefox/1", "p")
    assert machines([click], sent=Sent(None, NOW, NOW + timedelta(seconds=9))) == {click.id: Why.TOO_SOON}
    assert machines([click], sent=Sent(None, NOW, NOW + timedelta(seconds=4))) == {}


def test_the_table_knows_the_same_reasons() -> None:
    assert {why.value for why in Why} == {why.value for why in Hit.Why}
    assert {OPEN, CLICK, TRAP} == {kind.value for kind in Hit.Kind}
