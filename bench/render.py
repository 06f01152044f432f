"""Rendering: what making everybody's mail costs beside bare python-liquid on ready contexts in the same run.

Ours: conditions evaluated, what is known and recommended fetched, HTML, text and subject filled in, every link signed.
The peer: the very same HTML as one template, conditions as {% if %} and the grid as a loop, on contexts that are ready;
no text, no subject, no limits, nothing escaped, nothing signed. They take turns, thousands of people at a time, so that
a busy machine slows both. The last line is JSON: `render_ratio` is ours / the peer in mails a second, `growth_mb` how
much memory was added after the first turn, `queries_per_1000` what the database is asked for a thousand people.
PEOPLE sets how many.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.core.management import call_command

from bench.parts import ground

QUICK = bool(os.environ.get("QUICK"))
PEOPLE = int(os.environ.get("PEOPLE") or (5_000 if QUICK else 100_000))
TURN = max(1_000, min(PEOPLE // 5, 5_000))
"""People whose mails ours makes before the peer makes them."""


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    with ground.own_servers():
        django.setup()
        call_command("migrate", verbosity=0)
        from bench.parts import mailed
        from cdp.common.clock import utc_now

        now = utc_now()
        say(f"{20 * PEOPLE:,} events of {PEOPLE:,} people from the past, scores, a segment and recommendations …")
        mailed.preload(profiles=PEOPLE, now=now)
        found = figures(now)
    say(json.dumps({**found, "people": PEOPLE, "quick": QUICK}))


def figures(now: datetime) -> dict[str, float]:
    from bench.parts import mail, mailed_peer
    from bench.parts.measured import own_peak_mb
    from campaigns.content.compose import About, press_for
    from cdp.rules.tree import UTC

    press = press_for(mail.content(), about=About("https://mail.shop.example", UTC, campaign="Bench"), now=now)
    peer = mailed_peer.template_of(press.compiled)
    ours_s, peer_s, sizes, first_mb = 0.0, 0.0, [0, 0], 0.0
    for ids in turns():
        ready = mailed_peer.contexts_of(press, ids, now=now)
        took_s, size = timed(ours(press, ids, now=now))
        ours_s, sizes[0] = ours_s + took_s, sizes[0] + size
        took_s, size = timed(peer.render(**context) for context in ready)
        peer_s, sizes[1] = peer_s + took_s, sizes[1] + size
        first_mb = first_mb or own_peak_mb()
    per_1000 = queries(press, range(1, min(PEOPLE, 1_000) + 1), now=now)
    say(f"Ours: {told(ours_s, sizes[0])}; bare python-liquid: {told(peer_s, sizes[1])}")
    say(f"{len(per_1000)} queries for a thousand people:")
    for sql in per_1000:
        say(f"  {sql}")
    return {
        "render_ratio": round(peer_s / ours_s, 3),
        "render_per_s": round(PEOPLE / ours_s),
        "peer_per_s": round(PEOPLE / peer_s),
        "growth_mb": round(own_peak_mb() - first_mb, 1),
        "queries_per_1000": len(per_1000),
    }


def told(took_s: float, size: int) -> str:
    each_kb, each_us = size / PEOPLE / 1024, took_s / PEOPLE * 1e6
    return f"{PEOPLE / took_s:,.0f} mails/s of {each_kb:.1f} KB, {each_us:.0f} µs each"


def turns() -> Iterator[range]:
    for start in range(1, PEOPLE + 1, TURN):
        yield range(start, min(start + TURN, PEOPLE + 1))


def ours(press: Any, ids: range, *, now: datetime) -> Iterator[str]:
    """Each mail's HTML; all of it is made."""
    from campaigns.content.compose import Made, Recipient, compose

    recipients = [Recipient(pk, UUID(int=pk), f"user{pk}@example.com") for pk in ids]
    for one in compose(press, recipients, now=now, rehearsal=False):
        if not isinstance(one, Made):
            sys.exit(f"A mail could not be made: {one.why}")
        yield one.rendered.html


def timed(made: Iterator[str]) -> tuple[float, int]:
    """Seconds, and bytes of HTML."""
    gc.collect()
    started = time.perf_counter()
    size = sum(len(html) for html in made)
    return time.perf_counter() - started, size


def queries(press: Any, ids: range, *, now: datetime) -> list[str]:
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(" ".join(sql.split())[:110])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        timed(ours(press, ids, now=now))
    return asked


if __name__ == "__main__":
    main()
