"""The parameters in force: what the last full pass learned from all records, or what is shipped."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from cdp.common.copying import Cursor, copy_rows, texts
from identity.features import Features
from identity.learn import Correction
from identity.linking import Scorer
from identity.matching import FREQUENT, Known, TermCounts, key_of, model_from_json, model_to_json, term_texts
from identity.models import MatchModel
from identity.weigh import Model


@dataclass(frozen=True, slots=True)
class Active:
    """`id` is None and `known` too as long as nothing was learned here."""

    id: int | None
    known: Known | None


def active(cursor: Cursor) -> Active:
    cursor.execute("select id from identity_matchmodel where is_active order by id desc limit 1")
    row = cursor.fetchone()
    return Active(None, None) if row is None else Active(row[0], _known(cursor, row[0]))


def term_counts(cursor: Cursor) -> TermCounts:
    def counts(field: str, values: Sequence[str]) -> Mapping[str, int]:
        cursor.execute(
            "select value, people from identity_term where field = %s and value = any(%s::text[])",
            [field, texts(values)],
        )
        return dict(cursor.fetchall())

    return counts


def learned(scorer: Scorer, model: Model, correction: Correction, *, records: int) -> Known:
    """What a full pass knows in the end. `model` is the one without the correction."""
    fields = scorer.table.fields
    totals = {
        key_of(field.name, one.level): one.total for field, of in zip(fields, scorer.shared, strict=True) for one in of
    }
    return Known(tuple(field.name for field in fields), model, totals, records, correction)


def terms(scorer: Scorer, of: Features) -> Iterable[tuple[str, str, int]]:
    """(field/level, value, people) of values that several people have."""
    for field, shared in zip(scorer.table.fields, scorer.shared, strict=True):
        for one in shared:
            codes, rows = np.unique(one.codes, return_index=True)
            often = np.flatnonzero((codes >= 0) & (one.people[np.maximum(codes, 0)] >= FREQUENT))
            told: dict[str, int] = {}
            texts = term_texts(of, field, one.level, rows[often])
            for text, people in zip(texts, one.people[codes[often]].tolist(), strict=True):
                told[text] = max(told.get(text, 0), people)
            for text, people in told.items():
                yield key_of(field.name, one.level), text, people


def store(
    cursor: Cursor, known: Known, *, learned_from: Mapping[str, Any], quality: Mapping[str, Any], now: datetime
) -> int:
    """Becomes the active one. Terms stay as they are."""
    MatchModel.objects.filter(is_active=True).update(is_active=False)
    made = MatchModel.objects.create(
        parameters=model_to_json(known), learned_from=learned_from, quality=quality, at=now, is_active=True
    )
    return int(made.pk)


def store_terms(cursor: Cursor, found: Iterable[tuple[str, str, int]]) -> None:
    cursor.execute("delete from identity_term")
    copy_rows(cursor, "identity_term", ("field", "value", "people"), found)


def _known(cursor: Cursor, model_id: int) -> Known:
    found = _cached(model_id)
    if not found:
        cursor.execute("select parameters::text from identity_matchmodel where id = %s", [model_id])
        found.append(model_from_json(json.loads(cursor.fetchone()[0])))
    return found[0]


@lru_cache(maxsize=4)
def _cached(model_id: int) -> list[Known]:
    """A box per model: parameters never change once they are stored."""
    return []
