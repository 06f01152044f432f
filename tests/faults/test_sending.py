"""Proofs R5, R8 and R12 for a campaign: whatever dies or stops, nobody gets it twice and everybody is accounted for.

That everything else dies, and that there are two of everything, a campaign lives through in test_kill and test_doubled.
"""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from cdp.runtime.places import Places
from tests.campaigns.channels.mail_server import MailServer
from tests.faults.mailing import Mailing, make
from tests.faults.senders import LOT, Senders, senders
from tests.faults.tables import Tables
from tests.product import Product
from tests.taking_in import rows

KILLS = 20
IN_TRANSACTION = "select count(*) from pg_stat_activity where starts_with(state, 'idle in transaction')"


@pytest.fixture
def server() -> Iterator[MailServer]:
    running = MailServer()
    yield running
    running.stop()


def campaign_to(people: int, server: MailServer) -> Mailing:
    return Mailing(make("p", people, port=server.port, is_planned=False), "p", server, rows)


@pytest.mark.django_db(transaction=True)
def test_r8_workers_are_killed_again_and_again(server: MailServer, tmp_path: Path) -> None:
    mailing, draw = campaign_to(1_200, server), random.Random(8)
    with senders(3, folder=tmp_path) as those:
        for _ in range(KILLS):
            kill_one(those, mailing, draw)
        assert not mailing.is_over
        those.wait_for(lambda: mailing.is_over)
    became = list(mailing.rows().values())
    assert mailing.wrong() == {}
    assert len(became) == 1_200
    assert 0 < became.count("accepted") < 1_200
    assert became.count("unknown") + became.count("unknown left") <= KILLS * LOT


@pytest.mark.django_db(transaction=True)
def test_r8_workers_that_send_again_what_was_being_handed_over_fail_the_same_check(
    server: MailServer, tmp_path: Path
) -> None:
    mailing, draw = campaign_to(300, server), random.Random(8)
    with senders(2, "repeating", folder=tmp_path) as those:
        for _ in range(4):
            kill_one(those, mailing, draw)
        those.wait_for(lambda: mailing.is_over)
    assert mailing.wrong().keys() == {"got it twice"}


@pytest.mark.django_db(transaction=True)
def test_r12_workers_that_stop_for_longer_than_their_lease(server: MailServer, tmp_path: Path) -> None:
    mailing = campaign_to(800, server)
    with senders(4, folder=tmp_path) as those:
        held = stopped_with_rows(those, mailing)
        those.wait_for(lambda: mailing.is_over and "unknown" not in mailing.rows().values())
        before, rounds = mailing.rows(), those.rounds()
        for pid in held:
            os.kill(pid, signal.SIGCONT)
        those.wait_for(lambda: all(those.rounds()[pid] > rounds[pid] for pid in held))
    assert mailing.rows() == before, "who had lost the lease wrote all the same"
    assert mailing.wrong() == {}
    assert len(before) == 800


def test_r5_the_broker_forgets_everything_and_dies(
    hardened: Product, tables: Tables, running_mailings: dict[str, Mailing]
) -> None:
    mailing = running_mailings["brokerless"]
    mailing.begin()
    with redis.Redis(unix_socket_path=str(Places.of(hardened.var).valkey_socket)) as client:
        for n in (20, 40, 60):
            hardened.wait_for(lambda: len(mailing.arrived) > n, within_s=60)  # noqa: B023
            client.flushall()
    os.kill(hardened.valkey_pid(), signal.SIGKILL)
    assert not mailing.is_over
    hardened.wait_for(lambda: mailing.is_over, within_s=60)
    assert mailing.wrong() == {}
    assert set(mailing.rows().values()) == {"accepted"}


def kill_one(those: Senders, mailing: Mailing, draw: random.Random) -> None:
    """Some mails after the one before."""
    enough = len(mailing.server.taken) + draw.randint(5, 40)
    those.wait_for(lambda: len(mailing.server.taken) >= enough or mailing.is_over)
    os.kill(draw.choice(those.pids()), signal.SIGKILL)


def stopped_with_rows(those: Senders, mailing: Mailing) -> list[int]:
    """Two of four are stopped in the middle of a batch, and between two transactions. Their pids."""
    for _ in range(200):
        enough = len(mailing.server.taken) + 5
        those.wait_for(lambda: len(mailing.server.taken) >= enough or mailing.is_over)  # noqa: B023
        pids = those.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        is_caught = mailing.holders() == len(pids) == 4 and not mailing.ask(IN_TRANSACTION)[0][0]
        for pid in pids[2:] if is_caught else pids:
            os.kill(pid, signal.SIGCONT)
        if is_caught:
            return pids[:2]
        assert not mailing.is_over, "no worker was ever caught in the middle of a batch"
    raise AssertionError("not all of them ever held rows")
