"""Proof R1: whatever is killed, each acknowledged event has its effects, once."""

from tests.faults.attack import a_crowd, attack
from tests.faults.beside import hasty_web
from tests.faults.rotation import VICTIMS
from tests.faults.tables import Tables
from tests.product import Product

MESSAGES, PEOPLE, SECONDS = 50_000, 1_000, 28


def test_r1_everything_is_killed_in_turn_and_nothing_is_lost_or_doubled(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("killed", MESSAGES, PEOPLE)
    outcome = attack(hardened, keys["killed"], crowd, seconds=SECONDS)
    assert set(outcome.kills) == set(VICTIMS)
    assert len(outcome.heard.acknowledged) == MESSAGES
    assert outcome.heard.refused, "no sender noticed any of it: the kills hit nothing"
    assert outcome.faults.found == {}
    assert outcome.heard.worst_gap_s() <= 15


def test_r1_a_collector_that_answers_before_it_commits_fails_the_same_check(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("hasty", 5_000, 100)
    key = keys["hasty"]
    with hasty_web(hardened) as url:
        victims = {"postmaster": VICTIMS["postmaster"]}
        outcome = attack(hardened, key, crowd, seconds=6, victims=victims, url=url)
    assert len(outcome.heard.acknowledged) == 5_000
    assert outcome.faults.lost > 0
    assert outcome.faults.people_wrong > 0
