"""Proofs R5, R8 and R12 for a campaign: whatever dies or stops, nobody gets it twice and everybody is accounted for."""

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest
import redis

from campaigns.send import LOT
from cdp.runtime.places import Places
from tests.faults.beside import beat, beside, worker
from tests.faults.mailing import Mailing, mailings
from tests.faults.rotation import children_of
from tests.faults.tables import Tables
from tests.product import Product

KILLS, PEOPLE = 20, 5_000
WITHIN_S = 120
"""On a machine that is busy with other things; else it takes a few seconds."""
IN_TRANSACTION = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"


@pytest.fixture(scope="module")
def all_mailings(hardened: Product) -> Iterator[dict[str, Mailing]]:
    with mailings(hardened, {"killed": (PEOPLE, None), "brokerless": (400, 100), "stopped": (1_500, None)}) as made:
        yield made


def test_r8_workers_are_killed_again_and_again(
    hardened: Product, tables: Tables, all_mailings: dict[str, Mailing]
) -> None:
    mailing, draw, killed = all_mailings["killed"], random.Random(8), 0
    mailing.begin()
    while killed < KILLS and not mailing.is_over:
        wait_for_one_more(hardened, mailing)
        time.sleep(draw.random() * 0.05)
        for pid in children_of(hardened.pids()["live"]):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    hardened.wait_for(lambda: mailing.is_over, within_s=WITHIN_S)
    arrived, rows = mailing.arrived, mailing.rows()
    in_doubt = {address for address, became in rows.items() if became.startswith("unknown")}
    accepted = {address for address, became in rows.items() if became == "accepted"}
    assert killed >= KILLS
    assert len(rows) == PEOPLE
    assert accepted | in_doubt == set(rows), "somebody is unaccounted for"
    assert set(arrived.values()) == {1}, "somebody got it twice"
    assert accepted <= set(arrived), "what was never handed over counts as accepted"
    assert set(arrived) <= accepted | in_doubt
    assert 0 < len(in_doubt) <= killed * LOT
    tables.wait_until_quiet(within_s=60)


def test_r5_the_broker_forgets_everything_and_dies(
    hardened: Product, tables: Tables, all_mailings: dict[str, Mailing]
) -> None:
    mailing = all_mailings["brokerless"]
    mailing.begin()
    hardened.wait_for(lambda: len(mailing.arrived) > 50, within_s=WITHIN_S)
    for _ in range(3):
        with redis.Redis(unix_socket_path=str(Places.of(hardened.var).valkey_socket)) as client:
            client.flushall()
        time.sleep(0.3)
    os.kill(hardened.valkey_pid(), signal.SIGKILL)
    assert not mailing.is_over
    hardened.wait_for(lambda: mailing.is_over, within_s=WITHIN_S)
    assert set(mailing.rows().values()) == {"accepted"}
    assert set(mailing.arrived) == set(mailing.rows())
    assert set(mailing.arrived.values()) == {1}


def test_r12_twice_of_everything_and_workers_that_stop_for_longer_than_their_lease(
    hardened: Product, tables: Tables, all_mailings: dict[str, Mailing]
) -> None:
    mailing = all_mailings["stopped"]
    mailing.begin()
    held = stopped_with_rows(hardened, mailing)
    with (
        beside(hardened, *worker(("live",)), log="second-sender"),
        beside(hardened, *beat(hardened.var / "another-beat"), log="another-beat"),
    ):
        try:
            hardened.wait_for(lambda: mailing.is_over, within_s=WITHIN_S)
            before = mailing.rows()
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)
        tables.wait_until_quiet(within_s=60)
        awake = time.monotonic() + 2
        hardened.wait_for(lambda: time.monotonic() > awake, within_s=5)
    assert mailing.rows() == before, "who had lost the lease wrote all the same"
    assert set(before.values()) <= {"accepted", "unknown left"}
    assert set(mailing.arrived.values()) == {1}, "somebody got it twice"
    assert {address for address, became in before.items() if became == "accepted"} <= set(mailing.arrived)


def wait_for_one_more(product: Product, mailing: Mailing) -> None:
    before = len(mailing.server.taken)
    product.wait_for(lambda: len(mailing.server.taken) > before or mailing.is_over, within_s=WITHIN_S)


def stopped_with_rows(product: Product, mailing: Mailing) -> list[int]:
    """Stops all who send in the middle of a batch, and between two transactions. Their pids."""
    for _ in range(50):
        wait_for_one_more(product, mailing)
        pids = children_of(product.pids()["live"])
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(0.1)
        if mailing.held() and not mailing.tables.ask(IN_TRANSACTION)[0][0]:
            return pids
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    raise AssertionError("no worker was ever caught in the middle of a batch")
