"""Taking events in: how fast they are accepted, how fast they take effect, how soon they can be seen.

Figures are ratios: accepting beside a bare ASGI application that stores each body in one row, taking effect
beside the same writes in plain SQL from ready-made rows, all in this run on this machine.
"""

import json
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts import accept, floor, ground, through

QUICK = bool(os.environ.get("QUICK"))
PROFILES = 20_000 if QUICK else 200_000
PAST_EVENTS = 100_000 if QUICK else 10_000_000
EVENTS = 10_000 if QUICK else 200_000
ROUND_S = 1 if QUICK else 6
LATENCY_S = 5 if QUICK else 30
EVENTS_PER_S = 500


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    with ground.own_servers() as places:
        django.setup()
        call_command("migrate", verbosity=0)
        say(json.dumps(measure(places.database_url), indent=None))


def measure(url: str) -> dict[str, float | int | bool]:
    from cdp.accounts.keys import new_secret
    from cdp.accounts.models import Source, WriteKey
    from cdp.common.clock import utc_now

    environment = through.environment_of(url)
    now = utc_now()
    say(f"{PAST_EVENTS:,} events of {PROFILES:,} people from the past …")
    source_id = ground.preload(profiles=PROFILES, events=PAST_EVENTS, now=now)
    secret = new_secret("wk")
    WriteKey.objects.create(source=Source.objects.get(pk=source_id), hash=secret.hash, hint=secret.hint)
    say("Accepting …")
    accepted = accept.measure(environment, secret.text, seconds=ROUND_S, rounds=1 if QUICK else 3)
    accept.execute(url, "truncate events_inboxbatch")
    say(f"  {accepted}")
    floors = {n: floor_per_s(url, source_id, n) for n in (1, 2)}
    say(f"Plain SQL, by connections: {floors}")
    piped: dict[int, float] = {}
    with accept.uvicorn("cdp.asgi:application", environment) as port:
        for processes in (1, 2):
            messages = ground.messages(EVENTS, profiles=PROFILES, now=utc_now(), seed=10 + processes)
            with through.workers(environment, processes):
                piped[processes] = EVENTS / through.send(port, secret.text, messages, url=url)
                if processes == 2:
                    seen = through.latency(port, secret.text, url=url, per_s=EVENTS_PER_S, seconds=LATENCY_S)
            say(f"Through everything, {processes} worker(s): {piped[processes]:.0f} events/s")
    return {
        "accept_batch_ratio": round(accepted.batch_ratio, 3),
        "accept_batch_per_s": round(accepted.batch_per_s),
        "accept_single_ratio": round(accepted.single_ratio, 3),
        "accept_single_per_s": round(accepted.single_per_s),
        "accept_single_p99_ms": round(accepted.single_p99_ms, 1),
        "pipeline_1_ratio": round(piped[1] / floors[1], 3),
        "pipeline_1_per_s": round(piped[1]),
        "pipeline_ratio": round(piped[2] / floors[2], 3),
        "pipeline_per_s": round(piped[2]),
        "floor_1_per_s": round(floors[1]),
        "floor_2_per_s": round(floors[2]),
        "visible_p50_s": round(seen.p50_s, 3),
        "visible_p99_s": round(seen.p99_s, 3),
        "past_events": PAST_EVENTS,
        "quick": QUICK,
    }


def floor_per_s(url: str, source_id: int, connections: int) -> float:
    from cdp.common.clock import utc_now

    messages = ground.messages(EVENTS, profiles=PROFILES, now=utc_now(), seed=connections)
    chunks = floor.stage(messages, source_id=source_id)
    return EVENTS / floor.run(url, range(chunks), now=utc_now(), connections=connections)


if __name__ == "__main__":
    main()
