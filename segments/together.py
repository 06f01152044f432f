"""Many segments asked in one statement. What fails together is asked one by one, so that each delays only itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, TypeVar

from django.db import DatabaseError, transaction

from cdp.common.copying import Cursor
from cdp.rules.fields import RuleError
from cdp.rules.shared import Asked, found_sql
from cdp.rules.sql import Sql, fill, join
from cdp.rules.tree import Scope, crossings
from segments.failing import is_its_own
from segments.live import Live

PAIRS = 20_000
"""Segments times profiles in one statement: a second's work, however long the queue is."""
TUNED = "set local max_parallel_workers_per_gather = 0; set local jit = off; set local work_mem = '32MB'; "
"""Small sets over indexes: what is meant for large ones only costs time here."""

Pair = tuple[int, int]
"""(segment, profile)."""


@dataclass(frozen=True)
class Scan:
    """A part of a statement; it selects one column."""

    segment_ids: tuple[int, ...]
    sql: Sql
    size: ClassVar[int] = 1


@dataclass(frozen=True)
class Members:
    """Of some profiles, those for whom a segment's rule holds."""

    segment: Live
    ids: tuple[int, ...]
    now: datetime

    @property
    def segment_ids(self) -> tuple[int, ...]:
        return (self.segment.id,)

    @property
    def size(self) -> int:
        return len(self.ids)


Question = TypeVar("Question", Scan, Members)


@dataclass
class Together:
    """One claim's questions. Whoever failed is in `failed` and is not asked again."""

    cursor: Cursor
    scope: Scope
    """`ids` is not used."""
    within_s: float
    failed: dict[int, Exception] = field(default_factory=dict)

    def crossed(self, segments: Iterable[Live]) -> dict[int, set[int]]:
        """By segment, those whose answer may flip by time alone. Equal scans of several are made once."""
        scans: dict[str, tuple[Sql, list[int]]] = {}
        for one in segments:
            for scan in self._built(one, self._scans_of):
                scans.setdefault(repr(scan), (scan, []))[1].append(one.id)
        found: dict[int, set[int]] = {}
        asked = [Scan(tuple(ids), scan) for scan, ids in scans.values()]
        for segment_id, profile_id in self._ask(asked, _scanning):
            found.setdefault(segment_id, set()).add(profile_id)
        return found

    def members(self, wanted: Mapping[Live, Iterable[int]]) -> set[Pair]:
        """Of these profiles of each segment, those for whom its rule holds."""
        kept: dict[tuple[int, ...], tuple[int, ...]] = {}
        by_now: dict[datetime, list[Members]] = {}
        for one, profile_ids in wanted.items():
            now = self.now_of(one)
            for ids in _slices(sorted(profile_ids)):
                by_now.setdefault(now, []).append(Members(one, kept.setdefault(ids, ids), now))
        return {pair for questions in by_now.values() for pair in self._ask(questions, self._finding)}

    def now_of(self, segment: Live) -> datetime:
        """Never older than what the segment was last read at."""
        return max(self.scope.now, segment.as_of or self.scope.now)

    def _scans_of(self, segment: Live) -> Sequence[Sql]:
        since, scope = segment.as_of, self._of(segment)
        return crossings(segment.node, since, scope) if since is not None and since < scope.now else ()

    def _of(self, segment: Live) -> Scope:
        return replace(self.scope, now=self.now_of(segment))

    def _built(self, segment: Live, build: Callable[[Live], Sequence[Sql]]) -> Sequence[Sql]:
        try:
            return build(segment)
        except RuleError as error:
            self.failed[segment.id] = error
            return ()

    def _finding(self, questions: Sequence[Members]) -> Sql:
        scope = replace(self.scope, now=questions[0].now)
        return found_sql([Asked(one.segment.node, one.ids) for one in questions], scope)

    def _ask(self, questions: Sequence[Question], build: Callable[[Sequence[Question]], Sql]) -> Iterator[Pair]:
        for some in _packed(questions):
            asked = [one for one in some if not self.failed.keys() & one.segment_ids]
            if asked:
                yield from self._answers(asked, build)

    def _answers(self, questions: Sequence[Question], build: Callable[[Sequence[Question]], Sql]) -> list[Pair]:
        try:
            sql = build(questions)
            with transaction.atomic():
                return self._run(sql, questions)
        except (DatabaseError, RuleError) as error:
            if isinstance(error, DatabaseError) and not is_its_own(error):
                raise
            if len(questions) == 1:
                self.failed.update(dict.fromkeys(questions[0].segment_ids, error))
                return []
        return [pair for one in questions for pair in self._answers([one], build)]

    def _run(self, sql: Sql, questions: Sequence[Question]) -> list[Pair]:
        limit = f"set local statement_timeout = {int(self.within_s * 1000)}; "
        self.cursor.execute(limit + TUNED + sql.text, sql.values)
        rows = self.cursor.fetchall()
        self.cursor.execute("set local statement_timeout to default; set local work_mem to default")
        return [(segment_id, profile_id) for tag, profile_id in rows for segment_id in questions[tag].segment_ids]


def _scanning(questions: Sequence[Scan]) -> Sql:
    tagged = [
        fill("select {tag}::int, q.id from ({sql}) q (id)", tag=tag, sql=one.sql) for tag, one in enumerate(questions)
    ]
    return join(" union all ", tagged)


def _slices(ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(ids), PAIRS):
        yield tuple(ids[start : start + PAIRS])


def _packed(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """In statements of bounded size."""
    batch: list[Question] = []
    size = 0
    for one in questions:
        if batch and size + one.size > PAIRS:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size
    if batch:
        yield batch
