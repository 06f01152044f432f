"""Stewards' decisions as labels, with the evidence they saw."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor
from identity.learn import Decision
from identity.models import Candidate

LABELS = (Candidate.State.SAME, Candidate.State.DIFFERENT)
MOST = 20_000
"""The newest of more."""


def read_decisions(cursor: Cursor) -> list[Decision]:
    cursor.execute(
        "select record_a, record_b, weight, evidence::text, state from identity_candidate"
        " where decided_at is not null and state in %s order by decided_at desc, id limit %s",
        [LABELS, MOST],
    )
    return [_decision(*row) for row in cursor.fetchall()]


def _decision(a: int, b: int, weight: float, evidence: str, state: str) -> Decision:
    lines = json.loads(evidence)
    return Decision(a, b, levels_of(lines), weight - learned_bits(lines), state == Candidate.State.SAME)


def count_since(at: datetime | None) -> int:
    labels = Candidate.objects.filter(state__in=LABELS, decided_at__isnull=False)
    return labels.count() if at is None else labels.filter(decided_at__gt=at).count()


def levels_of(evidence: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {line["field"]: line["level"] for line in evidence if "level" in line}


def learned_bits(evidence: Iterable[Mapping[str, Any]]) -> float:
    """The part of the weight that earlier decisions had added."""
    return sum(float(line.get("learned", 0)) for line in evidence)
