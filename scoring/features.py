"""What is known of each person as of a moment: a table of named features, computed in SQL. Nothing later is seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from cdp.rules.sql import fill
from cdp.rules.tree import UTC
from scoring import feature_events
from scoring.binary import read_packed
from scoring.columns import Column, FeatureTable, stacked
from scoring.feature_columns import CHANNEL, NUMBERS, SOURCE, of_event, of_trait
from scoring.feature_orders import orders
from scoring.feature_words import came, traits_of
from scoring.past import held
from scoring.whose import People

CHUNK = 100_000
"""People read at a time where everybody is asked for: keeps memory flat."""
_KNOWN = "select p.id from profiles_profile p where p.merged_into is null and {of_people} order by 1"


@dataclass(frozen=True)
class Wanted:
    """What is learned from beside what always is: events and traits by their names. Hours and days are of `zone`."""

    events: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    zone: ZoneInfo = UTC


def columns(wanted: Wanted) -> tuple[Column, ...]:
    """Numbers first, then categories, as in the table."""
    return (*_numeric(wanted), *_categories(wanted))


def features_of(people: People, moment: datetime, *, wanted: Wanted) -> FeatureTable:
    """Of these people, as features_as_of."""
    return _read(moment, wanted, people)


def features_as_of(
    moment: datetime, *, wanted: Wanted, ids: Sequence[int] | None = None, after: int = 0, limit: int | None = None
) -> FeatureTable:
    """Of the people who were known by then, by ascending profile id: those of `ids`, or the next `limit` after an id.

    Who did nothing yet has a row too, with `tenure_days` NaN.
    """
    if ids is not None:
        return _read(moment, wanted, People.of(ids))
    if limit is not None:
        return _read(moment, wanted, People(after=after, until=_until(moment, after, limit)))
    return stacked([*_chunks(moment, wanted, after)])


def _chunks(moment: datetime, wanted: Wanted, after: int) -> Iterator[FeatureTable]:
    """At least one, though it may be empty."""
    while True:
        until = _until(moment, after, CHUNK)
        yield _read(moment, wanted, People(after=after, until=until))
        if _until(moment, until, 1) == until:
            return
        after = until


def _until(moment: datetime, after: int, limit: int) -> int:
    """The id that the chunk ends with; `after` where nobody is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select max(id) from (select id from profiles_profile where id > %s and merged_into is null"
            " and first_seen_at <= %s order by id limit %s) p",
            [after, moment, limit],
        )
        found = cursor.fetchone()[0]
    return after if found is None else int(found)


def _read(moment: datetime, wanted: Wanted, people: People) -> FeatureTable:
    with transaction.atomic(), connection.cursor() as cursor:
        past = held(cursor, moment, people=people)
        known = fill(_KNOWN, of_people=people.narrowed("p.id"))
        profile_ids = read_packed(cursor, past.before(["profiles_profile"], known))
        done = feature_events.read(cursor, past, people, moment=moment, events=wanted.events, profile_ids=profile_ids)
        named = feature_events.counted(done, wanted.events) | feature_events.visits(done, wanted.zone)
        first = done.first
        del done
        named |= orders(cursor, past, people, moment=moment, zone=wanted.zone, profile_ids=profile_ids)
        came_by = came(cursor, profile_ids=profile_ids, first=first)
        numbers, words = traits_of(cursor, past, people, moment=moment, names=wanted.traits, profile_ids=profile_ids)
    named |= {of_trait(name)[0].name: numbers[:, place] for place, name in enumerate(wanted.traits)}
    numeric = _numeric(wanted)
    values = np.column_stack([named[one.name] for one in numeric])
    return FeatureTable(profile_ids, numeric, values, _categories(wanted), np.hstack([came_by, words]))


def _numeric(wanted: Wanted) -> tuple[Column, ...]:
    events = (column for name in wanted.events for column in of_event(name))
    return (*NUMBERS, *events, *(of_trait(name)[0] for name in wanted.traits))


def _categories(wanted: Wanted) -> tuple[Column, ...]:
    return (SOURCE, CHANNEL, *(of_trait(name)[1] for name in wanted.traits))
