"""Segments: what finding everybody costs beside DuckDB on the same data in this run, what following a thousand touched
people costs, what a tick of the clock costs, and how soon an event or the clock shows in a membership.

Each figure is printed with its parts; the last line is JSON. `full_vs_duckdb_geomean` is of the ratios of the fifteen
kinds: seconds to count the set, best of some rounds; ours with the indexes that saving the rule makes, and measuring
the boundary that a percentile compares with is part of it; DuckDB's in a file, on two threads.
"""

import json
import math
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.core.management import call_command

from bench.parts import ground, past, through

QUICK = bool(os.environ.get("QUICK"))
PROFILES = 20_000 if QUICK else 200_000
EVENTS = 300_000 if QUICK else 10_000_000
ROUNDS = 3 if QUICK else 5
LIVE_SEGMENTS, EVENTS_PER_S, LIVE_S = 100, 500, 8 if QUICK else 60


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    if find_spec("duckdb") is None:
        sys.exit(f"DuckDB is missing. Install it: {sys.executable} -m pip install -r bench/requirements.txt")
    with ground.own_servers() as places:
        django.setup()
        call_command("migrate", verbosity=0)
        from cdp.common.clock import utc_now

        say(f"{EVENTS:,} events of {PROFILES:,} people from the past …")
        source_id = past.preload(profiles=PROFILES, events=EVENTS, now=utc_now())
        found = full() | incremental() | ticks() | following(places.database_url, source_id)
    say(json.dumps({**found, "profiles": PROFILES, "events": EVENTS, "quick": QUICK}))


def full() -> dict[str, float]:
    from bench.parts import asked, duck
    from bench.parts.kinds import KINDS
    from cdp.common.clock import utc_now

    ratios = []
    with tempfile.TemporaryDirectory(prefix="tributary-bench-") as name:
        peer = duck.copy_of(Path(name))
        now = utc_now()
        for kind, about in KINDS.items():
            ours_s, n = asked.everybody(kind, now=now, rounds=ROUNDS)
            peer_s, peer_n = duck.ask(peer, kind, now=now, rounds=ROUNDS)
            ratios.append(ours_s / peer_s)
            alike = f"{n:,} people" if n == peer_n else f"{n:,} PEOPLE, BUT {peer_n:,} IN DUCKDB"
            say(
                f"  {kind:12} {ours_s * 1e3:8.1f} ms, DuckDB {peer_s * 1e3:7.1f}: {ours_s / peer_s:5.2f}"
                f"  {alike}, {about.english}"
            )
        peer.close()
    return {"full_vs_duckdb_geomean": round(math.exp(sum(map(math.log, ratios)) / len(ratios)), 3)}


def incremental() -> dict[str, float]:
    """Per person and rule, in microseconds; the figure is of all kinds asked in one statement, as a claim does."""
    from bench.parts import asked
    from bench.parts.kinds import KINDS
    from cdp.common.clock import utc_now

    now = utc_now()
    for kind, about in KINDS.items():
        alone = asked.live([about.rule], as_of=now)
        took_s = asked.touched(alone, profiles=PROFILES, now=now, rounds=ROUNDS)
        say(f"  {kind:12} {took_s / asked.BATCH * 1e6:6.2f} µs alone")
    together = asked.live([about.rule for about in KINDS.values()], as_of=now)
    took_s = asked.touched(together, profiles=PROFILES, now=now, rounds=2 * ROUNDS)
    each = took_s / asked.BATCH / len(KINDS) * 1e6
    say(
        f"All {len(KINDS)} kinds about {asked.BATCH:,} people: {took_s * 1e3:.1f} ms, {each:.2f} µs per person and rule"
    )
    return {"incremental_us": round(each, 3)}


def ticks() -> dict[str, float]:
    """By how long ago the last one was: the more crossings, the longer, and nothing else."""
    from bench.parts import asked
    from bench.parts.kinds import KINDS
    from cdp.common.clock import utc_now

    now = utc_now()
    asked.prepare(about.rule for about in KINDS.values())
    found = asked.crossed(asked.live([about.rule for about in KINDS.values()], as_of=now), now=now, rounds=ROUNDS)
    for span_s, (took_s, n) in found.items():
        say(f"A tick after {span_s:4} s: {took_s * 1e3:7.2f} ms, {n:,} crossings")
    (short_s, few), (long_s, many) = found[min(found)], found[max(found)]
    return {
        "tick_ms": round(short_s * 1e3, 2),
        "tick_us_per_crossing": round((long_s - short_s) / max(1, many - few) * 1e6, 2),
    }


def following(url: str, source_id: int) -> dict[str, float]:
    from bench.parts import accept, followed
    from cdp.accounts.keys import new_secret
    from cdp.accounts.models import Source, WriteKey
    from cdp.common.clock import utc_now

    secret = new_secret("wk")
    WriteKey.objects.create(source=Source.objects.get(pk=source_id), hash=secret.hash, hint=secret.hint)
    segment_id = followed.make_segments(LIVE_SEGMENTS, now=utc_now())
    environment = through.environment_of(url)
    with accept.uvicorn("cdp.asgi:application", environment) as port, through.workers(environment, 2):
        through.warm_up(port, secret.text, url=url)
        one = followed.follow(
            port, secret.text, segment_id, url=url, per_s=EVENTS_PER_S, seconds=LIVE_S, people=PROFILES
        )
    say(
        f"{LIVE_SEGMENTS} live segments, {one.events:,} events at {EVENTS_PER_S}/s, {one.probes:,} probes: in after"
        f" {one.enter_p50:.3f} s (p99 {one.enter_p99:.3f}), out {one.leave_p50:.3f} s (p99 {one.leave_p99:.3f})"
        " after it was due"
    )
    return {
        "live_p50_s": round(one.enter_p50, 3),
        "live_p99_s": round(one.enter_p99, 3),
        "tick_p50_s": round(one.leave_p50, 3),
        "tick_p99_s": round(one.leave_p99, 3),
    }


if __name__ == "__main__":
    main()
