"""What the product's rules cost: everybody, a thousand who were touched, and those whom only the clock moved."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.parts.kinds import KINDS

if TYPE_CHECKING:
    from segments.live import Live

UTC = ZoneInfo("UTC")
BATCH = 1_000
SPANS_S = (1, 60, 3_600)


def document(root: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": root}


def prepare(rules: Iterable[dict[str, Any]]) -> None:
    """As saving them does."""
    from cdp.rules.indexes import ensure_indexes
    from cdp.rules.parse import parse

    for rule in rules:
        ensure_indexes(parse(document(rule)), zone=UTC)


def everybody(kind: str, *, now: datetime, rounds: int) -> tuple[float, int]:
    """Seconds of the best round to count the set; measuring the boundary it compares with is part of it."""
    from cdp.rules.cuts import wanted_cuts
    from cdp.rules.parse import parse
    from cdp.rules.sets import count, measure_cut

    prepare([KINDS[kind].rule])
    node = parse(document(KINDS[kind].rule))
    best, n = float("inf"), 0
    for _ in range(rounds):
        started = time.perf_counter()
        cuts = {key: measure_cut(one, now=now, zone=UTC) for key, one in wanted_cuts(node).items()}
        n = count(node, now=now, zone=UTC, cuts=cuts)
        best = min(best, time.perf_counter() - started)
    return best, n


def live(rules: Iterable[dict[str, Any]], *, as_of: datetime) -> "list[Live]":
    """As a claim holds them."""
    from cdp.rules.parse import parse
    from cdp.rules.tree import depends
    from segments.live import Live

    nodes = [parse(document(rule)) for rule in rules]
    return [Live(k, node, depends(node), True, False, as_of) for k, node in enumerate(nodes, start=1)]


def touched(segments: "Sequence[Live]", *, profiles: int, now: datetime, rounds: int) -> float:
    """Seconds of the best round to ask these segments, in one statement, about a thousand people each time others."""
    from django.db import connection, transaction

    from cdp.rules.cuts import wanted_cuts
    from cdp.rules.sets import measure_cut
    from cdp.rules.tree import Scope
    from segments.together import Together

    wanted = {key: one for segment in segments for key, one in wanted_cuts(segment.node).items()}
    cuts = {key: measure_cut(one, now=now, zone=UTC) for key, one in wanted.items()}
    draw, best = Random(5), float("inf")
    for _ in range(rounds):
        ids = sorted(draw.sample(range(1, profiles + 1), min(BATCH, profiles)))
        with transaction.atomic(), connection.cursor() as cursor:
            ask = Together(cursor, Scope(now, zone=UTC, cuts=cuts), 60)
            started = time.perf_counter()
            ask.members(dict.fromkeys(segments, ids))
            best = min(best, time.perf_counter() - started)
        if ask.failed:
            raise RuntimeError(str(ask.failed))
    return best


def crossed(segments: "Sequence[Live]", *, now: datetime, rounds: int) -> dict[int, tuple[float, int]]:
    """By the seconds since the last tick: seconds of the best round, and how many crossings were found."""
    from dataclasses import replace

    from django.db import connection, transaction

    from cdp.rules.tree import Scope
    from segments.together import Together

    found: dict[int, tuple[float, int]] = {}
    for span_s in SPANS_S:
        best, n = float("inf"), 0
        for _ in range(rounds):
            then = [replace(one, as_of=now - timedelta(seconds=span_s)) for one in segments]
            with transaction.atomic(), connection.cursor() as cursor:
                ask = Together(cursor, Scope(now, zone=UTC), 60)
                started = time.perf_counter()
                n = sum(len(ids) for ids in ask.crossed(then).values())
                best = min(best, time.perf_counter() - started)
        found[span_s] = best, n
    return found
