"""A steward's decisions: same, not the same, later, split, un-merge; each can be undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from cdp.profiles.models import Profile, Record
from identity import by_hand
from identity.by_hand import NotPossible, Outcome
from identity.locks import lock_identity
from identity.models import Apart, Candidate, Decision, Merge

WAITING = (Candidate.State.OPEN, Candidate.State.LATER)
Verdict = Decision.Verdict
RECENT = 10
"""Of one's own decisions, so many are looked through for a click that came twice."""


class AlreadyDecided(Exception):
    """Somebody else decided on these two meanwhile."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(str(self.__doc__))
        self.by = candidate.decided_by
        self.word = candidate.get_state_display()


class NotWaiting(Exception):
    """These two do not wait for a decision any more: they became one person by themselves, or were erased."""


class CannotUndo(Exception):
    """Too much has changed since."""


@transaction.atomic
def decide(
    candidate_id: int, verdict: Decision.Verdict, *, by: str, now: datetime, job_id: int | None = None
) -> Decision:
    """Decides on the two profiles of the candidate; other pairs of records of the same two go along.

    Twice by the same steward is once. Raises AlreadyDecided, NotWaiting and by_hand.NotPossible.
    """
    _lock()
    candidate = Candidate.objects.filter(pk=candidate_id).first()
    if candidate is None:
        raise NotWaiting
    if candidate.state not in WAITING:
        return _earlier(candidate, verdict, by=by)
    return _decide(owners(candidate), verdict, by=by, now=now, job_id=job_id)


@transaction.atomic
def merge(profile_ids: Sequence[int], *, by: str, now: datetime) -> Decision:
    """Two people that a steward found to be one. What waits between them is decided with it."""
    _lock()
    found = list(dict.fromkeys(living(one) for one in profile_ids))
    if len(found) != 2:
        raise NotWaiting
    return _decide((found[0], found[1]), Verdict.SAME, by=by, now=now)


def _decide(
    pair: tuple[int, int], verdict: Decision.Verdict, *, by: str, now: datetime, job_id: int | None = None
) -> Decision:
    ours, theirs = (records_of(one) for one in pair)
    before = [_standing(one) for one in between(ours, theirs)]
    was_apart = verdict is Verdict.SAME and _are_apart(ours, theirs)
    if verdict is Verdict.SAME:
        outcome = by_hand.merge_profiles(pair, by=by, now=now)
    elif verdict is Verdict.DIFFERENT:
        outcome = by_hand.keep_apart(pair, by=by, now=now)
    else:
        outcome = Outcome(profile_ids=list(pair))
        _put_off(before, by=by, now=now)
    more = {"before": before, "job_id": job_id, "was_apart": was_apart}
    return _note(verdict, (ours, theirs), outcome, by=by, now=now, more=more)


def _put_off(before: Sequence[dict[str, Any]], *, by: str, now: datetime) -> None:
    waiting = [one["id"] for one in before if one["state"] in WAITING]
    Candidate.objects.filter(pk__in=waiting).update(state=Candidate.State.LATER, decided_by=by, decided_at=now)


@transaction.atomic
def split(record_ids: Sequence[int], *, by: str, now: datetime) -> Decision:
    """Records of one person become a person of their own."""
    _lock()
    homes = sorted(set(Record.objects.filter(pk__in=record_ids).values_list("profile_id", flat=True)))
    staying = [record for home in homes for record in records_of(home) if record not in set(record_ids)]
    before = [_standing(one) for one in between(record_ids, staying)]
    outcome = by_hand.split(record_ids, by=by, now=now)
    return _note(Verdict.SPLIT, (staying, record_ids), outcome, by=by, now=now, more={"before": before})


@transaction.atomic
def unmerge(merge_id: int, *, by: str, now: datetime) -> Decision:
    _lock()
    row = Merge.objects.get(pk=merge_id)
    before = [_standing(one) for one in between(row.record_ids, row.winner_record_ids)]
    outcome = by_hand.unmerge(merge_id, by=by, now=now)
    return _note(
        Verdict.UNMERGED, (row.winner_record_ids, row.record_ids), outcome, by=by, now=now, more={"before": before}
    )


@transaction.atomic
def undo(decision_id: int, *, by: str, now: datetime) -> Decision:
    """Puts back what the decision changed. Twice is once. Raises CannotUndo."""
    _lock()
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    if decision.undone_at is not None:
        return decision
    try:
        if decision.verdict == Verdict.SAME:
            _undo_merge(decision, by=by, now=now)
        elif decision.separation_id is not None:
            # Links that it cut come back with it, and what they joined.
            by_hand.undo_keep_apart(decision.separation_id, by=by, now=now)
    except NotPossible as error:
        raise CannotUndo(str(error)) from error
    _put_back(decision.before)
    decision.undone_at, decision.undone_by = now, by
    decision.save(update_fields=["undone_at", "undone_by"])
    return decision


def _undo_merge(decision: Decision, *, by: str, now: datetime) -> None:
    """Without a separation, unless there was one: to undo is no word on who they are."""
    rows = Merge.objects.filter(pk__in=decision.merge_ids, verb=Merge.Verb.MERGED, undone_at=None).order_by("-id")
    merges = list(rows.values_list("pk", flat=True))
    if not merges:
        raise CannotUndo("They were un-merged since.")
    for merge_id in merges:
        by_hand.unmerge(merge_id, by=by, now=now, keep_apart=decision.was_apart)


def last_of(by: str, *, since: datetime) -> Decision | None:
    """What this steward's "undo" undoes: the last decision of the queue, unless it was part of many at once."""
    verdicts = (Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER)
    rows = Decision.objects.filter(by=by, at__gte=since, undone_at=None, job_id=None, verdict__in=verdicts)
    return rows.exclude(before=[]).order_by("-id").first()


def owners(candidate: Candidate) -> tuple[int, int]:
    """The profile of the first record, and of the second."""
    of = dict(Record.objects.filter(pk__in=[candidate.record_a, candidate.record_b]).values_list("pk", "profile_id"))
    a, b = of.get(candidate.record_a), of.get(candidate.record_b)
    if a is None or b is None or a == b:
        raise NotWaiting
    return a, b


def between(ours: Sequence[int], theirs: Sequence[int]) -> list[Candidate]:
    """Candidates between records of the two sides, whatever became of them."""
    ends = Q(record_a__in=ours, record_b__in=theirs) | Q(record_a__in=theirs, record_b__in=ours)
    return list(Candidate.objects.filter(ends).order_by("id"))


def records_of(profile_id: int) -> list[int]:
    return list(Record.objects.filter(profile_id=profile_id).values_list("pk", flat=True))


def living(profile_id: int) -> int:
    """The profile, or the one it was merged into."""
    row = Profile.objects.filter(pk=profile_id).values_list("merged_into", flat=True).first()
    return row or profile_id


def _are_apart(ours: Sequence[int], theirs: Sequence[int]) -> bool:
    of_ours = set(Apart.objects.filter(record_id__in=ours).values_list("separation_id", "side"))
    of_theirs = set(Apart.objects.filter(record_id__in=theirs).values_list("separation_id", "side"))
    return any((separation, 1 - side) in of_theirs for separation, side in of_ours)


def _lock() -> None:
    """Taken before any row: the pipeline takes it before rows of candidates and profiles, too."""
    with connection.cursor() as cursor:
        lock_identity(cursor)


def _earlier(candidate: Candidate, verdict: Decision.Verdict, *, by: str) -> Decision:
    """The same steward's same decision, made a moment ago."""
    if candidate.state not in (Candidate.State.SAME, Candidate.State.DIFFERENT):
        raise NotWaiting
    found = Decision.objects.filter(by=by, verdict=verdict, undone_at=None).order_by("-id")
    for one in found[:RECENT]:
        if candidate.pk in {line["id"] for line in one.before}:
            return one
    raise AlreadyDecided(candidate)


def _standing(candidate: Candidate) -> dict[str, Any]:
    at = candidate.decided_at.isoformat() if candidate.decided_at else None
    return {"id": candidate.pk, "state": candidate.state, "by": candidate.decided_by, "at": at}


def _put_back(before: Sequence[dict[str, Any]]) -> None:
    for one in before:
        at = datetime.fromisoformat(one["at"]) if one["at"] else None
        Candidate.objects.filter(pk=one["id"]).update(state=one["state"], decided_by=one["by"], decided_at=at)


def _note(
    verdict: Decision.Verdict,
    sides: tuple[Sequence[int], Sequence[int]],
    outcome: Outcome,
    *,
    by: str,
    now: datetime,
    more: dict[str, Any],
) -> Decision:
    return Decision.objects.create(
        verdict=verdict,
        sides=[list(side) for side in sides],
        profile_ids=outcome.profile_ids,
        merge_ids=outcome.merge_ids,
        separation_id=outcome.separation_id,
        by=by,
        at=now,
        **more,
    )
