"""The ledger of merges: who became whom, by which evidence, and which records changed hands."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor
from identity.component import Component
from identity.grouping import Grouped, Value
from identity.models import Merge
from identity.rules import Rules

MOST_EVIDENCE = 20
"""Identifiers and links kept per row: a steward reads the first few."""


@dataclass(frozen=True, slots=True)
class Entry:
    verb: Merge.Verb
    winner: int
    loser: int
    records: Sequence[int]
    winner_records: Sequence[int] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def profiles(self) -> tuple[int, int]:
        return self.winner, self.loser


@dataclass(frozen=True, slots=True)
class Cause:
    """Why groups change: what brought it about, and who (`user:<id>` or `system`)."""

    how: Merge.How = Merge.How.EXACT
    by: str = "system"


def write(cursor: Cursor, entries: Sequence[Entry], cause: Cause, *, now: datetime) -> list[int]:
    """Returns their ids, in the order of the entries."""
    ids = []
    for one in entries:
        cursor.execute(
            "insert into identity_merge (verb, how, winner_id, loser_id, record_ids, winner_record_ids, evidence, by,"
            " at, undone_by, xact_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, '',"
            " pg_current_xact_id()::text::bigint) returning id",
            [
                one.verb.value,
                _how(one, cause).value,
                one.winner,
                one.loser,
                list(one.records),
                list(one.winner_records),
                json.dumps(one.evidence),
                cause.by,
                now,
            ],
        )
        ids.append(int(cursor.fetchone()[0]))
    return ids


def _how(one: Entry, cause: Cause) -> Merge.How:
    """In the pipeline, a profile may also follow by a link that was there before."""
    if cause.how is not Merge.How.EXACT or one.evidence.get("identifiers") or not one.evidence.get("links"):
        return cause.how
    kinds = {link["kind"] for link in one.evidence["links"]}
    return Merge.How.MANUAL if "manual" in kinds else Merge.How.FUZZY


def evidence(
    found: Component, result: Grouped, rules: Rules, mine: Collection[int], group: Collection[int]
) -> dict[str, Any]:
    """What joins these records to the others of their group."""
    inside, own = set(group), set(mine)
    holders: dict[Value, tuple[bool, bool]] = {}
    for record in group:
        for value in found.values_of(record):
            if rules.of(value[0]).joins and (record, *value) not in result.dropped:
                by_me, by_others = holders.get(value, (False, False))
                holders[value] = by_me or record in own, by_others or record not in own
    shared = sorted(value for value, (by_me, by_others) in holders.items() if by_me and by_others)
    links = [
        {"a": a, "b": b, "kind": "manual" if tie.is_manual else "fuzzy", "weight": round(tie.weight, 2)}
        for (a, b), (tie, _) in sorted(found.ties.items())
        if (a, b) not in result.dropped_ties and {a, b} <= inside and (a in own) != (b in own)
    ]
    return {
        "identifiers": [{"namespace": namespace, "value": value} for namespace, value in shared[:MOST_EVIDENCE]],
        "links": links[:MOST_EVIDENCE],
    }
