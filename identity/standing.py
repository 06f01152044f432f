"""What became of candidate pairs: linked, a question to a steward, or left alone.

Plain look-ups by record, put together here: as one statement with what two records share, PostgreSQL came to read all
identifiers for every few hundred pairs.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cdp.common.copying import Cursor, numbers, texts
from identity.candidates import UNDECIDED, Pair, State
from identity.rules import Rules

Values = dict[int, set[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """An undecided candidate as it stands in the table."""

    id: int
    pair: Pair
    probability: float
    state: str
    is_exact: bool


def restate(cursor: Cursor, record_ids: Iterable[int], rules: Rules) -> None:
    """Says of the undecided candidates with these records what became of them; call it after groups changed. Nobody is
    asked about records of one profile, or of two that can never be one for their hard identifiers."""
    found = _undecided(cursor, record_ids)
    records = {record for one in found for record in one.pair}
    linked, profile_of, shared = _linked(cursor, records), _profiles(cursor, records), _identifiers(cursor, records)
    asked = [
        one
        for one in found
        if one.pair not in linked
        and one.probability >= rules.fuzzy.review
        and len({profile_of.get(record, 0) for record in one.pair} - {0}) == 2
    ]
    hard = _hard(cursor, {profile_of[record] for one in asked for record in one.pair}, rules)
    is_open = {one.pair for one in asked if not _exclude(*(hard.get(profile_of[record], {}) for record in one.pair))}
    changes = []
    for one in found:
        state = State.LINKED if one.pair in linked else State.OPEN if one.pair in is_open else State.LEFT
        is_exact = bool(shared.get(one.pair[0], set()) & shared.get(one.pair[1], set()))
        if (state, is_exact) != (one.state, one.is_exact):
            changes.append((one.id, state.value, is_exact))
    _write(cursor, changes)


def close_answered(cursor: Cursor) -> int:
    """Questions that events answered meanwhile: the two records are of one profile now. Returns how many."""
    cursor.execute(
        "with answered as (select c.id from identity_candidate c join profiles_record a on a.id = c.record_a"
        " join profiles_record b on b.id = c.record_b where c.state = 'open' and a.profile_id = b.profile_id"
        " for update of c skip locked)"
        " update identity_candidate set state = 'left' where id in (select id from answered)"
    )
    return int(cursor.rowcount)


def _undecided(cursor: Cursor, record_ids: Iterable[int]) -> list[Standing]:
    ids = numbers(record_ids)
    columns = "id, record_a, record_b, probability, state, is_exact"
    cursor.execute(
        f"select {columns} from identity_candidate where record_a = any(%s::bigint[]) and state in %s"
        f" union select {columns} from identity_candidate where record_b = any(%s::bigint[]) and state in %s",
        [ids, UNDECIDED, ids, UNDECIDED],
    )
    return [Standing(id_, (a, b), *more) for id_, a, b, *more in cursor.fetchall()]


def _linked(cursor: Cursor, records: Collection[int]) -> set[Pair]:
    """Pairs that are linked by likeness, if the link counts."""
    cursor.execute(
        "select record_a, record_b from identity_link"
        " where record_a = any(%s::bigint[]) and kind = 'fuzzy' and dropped_for = ''",
        [numbers(records)],
    )
    return set(cursor.fetchall())


def _profiles(cursor: Cursor, records: Collection[int]) -> dict[int, int]:
    cursor.execute("select id, profile_id from profiles_record where id = any(%s::bigint[])", [numbers(records)])
    return dict(cursor.fetchall())


def _identifiers(cursor: Cursor, records: Collection[int]) -> Values:
    """Those that count."""
    cursor.execute(
        "select record_id, namespace, value from profiles_identifier"
        " where record_id = any(%s::bigint[]) and dropped_for = ''",
        [numbers(records)],
    )
    found: Values = {}
    for record_id, namespace, value in cursor.fetchall():
        found.setdefault(record_id, set()).add((namespace, value))
    return found


def _hard(cursor: Cursor, profiles: Collection[int], rules: Rules) -> dict[int, dict[str, str]]:
    """Profile → its value in each hard namespace, of which it has one at most."""
    hard = [name for name, one in rules.namespaces.items() if one.is_hard]
    cursor.execute(
        "select profile_id, namespace, value from profiles_identifier"
        " where profile_id = any(%s::bigint[]) and namespace = any(%s::text[]) and dropped_for = ''",
        [numbers(profiles), texts(hard)],
    )
    found: dict[int, dict[str, str]] = {}
    for profile_id, namespace, value in cursor.fetchall():
        found.setdefault(profile_id, {})[namespace] = value
    return found


def _exclude(one: dict[str, str], other: dict[str, str]) -> bool:
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def _write(cursor: Cursor, changes: Collection[tuple[int, str, bool]]) -> None:
    if changes:
        cursor.execute(
            "update identity_candidate c set state = n.state, is_exact = n.is_exact"
            " from unnest(%s::bigint[], %s::text[], %s::bool[]) n(id, state, is_exact) where c.id = n.id",
            [
                numbers(id_ for id_, _, _ in changes),
                texts([state for _, state, _ in changes]),
                [is_exact for _, _, is_exact in changes],
            ],
        )
