"""Finds people: by uuid, by identifier, by what stands in their traits."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from cdp.common.keyset import BadCursor, pack, unpack
from cdp.profiles.models import Identifier, Profile
from cdp.profiles.naming import RANK

MOST_BY_IDENTIFIER = 100
SCAN = 5_000
"""Rows looked through between two looks at the clock."""


class NoSuchPerson(Exception):
    """Nobody is known by that."""


def living(profile: Profile) -> Profile:
    """The profile itself, or the one it was merged into."""
    if profile.merged_into is None:
        return profile
    return Profile.objects.get(pk=profile.merged_into)


def by_uuid(uuid: UUID) -> Profile:
    """Answers for merged profiles with the winner."""
    profile = Profile.objects.filter(uuid=uuid).first()
    if profile is None:
        raise NoSuchPerson
    return living(profile)


def by_identifier(namespace: str, value: str) -> Profile:
    profile_id = (
        Identifier.objects.naming()
        .filter(namespace=namespace, value__in=sorted({value, value.lower()}))
        .order_by("value", "profile_id")
        .values_list("profile_id", flat=True)
        .first()
    )
    if profile_id is None:
        raise NoSuchPerson
    return living(Profile.objects.get(pk=profile_id))


def by_any(text: str) -> Profile:
    """`namespace:value`, or a uuid."""
    if "\x00" in text:
        raise NoSuchPerson
    try:
        return by_uuid(UUID(text))
    except ValueError:
        pass
    namespace, colon, value = text.partition(":")
    if not colon:
        raise NoSuchPerson
    return by_identifier(namespace, value)


def by_known(value: str) -> Profile:
    """Who has this as an identifier of any kind; what people recognise best decides between several."""
    if "\x00" in value:
        raise NoSuchPerson
    rows = Identifier.objects.naming().filter(value__in=sorted({value, value.lower()}))
    ranked = sorted(rows[:MOST_BY_IDENTIFIER], key=lambda one: (RANK.get(one.namespace, 3), one.namespace, one.pk))
    if not ranked:
        raise NoSuchPerson
    return living(Profile.objects.get(pk=ranked[0].profile_id))


def identifiers_of(profile_ids: Sequence[int]) -> dict[int, list[Identifier]]:
    found: dict[int, list[Identifier]] = {}
    for one in Identifier.objects.naming().filter(profile_id__in=profile_ids).order_by("first_seen_at", "id"):
        found.setdefault(one.profile_id, []).append(one)
    return found


def starting_with(text: str) -> dict[int, str]:
    """Profile id → the identifier that starts so; at most MOST_BY_IDENTIFIER, by the index on values."""
    patterns = sorted({_escaped(form) + "%" for form in (text, text.lower())})
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id, namespace, value from profiles_identifier where value like any(%s) limit %s",
            [patterns, MOST_BY_IDENTIFIER * 3],
        )
        found: dict[int, str] = {}
        for profile_id, namespace, value in cursor.fetchall():
            found.setdefault(profile_id, f"{namespace}: {value}")
    return dict(list(found.items())[:MOST_BY_IDENTIFIER])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class Seen:
    """Days between which a person was last seen; None is open."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Scan:
    """What a search through traits found: profile id → the trait that matched."""

    found: dict[int, str]
    scanned: int
    next: str
    """Where to go on; empty once everybody was looked at."""


CHUNK = """
with chunk as materialized (
  select id, last_seen_on, traits from profiles_profile
   where merged_into is null and (last_seen_on, id) < (%(on)s, %(id)s)
     and last_seen_on >= %(since)s and last_seen_on <= %(until)s
   order by last_seen_on desc, id desc limit %(limit)s),
hit as (
  select id, last_seen_on, (select key || ': ' || left(value, 80) from jsonb_each_text(traits)
                             where value ilike %(pattern)s limit 1) as trait
    from chunk where traits::text ilike %(as_json)s)
select id, last_seen_on, trait, 0 from hit where trait is not null
union all
(select id, last_seen_on, null, (select count(*) from chunk) from chunk order by last_seen_on, id limit 1)
order by 2 desc, 1 desc, 3 nulls last
"""


def in_traits(text: str, *, after: str, size: int, is_time_up: Callable[[], bool], seen: Seen | None = None) -> Scan:
    """People whose traits contain the text, most recently seen first.

    There is no index for this: one would cost every change of a trait. So the list is walked in its own
    order until the page is full or the time is up, and the next page goes on from there.
    """
    found: dict[int, str] = {}
    scanned = 0
    on, profile_id = _position(after)
    while True:
        rows = _chunk(text, on, profile_id, seen or Seen())
        for profile_id, on, trait, looked_at in rows:
            if trait is None:
                scanned += looked_at
                continue
            found[profile_id] = trait
            if len(found) == size:
                return Scan(found, scanned, pack([on.isoformat(), profile_id]))
        if not rows or rows[-1][3] < SCAN:
            return Scan(found, scanned, "")
        if is_time_up():
            return Scan(found, scanned, pack([on.isoformat(), profile_id]))


def _chunk(text: str, on: date, profile_id: int, seen: Seen) -> list[tuple[int, date, str | None, int]]:
    values: dict[str, Any] = {
        "on": on,
        "id": profile_id,
        "since": seen.since or date.min,
        "until": seen.until or date.max,
        "limit": SCAN,
        "pattern": f"%{_escaped(text)}%",
        "as_json": f"%{_escaped(json.dumps(text, ensure_ascii=False)[1:-1])}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(CHUNK, values)
        return list(cursor.fetchall())


def _position(after: str) -> tuple[date, int]:
    if not after:
        return date.max, 0
    try:
        on, profile_id = unpack(after)
        return date.fromisoformat(on), int(profile_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadCursor from error
