"""The computed traits that come with the product: all of them for everybody, and followed for batches of people.

Prints the cost per person and trait by what they are computed from, in time of the processor (the database's and
ours), so that a busy machine does not show. QUICK=1 takes a tenth of the people.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts.ground import own_servers

PEOPLE = int(os.environ.get("PEOPLE", 20_000 if os.environ.get("QUICK") else 200_000))
EVENTS = 50 * PEOPLE
BATCH, ROUNDS = 1_000, 10
EVENT_NAMES = ("Product Viewed", "Page Viewed", "Product Added", "Email Opened", "Order Completed")
ORDERS = (
    "insert into events_order (profile_id, order_id, record_id, ordered_at, total) select profile_id, message_id,"
    " record_id, occurred_at, value from events_event where name = 'Order Completed'"
)


def main() -> None:
    with own_servers():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        say(json.dumps(figures()))


def say(text: str) -> None:
    print(text, flush=True)


def figures() -> dict[str, float]:
    from django.db import connection

    from bench.parts.past import preload

    now = datetime.now(UTC)
    took = timed(lambda: preload(profiles=PEOPLE, events=EVENTS, now=now))
    with connection.cursor() as cursor:
        cursor.execute(ORDERS)
        cursor.execute("vacuum analyze events_order")
    say(f"{PEOPLE:,} people, {EVENTS:,} events made in {took:.0f} s")
    found: dict[str, float] = {"people": PEOPLE, "events": EVENTS}
    found["full_processor_s"] = round(worked(lambda: found.update(full_s=round(timed(refresh_everybody), 1))), 1)
    return found | follow_batches() | by_facts_us()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def worked(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process and of its backend of the database."""
    began = time.process_time() + backend_s()
    work()
    return time.process_time() + backend_s() - began


def backend_s() -> float:
    fields = Path(f"/proc/{backend()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


def refresh_everybody() -> None:
    from cdp.analytics.stale import refresh_waiting
    from cdp.rules.tree import UTC as ZONE

    refresh_waiting(clock=lambda: datetime.now(UTC), zone=ZONE)


def follow_batches() -> dict[str, float]:
    """Each person did one thing, as in live traffic: one of the usual events, or an order."""
    from django.db import connection, transaction

    from cdp.analytics.follow import follow
    from cdp.analytics.models import ComputedTrait
    from cdp.rules.tree import UTC as ZONE

    draw = random.Random(1)
    traits = ComputedTrait.objects.filter(is_on=True).count()
    found: dict[str, float] = {"traits": traits}
    for label, names in (("mixed", EVENT_NAMES), ("orders", ("Order Completed",))):
        times = []
        for _ in range(ROUNDS):
            touched = {one: {f"event:{draw.choice(names)}"} for one in draw.sample(range(1, PEOPLE + 1), BATCH)}
            with transaction.atomic(), connection.cursor() as cursor:
                times.append(worked(lambda: follow(cursor, touched, now=datetime.now(UTC), zone=ZONE)))  # noqa: B023
        mean = sum(times) / ROUNDS
        found[f"follow_{label}_ms"] = round(1000 * mean, 1)
        found[f"follow_{label}_us_per_person_and_trait"] = round(1e6 * mean / BATCH / traits, 2)
    return found


def by_facts_us() -> dict[str, float]:
    """For a batch of people, by what the traits are picked from."""
    from django.db import transaction

    from cdp.analytics.load import load
    from cdp.analytics.write import by_facts, write
    from cdp.rules.kept_cuts import published
    from cdp.rules.tree import UTC as ZONE
    from cdp.rules.tree import Scope

    kept = load()
    cuts = published({cut.key: cut for one in kept for cut in one.definition.cuts()})
    draw = random.Random(2)
    found = {}
    for facts, group in by_facts(kept):
        times = []
        for _ in range(ROUNDS):
            ids = sorted(draw.sample(range(1, PEOPLE + 1), BATCH))
            scope = Scope(datetime.now(UTC), ids, ZONE, cuts)
            with transaction.atomic():
                times.append(worked(lambda: write(facts, group, scope)))  # noqa: B023
        keys = "+".join(one.trait.key for one in group)
        found[f"us:{keys}"] = round(1e6 * sum(times) / ROUNDS / BATCH / len(group), 2)
    return found


if __name__ == "__main__":
    main()
