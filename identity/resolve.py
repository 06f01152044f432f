"""Who each record of a batch is: known people by a look-up, new edges under the identity lock.

Exact identifiers only. A batch whose records and edges are all known never takes the lock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cdp.common.copying import Cursor, numbers, texts, times
from cdp.profiles.sightings import Edge, Sighting
from identity.exact import HARD, Group, Join, Node, groups
from identity.merge import merge

IDENTITY_LOCK = 7_305_002


def resolve(cursor: Cursor, sightings: Sequence[Sighting], *, now: datetime) -> set[int]:
    """Sets record_id and profile_id of every sighting and locks the profiles until commit, in id order.

    Returns the profiles that lost or gained records by a merge.
    """
    earlier = find_records(cursor, sightings)
    new = [one for one in sightings if not one.record_id]
    linking = [one for one in sightings if one.record_id and _unknown_edges(one)]
    merged: set[int] = set()
    if new or (linking and _keep_unknown(cursor, linking)):
        cursor.execute("select pg_advisory_xact_lock(%s)", [IDENTITY_LOCK])
        find_records(cursor, sightings)
        merged = _connect(cursor, sightings, now=now)
    _lock_until_still(cursor, sightings)
    # Only under the profiles' locks: whoever connects also writes identifiers, in another order.
    _date_back(cursor, earlier)
    return merged


def find_records(cursor: Cursor, sightings: Sequence[Sighting]) -> list[Sighting]:
    """Sets what is known of each; returns those whose record was first seen later than this."""
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
    earlier = []
    for index, record_id, profile_id, first_seen_at in cursor.fetchall():
        one = sightings[index]
        one.record_id, one.profile_id = record_id, profile_id
        if one.first_at < first_seen_at:
            earlier.append(one)
    return earlier


def own_edge(one: Sighting) -> Edge:
    kind, _, value = one.key.partition(":")
    return ("user_id" if kind == "user" else "anonymous_id", value)


def _unknown_edges(one: Sighting) -> bool:
    """Whether it claims more than the id its record is keyed by, which came with the record."""
    return len(one.edges) > 1 or own_edge(one) not in one.edges


def _date_back(cursor: Cursor, earlier: Iterable[Sighting]) -> None:
    """An older message arrived later: its identifiers were seen earlier than was thought.

    Under the locks of their profiles: two workers that updated in two orders would wait for each other.
    """
    rows = sorted(
        (namespace, value, one.record_id, at) for one in earlier for (namespace, value), at in one.edges.items()
    )
    if rows:
        cursor.execute(
            "update profiles_identifier i set first_seen_at = least(i.first_seen_at, n.at)"
            " from unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[]) n(namespace, value, record_id, at)"
            " where i.namespace = n.namespace and i.value = n.value and i.record_id = n.record_id"
            " and n.at < i.first_seen_at",
            [
                texts([row[0] for row in rows]),
                texts([row[1] for row in rows]),
                numbers(row[2] for row in rows),
                times(row[3] for row in rows),
            ],
        )


def _keep_unknown(cursor: Cursor, linking: Sequence[Sighting]) -> bool:
    """Whether any edge of these known records is not in the table yet."""
    cursor.execute(
        "select record_id, namespace, value from profiles_identifier where record_id = any(%s)",
        [[one.record_id for one in linking]],
    )
    known = set(cursor.fetchall())
    return any((one.record_id, *edge) not in known for one in linking for edge in one.edges)


def _connect(cursor: Cursor, sightings: Sequence[Sighting], *, now: datetime) -> set[int]:
    """Writes new profiles, records and edges; merges the profiles that the edges connect."""
    nodes = [_node(one, index) for index, one in enumerate(sightings)]
    joins = _joins(cursor, sightings, nodes)
    hard = _hard_values(cursor, sightings, nodes, joins)
    lock_profiles(cursor, [index for kind, index in hard if kind == "profile"])
    found = groups(hard, joins)
    born = iter(_create_profiles(cursor, [_span(g, sightings) for g in found if not profiles_of(g)], now=now))
    final: dict[Node, int] = {}
    merged: set[int] = set()
    for group in found:
        profiles = profiles_of(group)
        if len(profiles) > 1:
            merged |= set(profiles)
            home = merge(cursor, profiles, evidence=_evidence(group), now=now)
        else:
            home = profiles[0] if profiles else next(born)
        final.update(dict.fromkeys(group.nodes, home))
    for one, node in zip(sightings, nodes, strict=True):
        one.profile_id = final[node]
    _insert_records(cursor, [one for one in sightings if not one.record_id])
    _insert_edges(cursor, sightings)
    return merged


def _node(one: Sighting, index: int) -> Node:
    return ("profile", one.profile_id) if one.profile_id else ("record", index)


def profiles_of(group: Group) -> list[int]:
    return sorted(index for kind, index in group.nodes if kind == "profile")


def _evidence(group: Group) -> dict[str, object]:
    return {
        "kind": "exact",
        "identifiers": [{"namespace": namespace, "value": value} for (namespace, value), *_ in group.evidence],
    }


def _joins(cursor: Cursor, sightings: Sequence[Sighting], nodes: Sequence[Node]) -> list[Join]:
    """Each identifier of the batch with everyone who has it, here and in the table."""
    claimed: dict[Edge, set[Node]] = {}
    since: dict[Edge, datetime] = {}
    for one, node in zip(sightings, nodes, strict=True):
        for edge, at in one.edges.items():
            claimed.setdefault(edge, set()).add(node)
            since[edge] = min(at, since.get(edge, at))
    cursor.execute(
        "select i.namespace, i.value, i.profile_id, min(i.first_seen_at) from profiles_identifier i"
        " join unnest(%s::text[], %s::text[]) n(namespace, value)"
        " on i.namespace = n.namespace and i.value = n.value group by 1, 2, 3",
        [texts([namespace for namespace, _ in claimed]), texts([value for _, value in claimed])],
    )
    for namespace, value, profile_id, at in cursor.fetchall():
        edge = (namespace, value)
        claimed[edge].add(("profile", profile_id))
        since[edge] = min(at, since[edge])
    return [Join(edge, since[edge], tuple(found)) for edge, found in claimed.items()]


def _hard_values(
    cursor: Cursor, sightings: Sequence[Sighting], nodes: Sequence[Node], joins: Sequence[Join]
) -> dict[Node, set[str]]:
    hard: dict[Node, set[str]] = {node: set() for node in nodes}
    hard.update({node: set() for join in joins for node in join.nodes})
    for one, node in zip(sightings, nodes, strict=True):
        hard[node] |= {value for namespace, value in one.edges if namespace == HARD}
    cursor.execute(
        "select profile_id, value from profiles_identifier where namespace = %s and profile_id = any(%s)",
        [HARD, [index for kind, index in hard if kind == "profile"]],
    )
    for profile_id, value in cursor.fetchall():
        hard["profile", profile_id].add(value)
    return hard


def _span(group: Group, sightings: Sequence[Sighting]) -> tuple[datetime, datetime]:
    seen = [sightings[index] for _, index in group.nodes]
    return min(one.first_at for one in seen), max(one.last_at for one in seen)


def _create_profiles(cursor: Cursor, spans: Sequence[tuple[datetime, datetime]], *, now: datetime) -> list[int]:
    if not spans:
        return []
    cursor.execute(
        "select nextval(pg_get_serial_sequence('profiles_profile', 'id')) from generate_series(1, %s)",
        [len(spans)],
    )
    ids = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "insert into profiles_profile (id, uuid, traits, first_seen_at, last_seen_at, created_at)"
        " select n.id, gen_random_uuid(), '{}', n.first_at, n.last_at, %s"
        " from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) n(id, first_at, last_at)",
        [now, numbers(ids), times(first for first, _ in spans), times(last for _, last in spans)],
    )
    return ids


def _insert_records(cursor: Cursor, new: Sequence[Sighting]) -> None:
    if not new:
        return
    cursor.execute(
        "insert into profiles_record (source_id, key, profile_id, traits, first_seen_at, last_seen_at)"
        " select n.source_id, n.key, n.profile_id, '{}', n.first_at, n.last_at"
        " from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])"
        " n(source_id, key, profile_id, first_at, last_at) returning id, source_id, key",
        [
            numbers(one.source_id for one in new),
            texts([one.key for one in new]),
            numbers(one.profile_id for one in new),
            times(one.first_at for one in new),
            times(one.last_at for one in new),
        ],
    )
    ids = {(source_id, key): record_id for record_id, source_id, key in cursor.fetchall()}
    for one in new:
        one.record_id = ids[one.source_id, one.key]


def _insert_edges(cursor: Cursor, sightings: Sequence[Sighting]) -> None:
    rows = sorted(
        (namespace, value, one.record_id, one.profile_id, at)
        for one in sightings
        for (namespace, value), at in one.edges.items()
    )
    cursor.execute(
        "insert into profiles_identifier (namespace, value, record_id, profile_id, first_seen_at)"
        " select * from unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[])"
        " on conflict (namespace, value, record_id) do update set first_seen_at = excluded.first_seen_at"
        " where excluded.first_seen_at < profiles_identifier.first_seen_at",
        [
            texts([row[0] for row in rows]),
            texts([row[1] for row in rows]),
            numbers(row[2] for row in rows),
            numbers(row[3] for row in rows),
            times(row[4] for row in rows),
        ],
    )


def lock_profiles(cursor: Cursor, profile_ids: Iterable[int]) -> set[int]:
    """Locks in id order, so that workers never wait for each other in a ring. Returns those merged away."""
    cursor.execute(
        "select id, merged_into from profiles_profile where id = any(%s::bigint[]) order by id for no key update",
        [numbers(sorted(set(profile_ids)))],
    )
    return {profile_id for profile_id, merged_into in cursor.fetchall() if merged_into is not None}


def _lock_until_still(cursor: Cursor, sightings: Sequence[Sighting]) -> None:
    """A profile may have been merged away while its lock was waited for: then its records moved."""
    while lock_profiles(cursor, [one.profile_id for one in sightings]):
        find_records(cursor, sightings)
