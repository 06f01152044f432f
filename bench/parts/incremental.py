"""New records against many that are there: how many a second are resolved, and how soon one is.

The records are those of a shop's customers (bench.parts.crowd), loaded by COPY and matched once in full, which learns
the weights. Then others of the same people come: as fast as they are taken (`incremental_per_s`), and a few every
tenth of a second through the inbox, from which each is timed until its decision is committed (`p99_s`).
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench.parts import ground
from bench.parts.crowd import Noise, World, people, seen

COPIES = (1, 1, 1, 2, 2, 3, 4)
PER_PERSON = sum(COPIES) / len(COPIES)
NEW, PER_TICK, TICK_S, TICKS = 5_000, 2, 0.1, 300
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LINES = 20_000


def figures(records: int, *, new: int = NEW, ticks: int = TICKS) -> dict[str, float]:
    """On servers of its own. Django must not be set up before."""
    import django
    from django.core.management import call_command

    with ground.own_servers():
        django.setup()
        call_command("migrate", verbosity=0)
        crowd = _crowd(records, more=new + ticks * PER_TICK)
        loaded_s = _timed(lambda: _load([next(crowd) for _ in range(records)]))
        full_s, result = _full_pass()
        late = list(crowd)
        per_s = _as_fast_as_taken(late[:new])
        waits = _one_by_one(late[new:])
        return {
            "incremental_per_s": round(per_s, 1),
            "p50_s": round(waits[len(waits) // 2], 3),
            "p99_s": round(waits[int(len(waits) * 0.99)], 3),
            "against": records,
            "load_s": round(loaded_s, 1),
            "product_full_pass_s": round(full_s, 1),
            "product_links": result["links"],
            "product_to_review": result["to_review"],
        }


def _crowd(records: int, *, more: int) -> Iterator[Mapping[str, Any]]:
    """Traits of `records` and `more` sightings of one crowd, in random order."""
    random = Random(3)
    world = World.of(random)
    found = [
        _traits(seen(random, world, one, Noise()))
        for one in people(random, world, int((records + more) / PER_PERSON * 1.02) + 50)
        for _ in range(random.choice(COPIES))
    ]
    random.shuffle(found)
    return iter(found[: records + more])


def _traits(values: Mapping[str, str]) -> dict[str, Any]:
    street = " ".join(part for part in (values["house"], values["street"]) if part)
    address = {"street": street, "city": values["town"], "postalCode": values["zip"]}
    said = {
        "firstName": values["first"],
        "lastName": values["last"],
        "email": values["email"],
        "phone": values["phone"],
    }
    return {name: text for name, text in said.items() if text} | {"address": address}


def _load(found: Sequence[Mapping[str, Any]]) -> None:
    """Records whose e-mail address or telephone is the same are one profile, as the pipeline would have it."""
    from django.db import connection

    from cdp.accounts.models import Source
    from cdp.common.copying import copy_rows
    from cdp.profiles.addresses import address

    source, at = Source.objects.create(name="Bench").pk, AT - timedelta(days=30)
    home: list[int] = list(range(len(found) + 1))
    first: dict[tuple[str, str], int] = {}
    edges: list[tuple[str, str, int]] = []
    for record, traits in enumerate(found, start=1):
        for name in ("email", "phone"):
            value = address(name, traits.get(name, ""))
            if value:
                edges.append((name, value, record))
                _join(home, record, first.setdefault((name, value), record))
        edges.append(("anonymous_id", f"d{record}", record))
    profile = [_root(home, record) for record in range(len(home))]
    said = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with connection.cursor() as cursor:
        for start in range(0, len(found), LINES):
            rows = [(record, json.dumps({name: [value, said] for name, value in found[record - 1].items()}))
                    for record in range(start + 1, min(start + LINES, len(found)) + 1)]  # fmt: skip
            copy_rows(
                cursor, "profiles_record",
                ("id", "source_id", "key", "profile_id", "home_id", "traits", "first_seen_at", "last_seen_at"),
                [(record, source, f"anon:d{record}", profile[record], profile[record], traits, at, at)
                 for record, traits in rows],
            )  # fmt: skip
            copy_rows(
                cursor, "profiles_profile",
                ("id", "uuid", "traits", "first_seen_at", "last_seen_at", "created_at"),
                [(record, f"00000000-0000-4000-8000-{record:012x}", "{}", at, at, at)
                 for record, _ in rows if profile[record] == record],
            )  # fmt: skip
        for start in range(0, len(edges), LINES):
            copy_rows(
                cursor, "profiles_identifier",
                ("namespace", "value", "record_id", "profile_id", "first_seen_at", "dropped_for"),
                [(*edge, profile[edge[2]], at, "") for edge in edges[start : start + LINES]],
            )  # fmt: skip
        for table in ("profile", "record", "identifier"):
            cursor.execute(
                f"select setval(pg_get_serial_sequence('profiles_{table}', 'id'), greatest(max(id), 1))"
                f" from profiles_{table}"
            )
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")


def _join(home: list[int], one: int, other: int) -> None:
    a, b = _root(home, one), _root(home, other)
    home[max(a, b)] = min(a, b)


def _root(home: list[int], one: int) -> int:
    while home[one] != one:
        home[one] = one = home[home[one]]
    return one


def _full_pass() -> tuple[float, Mapping[str, Any]]:
    from django.db import connection

    from cdp.common.clock import utc_now
    from identity import full_pass

    job = full_pass.start_full_pass(None, now=utc_now())
    took_s = _timed(lambda: full_pass.run(job.pk, clock=utc_now))
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(job.error)
    with connection.cursor() as cursor:
        connection.connection.autocommit = True
        cursor.execute("vacuum analyze")
    return took_s, job.result


def _as_fast_as_taken(found: Sequence[Mapping[str, Any]]) -> float:
    """Records per second, of matching alone."""
    from identity.incremental import resolve_waiting

    _send(found, offset=0)
    done, start = 0, time.perf_counter()
    while claimed := resolve_waiting(now=AT).records:
        done += claimed
    return done / (time.perf_counter() - start)


def _one_by_one(found: Sequence[Mapping[str, Any]]) -> list[float]:
    """Seconds from the inbox to the decision, ascending; one process does all the work."""
    from identity.incremental import resolve_waiting

    waits: list[float] = []
    start = time.perf_counter()
    for tick, first in enumerate(range(0, len(found), PER_TICK)):
        due = start + tick * TICK_S
        time.sleep(max(due - time.perf_counter(), 0))
        part = found[first : first + PER_TICK]
        _send(part, offset=NEW + first)
        while resolve_waiting(now=AT).records:
            pass
        waits += [time.perf_counter() - due] * len(part)
    return sorted(waits)


def _send(found: Sequence[Mapping[str, Any]], *, offset: int) -> None:
    from cdp.accounts.models import Source
    from cdp.events import inbox
    from cdp.pipeline import drain

    source = Source.objects.get(name="Bench").pk
    for start in range(0, len(found), 500):
        messages = [
            {"type": "identify", "messageId": f"late-{offset + start + i}", "anonymousId": f"late-{offset + start + i}",
             "timestamp": AT.isoformat(), "traits": traits}
            for i, traits in enumerate(found[start : start + 500])
        ]  # fmt: skip
        inbox.put(source, messages, now=AT, lane="live")
        while drain("live", now=AT).rows:
            pass


def _timed(run: Any) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
