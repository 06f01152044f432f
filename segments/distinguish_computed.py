"""Computed traits among what sets a segment's people apart: numbers and days since by quarters, texts by value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.analytics.models import ComputedTrait
from segments.distinguish import FEWEST, Counts, Thing, Values, counted
from segments.sampled import listed

# Days since are whole days, as rules read them.
NUMBERS = """
select v.trait_id, coalesce(v.number::float8, floor(extract(epoch from %s - v.at) / 86400)::float8), count(*)
  from profiles_profile p join analytics_computedvalue v on v.profile_id = p.id
 where p.id = any(%s::bigint[]) and v.trait_id = any(%s) and (v.number is not null or v.at is not null)
 group by 1, 2
"""
TEXTS = """
select v.trait_id, v.text, count(*) from profiles_profile p join analytics_computedvalue v on v.profile_id = p.id
 where p.id = any(%s::bigint[]) and v.trait_id = any(%s) and v.text is not null group by 1, 2 having count(*) >= %s
"""

PLAIN = (ComputedTrait.Type.NUMBER, ComputedTrait.Type.DURATION)


def computed(members: Sequence[int], everybody: Sequence[int], *, now: datetime) -> tuple[Counts, Counts]:
    traits = {one.pk: one for one in ComputedTrait.objects.filter(is_on=True, is_removed=False).exclude(as_of=None)}
    plain = [pk for pk, one in traits.items() if one.type in PLAIN]
    inside, outside = (_numbers(ids, plain, traits, now) for ids in (members, everybody))
    named = {f"computed:{one.key}": one.label for one in traits.values()}
    counts = counted(inside, outside, named=named)
    for ids, into in ((members, counts[0]), (everybody, counts[1])):
        for trait_id, value, n in _rows(TEXTS, listed(ids), list(traits), FEWEST // 3):
            one = traits[trait_id]
            into[Thing(one.fact, one.label, f"is {value[:80]}")] = n
    return counts


def _numbers(
    ids: Sequence[int], trait_ids: Sequence[int], traits: dict[int, ComputedTrait], now: datetime
) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for trait_id, value, n in _rows(NUMBERS, now, listed(ids), list(trait_ids)):
        found.setdefault(traits[trait_id].fact, {})[value] = n
    for one in (traits[trait_id] for trait_id in trait_ids):
        if one.is_zero_without:
            values = found.setdefault(one.fact, {})
            values[0.0] = values.get(0.0, 0) + len(ids) - sum(values.values())
    return found


def _rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())
