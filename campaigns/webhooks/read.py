"""News become messages: cursor and messages are committed together, so each happening is one message, exactly once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from campaigns.models import Endpoint
from campaigns.webhooks.bodies import told
from campaigns.webhooks.kinds import DELIVERY, Wants
from campaigns.webhooks.news import SOURCES, Happening, Source, is_any, now_in, take_mails
from cdp.common.claims import give_back_when_idle
from cdp.common.copying import Cursor, copy_rows
from cdp.common.models import NewsCursor

READ = 2_000
"""Rows of news in one transaction."""
LOCK = 7_305_140
COLUMNS = ("endpoint_id", "uid", "kind", "profile_id", "body", "state", "attempts", "created_at", "next_at", "fence")
"""Of a message as it begins; the answer is an empty text."""
Listening = list[tuple[Endpoint, Wants]]


def read_news(*, now: datetime) -> bool:
    """One turn over all sources. Whether there may be more; False if another worker is at it."""
    with connection.cursor() as cursor:
        if not is_any(cursor):
            return False
    is_more = False
    for source in SOURCES:
        is_more = _read(source, now=now) or is_more
    return _read_mails(now=now) or is_more


def begin(cursor: Cursor) -> int:
    """Called where an endpoint is made or wants something else: sources that nobody wanted are read from now on.
    Returns the transaction from which on things are news."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    xact, row = now_in(cursor)
    NewsCursor.objects.bulk_create(
        [NewsCursor(reader=source.reader, xact_id=xact, row_id=row) for source in SOURCES], ignore_conflicts=True
    )
    return xact + 1


@transaction.atomic
def _read(source: Source, *, now: datetime) -> bool:
    with connection.cursor() as cursor:
        if not _is_ours(cursor):
            return False
        listening = _listening(source.kind)
        at = NewsCursor.objects.filter(reader=source.reader).first()
        if not listening:
            # Nobody wants any: whoever does so next begins with what is news then.
            if at is not None:
                at.delete()
            return False
        xact, row = (at.xact_id, at.row_id) if at else now_in(cursor)
        found, place, is_more = source.after(cursor, (xact, row), limit=READ)
        _tell(cursor, found, listening, now=now)
        if at is None or place != (xact, row):
            NewsCursor(reader=source.reader, xact_id=place[0], row_id=place[1]).save()
        return is_more


@transaction.atomic
def _read_mails(*, now: datetime) -> bool:
    with connection.cursor() as cursor:
        if not _is_ours(cursor):
            return False
        found = take_mails(cursor, limit=READ)
        _tell(cursor, found, _listening(DELIVERY) if found else [], now=now)
        return len(found) == READ


def _is_ours(cursor: Cursor) -> bool:
    give_back_when_idle(cursor)
    cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


def _listening(kind: str) -> Listening:
    """Paused ones too: what happens meanwhile waits for them."""
    rows = Endpoint.objects.exclude(state=Endpoint.State.DISABLED).order_by("pk")
    return [(one, wants) for one in rows if kind in (wants := Wants.of(one.wants)).kinds]


def _tell(cursor: Cursor, found: Sequence[Happening], listening: Listening, *, now: datetime) -> None:
    for_whom = {id(one): [endpoint for endpoint, wants in listening if _takes(endpoint, wants, one)] for one in found}
    wanted = [one for one in found if for_whom[id(one)]]
    begin_at = now.isoformat()
    rows = [
        (endpoint.pk, uuid4(), one.happening.type, one.profile_id, one.body, "waiting", 0, begin_at, begin_at, 0, "")
        for one in (told(cursor, wanted) if wanted else ())
        for endpoint in for_whom[id(one.happening)]
    ]
    copy_rows(cursor, "campaigns_webhookmessage", (*COLUMNS, "answer"), rows)


def _takes(endpoint: Endpoint, wants: Wants, one: Happening) -> bool:
    return one.xact >= endpoint.since_xact and wants.takes(one.kind, about=one.about, what=one.what)
