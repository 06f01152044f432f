"""The lists of static segments: rows by record, so that membership follows the record through merges and back."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from cdp.common.copying import Cursor, numbers
from cdp.profiles.touched import touch
from cdp.rules.sql import Sql, fill
from segments.listed_leaf import fact
from segments.models import Listing, Segment

MOST_TOUCHED = 20_000
"""So many are followed one by one; more are found by a full refresh, which is cheaper then."""


class NotAList(Exception):
    """Its people follow from a rule. Only a fixed list can be added to by hand."""


def add(segment: Segment, record_ids: Collection[int], *, now: datetime) -> int:
    """Puts the people of these records on the list; returns how many were not on it yet."""
    _refuse_rule(segment)
    with transaction.atomic(), connection.cursor() as cursor:
        added = put(cursor, segment.pk, fill("select unnest({ids}::bigint[])", ids=numbers(record_ids)), now=now)
        _tell(cursor, segment.pk, set(added), now=now)
    return len(set(added))


def take_off(segment: Segment, profile_ids: Collection[int], *, now: datetime) -> int:
    """Returns how many were on it."""
    _refuse_rule(segment)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "delete from segments_listing where segment_id = %s and profile_id = any(%s::bigint[])"
            " returning profile_id",
            [segment.pk, numbers(profile_ids)],
        )
        gone = {row[0] for row in cursor.fetchall()}
        _tell(cursor, segment.pk, gone, now=now)
    return len(gone)


def put(cursor: Cursor, segment_id: int, records: Sql, *, now: datetime) -> list[int]:
    """Lists the records that `records` selects; returns whose they are. Telling readers is the caller's.

    Profiles are locked as everyone locks them. One that was merged away while we waited is found again, with its
    record's new profile, when the statement runs once more.
    """
    insert = fill(
        "insert into segments_listing (segment_id, record_id, profile_id, listed_at)"
        " select {segment}, r.id, r.profile_id, {now} from (select r.id, r.profile_id"
        " from profiles_record r join profiles_profile p on p.id = r.profile_id"
        " where r.id in ({records}) and p.merged_into is null and not exists"
        " (select 1 from segments_listing l where l.segment_id = {segment} and l.record_id = r.id)"
        " order by p.id for key share of p) r on conflict do nothing returning profile_id",
        segment=segment_id,
        now=now,
        records=records,
    )
    listed: list[int] = []
    while True:
        cursor.execute(insert.text, insert.values)
        found = [row[0] for row in cursor.fetchall()]
        if not found:
            return listed
        listed += found


def first_records(profiles: Sql) -> Sql:
    """Of people who are meant as a whole, the record by which they are listed: the one that is known longest."""
    return fill(
        "select distinct on (r.profile_id) r.id from profiles_record r where r.profile_id in ({profiles})"
        " order by r.profile_id, r.first_seen_at, r.id",
        profiles=profiles,
    )


def n_listed(segment_id: int) -> int:
    return Listing.objects.filter(segment_id=segment_id).values("profile_id").distinct().count()


def _tell(cursor: Cursor, segment_id: int, profile_ids: Collection[int], *, now: datetime) -> None:
    if len(profile_ids) > MOST_TOUCHED:
        Segment.objects.filter(pk=segment_id).update(is_stale=True)
    else:
        touch(cursor, {one: [fact(segment_id)] for one in sorted(profile_ids)}, now=now)


def _refuse_rule(segment: Segment) -> None:
    if segment.kind != Segment.Kind.STATIC:
        raise NotAList
