"""What is known of people in words as of a moment: where they came from, and the traits that are learned from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from cdp.common.copying import Cursor
from cdp.rules.sql import Sql, fill
from scoring.columns import Numbers, Words
from scoring.past import Then
from scoring.whose import People

RELATIONS = ("events_event", "profiles_profile", "profiles_profilechange")
LONGEST = 60
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_FIRST = (
    "who as materialized (select p.id from profiles_profile p where p.merged_into is null and {of_people}),"
    " firsts as (select e.profile_id, min(e.occurred_at) as at from events_event e where {of_events} group by 1)"
    " select distinct on (f.profile_id) f.profile_id, s.name, e.context #>> '{campaign,medium}',"
    " e.context #>> '{campaign,source}', e.context #>> '{referrer,url}', e.context #>> '{page,referrer}'"
    " from firsts f join who w on w.id = f.profile_id join events_event e on e.profile_id = f.profile_id"
    " and e.occurred_at = f.at left join accounts_source s on s.id = e.source_id"
    " order by f.profile_id, e.source_id, e.message_id"
)
_TRAITS = (
    "who as materialized (select p.id from profiles_profile p where p.merged_into is null and {of_people}),"
    " theirs as (select w.id as profile_id, w.id from who w union all select p.merged_into, p.id"
    " from profiles_profile p join who w on w.id = p.merged_into)"
    " select distinct on (t.profile_id, c.what) t.profile_id, c.what, c.new #>> '{}', jsonb_typeof(c.new)"
    " from theirs t join profiles_profilechange c on c.profile_id = t.id where c.what = any({names}::text[])"
    " order by t.profile_id, c.what, c.at desc, c.id desc"
)


@dataclass(frozen=True)
class Told:
    numbers: Numbers
    """(profiles, traits)"""
    words: Words
    """(profiles, source, first channel and traits)"""


def words_of(
    cursor: Cursor,
    held: Then,
    people: People,
    *,
    moment: datetime,
    traits: Sequence[str],
    profile_ids: NDArray[np.int64],
) -> Told:
    """`profile_ids` ascend; a row for each."""
    told = Told(
        np.full((len(profile_ids), len(traits)), np.nan), np.full((len(profile_ids), 2 + len(traits)), None, object)
    )
    parts = {"of_people": people.narrowed("p.id"), "of_events": people.narrowed("e.profile_id"), "names": list(traits)}
    row_of = {profile_id: row for row, profile_id in enumerate(profile_ids.tolist())}
    for profile_id, source, *came in _rows(cursor, held, fill(_FIRST, **parts)):
        if profile_id in row_of:
            told.words[row_of[profile_id], :2] = source, channel(*came)
    column_of = {name: column for column, name in enumerate(traits)}
    for profile_id, name, text, kind in _rows(cursor, held, fill(_TRAITS, **parts)) if traits else ():
        if profile_id in row_of:
            row, column = row_of[profile_id], column_of[name]
            told.numbers[row, column], told.words[row, 2 + column] = value_of(text, kind, moment)
    return told


def _rows(cursor: Cursor, held: Then, sql: Sql) -> list[tuple[Any, ...]]:
    told = held.before(RELATIONS, sql)
    cursor.execute(told.text, told.values)
    return list(cursor.fetchall())


def channel(medium: str | None, campaign: str | None, *referrers: str | None) -> str:
    """What brought them: a campaign's medium or source, else the site they came from, else nothing that is known."""
    if medium or campaign:
        return str(medium or campaign).strip().lower()[:LONGEST]
    host = next((urlsplit(one).hostname for one in referrers if one and "//" in one), None)
    return (host or "direct").removeprefix("www.")[:LONGEST]


def value_of(text: str | None, kind: str | None, moment: datetime) -> tuple[float, str | None]:
    """A trait's value as a number (of a date: days since then), or as a word; lists and objects are neither."""
    if text is None or kind not in ("number", "boolean", "string"):
        return np.nan, None
    if kind == "boolean":
        return float(text == "true"), None
    if kind == "number":
        return float(text), None
    if _DATE.fullmatch(text):
        return _age(text, moment), None
    return np.nan, text.strip()[:LONGEST] or None


def _age(text: str, moment: datetime) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    return (moment - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds() / 86_400
