"""Who each record of a batch is: known people by a look-up, new edges under the identity lock.

Exact identifiers, and the links that are there already. A batch that says nothing new about who is who never takes
the lock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from cdp.common.copying import Cursor, numbers, texts, times
from cdp.profiles.sightings import Edge, Sighting
from identity.assign import Held
from identity.component import Seeds
from identity.ledger import Cause
from identity.locks import lock_identity, lock_profiles
from identity.regroup import connect
from identity.rule_sets import current
from identity.rules import Rules


class _OrderMatters(Exception):
    """An older message arrived for people between whom there is a conflict: who was first decides it."""


def resolve(cursor: Cursor, sightings: Sequence[Sighting], *, rules: Rules, now: datetime) -> dict[int, str]:
    """Sets record_id and profile_id of every sighting and locks the profiles until commit, in id order.

    Returns the profiles that lost or gained records, and how.
    """
    find_records(cursor, sightings)
    if all(one.record_id for one in sightings):
        unknown, earlier = _news(cursor, sightings)
        if not unknown:
            try:
                with transaction.atomic():
                    _lock_until_still(cursor, sightings)
                    # Only under the profiles' locks: whoever connects reads these times under them.
                    _date_back(cursor, earlier, rules)
                return {}
            except _OrderMatters:
                pass
    lock_identity(cursor)
    find_records(cursor, sightings)
    return _connect(cursor, sightings, _newest(cursor, rules), now=now)


def _newest(cursor: Cursor, rules: Rules) -> Rules:
    """Rules applied since these were read: whoever waited for the lock must not undo what was settled by them."""
    found = current(cursor)
    return found if found.version > rules.version else rules


def find_records(cursor: Cursor, sightings: Sequence[Sighting]) -> None:
    """Sets what is known of each: its record, that record's profile, and since when it is known."""
    cursor.execute(
        "select n.i, r.id, r.profile_id, r.first_seen_at from profiles_record r"
        " join unnest(%s::bigint[], %s::text[], %s::int[]) n(source_id, key, i)"
        " on r.source_id = n.source_id and r.key = n.key",
        [
            numbers(one.source_id for one in sightings),
            texts([one.key for one in sightings]),
            numbers(range(len(sightings))),
        ],
    )
    for index, record_id, profile_id, first_seen_at in cursor.fetchall():
        one = sightings[index]
        one.record_id, one.profile_id, one.known_since = record_id, profile_id, first_seen_at


def own_edge(one: Sighting) -> Edge:
    kind, _, value = one.key.partition(":")
    return ("user_id" if kind == "user" else "anonymous_id", value)


def _news(cursor: Cursor, known: Sequence[Sighting]) -> tuple[list[Sighting], list[Sighting]]:
    """Of known records: those with an identifier they were not seen with, and those with one seen later until now."""
    unknown: list[Sighting] = []
    earlier: list[Sighting] = []
    linking = []
    for one in known:
        if _claims_more(one):
            linking.append(one)
        elif one.known_since is not None and one.first_at < one.known_since:
            earlier.append(one)
    if linking:
        cursor.execute(
            "select record_id, namespace, value, first_seen_at from profiles_identifier"
            " where record_id = any(%s::bigint[])",
            [numbers(one.record_id for one in linking)],
        )
        since = {(record_id, namespace, value): at for record_id, namespace, value, at in cursor.fetchall()}
        for one in linking:
            first = [(since.get((one.record_id, *edge)), at) for edge, at in one.edges.items()]
            if any(then is None for then, _ in first):
                unknown.append(one)
            elif any(then is not None and at < then for then, at in first):
                earlier.append(one)
    return unknown, earlier


def _claims_more(one: Sighting) -> bool:
    """Than the id its record is keyed by, which every message of the record names."""
    return len(one.edges) > 1 or own_edge(one) not in one.edges


def _date_back(cursor: Cursor, earlier: Iterable[Sighting], rules: Rules) -> None:
    """An older message arrived later: its identifiers were seen earlier than was thought.

    Raises _OrderMatters if that could decide between people: where an edge was dropped, or a window is full.
    """
    rows = sorted(
        (namespace, value, one.record_id, at) for one in earlier for (namespace, value), at in one.edges.items()
    )
    if not rows:
        return
    cursor.execute(
        "update profiles_identifier i set first_seen_at = least(i.first_seen_at, n.at)"
        " from unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[]) n(namespace, value, record_id, at)"
        " where i.namespace = n.namespace and i.value = n.value and i.record_id = n.record_id"
        " and n.at < i.first_seen_at returning i.profile_id",
        [
            texts([row[0] for row in rows]),
            texts([row[1] for row in rows]),
            numbers(row[2] for row in rows),
            times(row[3] for row in rows),
        ],
    )
    dated = {profile_id for (profile_id,) in cursor.fetchall()}
    if dated and (_has_conflict(cursor, dated) or _has_full_window(cursor, dated, rules)):
        raise _OrderMatters


def _has_conflict(cursor: Cursor, profile_ids: set[int]) -> bool:
    """Whether an edge of these people was dropped, or one of others for a value of theirs."""
    cursor.execute(
        "select exists (select 1 from profiles_identifier i join profiles_identifier d"
        " on d.namespace = i.namespace and d.value = i.value and d.dropped_for in ('hard', 'limit', 'apart')"
        " where i.profile_id = any(%s::bigint[]))",
        [numbers(profile_ids)],
    )
    return bool(cursor.fetchone()[0])


def _has_full_window(cursor: Cursor, profile_ids: set[int], rules: Rules) -> bool:
    """Whether these people have so many values that their times decide whether a limit is kept."""
    cursor.execute(
        "select distinct namespace, count(distinct value) from profiles_identifier where profile_id = any(%s::bigint[])"
        " group by profile_id, namespace",
        [numbers(profile_ids)],
    )
    return any(
        (rule := rules.of(namespace)).window_days is not None and rule.limit is not None and count > rule.limit
        for namespace, count in cursor.fetchall()
    )


def _connect(cursor: Cursor, sightings: Sequence[Sighting], rules: Rules, *, now: datetime) -> dict[int, str]:
    """Under the identity lock: groups of all that is new, and of what is now older than it was."""
    new = [one for one in sightings if not one.record_id]
    known = [one for one in sightings if one.record_id]
    _number(cursor, new)
    unknown, earlier = _news(cursor, known)
    for one in (*new, *unknown):
        one.is_linked_anew = True
    changing = [*new, *unknown, *earlier]
    seeds = Seeds(
        [one.record_id for one in changing],
        [Held(one.record_id, (one.source_id, one.key), one.first_at, one.last_at) for one in new],
        {one.record_id: one.edges for one in changing},
        [one.profile_id for one in known],
    )
    done = connect(cursor, seeds, rules, Cause(), now=now)
    for one in sightings:
        one.profile_id = done.profile_of.get(one.record_id, one.profile_id)
    _lock_until_still(cursor, sightings)
    return done.touched


def _number(cursor: Cursor, new: Sequence[Sighting]) -> None:
    """Numbers for records that are not in the table yet."""
    if new:
        cursor.execute(
            "select nextval(pg_get_serial_sequence('profiles_record', 'id')) from generate_series(1, %s)", [len(new)]
        )
        for one, (record_id,) in zip(new, cursor.fetchall(), strict=True):
            one.record_id = record_id


def _lock_until_still(cursor: Cursor, sightings: Sequence[Sighting]) -> None:
    """While a lock was waited for, a profile may have been merged away, or a record have left it."""
    while lock_profiles(cursor, [one.profile_id for one in sightings]) or _have_left(cursor, sightings):
        find_records(cursor, sightings)


def _have_left(cursor: Cursor, sightings: Sequence[Sighting]) -> bool:
    cursor.execute(
        "select exists (select 1 from unnest(%s::bigint[], %s::bigint[]) n(id, profile_id)"
        " join profiles_record r on r.id = n.id and r.profile_id <> n.profile_id)",
        [numbers(one.record_id for one in sightings), numbers(one.profile_id for one in sightings)],
    )
    return bool(cursor.fetchone()[0])
