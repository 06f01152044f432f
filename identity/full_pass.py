"""The full pass: everybody compared with everybody like them, the weights learned anew, links and candidates replaced.

Reading and weighing hold no lock and change nothing. What is found is written component by component: the candidates,
links and groups of a batch are one transaction, so a pass that is stopped, killed or run twice leaves every person
either as before or as found. Records that change meanwhile are compared once more when it has ended (waiting.hold).
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.common.copying import Cursor
from cdp.common.models import Job
from identity import block_rows, match_models, waiting
from identity.candidates import FLOOR
from identity.decisions import read_decisions
from identity.full_write import Pairs, write
from identity.incremental import JOB, lock_matching
from identity.judge import Judge
from identity.learn import Learned, corrected, learn
from identity.linking import Linked, NothingToCompare, Options, link
from identity.models import Candidate, MatchModel
from identity.plain_keys import VERSION
from identity.reading import read_apart, read_chunk
from identity.record_values import Table, all_columns
from identity.rule_sets import current
from identity.rules import Rules
from identity.weigh import Model

Clock = Callable[[], datetime]
READ, WEIGHED, WRITTEN = 30, 60, 100
"""Per cent of the work when each part has ended."""
SILENT, UNHEARD = timedelta(minutes=20), timedelta(minutes=2)
"""Longer than any step between two signs of life; how long a bell may take."""
OPEN = (Job.State.WAITING, Job.State.RUNNING)


class Stopped(Exception):
    """Someone pressed Stop, or another worker took over."""


@dataclass(slots=True)
class Outcome:
    """What the job's page says in the end."""

    records: int = 0
    pairs: int = 0
    links: int = 0
    linked: int = 0
    """Of the links, those that were not there before."""
    unlinked: int = 0
    groups_changed: int = 0
    to_review: int = 0
    decisions: int = 0
    is_corrected: bool = False


@dataclass(slots=True)
class Pass:
    """One run of a job, and what it found so far."""

    job_id: int
    fence: str
    clock: Clock
    rules: Rules
    outcome: Outcome = field(default_factory=Outcome)

    def tell(self, percent: float) -> None:
        """Raises Stopped if it should end."""
        now = self.clock()
        job = Job.objects.get(pk=self.job_id)
        if job.checkpoint.get("fence") != self.fence or job.state != Job.State.RUNNING:
            raise Stopped
        if job.is_cancel_requested:
            self.end(Job.State.CANCELLED)
            raise Stopped
        Job.objects.filter(pk=self.job_id).update(done=int(percent), heartbeat_at=now)

    def end(self, state: Job.State, *, error: str = "") -> None:
        now = self.clock()
        with transaction.atomic(), connection.cursor() as cursor:
            waiting.release(cursor)
            Job.objects.filter(pk=self.job_id, state=Job.State.RUNNING).update(
                state=state, finished_at=now, heartbeat_at=now, error=error[:1000], result=asdict(self.outcome)
            )


def start_full_pass(by: User | None, *, now: datetime) -> Job:
    """The job of a pass that waits or runs already, or a new one. The caller rings the bell after commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_matching(cursor)
        there = Job.objects.filter(kind=JOB, state__in=OPEN).first()
        return there or Job.objects.create(
            kind=JOB, title="Matching everybody by likeness", total=WRITTEN, created_by=by, created_at=now
        )


def run(job_id: int, *, clock: Clock) -> None:
    """Takes the job over and brings it to its end."""
    one = _take_over(job_id, clock)
    if one is None:
        return
    try:
        _run(one)
        one.end(Job.State.DONE)
    except Stopped:
        return
    except Exception as error:
        one.end(Job.State.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def _take_over(job_id: int, clock: Clock) -> Pass | None:
    """A new fence: whoever ran it before finds it changed and stops. None if it has ended, or another runs it."""
    now, fence = clock(), uuid.uuid4().hex
    with transaction.atomic(), connection.cursor() as cursor:
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state not in OPEN or (job.state == Job.State.RUNNING and not _is_silent(job, now)):
            return None
        job.checkpoint, job.state = {"fence": fence}, Job.State.RUNNING
        job.started_at, job.heartbeat_at, job.done = job.started_at or now, now, 0
        job.save()
        return Pass(job_id, fence, clock, current(cursor))


def _is_silent(job: Job, now: datetime) -> bool:
    return job.heartbeat_at is None or job.heartbeat_at < now - SILENT


def _run(one: Pass) -> None:
    with connection.cursor() as cursor:
        table = _read(cursor, one)
        ids = np.array(table.ids, np.int64)
        found = _weigh(cursor, one, table) if one.rules.fuzzy.is_on and len(ids) else None
        one.tell(WEIGHED)
        if found is not None:
            one.outcome.pairs, one.outcome.links = len(found.a), int(found.is_linked.sum())
        for written in write(cursor, found, one.rules, clock=one.clock):
            one.outcome.linked += written.linked
            one.outcome.unlinked += written.unlinked
            one.outcome.groups_changed += written.merges
            one.tell(WEIGHED + (WRITTEN - WEIGHED) * written.share)
        one.outcome.to_review = Candidate.objects.filter(state=Candidate.State.OPEN).count()


def _read(cursor: Cursor, one: Pass) -> Table:
    """Everybody's values; keys for those who have none, for all if the way they are made has changed."""
    kinds = one.rules.fuzzy.kinds
    columns, table = all_columns(kinds), Table(kinds)
    is_new = _keys_are_old(one.rules)
    cursor.execute("select coalesce(max(id), 0) from profiles_record")
    top, last = max(cursor.fetchone()[0], 1), 0
    while True:
        with transaction.atomic():
            lock_matching(cursor)
            ids, values = read_chunk(cursor, kinds, after=last)
            if not ids:
                return table
            if is_new:
                block_rows.put(cursor, ids, values, columns)
            else:
                block_rows.add(cursor, block_rows.without(cursor, values), columns)
        table.add(values)
        last = ids[-1]
        one.outcome.records += len(ids)
        one.tell(READ * min(last / top, 1))


def _keys_are_old(rules: Rules) -> bool:
    newest = MatchModel.objects.order_by("-id").first()
    return newest is None or newest.learned_from.get("keys") != _keys_made(rules)


def _keys_made(rules: Rules) -> str:
    return f"{VERSION} {sorted(rules.fuzzy.kinds.items())}"


def _weigh(cursor: Cursor, one: Pass, table: Table) -> Pairs | None:
    """The weights in force from now on, and the pairs they find."""
    fuzzy = one.rules.fuzzy
    ids = np.array(table.ids, np.int64)
    taught = learn(read_decisions(cursor), threshold=fuzzy.link)
    default: list[Model] = []

    def correct(model: Model, fields: Sequence[object]) -> Model:
        default.append(model)
        return corrected(model, [str(getattr(one, "name", "")) for one in fields], taught.correction)

    options = Options(
        link=fuzzy.link,
        review=fuzzy.review,
        largest=fuzzy.largest,
        tell=lambda _: one.tell((READ + WEIGHED) / 2),
        correct=correct,
        apart=read_apart(cursor, table.ids),
    )
    try:
        linked = link(table.columns(), file=np.zeros(len(ids), np.int8), options=options)
    except NothingToCompare:
        return None
    if not default or linked.scorer is None or linked.of is None:
        return None
    scorer = linked.scorer
    known = match_models.learned(scorer, default[0], taught.correction, records=one.outcome.records)
    with transaction.atomic():
        lock_matching(cursor)
        model_id = match_models.store(
            cursor, known, learned_from=_learned_from(one, linked, taught), quality=_below(linked), now=one.clock()
        )
        match_models.store_terms(cursor, match_models.terms(scorer, linked.of))
    return _pairs(Judge(ids, scorer, linked.of, fuzzy, model_id), linked)


def _learned_from(one: Pass, linked: Linked, taught: Learned) -> dict[str, object]:
    one.outcome.decisions, one.outcome.is_corrected = taught.decisions, taught.is_used
    counts = {"records": len(linked.group), "pairs": len(linked.a), "decisions": taught.decisions}
    return {**counts, "keys": _keys_made(one.rules), "learning": {**asdict(taught), "correction": None}}


def _below(linked: Linked) -> dict[str, float]:
    """Doubles that are expected among the pairs not worth keeping: the sum of their probabilities."""
    probability = linked.probability
    return {"below_floor": float(probability[probability < FLOOR].sum())}


def _pairs(judge: Judge, linked: Linked) -> Pairs:
    keep = np.flatnonzero(linked.probability >= FLOOR)
    a, b = linked.a[keep].astype(np.int64), linked.b[keep].astype(np.int64)
    weight, may = linked.weight[keep].astype(np.float64), linked.may_merge[keep]
    line = np.log2(judge.fuzzy.link / (1 - judge.fuzzy.link))
    is_linked = (linked.group[a] == linked.group[b]) & may & (weight >= line)
    return Pairs(judge, a, b, weight, may, is_linked)


def abandoned(*, now: datetime) -> list[int]:
    """Passes that nobody has touched for a while."""
    jobs = Job.objects.filter(kind=JOB)
    waiting_long = jobs.filter(state=Job.State.WAITING, created_at__lt=now - UNHEARD)
    silent = jobs.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - SILENT)
    return sorted((waiting_long | silent).values_list("pk", flat=True))


def stop(job: Job, *, now: datetime) -> None:
    """It ends before its next batch; what is written stays. One that no worker has ends at once."""
    with transaction.atomic():
        one = Job.objects.select_for_update().get(pk=job.pk)
        if one.state == Job.State.RUNNING:
            one.is_cancel_requested = True
        elif one.state == Job.State.WAITING:
            one.state, one.finished_at = Job.State.CANCELLED, now
        one.save()
