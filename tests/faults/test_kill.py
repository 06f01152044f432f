"""Proofs R1 and R8: whatever is killed, each acknowledged event has its effects once, and each mail goes out once."""

import os

from tests.faults.attack import a_crowd, attack
from tests.faults.beside import hasty_web
from tests.faults.mailing import Mailing
from tests.faults.rotation import VICTIMS
from tests.faults.tables import Tables
from tests.product import Product

WORST_GAP_S = 15
"""On a machine that is not busy with other things; elsewhere as many times longer as processes wait for a core."""
MESSAGES, PEOPLE, SECONDS = 50_000, 1_000, 28


def test_r1_everything_is_killed_in_turn_and_nothing_is_lost_or_doubled(
    hardened: Product, tables: Tables, keys: dict[str, str], running_mailings: dict[str, Mailing]
) -> None:
    crowd, mailing = a_crowd("killed", MESSAGES, PEOPLE), running_mailings["rotated"]
    mailing.begin()
    outcome = attack(hardened, keys["killed"], crowd, seconds=SECONDS)
    assert set(outcome.kills) == set(VICTIMS)
    assert len(outcome.heard.acknowledged) == MESSAGES
    assert outcome.heard.refused, "no sender noticed any of it: the kills hit nothing"
    assert outcome.faults.found == {}
    assert outcome.heard.worst_gap_s() <= WORST_GAP_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    hardened.wait_for(lambda: mailing.is_over, within_s=60)
    assert mailing.wrong() == {}


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
