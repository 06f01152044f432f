"""A random sample of links that matching made by itself, checked one by one: right, or two people after all.

Right makes the link the steward's own: matching leaves decided pairs alone, and would take back its own link when one
of the records changes. Wrong splits the person; the records that hang together with either stay with it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from cdp.common.copying import Cursor
from identity import review
from identity.component import Seeds, around, read_edges
from identity.grouping import Side, grouped
from identity.incremental import lock_matching
from identity.locks import lock_identity
from identity.models import Candidate, Decision, Link, Merge
from identity.pairs import link
from identity.quality import sample_for_audit
from identity.regroup import regroup
from identity.review import AlreadyDecided, CannotUndo, NotWaiting
from identity.rule_sets import current
from identity.standing import restate

State = Candidate.State
THIS_CUT = -1
"""Number of a separation that is only supposed; those in the table are above 0."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`decision` where the person was split; `is_new` unless it is the same click once more."""

    candidate: Candidate
    decision: Decision | None = None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Parted:
    """Records of one person that would go with the one record, and with the other."""

    staying: list[int]
    leaving: list[int]


@dataclass(frozen=True, slots=True)
class Tally:
    right: int
    wrong: int

    @property
    def checked(self) -> int:
        return self.right + self.wrong


def waiting() -> list[int]:
    """Drawn, not answered, and still a link within one person that nothing else says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.id from identity_candidate c join profiles_record a on a.id = c.record_a"
            " join profiles_record b on b.id = c.record_b where c.is_audit and c.state = 'linked' and not c.is_exact"
            " and a.profile_id = b.profile_id order by c.id"
        )
        return [candidate_id for (candidate_id,) in cursor.fetchall()]


def draw(n: int, *, seed: int) -> int:
    """Draws as many if no drawn link waits; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Of two clicks the second sees what the first drew. Reading all links takes long: the pipeline need not wait.
        lock_matching(cursor)
        return 0 if waiting() else sample_for_audit(n, seed=seed)


def tally() -> Tally:
    answered = Candidate.objects.filter(is_audit=True, is_exact=False, decided_at__isnull=False)
    return Tally(answered.filter(state=State.SAME).count(), answered.filter(state=State.DIFFERENT).count())


def answer(candidate_id: int, *, is_right: bool, by: str, now: datetime) -> Answer:
    """Twice by the same steward is once. Raises AlreadyDecided, NotWaiting and by_hand.NotPossible."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        candidate = Candidate.objects.filter(pk=candidate_id, is_audit=True).first()
        if candidate is None:
            raise NotWaiting
        if candidate.state in (State.SAME, State.DIFFERENT):
            return _earlier(candidate, is_right=is_right, by=by)
        if candidate.pk not in waiting():
            raise NotWaiting
        if not is_right:
            return Answer(candidate, review.split(parted(cursor, candidate).leaving, by=by, now=now))
        link(cursor, candidate.record_a, candidate.record_b, by=by, now=now)
        candidate.state, candidate.decided_by, candidate.decided_at = State.SAME, by, now
        candidate.save(update_fields=["state", "decided_by", "decided_at"])
        regroup(cursor, ends(candidate), how=Merge.How.MANUAL, by=by, now=now)
        return Answer(candidate)


def parted(cursor: Cursor, candidate: Candidate) -> Parted:
    """Who would go with whom if these two were never one: the groups that remain without their link."""
    rules = current(cursor)
    a, b = ends(candidate)
    found = around(cursor, Seeds([a, b]), rules)
    read_edges(cursor, found)
    known = found.known()
    ties = [tie for tie in known.ties if {tie.a, tie.b} != {a, b}]
    apart = [Side(THIS_CUT, 0, a), Side(THIS_CUT, 1, b)]
    groups = grouped(replace(known, ties=ties, sides=[*known.sides, *apart]), rules).groups
    with_b = next(set(group) for group in groups if b in group)
    home = sorted(record for record, one in found.held.items() if one.profile == found.held[a].profile)
    return Parted([one for one in home if one not in with_b], [one for one in home if one in with_b])


def undo(candidate_id: int, *, by: str, now: datetime) -> bool:
    """Takes the answer back: the link waits to be checked again. False if it waits already. Raises CannotUndo."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        candidate = Candidate.objects.filter(pk=candidate_id, is_audit=True).first()
        if candidate is None:
            raise CannotUndo("These records are not compared any more.")
        if candidate.state == State.DIFFERENT:
            review.undo(_split_by(candidate).pk, by=by, now=now)
        elif candidate.state == State.SAME:
            _unconfirm(cursor, candidate, by=by, now=now)
        else:
            return False
        return True


def last_of(by: str, *, since: datetime) -> Candidate | None:
    """This steward's last answer."""
    own = Candidate.objects.filter(is_audit=True, decided_by=by, decided_at__gte=since)
    return own.filter(state__in=(State.SAME, State.DIFFERENT)).order_by("-decided_at", "id").first()


def _earlier(candidate: Candidate, *, is_right: bool, by: str) -> Answer:
    if candidate.decided_by != by or (candidate.state == State.SAME) is not is_right:
        raise AlreadyDecided(candidate)
    return Answer(candidate, None if is_right else _split_by(candidate), is_new=False)


def _split_by(candidate: Candidate) -> Decision:
    """The decision that parted the two, and other pairs with them at the same moment."""
    rows = Decision.objects.filter(by=candidate.decided_by, at=_at(candidate), undone_at=None)
    found = rows.filter(before__contains=[{"id": candidate.pk}]).first()
    if found is None:
        raise CannotUndo("They were parted in another way since.")
    return found


def _unconfirm(cursor: Cursor, candidate: Candidate, *, by: str, now: datetime) -> None:
    own = Link.objects.filter(record_a=candidate.record_a, record_b=candidate.record_b, by=candidate.decided_by)
    if not own.filter(kind=Link.Kind.MANUAL, at=_at(candidate)).update(kind=Link.Kind.FUZZY, by="system"):
        raise CannotUndo("Their link was made anew since.")
    candidate.state, candidate.decided_by, candidate.decided_at = State.LINKED, "", None
    candidate.save(update_fields=["state", "decided_by", "decided_at"])
    regroup(cursor, ends(candidate), how=Merge.How.MANUAL, by=by, now=now)
    restate(cursor, ends(candidate), current(cursor))


def _at(candidate: Candidate) -> datetime:
    if candidate.decided_at is None:
        raise CannotUndo("They were decided on in another way since.")
    return candidate.decided_at


def ends(candidate: Candidate) -> tuple[int, int]:
    return candidate.record_a, candidate.record_b
