"""A steward's word: these are one person, these are not, and taking either back. One transaction each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from django.db import connection, transaction

from cdp.common.copying import Cursor, numbers
from identity.locks import lock_identity
from identity.models import Apart, Candidate, Merge, Separation
from identity.pairs import Cut, cut_links, decide, forget_separations, link, restore_links, separate
from identity.regroup import regroup
from identity.settle import Settled

State = Candidate.State
LISTED = 10
MOST_AT_ONCE = 20


class NotPossible(Exception):
    """What a steward asked for cannot be done; the text says why, and what to do instead."""


class CannotMerge(NotPossible):
    pass


class CannotPart(NotPossible):
    pass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of the ledger that were written, living profiles concerned, and what a steward should look at."""

    merge_ids: list[int] = field(default_factory=list)
    profile_ids: list[int] = field(default_factory=list)
    separation_id: int | None = None
    ambiguous: list[str] = field(default_factory=list)


def merge_profiles(profile_ids: Sequence[int], *, by: str, now: datetime) -> Outcome:
    """Makes these one person. A word that kept them apart is taken back by this newer one."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        sets = [_records_of(cursor, profile) for profile in _living(cursor, profile_ids)]
        if len(sets) < 2:
            raise CannotMerge("They are one person already.")
        if len(sets) > MOST_AT_ONCE:
            raise CannotMerge(f"Merge at most {MOST_AT_ONCE} people at once.")
        # Each with each: when one of them is un-merged again, the others still belong together.
        for one, other in combinations(sets, 2):
            forget_separations(cursor, one, other)
            link(cursor, one[0], other[0], by=by, now=now)
            decide(cursor, one, other, State.SAME, by=by, now=now)
        everyone = [record for records in sets for record in records]
        done = regroup(cursor, everyone, how=Merge.How.MANUAL, by=by, now=now)
        if len({done.profile_of[records[0]] for records in sets}) > 1:
            raise CannotMerge(_why_not(cursor, everyone))
        return _outcome(cursor, done, everyone)


def unmerge(merge_id: int, *, by: str, now: datetime, keep_apart: bool = True) -> Outcome:
    """Undoes a merge. With `keep_apart` they stay apart whatever is found later; without, only the link goes."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        merge = Merge.objects.select_for_update().filter(pk=merge_id, verb=Merge.Verb.MERGED).first()
        if merge is None:
            raise CannotPart("There is no such merge.")
        if merge.undone_at is not None:
            raise CannotPart(f"This merge was undone already, on {merge.undone_at:%d %B %Y}.")
        cut = Cut(_existing(cursor, merge.record_ids), _existing(cursor, merge.winner_record_ids), merge.pk)
        done = _part(cursor, cut, by=by, now=now) if keep_apart else _unlink(cursor, cut, by=by, now=now)
        Merge.objects.filter(pk=merge_id).update(undone_at=now, undone_by=by)
        return done


def split(record_ids: Sequence[int], *, by: str, now: datetime) -> Outcome:
    """These records leave the profile they are in, and stay apart from it."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        ours = _existing(cursor, record_ids)
        profiles = _profiles_of(cursor, ours)
        if len(profiles) != 1:
            raise CannotPart("Choose records of one person.")
        theirs = [record for record in _records_of(cursor, profiles[0]) if record not in set(ours)]
        if not theirs:
            raise CannotPart("These are all records of this person: leave at least one.")
        return _part(cursor, Cut(ours, theirs), by=by, now=now)


def keep_apart(profile_ids: tuple[int, int], *, by: str, now: datetime) -> Outcome:
    """They are two people, whatever is found later."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        living = _living(cursor, profile_ids)
        if len(living) != 2:
            raise CannotPart("They are one person already: split it instead.")
        cut = Cut(_records_of(cursor, living[0]), _records_of(cursor, living[1]))
        decide(cursor, cut.ours, cut.theirs, State.DIFFERENT, by=by, now=now)
        separation = separate(cursor, cut, [], by=by, now=now)
        return Outcome(profile_ids=living, separation_id=separation)


def undo_keep_apart(separation_id: int, *, by: str, now: datetime) -> Outcome:
    """Takes the separation back; links that it cut come back, and so does the merge that it undid."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        separation = Separation.objects.filter(pk=separation_id).first()
        if separation is None:
            raise CannotPart("This separation was taken back already.")
        members = list(Apart.objects.filter(separation=separation).values_list("side", "record_id"))
        sides = [[record for side, record in members if side == wanted] for wanted in (0, 1)]
        separation.delete()
        decide(cursor, sides[0], sides[1], State.OPEN, by="", now=None)
        everyone = _existing(cursor, [record for _, record in members])
        restore_links(cursor, separation.links, everyone)
        done = regroup(cursor, everyone, how=Merge.How.MANUAL, by=by, now=now)
        return _outcome(cursor, done, everyone)


def _part(cursor: Cursor, cut: Cut, *, by: str, now: datetime) -> Outcome:
    if not cut.ours or not cut.theirs:
        raise CannotPart("The records of one side are gone, so there is nothing to part.")
    if not set(_profiles_of(cursor, cut.ours)) & set(_profiles_of(cursor, cut.theirs)):
        raise CannotPart("They are two people already.")
    before = {record for profile in _profiles_of(cursor, cut.ours) for record in _records_of(cursor, profile)}
    decide(cursor, cut.ours, cut.theirs, State.DIFFERENT, by=by, now=now)
    separation = separate(cursor, cut, cut_links(cursor, cut), by=by, now=now)
    done = regroup(cursor, [*cut.ours, *cut.theirs], how=Merge.How.MANUAL, by=by, now=now)
    outcome = _outcome(cursor, done, [*cut.ours, *cut.theirs])
    strangers = before - set(cut.ours) - set(cut.theirs)
    return Outcome(
        outcome.merge_ids, outcome.profile_ids, separation, _ambiguous(cursor, cut, strangers, done.profile_of)
    )


def _unlink(cursor: Cursor, cut: Cut, *, by: str, now: datetime) -> Outcome:
    if not cut_links(cursor, cut):
        raise CannotPart("They share identifiers: un-merge them, which keeps them apart.")
    decide(cursor, cut.ours, cut.theirs, State.OPEN, by="", now=None)
    everyone = [*cut.ours, *cut.theirs]
    return _outcome(cursor, regroup(cursor, everyone, how=Merge.How.MANUAL, by=by, now=now), everyone)


def _ambiguous(cursor: Cursor, cut: Cut, strangers: Collection[int], profile_of: dict[int, int]) -> list[str]:
    """What could have gone either way, and where it went."""
    found = []
    cursor.execute(
        "select i.namespace, i.value, bool_or(i.record_id = any(%s) and i.dropped_for = '') from profiles_identifier i"
        " where i.record_id = any(%s) group by 1, 2"
        " having bool_or(i.record_id = any(%s)) and bool_or(i.record_id = any(%s)) order by 1, 2 limit %s",
        [list(cut.ours), [*cut.ours, *cut.theirs], list(cut.ours), list(cut.theirs), LISTED],
    )
    for namespace, value, is_ours in cursor.fetchall():
        whose = "the one that left" if is_ours else "the one that stayed"
        found.append(f"Both know the {namespace} {value}: it now names {whose}, and so do messages sent to it.")
    if strangers:
        gone = {profile_of[record] for record in cut.ours}
        left = sum(profile_of[record] in gone for record in strangers)
        found.append(
            f"{len(strangers)} records came after the merge and follow what they share:"
            f" {left} left, {len(strangers) - left} stayed."
        )
    return found


def _outcome(cursor: Cursor, done: Settled, records: Collection[int]) -> Outcome:
    return Outcome(done.merge_ids, _profiles_of(cursor, records))


def _living(cursor: Cursor, profile_ids: Sequence[int]) -> list[int]:
    """Who these are now, in the order given."""
    cursor.execute(
        "select id, coalesce(merged_into, id) from profiles_profile where id = any(%s::bigint[])",
        [numbers(profile_ids)],
    )
    now_is = dict(cursor.fetchall())
    return list(dict.fromkeys(now_is[profile] for profile in profile_ids if profile in now_is))


def _records_of(cursor: Cursor, profile_id: int) -> list[int]:
    """Earliest first."""
    cursor.execute(
        "select id from profiles_record where profile_id = %s order by first_seen_at, source_id, key", [profile_id]
    )
    return [record for (record,) in cursor.fetchall()]


def _profiles_of(cursor: Cursor, records: Collection[int]) -> list[int]:
    cursor.execute(
        "select distinct profile_id from profiles_record where id = any(%s::bigint[]) order by 1", [numbers(records)]
    )
    return [profile for (profile,) in cursor.fetchall()]


def _existing(cursor: Cursor, records: Collection[int]) -> list[int]:
    cursor.execute("select id from profiles_record where id = any(%s::bigint[]) order by id", [numbers(records)])
    return [record for (record,) in cursor.fetchall()]


def _why_not(cursor: Cursor, records: Collection[int]) -> str:
    cursor.execute(
        "select dropped_for, record_a, record_b from identity_link"
        " where dropped_for <> '' and kind = 'manual' and record_a = any(%s) limit 1",
        [list(records)],
    )
    row = cursor.fetchone()
    if row is None:
        return "Other evidence keeps them apart."
    if row[0] == "limit":
        return "Together they would have more identifiers of one kind than the identity rules allow one person."
    cursor.execute(
        "select namespace, array_agg(distinct value order by value) from profiles_identifier"
        " where record_id = any(%s) and dropped_for = '' group by namespace having count(distinct value) > 1"
        " order by namespace = 'user_id' desc, namespace limit 1",
        [list(records)],
    )
    namespace, values = cursor.fetchone() or ("identifier", [])
    return (
        f"They have different values of {namespace} ({', '.join(values[:3])}), and two of these are two people."
        " If that is wrong, change the identity rules first."
    )
