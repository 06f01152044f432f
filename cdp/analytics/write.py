"""Makes the values of given people what their facts say, and tells whose changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from cdp.analytics.definition import CASTS, COLUMNS, Definition, Facts, Picked
from cdp.analytics.load import Kept
from cdp.common.copying import Cursor, numbers
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope

LOCK = 7_305_023
_VALUES = ("number", "text", "at", "list")
_HAS_VALUE = "num_nonnulls({r}.number, {r}.text, {r}.at, {r}.list) > 0"


@dataclass(frozen=True)
class Changed:
    profile_id: int
    trait_id: int


def lock(cursor: Cursor) -> None:
    """Until the transaction ends nobody else computes values: with an older view of the facts they would overwrite
    what this transaction found. Statements after it see whatever was committed before."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    # For some thousands of people starting parallel workers costs more than they save.
    cursor.execute("set local max_parallel_workers_per_gather = 0")


def by_facts(kept: Iterable[Kept]) -> list[tuple[Facts, list[Kept]]]:
    """Those that are picked from the same facts, together."""
    listed = sorted(kept, key=lambda one: repr(one.definition.facts))
    return [(facts, list(group)) for facts, group in groupby(listed, key=lambda one: one.definition.facts)]


def write(facts: Facts, kept: Sequence[Kept], scope: Scope) -> list[Changed]:
    """One statement for all that is picked from these facts. `scope.ids` are the people; the caller holds the lock.

    Only rows that differ are written: of most people touched, most traits stay what they are. Named are those whose
    value changed; a due time alone is no news.
    """
    sql = _statement(facts, kept, scope)
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.values)
        return [Changed(*row) for row in cursor.fetchall()]


def previewed(definition: Definition, scope: Scope) -> Sql:
    """Selects (profile_id, value, due_at) by a definition that need not be saved."""
    picked = definition.picked(scope)
    return fill(
        "select f.profile_id, {value} as value, {due} as due_at from ({facts}) f",
        value=picked.value,
        due=picked.due,
        facts=definition.facts.rows(scope),
    )


def _statement(facts: Facts, kept: Sequence[Kept], scope: Scope) -> Sql:
    trait_ids = Sql("%s::bigint[]", (numbers(one.trait.pk for one in kept),))
    picked = [_selected(one, one.definition.picked(scope)) for one in kept]
    columns = ", ".join(_VALUES)
    return fill(
        "with facts as materialized ({facts}),"
        f" computed (profile_id, trait_id, {columns}, due_at) as materialized ({{picked}}),"
        " known as materialized (select v.* from analytics_computedvalue v"
        " where v.trait_id = any({trait_ids}){narrowed}),"
        " difference as materialized (select c.*, (k.profile_id is null and"
        f" {_HAS_VALUE.format(r='c')}) or (k.profile_id is not null and"
        f" ({_of('c')}) is distinct from ({_of('k')})) as is_news"
        " from computed c left join known k on k.profile_id = c.profile_id and k.trait_id = c.trait_id"
        f" where k.profile_id is null or ({_of('c')}, c.due_at) is distinct from ({_of('k')}, k.due_at)),"
        " missing as (select k.profile_id, k.trait_id from known k where not exists"
        " (select 1 from computed c where c.profile_id = k.profile_id and c.trait_id = k.trait_id)),"
        " gone as (delete from analytics_computedvalue v using missing m"
        " where v.profile_id = m.profile_id and v.trait_id = m.trait_id"
        f" returning v.profile_id, v.trait_id, {_HAS_VALUE.format(r='v')} as is_news),"
        f" written as (insert into analytics_computedvalue as v (profile_id, trait_id, {columns}, due_at)"
        f" select profile_id, trait_id, {columns}, due_at from difference"
        " on conflict (profile_id, trait_id) do update set"
        f" {', '.join(f'{one} = excluded.{one}' for one in (*_VALUES, 'due_at'))})"
        " select profile_id, trait_id from difference where is_news"
        " union all select profile_id, trait_id from gone where is_news",
        facts=facts.rows(scope),
        picked=join(" union all ", picked),
        trait_ids=trait_ids,
        narrowed=scope.narrowed("v.profile_id"),
    )


def _of(alias: str) -> str:
    return ", ".join(f"{alias}.{one}" for one in _VALUES)


def _selected(one: Kept, picked: Picked) -> Sql:
    column = COLUMNS[one.definition.type]
    values = [
        fill(f"({{value}})::{CASTS[name]}", value=picked.value) if name == column else Sql(f"null::{CASTS[name]}")
        for name in _VALUES
    ]
    return fill(
        "select f.profile_id, {trait}::bigint, {values}, {due}::timestamptz from facts f"
        " where ({value}) is not null or ({due}) is not null",
        trait=one.trait.pk,
        values=join(", ", values),
        value=picked.value,
        due=picked.due,
    )


def as_news(changed: Iterable[Changed], keys: Mapping[int, str], news: dict[int, set[str]]) -> None:
    """Adds `computed:<key>` to what is known to have changed of each person."""
    for one in changed:
        news.setdefault(one.profile_id, set()).add(f"computed:{keys[one.trait_id]}")
