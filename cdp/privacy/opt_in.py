"""Double opt-in: a yes in the name of an address counts once its owner said so from that address.

What asks for it is written here, also by the pipeline; who sends the mails reads what is due.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from cdp.common.copying import Cursor
from cdp.privacy import erased
from cdp.privacy.consent import Address, Word, current, record_consents
from cdp.privacy.models import OptIn, Suppression, Topic
from cdp.privacy.told import tell

NAMESPACE = "email"
EMAIL = re.compile(r"[^\s@<>,;:\"\\()\[\]]+@[^\s@<>,;:\"\\()\[\]]+\.[^\s@<>,;:\"\\()\[\].]+")
"""What may be written to because a browser said so."""
BETWEEN = timedelta(minutes=15)
"""Who asks again sooner gets no further mail."""
MOST = 3
"""Mails without an answer; then the address is left alone until it answers or FORGOTTEN_AFTER has passed."""
FORGOTTEN_AFTER = timedelta(days=30)
_ASK = """
insert into privacy_optin as o (namespace, value, topic, asked_at, source_id, how, is_due, mails, error)
select namespace, value, topic, %s, source_id, how, true, 0, ''
  from unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[]) n (namespace, value, topic, source_id, how)
on conflict (namespace, value, topic) do update
   set asked_at = excluded.asked_at, source_id = excluded.source_id, how = excluded.how,
       is_due = o.mailed_at is null or o.mailed_at < %s and (o.mails < %s or o.mailed_at < %s),
       mails = case when o.mailed_at < %s then 0 else o.mails end, confirmed_at = null
"""


def ask_to_confirm(cursor: Cursor, words: Iterable[Word], *, now: datetime) -> None:
    """Of words that say yes: the addresses that did not confirm before are asked by mail. Safe to repeat."""
    asked = {
        (word.namespace, word.value, word.topic): word
        for word in words
        if word.namespace == NAMESPACE and EMAIL.fullmatch(word.value)
    }
    for topic in {topic for _, _, topic in asked}:
        some = [key for key in asked if key[2] == topic]
        purpose = asked[some[0]].purpose
        said = current(NAMESPACE, [value for _, value, _ in some], purpose=purpose, topic=topic)
        for key in some:
            if said.get(key[1]):
                del asked[key]
    kept = set(erased.without(cursor, sorted({key[:2] for key in asked}), now=now)) if asked else set()
    asked = {key: word for key, word in asked.items() if key[:2] in kept}
    if not asked:
        return
    rows = [(*key, word.source_id, word.how[:200]) for key, word in sorted(asked.items())]
    columns = [list(column) for column in zip(*rows, strict=True)]
    forgotten = now - FORGOTTEN_AFTER
    cursor.execute(_ASK, [now, *columns, now - BETWEEN, MOST, forgotten, forgotten])


def sign_up(address: Address, topics: Sequence[Topic], *, how: str, now: datetime) -> None:
    """What somebody typed into a form. Whether the address is known does not show."""
    words = [
        Word(*address, one.purpose.key, one.key, is_granted=True, at=now, source_id=None, how=how) for one in topics
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        ask_to_confirm(cursor, words, now=now)


def confirm(address: Address, topics: Sequence[Topic], *, asked_at: datetime, now: datetime) -> list[Topic]:
    """The owner says yes. Whoever had unsubscribed from everything is written to again: it is their own word.

    Nothing that was declined since `asked_at` (when the mail was sent) comes back. Returns the topics that count now.
    """
    namespace, value = address
    with transaction.atomic(), connection.cursor() as cursor:
        waiting = OptIn.objects.select_for_update().filter(
            namespace=namespace, value=value, topic__in=[one.key for one in topics]
        )
        declined = {one.topic for one in waiting if one.declined_at and one.declined_at > asked_at}
        confirmed = [one for one in topics if one.key not in declined]
        words = [
            Word(
                namespace, value, one.purpose.key, one.key, is_granted=True, at=now, source_id=None, how="double opt-in"
            )
            for one in confirmed
        ]
        record_consents(cursor, words, now=now)
        waiting.exclude(topic__in=declined).update(confirmed_at=now, declined_at=None, is_due=False, mails=0)
        if confirmed:
            take_back(address, now=now)
    return confirmed


def decline(address: Address, topics: Sequence[str], *, now: datetime) -> None:
    """It was somebody else who typed the address: it is not asked again about these topics by what came before."""
    waiting = OptIn.objects.filter(namespace=address[0], value=address[1], topic__in=topics, confirmed_at=None)
    waiting.update(declined_at=now, is_due=False)


def take_back(address: Address, *, now: datetime) -> None:
    """Its owner had left everything, and comes back. Bounces, complaints and erasure stay."""
    gone, _ = Suppression.objects.filter(
        namespace=address[0], value=address[1], reason=Suppression.Reason.UNSUBSCRIBE
    ).delete()
    if gone:
        with connection.cursor() as cursor:
            tell(cursor, [address], now=now)
