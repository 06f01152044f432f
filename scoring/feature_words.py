"""What is known of people in words as of a moment: where they came from, and the traits that are learned from."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import numpy as np

from cdp.common.copying import Cursor
from cdp.common.copying import numbers as array_of
from cdp.rules.sql import fill
from scoring.columns import Numbers, Words
from scoring.grouped import Ints
from scoring.past import Then
from scoring.whose import People

RELATIONS = ("profiles_profile", "profiles_profilechange")
LONGEST = 60
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_FIRST = (
    "select f.id, s.name, e.context #>> '{campaign,medium}', e.context #>> '{campaign,source}',"
    " e.context #>> '{referrer,url}', e.context #>> '{page,referrer}'"
    " from unnest({ids}::bigint[], {seconds}::float8[]) f (id, second), lateral (select e.context, e.source_id"
    " from events_event e where e.profile_id = f.id and e.occurred_at >= to_timestamp(f.second)"
    " and e.occurred_at < to_timestamp(f.second + 1) order by e.occurred_at, e.source_id, e.message_id limit 1) e"
    " left join accounts_source s on s.id = e.source_id"
)
"""Of the first second in which they did something: one look-up in one partition each."""
_TRAITS = (
    "select distinct on (t.profile_id, c.what) t.profile_id, c.what, c.new #>> '{}', jsonb_typeof(c.new)"
    " from theirs t join profiles_profilechange c on c.profile_id = t.id where c.what = any({names}::text[])"
    " order by t.profile_id, c.what, c.at desc, c.id desc"
)
_THEIRS = (
    "theirs as (select p.id as profile_id, p.id from profiles_profile p where {of_people} union all"
    " select p.merged_into, p.id from profiles_profile p where {of_losers})"
)


def came(cursor: Cursor, *, profile_ids: Ints, first: Numbers) -> Words:
    """(profiles, source and first channel); `first`: the second of their first event in Unix time, NaN without one."""
    words = np.full((len(profile_ids), 2), None, object)
    has_first = ~np.isnan(first)
    ids, seconds = profile_ids[has_first].tolist(), first[has_first].tolist()
    row_of = dict(zip(ids, np.flatnonzero(has_first).tolist(), strict=True))
    sql = fill(_FIRST, ids=array_of(ids), seconds=array_of(seconds))
    cursor.execute(sql.text, sql.values)
    for profile_id, source, *through in cursor.fetchall():
        words[row_of[profile_id]] = source, channel(*through)
    return words


def traits_of(
    cursor: Cursor, past: Then, people: People, *, moment: datetime, names: Sequence[str], profile_ids: Ints
) -> tuple[Numbers, Words]:
    """(profiles, traits) as numbers, and as words."""
    numbers = np.full((len(profile_ids), len(names)), np.nan)
    words = np.full(numbers.shape, None, object)
    if not names:
        return numbers, words
    theirs = fill(_THEIRS, of_people=people.narrowed("p.id"), of_losers=people.narrowed("p.merged_into"))
    sql = past.before(RELATIONS, fill(_TRAITS, names=list(names)), named=theirs)
    cursor.execute(sql.text, sql.values)
    row_of = {profile_id: row for row, profile_id in enumerate(profile_ids.tolist())}
    for profile_id, name, text, kind in cursor.fetchall():
        if (row := row_of.get(profile_id)) is not None:
            place = row, names.index(name)
            numbers[place], words[place] = value_of(text, kind, moment)
    return numbers, words


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
