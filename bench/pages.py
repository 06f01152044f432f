"""Pages: how long the server takes for every page, list, fragment and API route of a shop with 200,000 people and ten
million events, and how many queries each asks.

A small shop goes through the product itself; the large one is multiplied from it in SQL, and kept in PAGES_DIR
(default: a folder in the system's temporary one) for the next run; FRESH=1 makes it anew. Every route of the URLconf
that answers GET is asked as an admin, in this process, with several objects each, the biggest among them; filters,
sorting, further pages and fragments are those that the pages offer. Each address is asked once with the product's cache
empty and some times more. The limit is 200 ms at the 95th percentile.

Server time is wall time without what this process and its database backend waited for a processor that other programs
had (Linux counts that). Beside it stand wall time, the processor's time here, the time of all queries. A fixed piece of
work is timed before and after: `slowdown` is its wall time by its processor time. The last line is JSON. ONLY=text asks
only routes whose name holds it, ROUNDS=n each of them n times more; PLANS=1 prints the slowest statement of the worst.
"""

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.core.management import call_command

from bench.parts import kept
from bench.parts.browsed import STATEMENT_LIMIT_S, Asked, Browser, browse

QUICK = bool(os.environ.get("QUICK"))
PEOPLE, TIMES = (40, 10) if QUICK else (1600, 100)
"""Of the small shop, and how many copies of it the large one has."""
OBJECTS, VARIANTS, ROUNDS = (1, 1, 1) if QUICK else (4, 8, int(os.environ.get("ROUNDS") or 3))
"""Per route: addresses to begin with, and how many of those that pages offer; and how often each is asked again."""
LIMIT_MS = 200
SHOWN = 20


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    name = f"tributary-pages-{PEOPLE}x{TIMES}"
    folder = Path(os.environ.get("PAGES_DIR") or Path(tempfile.gettempdir()) / name)
    with kept.kept_servers(folder, fresh=bool(os.environ.get("FRESH"))) as places:
        django.setup()
        call_command("migrate", verbosity=0)
        if not kept.is_complete(places):
            build()
            kept.mark_complete(places)
        call_command("collectstatic", interactive=False, verbosity=0)
        report(*ask())


def build() -> None:
    from django.db import connection

    from bench.parts import furnished, multiplied, small_shop
    from cdp.common.clock import utc_now
    from identity.tasks import count_quality

    started, now = time.monotonic(), utc_now()
    say(f"A shop of {PEOPLE:,} people …")
    small_shop.make(people=PEOPLE, say=say, now=now)
    say(f"… {TIMES} times, after {time.monotonic() - started:.0f} s")
    multiplied.multiply(times=TIMES, say=say)
    count_quality()
    furnished.furnish(share=TIMES / 100, now=now)
    with connection.cursor() as cursor:
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")
    say(f"Made after {time.monotonic() - started:.0f} s")


def ask() -> tuple[list[Asked], dict[str, str], float]:
    from django.db import connection

    from bench.parts.furnished import ADMIN
    from bench.parts.routes import routes
    from cdp.accounts.models import User
    from cdp.accounts.tokens import create_token
    from cdp.common.clock import utc_now

    only = os.environ.get("ONLY", "")
    with connection.cursor() as cursor:
        cursor.execute(f"set statement_timeout = '{STATEMENT_LIMIT_S}s'")
    admin = User.objects.get(email=ADMIN)
    _, token = create_token(admin, name="Bench", scopes=["read"], expires_at=None, now=utc_now())
    found = list(routes())
    left_out = {one.name: one.left_out for one in found if one.left_out}
    starts = [url for one in found for url in one.urls[:OBJECTS] if only in one.name]
    before, browser = fixed_work(), Browser(admin, token)
    for one in found:
        if one.urls and only in one.name:  # a server that has been up for a while has its templates compiled
            browser.get(one.urls[0])
    done = browse(browser, starts, rounds=ROUNDS, variants=VARIANTS, say=say)
    for name in {one.route for one in done if one.status == 405}:
        left_out[name] = "answers no GET"
    slowdown = (before + fixed_work()) / 2
    return [one for one in done if one.status != 405], left_out, slowdown


def fixed_work() -> float:
    """Wall time by processor time of the same work."""
    wall, processor = time.perf_counter(), time.process_time()
    sum(number * number for number in range(6_000_000))
    return (time.perf_counter() - wall) / (time.process_time() - processor)


def report(done: Sequence[Asked], left_out: dict[str, str], slowdown: float) -> None:
    by_route: dict[str, list[Asked]] = defaultdict(list)
    for one in done:
        by_route[one.route].append(one)
    rows = sorted(by_route.items(), key=lambda row: -p95(served(row[1])))
    say(f"{'route':36} {'p50':>6} {'p95':>6} {'wall':>6} {'cpu':>5} {'db':>6} {'queries':>7} {'slowest':>7}  asked")
    for name, all_of in rows:
        _line(name, all_of)
    say("Left out: " + ", ".join(f"{name} ({why})" for name, why in sorted(left_out.items())))
    failed = sorted({f"{one.status} {one.url}" for one in done if one.status >= 400})
    say(f"Not answered well: {failed}")
    times = served(done)
    say(json.dumps({
        "p95_ms": round(p95(times), 1), "p50_ms": round(at(times, 0.5), 1), "limit_ms": LIMIT_MS,
        "p95_to_limit": round(p95(times) / LIMIT_MS, 3),
        "pages_over_limit": sum(p95(served(all_of)) > LIMIT_MS for _, all_of in rows),
        "worst": {name: round(p95(served(all_of))) for name, all_of in rows[:SHOWN]},
        "wall_p95_ms": round(p95(sorted(one for asked in done for one in asked.wall_ms)), 1),
        "routes": len(rows), "addresses": len(done), "requests": len(times), "left_out": len(left_out),
        "failed": len(failed), "slowdown": round(slowdown, 2), "quick": QUICK,
    }))  # fmt: skip


def _line(name: str, all_of: Sequence[Asked]) -> None:
    times, worst = served(all_of), max(all_of, key=lambda one: max(one.server_ms))
    say(
        f"{name:36} {at(times, 0.5):6.0f} {p95(times):6.0f} {max(worst.wall_ms):6.0f} {max(worst.processor_ms):5.0f}"
        f" {max(worst.database_ms):6.0f} {max(one.queries for one in all_of):7} {worst.slowest_ms:7.0f}"
        f"  {worst.status} {worst.url[:110]}"
    )
    if os.environ.get("PLANS") and p95(times) > LIMIT_MS:
        say(f"      {' '.join(worst.slowest.split())[:1500]}")


def served(of: Sequence[Asked]) -> list[float]:
    return sorted(one for asked in of for one in asked.server_ms)


def at(times: Sequence[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def p95(times: Sequence[float]) -> float:
    return at(times, 0.95)


if __name__ == "__main__":
    main()
