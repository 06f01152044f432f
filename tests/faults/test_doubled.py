"""Proof R12: two beats, twice the workers, and a worker that is stopped with a claim in its hands."""

import os
import signal
import threading
import time

from cdp.runtime import processes
from tests.faults.attack import a_crowd, members
from tests.faults.beside import beat, beside, worker
from tests.faults.crowd import BATCH
from tests.faults.mailing import Mailing
from tests.faults.rotation import children_of
from tests.faults.sdk import Senders
from tests.faults.tables import Tables
from tests.product import Product

MESSAGES, SECONDS = 10_000, 10
IDLE_CLAIMS = (
    "select count(*) from pg_stat_activity where state = 'idle in transaction'"
    " and now() - state_change > interval '0.3 seconds'"
)


def stop_with_a_claim(product: Product, tables: Tables, *, within_s: float) -> int:
    """Stops a pool worker in the middle of a transaction, and only then. Its pid."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for pid in children_of(product.pids()["live"]):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.4)
            if tables.ask(IDLE_CLAIMS)[0][0]:
                return pid
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)
    raise AssertionError("no worker was ever caught in the middle of a claim")


def test_r12_twice_of_everything_and_a_stopped_worker_have_no_double_effect(
    hardened: Product, tables: Tables, keys: dict[str, str], running_mailings: dict[str, Mailing]
) -> None:
    mailing = running_mailings["doubled"]
    crowd = a_crowd("doubled", MESSAGES, 200)
    senders = Senders(hardened.url, keys["doubled"])
    sending = threading.Thread(
        target=senders.send, args=(crowd.batches(),), kwargs={"pace_s": SECONDS * BATCH / MESSAGES}
    )
    with (
        beside(hardened, *worker(("live", "bulk")), log="second-worker"),
        beside(hardened, *beat(hardened.var / "second-beat"), log="second-beat"),
    ):
        mailing.begin()
        sending.start()
        held = stop_with_a_claim(hardened, tables, within_s=SECONDS)
        try:
            sending.join()
            tables.wait_until_quiet(within_s=60)
            assert processes.state_of(held) == "T", "what it held was taken from it while it was stopped"
        finally:
            os.kill(held, signal.SIGCONT)
        hardened.wait_for(lambda: mailing.is_over, within_s=60)
        tables.wait_until_quiet(within_s=60)
    assert mailing.wrong() == {}
    assert len(senders.heard.acknowledged) == MESSAGES
    faults = tables.faults(crowd, acknowledged=senders.heard.acknowledged, segments=members(crowd))
    assert faults.found == {}
