"""A steward's decisions: same, not the same, later, split, un-merge; each can be undone."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from cdp.profiles.models import Profile, Record
from cdp.profiles.naming import people
from identity import by_hand
from identity.by_hand import Outcome
from identity.locks import lock_identity
from identity.models import Candidate, Decision, Merge

WAITING = (Candidate.State.OPEN, Candidate.State.LATER)
Verdict = Decision.Verdict


class AlreadyDecided(Exception):
    """Somebody else decided on these two meanwhile."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(str(self.__doc__))
        self.decision = decision


class NotWaiting(Exception):
    """These two do not wait for a decision any more: they became one person by themselves, or were erased."""


class CannotUndo(Exception):
    """Too much has changed since."""


@transaction.atomic
def decide(
    candidate_id: int, verdict: Decision.Verdict, *, by: str, now: datetime, job_id: int | None = None
) -> Decision:
    """Decides on the two profiles of the candidate; other pairs of records of the same two go along.

    Twice by the same steward is once. Raises AlreadyDecided, NotWaiting and by_hand.CannotMerge.
    """
    _lock()
    candidate = Candidate.objects.filter(pk=candidate_id).first()
    if candidate is None:
        raise NotWaiting
    if candidate.state not in WAITING:
        return _earlier(candidate, verdict, by=by)
    pair = profiles_of(candidate)
    title = title_of(pair)
    along = waiting_between(pair)
    before = [_standing(one) for one in along]
    outcome = _carry_out(verdict, pair, by=by, now=now)
    Candidate.objects.filter(pk__in=[one.pk for one in along]).update(
        state=verdict.value, decided_by=by, decided_at=now
    )
    return _note(verdict, title, outcome, by=by, now=now, more={"before": before, "job_id": job_id})


def _carry_out(verdict: Decision.Verdict, pair: tuple[int, int], *, by: str, now: datetime) -> Outcome:
    if verdict is Verdict.SAME:
        return by_hand.merge_profiles(pair, by=by, now=now)
    if verdict is Verdict.DIFFERENT:
        return by_hand.keep_apart(pair, by=by, now=now)
    if verdict is Verdict.LATER:
        return Outcome(merge_ids=[], profile_ids=list(pair), separation_id=None, ambiguous=[])
    raise ValueError(verdict)


@transaction.atomic
def merge(profile_ids: Sequence[int], *, by: str, now: datetime) -> Decision:
    """Two people that a steward found to be one. What waits between them is decided with it."""
    _lock()
    pair = _living(profile_ids)
    title = title_of(pair)
    along = waiting_between(pair)
    before = [_standing(one) for one in along]
    outcome = by_hand.merge_profiles(pair, by=by, now=now)
    state = Candidate.State.SAME
    Candidate.objects.filter(pk__in=[one.pk for one in along]).update(state=state, decided_by=by, decided_at=now)
    return _note(Verdict.SAME, title, outcome, by=by, now=now, more={"before": before})


@transaction.atomic
def split(record_ids: Sequence[int], *, by: str, now: datetime) -> Decision:
    _lock()
    title = title_of(_profiles_with(record_ids))
    outcome = by_hand.split(record_ids, by=by, now=now)
    return _note(Verdict.SPLIT, title, outcome, by=by, now=now)


@transaction.atomic
def unmerge(merge_id: int, *, by: str, now: datetime) -> Decision:
    _lock()
    row = Merge.objects.get(pk=merge_id)
    title = title_of([living(row.winner_id)])
    outcome = by_hand.unmerge(merge_id, by=by, now=now)
    return _note(Verdict.UNMERGED, title, outcome, by=by, now=now)


@transaction.atomic
def undo(decision_id: int, *, by: str, now: datetime) -> Decision:
    """Puts back what the decision changed. Twice is once. Raises CannotUndo."""
    _lock()
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    if decision.undone_at is not None:
        return decision
    UNDO[Verdict(decision.verdict)](decision, by=by, now=now)
    _put_back(decision.before)
    decision.undone_at, decision.undone_by = now, by
    decision.save(update_fields=["undone_at", "undone_by"])
    return decision


def _undo_merge(decision: Decision, *, by: str, now: datetime) -> None:
    for merge_id in reversed(decision.merge_ids):
        row = Merge.objects.filter(pk=merge_id, verb=Merge.Verb.MERGED, undone_at=None).first()
        if row is None:
            continue
        try:
            outcome = by_hand.unmerge(merge_id, by=by, now=now)
        except by_hand.CannotMerge as error:
            raise CannotUndo(str(error)) from error
        # To undo is no word on who they are: nothing keeps them apart afterwards.
        if outcome.separation_id is not None:
            by_hand.undo_keep_apart(outcome.separation_id, by=by, now=now)


def _undo_separation(decision: Decision, *, by: str, now: datetime) -> None:
    if decision.separation_id is not None:
        by_hand.undo_keep_apart(decision.separation_id, by=by, now=now)


def _rejoin(decision: Decision, *, by: str, now: datetime) -> None:
    """Without the separation shared identifiers may join them by themselves; a link by hand does the rest."""
    _undo_separation(decision, by=by, now=now)
    apart = sorted({living(profile_id) for profile_id in decision.profile_ids})
    if len(apart) < 2:
        return
    try:
        by_hand.merge_profiles(apart, by=by, now=now)
    except by_hand.CannotMerge as error:
        raise CannotUndo(str(error)) from error


def _undo_nothing(decision: Decision, *, by: str, now: datetime) -> None:
    """To put off changed nothing but the candidate."""


UNDO: dict[Decision.Verdict, Callable[..., None]] = {
    Verdict.SAME: _undo_merge,
    Verdict.DIFFERENT: _undo_separation,
    Verdict.LATER: _undo_nothing,
    Verdict.SPLIT: _rejoin,
    Verdict.UNMERGED: _rejoin,
}


def last_of(by: str, *, since: datetime) -> Decision | None:
    """What this steward's "undo" undoes: the last decision of the queue, unless it was part of many at once."""
    verdicts = (Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER)
    rows = Decision.objects.filter(by=by, at__gte=since, undone_at=None, job_id=None, verdict__in=verdicts)
    return rows.exclude(before=[]).order_by("-id").first()


def profiles_of(candidate: Candidate) -> tuple[int, int]:
    """The two profiles, smaller id first. Raises NotWaiting if they are one, or gone."""
    first, second = sorted(owners(candidate))
    return first, second


def owners(candidate: Candidate) -> tuple[int, int]:
    """The profile of the first record, and of the second."""
    of = dict(Record.objects.filter(pk__in=[candidate.record_a, candidate.record_b]).values_list("pk", "profile_id"))
    a, b = of.get(candidate.record_a), of.get(candidate.record_b)
    if a is None or b is None or a == b:
        raise NotWaiting
    return a, b


def waiting_between(profile_ids: Sequence[int]) -> list[Candidate]:
    """Candidates between records of the two profiles that wait."""
    sides = [list(Record.objects.filter(profile_id=one).values_list("pk", flat=True)) for one in profile_ids]
    ends = (Q(record_a__in=one, record_b__in=other) for one, other in (sides, sides[::-1]))
    return list(Candidate.objects.filter(next(ends) | next(ends), state__in=WAITING).order_by("id"))


def title_of(profile_ids: Sequence[int]) -> str:
    known = people(profile_ids)
    return " and ".join(known[one].name for one in profile_ids if one in known)[:300]


def living(profile_id: int) -> int:
    """The profile, or the one it was merged into."""
    row = Profile.objects.filter(pk=profile_id).values_list("merged_into", flat=True).first()
    return row or profile_id


def _living(profile_ids: Sequence[int]) -> tuple[int, int]:
    found = sorted({living(one) for one in profile_ids})
    if len(found) != 2:
        raise NotWaiting
    return found[0], found[1]


def _profiles_with(record_ids: Sequence[int]) -> list[int]:
    return sorted(set(Record.objects.filter(pk__in=record_ids).values_list("profile_id", flat=True)))


def _lock() -> None:
    """Taken before any row: the pipeline takes it before rows of candidates and profiles, too."""
    with connection.cursor() as cursor:
        lock_identity(cursor)


def _earlier(candidate: Candidate, verdict: Decision.Verdict, *, by: str) -> Decision:
    found = (
        Decision.objects.filter(before__contains=[{"id": candidate.pk}], undone_at=None)
        .exclude(verdict=Verdict.LATER)
        .order_by("-id")
        .first()
    )
    if found is None:
        raise NotWaiting
    if found.by == by and found.verdict == verdict:
        return found
    raise AlreadyDecided(found)


def _standing(candidate: Candidate) -> dict[str, Any]:
    at = candidate.decided_at.isoformat() if candidate.decided_at else None
    return {"id": candidate.pk, "state": candidate.state, "by": candidate.decided_by, "at": at}


def _put_back(before: Sequence[dict[str, Any]]) -> None:
    for one in before:
        at = datetime.fromisoformat(one["at"]) if one["at"] else None
        Candidate.objects.filter(pk=one["id"]).update(state=one["state"], decided_by=one["by"], decided_at=at)


def _note(
    verdict: Decision.Verdict,
    title: str,
    outcome: Outcome,
    *,
    by: str,
    now: datetime,
    more: dict[str, Any] | None = None,
) -> Decision:
    return Decision.objects.create(
        verdict=verdict,
        title=title,
        profile_ids=outcome.profile_ids,
        merge_ids=outcome.merge_ids,
        separation_id=outcome.separation_id,
        by=by,
        at=now,
        **(more or {}),
    )
