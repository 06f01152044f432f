"""Scores into the table: bands, what changed, and the news of it, in one transaction with the scores themselves.

Everything that scores people writes through here: the run over everybody, one person on demand, newcomers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdp.common.copying import Cursor, numbers
from cdp.rules.sql import Sql, fill
from scoring.lots import Lot, fresh

HYSTERESIS = 2.0
"""Percentile points beyond a boundary from which the band changes; of narrow outer bands half their width."""
SCORE_MOVES = 0.05
"""A probability that moved by so much since the last row of history gets a new one."""
MONEY_MOVES = 0.2
"""The same of amounts, as a share of the amount before."""
DAYS_MOVE = 7.0
"""The same of days until the next order."""

# `was` is the band before; with it each boundary is moved away from where the person stands. The first score, and the
# first after a cold one, has no band before: what was said of a newcomer is no opinion to hold on to.
_ABOVE = (
    "(f.percentile >= case when f.was is null then p.{edge}"
    " when f.was in ({below}) then least(p.{edge} + {margin}, (p.{edge} + 100) / 2)"
    " else greatest(p.{edge} - {margin}, p.{edge} / 2) end)"
)
_IS_HIGH = _ABOVE.format(edge="high_from", below="'low', 'medium'", margin=HYSTERESIS)
_IS_MEDIUM = _ABOVE.format(edge="low_below", below="'low'", margin=HYSTERESIS)
_MOVED = (
    "abs(f.value - f.noted_value) >= case p.kind"
    f" when 'value' then greatest({MONEY_MOVES} * abs(f.noted_value), 1)"
    f" when 'next_order' then {DAYS_MOVE} else {SCORE_MOVES} end - 1e-12"
)
_AT = "case when f.{0} = 'NaN' then null else {{now}}::timestamptz + make_interval(secs => f.{0} * 86400) end"
_PARTS = {"is_high": Sql(_IS_HIGH), "is_medium": Sql(_IS_MEDIUM), "is_moved": Sql(_MOVED)}
_WRITE = """
with {fresh}f as materialized (
  select f.*, s.noted_value, case when s.is_cold then null else s.band end as was
    from fresh_scores f join profiles_profile z on z.id = f.profile_id and z.merged_into is null
    left join scoring_score s on s.profile_id = f.profile_id and s.predictor_id = f.predictor_id
   where s.scored_at is null or s.scored_at <= {now}
), banded as materialized (
  select f.*, case when {is_high} then 'high' when {is_medium} then 'medium' else 'low' end as band,
         f.noted_value is null or {is_moved} as is_moved
    from f join scoring_predictor p on p.id = f.predictor_id
), noted as materialized (
  select b.*, b.is_moved or b.was is distinct from b.band as is_noted from banded b
), written as (
  insert into scoring_score (profile_id, predictor_id, value, percentile, band, expected_at, earliest_at,
                             latest_at, is_cold, model_id, scored_at, noted_value)
  select f.profile_id, f.predictor_id, f.value, f.percentile, f.band, {median}, {earliest}, {latest},
         f.is_cold, f.model_id, {now}, case when f.is_noted then f.value else f.noted_value end
    from noted f order by f.profile_id, f.predictor_id
  on conflict (profile_id, predictor_id) do update set value = excluded.value, percentile = excluded.percentile,
     band = excluded.band, expected_at = excluded.expected_at, earliest_at = excluded.earliest_at,
     latest_at = excluded.latest_at, is_cold = excluded.is_cold, model_id = excluded.model_id,
     scored_at = excluded.scored_at, noted_value = excluded.noted_value
), told as (
  insert into scoring_scorechange (profile_id, predictor_id, at, value, percentile, band, was)
  select f.profile_id, f.predictor_id, {now}, f.value, f.percentile, f.band,
         case when f.was is distinct from f.band then coalesce(f.was, '') else '' end
    from noted f where f.is_noted order by f.profile_id, f.predictor_id
  returning profile_id, predictor_id, value, percentile, band, was
)
select profile_id, predictor_id, value, percentile, band, was from told where was <> ''
 order by profile_id, predictor_id
"""
# In the order of the table, like everyone who writes scores. The band before must not change between being read and
# being written, or the same change would be told twice.
_LOCK = (
    "with {fresh}locked as (select 1 from scoring_score s where (s.profile_id, s.predictor_id) in"
    " (select profile_id, predictor_id from fresh_scores) order by s.profile_id, s.predictor_id for no key update)"
    " select count(*) from locked"
)
# People who were merged into others keep theirs, asleep: un-merging gives it back.
_DROP = """
with {fresh}dropped as (
  delete from scoring_score s where s.predictor_id = any({predictors}::bigint[]) and {of} and s.scored_at <= {now}
     and not exists (select 1 from fresh_scores f
                      where f.profile_id = s.profile_id and f.predictor_id = s.predictor_id)
     and not exists (select 1 from profiles_profile z where z.id = s.profile_id and z.merged_into is not null)
  returning s.profile_id)
select distinct profile_id from dropped
"""


@dataclass(frozen=True)
class BandChange:
    """A person's band is another now. Not told of the first score."""

    profile_id: int
    predictor_id: int
    value: float
    percentile: float
    band: str
    was: str


@dataclass(frozen=True)
class Written:
    changes: list[BandChange]
    lost: set[int]
    """Ids of people who lost one."""


def write(cursor: Cursor, lots: Sequence[Lot], *, of: Sql, now: datetime) -> Written:
    """The scores of all people that `of` describes, a condition on s.profile_id: those of whom a lot says nothing lose
    theirs. What was scored later than `now` stays. Inside the caller's transaction, which tells the news (announce)."""
    given = fresh(cursor, lots)
    _run(cursor, fill(_LOCK, fresh=given))
    predictors = numbers(sorted({lot.predictor_id for lot in lots}))
    lost = {row[0] for row in _run(cursor, fill(_DROP, fresh=given, predictors=predictors, of=of, now=now))}
    times = {name: fill(_AT.format(name), now=now) for name in ("median", "earliest", "latest")}
    changes = [BandChange(*row) for row in _run(cursor, fill(_WRITE, fresh=given, now=now, **times, **_PARTS))]
    return Written(changes, lost)


NOBODY = Sql("false")


def of_range(after: int, until: int) -> Sql:
    return fill("s.profile_id > {after} and s.profile_id <= {until}", after=after, until=until)


def of_people(profile_ids: Iterable[int]) -> Sql:
    return fill("s.profile_id = any({ids}::bigint[])", ids=numbers(profile_ids))


def _run(cursor: Cursor, sql: Sql) -> list[tuple[Any, ...]]:
    cursor.execute(sql.text, sql.values)
    return list(cursor.fetchall())
