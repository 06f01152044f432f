"""What faults do to the whole product: everything killed in turn under a million events, PostgreSQL restarted twenty
times, the broker gone for two minutes, bad messages among good ones, a noisy source beside a quiet one.

Each figure beside its bound in the last line: lost and twice must be 0.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts.neighbours import noisy_ratio
from bench.parts.quarantine import bad_ratio
from cdp.runtime.places import Places
from cdp.runtime.record import stop_orphans
from tests.faults.attack import Attacked, a_crowd, attack, prepare
from tests.faults.restart import restart
from tests.faults.rotation import wait_until_whole
from tests.faults.stream import Stream
from tests.faults.tables import Tables
from tests.faults.test_broker import gone
from tests.product import Product
from tests.servers import forget, temporary_var

QUICK = bool(os.environ.get("QUICK"))
MESSAGES, PEOPLE, SECONDS = (20_000, 500, 12) if QUICK else (1_000_000, 20_000, 180)
PAUSE_S = (1.0, 1.5) if QUICK else (2.0, 4.0)
RESTARTS = 2 if QUICK else 20
BROKER_GONE_S = 3 if QUICK else 120
SOURCES = ("killed", "restarted", "brokerless", "bad", "noisy", "quiet")


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    product = Product(var=temporary_var(), extra={"WEB_PROCESSES": "2", "LIVE_PROCESSES": "2"})
    try:
        say(json.dumps(measure(product, prepare(product.start(), SOURCES))))
    finally:
        product.stop()
        stop_orphans(Places.of(product.var))
        forget(Places.of(product.var))


def measure(product: Product, keys: dict[str, str]) -> dict[str, object]:
    say(f"{MESSAGES:,} events while everything is killed in turn …")
    attacked = kill(product, keys["killed"])
    say(f"PostgreSQL restarts {RESTARTS} times …")
    taken_after_s = restart_again_and_again(product, keys["restarted"])
    say(f"The broker is gone for {BROKER_GONE_S} s …")
    wait_until_whole(product, within_s=60)
    caught_up_s = without_broker(product, keys["brokerless"])
    say("A noisy source beside a quiet one …")
    noisy = noisy_ratio(product, keys["noisy"], keys["quiet"], seconds=2 if QUICK else 20)
    say("Bad messages among good ones …")
    bad = bad_ratio(product, keys["bad"], messages=4_000 if QUICK else 100_000, rounds=1 if QUICK else 3)
    return {
        "messages": len(attacked.heard.acknowledged),
        "kills": len(attacked.kills),
        "lost": attacked.faults.lost,
        "twice": attacked.faults.twice,
        "faults": attacked.faults.found,
        "worst_gap_s": round(attacked.heard.worst_gap_s(), 2),
        "caught_up_s": round(attacked.caught_up_s, 2),
        "restarts": RESTARTS,
        "taken_after_restart_s": round(taken_after_s, 2),
        "broker_gone_s": BROKER_GONE_S,
        "broker_caught_up_s": round(caught_up_s, 2),
        "noisy_ratio": round(noisy, 2),
        "bad_ratio": round(bad, 3),
        "quick": QUICK,
    }


def kill(product: Product, key: str) -> Attacked:
    crowd = a_crowd("killed", MESSAGES, PEOPLE)
    return attack(product, key, crowd, seconds=SECONDS, pause_s=PAUSE_S, quiet_within_s=900)


def restart_again_and_again(product: Product, key: str) -> float:
    """The longest time from the moment PostgreSQL is back to the first event taken."""
    tables, stream = Tables(product), Stream(product.url, key, a_crowd("restarted", 1_000_000, 500))
    back_s = []
    with stream.running():
        for number in range(RESTARTS):
            _, at_s = restart(product, tables, (signal.SIGINT, signal.SIGQUIT)[number % 2])
            back_s.append(at_s)
            time.sleep(1.5)
    tables.wait_until_quiet(within_s=120)
    require(stream.lost(set(tables.stored(stream.crowd))) == 0, "events were lost in a restart of PostgreSQL")
    return max(map(stream.taken_after, back_s))


def without_broker(product: Product, key: str) -> float:
    """Seconds from its return until all has taken effect that came in meanwhile."""
    tables, stream = Tables(product), Stream(product.url, key, a_crowd("brokerless", 1_000_000, 500))
    with stream.running():
        gone(product, seconds=BROKER_GONE_S)
    caught_up_s = tables.wait_until_quiet(within_s=300)
    require(set(stream.statuses()) == {200}, "a sender noticed that the broker was gone")
    require(stream.lost(set(tables.stored(stream.crowd))) == 0, "events were lost without the broker")
    return caught_up_s


def require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    main()
