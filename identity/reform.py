"""All groups anew: what other rules would change, told without changing it; and making every group follow its rules."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from cdp.common.copying import Cursor
from cdp.profiles.touched import touch
from identity.component import Component, Seeds, around, read_edges
from identity.grouping import Grouped, grouped
from identity.ledger import Cause
from identity.locks import lock_identity
from identity.models import Merge, RuleSet
from identity.regroup import connect
from identity.rule_sets import current, parsed
from identity.rules import Rules
from identity.settle import Settled

CHUNK = 1_000
"""Records per transaction: events wait for the identity lock no longer than for a batch of their own."""
SAMPLES = 20
Report = Callable[[int, int], None]
"""(done, all)"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One set of people that the rules see otherwise: record numbers, person by person."""

    before: list[list[int]]
    after: list[list[int]]


@dataclass(slots=True)
class Difference:
    """What changes, in people. `joined` are made of several whole ones, `broken` fall apart into several,
    `changed` exchange records with others."""

    records: int = 0
    people_before: int = 0
    people_after: int = 0
    joined: int = 0
    broken: int = 0
    changed: int = 0
    concerned: int = 0
    """People of today whose records do not stay together, or not alone."""
    dropped_before: int = 0
    dropped_after: int = 0
    """Identifiers that count for nobody because of a conflict or a block."""
    samples: list[Sample] = field(default_factory=list)

    @property
    def is_none(self) -> bool:
        return not (self.joined or self.broken or self.changed)

    def add(self, before: Collection[frozenset[int]], after: Collection[frozenset[int]]) -> None:
        old, new = set(before) - set(after), set(after) - set(before)
        of_new = {record: group for group in new for record in group}
        of_old = {record: group for group in old for record in group}
        joined = [group for group in new if all(of_old[record] <= group for record in group)]
        broken = [group for group in old if all(of_new[record] <= group for record in group)]
        self.joined += len(joined)
        self.broken += len(broken)
        self.concerned += len(old)
        self.changed += len(old - {of_old[record] for group in joined for record in group} - set(broken))
        if old and len(self.samples) < SAMPLES:
            self.samples.append(Sample(_listed(old), _listed(new)))


def compare(rules: Rules, *, most: int | None = None, report: Report = lambda done, of: None) -> Difference:
    """Reads everything, or the components of `most` records spread over all, and changes nothing."""
    found = Difference()
    with connection.cursor() as cursor:
        for component in _components(cursor, rules, most=most, report=report):
            read_edges(cursor, component)
            _count(found, component, grouped(component.known(), rules))
    return found


class Superseded(Exception):
    """Newer rules were applied meanwhile: they are the ones that everybody follows."""


@dataclass(frozen=True, slots=True)
class Settling:
    """After a chunk: how many of all records are done, the last of them, how many profiles changed in this run."""

    done: int
    total: int
    last_record: int
    changed: int


def settle_all(version: int, *, clock: Callable[[], datetime], report: Report = lambda done, of: None) -> int:
    """Makes every group follow the applied rules. Returns how many profiles changed."""
    changed = 0
    for at in settling(version, clock=clock):
        report(at.done, at.total)
        changed = at.changed
    return changed


def settling(version: int, *, clock: Callable[[], datetime], after: int = 0) -> Iterator[Settling]:
    """The same chunk by chunk, while events go on. Safe to repeat; one that was stopped goes on `after` a record.

    Records that came since the rules were applied follow them already. Raises Superseded.
    """
    with connection.cursor() as cursor:
        rules = parsed(cursor, version)
        ids, seen, changed = _record_ids(cursor, most=None), set[int](), 0
        for start in range(bisect_right(ids, after), len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            settled = _settle_chunk(cursor, [one for one in chunk if one not in seen], rules, clock)
            seen |= settled.profile_of.keys()
            changed += len(settled.touched)
            yield Settling(start + len(chunk), len(ids), chunk[-1], changed)
    RuleSet.objects.filter(pk=version).update(settled_at=clock())


def _settle_chunk(cursor: Cursor, records: list[int], rules: Rules, clock: Callable[[], datetime]) -> Settled:
    if not records:
        return Settled({})
    with transaction.atomic():
        now = clock()
        lock_identity(cursor)
        if current(cursor).version != rules.version:
            raise Superseded
        done = connect(cursor, Seeds(records), rules, Cause(Merge.How.RULES), now=now)
        touch(cursor, {profile: [word] for profile, word in done.touched.items()}, now=now)
    return done


def _components(cursor: Cursor, rules: Rules, *, most: int | None, report: Report) -> Iterator[Component]:
    ids, seen = _record_ids(cursor, most=most), set[int]()
    for start in range(0, len(ids), CHUNK):
        chunk = [record for record in ids[start : start + CHUNK] if record not in seen]
        if chunk:
            found = around(cursor, Seeds(chunk), rules)
            seen |= found.held.keys()
            yield found
        report(min(start + CHUNK, len(ids)), len(ids))


def _record_ids(cursor: Cursor, *, most: int | None) -> list[int]:
    """All, or so many in an order that hashing makes, the same each time."""
    if most is None:
        cursor.execute("select id from profiles_record order by id")
    else:
        cursor.execute(
            "select id from profiles_record where mod(hashint8(id)::bigint + 2147483648, greatest(1,"
            " (select count(*) from profiles_record) / %s)) = 0 order by id limit %s",
            [most, most],
        )
    return [record for (record,) in cursor.fetchall()]


def _count(found: Difference, component: Component, result: Grouped) -> None:
    by_profile: dict[int, set[int]] = {}
    for one in component.held.values():
        by_profile.setdefault(one.profile, set()).add(one.record)
    before = [frozenset(group) for group in by_profile.values()]
    after = [frozenset(group) for group in result.groups]
    found.records += len(component.held)
    found.people_before += len(before)
    found.people_after += len(after)
    found.dropped_before += sum(why != "" for edges in component.stored.values() for _, why in edges.values())
    found.dropped_after += len(result.dropped)
    found.add(before, after)


def _listed(groups: Collection[frozenset[int]]) -> list[list[int]]:
    return sorted(sorted(group) for group in groups)
