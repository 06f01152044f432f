"""Erases one person everywhere: their rows in every declared table, then every other place that quotes them.

First, in one transaction under the locks of the inbox, of identity and of the profiles: who it is, the fingerprints of
all their identifiers, and the rows by which anybody would find them. From its commit on nothing about them is taken in
and no page shows them. The rest follows table by table and place by place, each step safe to repeat; so work that is
killed goes on where it was.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction

from cdp.accounts import audit
from cdp.accounts.models import User
from cdp.common.advisory import IDENTITY_LOCK
from cdp.common.belongings import Person, Place, places
from cdp.common.claims import GIVEN_BACK
from cdp.common.copying import Cursor, numbers
from cdp.common.models import Job
from cdp.privacy import erased, erased_list, person, rows
from cdp.privacy.models import Erased, PrivacyRequest

KIND = "privacy-erase"
LOT = 20_000
"""Identifiers compared at once."""
OPEN = (Job.State.WAITING, Job.State.RUNNING)
Report = Callable[[int, int], None]


class NotGone(Exception):
    """Something about the person is being taken in at this moment. A little later it is gone, or can be erased."""


@transaction.atomic
def begin(who: Person, *, by: User | None, via: str, now: datetime) -> PrivacyRequest:
    """Writes the request; the caller rings the bell after commit."""
    job = Job.objects.create(kind=KIND, title="Erasing a person", total=len(_steps()), created_by=by, created_at=now)
    request = PrivacyRequest.objects.create(
        kind=PrivacyRequest.Kind.ERASE, job=job, sealed=person.packed(who), by=by, via=via[:80], at=now
    )
    details = {"via": via, "request": request.pk}
    audit.record(by, verb="began to erase a person", target=f"request {request.pk}", details=details, now=now)
    return request


def advance(job_id: int, *, now: datetime) -> bool:
    """The next step. Returns whether there may be more. Raises NotGone, to be tried again a little later."""
    job = Job.objects.get(pk=job_id)
    if job.state not in OPEN:
        return False
    request = PrivacyRequest.objects.get(job=job)
    did = job.checkpoint.get("did", [])
    step = next(one for one in _steps() if one not in did)
    n = _do(request, step, now=now)
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state in OPEN and step not in job.checkpoint.get("did", []):
            _note(job, step, n, now=now)
    return step != "end"


def run(job_id: int, *, clock: Callable[[], datetime]) -> None:
    """All steps that are left. What goes wrong is kept on the job and raised; without a word of what it was about."""
    try:
        while advance(job_id, now=clock()):
            pass
    except (NotGone, *GIVEN_BACK, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        Job.objects.filter(pk=job_id).update(
            state=Job.State.FAILED, finished_at=clock(), error=f"It stopped at {type(error).__name__}."
        )
        raise


def erase_again(*, now: datetime, report: Report = lambda done, of: None) -> int:
    """Erases everybody on the list of the erased of whom something is found again; returns how many people.

    For `restore`: a backup older than an erasure holds the person. Before restoring take `erased_list.listed()` (or
    read the file that every erasure writes, `erased_list.read_beside(settings.ERASED_LIST)`), after it give that to
    `erased_list.put_back`, then call this, with nothing else running. It reads every identifier and every word of
    consent there is and runs each erasure to its end.
    """
    found = _found_again()
    for done, who in enumerate(found):
        report(done, len(found))
        request = begin(who, by=None, via="restore", now=now)
        run(request.job_id, clock=lambda: now)
    report(len(found), len(found))
    return len(found)


@transaction.atomic
def lift(request: PrivacyRequest, *, by: User | None, now: datetime) -> int:
    """What comes about them from now on is taken in again: they came back. Returns how many fingerprints went."""
    n, _ = Erased.objects.filter(request_id=request.pk).delete()
    audit.record(by, verb="lifted an erasure", target=f"request {request.pk}", details={"identifiers": n}, now=now)
    return n


def _steps() -> list[str]:
    """Names, not numbers: a step that a later version adds is done as well."""
    before = [f"place:{one.key}" for one in places() if one.is_before]
    after = [f"place:{one.key}" for one in places() if not one.is_before]
    return ["cut", *before, *(f"rows:{one.table}" for one in rows.erased()), *after, "again", "end"]


def _note(job: Job, step: str, n: int, *, now: datetime) -> None:
    did = [*job.checkpoint.get("did", []), step]
    job.checkpoint = {"did": did}
    job.result = {**job.result, **({step.partition(":")[2]: n} if n and ":" in step else {})}
    job.done, job.total = len(did), len(_steps())
    job.started_at, job.heartbeat_at, job.state = job.started_at or now, now, Job.State.RUNNING
    if step == "end":
        job.state, job.finished_at = Job.State.DONE, now
    job.save()


def _do(request: PrivacyRequest, step: str, *, now: datetime) -> int:
    kind, _, name = step.partition(":")
    if kind == "cut":
        return _cut(request, now=now)
    if kind == "end":
        return _end(request, now=now)
    who = person.unpacked(request.sealed)
    if kind == "again":
        return _again(who, now=now)
    if kind == "place":
        return _place(name).erase(who, now)
    with transaction.atomic(), connection.cursor() as cursor:
        return rows.erase(cursor, rows.of_table(name), who)


def _place(key: str) -> Place:
    return next(one for one in places() if one.key == key)


@transaction.atomic
def _cut(request: PrivacyRequest, *, now: datetime) -> int:
    """Who it is by now, under all locks; from the commit on they are on the list, and nobody finds them."""
    with connection.cursor() as cursor:
        erased.hold_alone(cursor)
        cursor.execute("select pg_advisory_xact_lock(%s)", [IDENTITY_LOCK])
        who = _by_now(cursor, person.unpacked(request.sealed))
        erased.add(cursor, who.addresses, request_id=request.pk, now=now)
        request.sealed, request.profile_ids = person.packed(who), list(who.profile_ids)
        request.counts = rows.counts(who)
        request.save(update_fields=["sealed", "profile_ids", "counts"])
        return sum(rows.erase(cursor, one, who) for one in rows.erased() if one.table in rows.FIRST)


def _by_now(cursor: Cursor, asked: Person) -> Person:
    """With what came since it was asked. The profiles stay locked."""
    ids = set(asked.profile_ids) or set(_with_addresses(cursor, asked))
    cursor.execute(
        "select id from profiles_profile where id = any(%(ids)s::bigint[]) or merged_into = any(%(ids)s::bigint[])"
        " or id in (select merged_into from profiles_profile where id = any(%(ids)s::bigint[]))"
        " order by id for update",
        {"ids": numbers(sorted(ids))},
    )
    living = {row[0] for row in cursor.fetchall()}
    found = asked
    for profile_id in sorted(living - set(asked.profile_ids) | ids & living):
        found = person.both(found, person.of_profile(cursor, profile_id))
    return found


def _with_addresses(cursor: Cursor, asked: Person) -> list[int]:
    """Of somebody whom no profile had: who came in meanwhile."""
    cursor.execute(
        "select distinct i.profile_id from profiles_identifier i"
        " join unnest(%s::text[], %s::text[]) n(namespace, value) using (namespace, value)"
        " where i.dropped_for = any(%s)",
        [[one[0] for one in asked.addresses], [one[1] for one in asked.addresses], ["", "hint"]],
    )
    return [row[0] for row in cursor.fetchall()]


def _again(who: Person, *, now: datetime) -> int:
    """What was being written while the steps went on: a claim of the inbox, a long job on everybody."""
    n = rows.erase_all(who) if who.is_known else 0
    for one in places():
        if one.is_queue:
            n += one.erase(who, now)
            if one.count(who):
                raise NotGone
    return n


@transaction.atomic
def _end(request: PrivacyRequest, *, now: datetime) -> int:
    """Nothing that says who it was stays; the list is copied for restores."""
    PrivacyRequest.objects.filter(pk=request.pk).update(sealed=None)
    counts = Job.objects.get(pk=request.job_id).result
    details = {"request": request.pk, "rows": sum(request.counts.values()), "places": counts}
    audit.record(request.by, verb="erased a person", target=f"request {request.pk}", details=details, now=now)
    erased_list.write_beside(settings.ERASED_LIST)
    return 0


def _found_again() -> list[Person]:
    """People of whom an identifier on the list stands in the tables again; and addresses that nobody has."""
    known: dict[int, None] = {}
    loose: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        if not erased.is_any(cursor):
            return []
        for lot in _everything(cursor):
            gone = erased.among(cursor, {(namespace, value) for namespace, value, _ in lot})
            for namespace, value, profile_id in lot:
                if (namespace, value) in gone:
                    known.update({profile_id: None} if profile_id else {})
                    loose |= {(namespace, value)}
        people = [person.of_profile(cursor, one) for one in sorted(known)]
    whole = {min(one.profile_ids): one for one in people if one.is_known}
    loose -= {address for one in whole.values() for address in one.addresses}
    return [*whole.values(), *([Person(addresses=tuple(sorted(loose)))] if loose else [])]


def _everything(cursor: Cursor) -> Iterable[list[tuple[str, str, int | None]]]:
    for table, profile_id in (
        ("profiles_identifier", "profile_id"),
        ("privacy_consent", "null"),
        ("privacy_suppression", "null"),
        ("privacy_optin", "null"),
    ):
        after = 0
        while True:
            cursor.execute(
                f"select namespace, value, {profile_id}, id from {table} where id > %s order by id limit %s",
                [after, LOT],
            )
            lot = cursor.fetchall()
            if not lot:
                break
            after = lot[-1][3]
            yield [row[:3] for row in lot]
