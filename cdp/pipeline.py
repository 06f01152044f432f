"""The path of an event, told once: claim, read, check, drop repeats, resolve, apply, store, touch.

Everything an inbox row causes is written in the transaction that deletes the row. So an event takes effect
exactly once, whatever dies when; and a message that cannot be taken in goes to quarantine, alone.
"""

import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction

from campaigns.tasks import trigger
from campaigns.webhooks import happened as mails
from cdp.celery import app
from cdp.common import tally
from cdp.common.bell import ring
from cdp.common.claims import GIVEN_BACK
from cdp.common.clock import utc_now
from cdp.common.copying import Cursor
from cdp.events import inbox, permit, plan, quarantine, seen, shapes, store, struck
from cdp.events.message import Message, Rejected, read
from cdp.events.models import InboxBatch
from cdp.privacy import erased, told
from cdp.profiles.apply import apply
from cdp.profiles.touched import FIRST, touch
from identity import rule_sets, waiting
from identity import rules as identity_rules
from identity.gather import edges, gather, split
from identity.resolve import resolve
from identity.tasks import match_waiting
from scoring.tasks import score_waiting
from scoring.waiting import is_waiting
from segments.tasks import refresh

log = logging.getLogger(__name__)

TURN = 200
"""Claims in one task, so that a worker also gets round to its other work."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one claim did."""

    rows: int = 0
    messages: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Taken:
    """What is known of a claim's messages on their way."""

    messages: list[Message] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    """What messages are checked against, read once per claim."""

    plan: plan.Plan
    permit: permit.Permit
    identity: identity_rules.Rules


def drain(lane: str, *, now: datetime) -> Drained:
    """Takes in the oldest rows of the inbox. Nothing happens, or all of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        claimed = inbox.claim(cursor, lane)
        taken = Taken()
        for row in claimed:
            messages, rejected = read(row)
            taken.messages += messages
            taken.rejected += rejected
        rules = _load_rules(cursor)
        taken.rejected += _take_in(cursor, taken.messages, rules, now=now)
        quarantine.add(cursor, struck.unread(cursor, taken.rejected, now=now), now=now)
    return Drained(len(claimed), len(taken.messages), len(taken.rejected))


def _load_rules(cursor: Cursor) -> Rules:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    erased.hold(cursor)
    may = permit.load(cursor, keys=keys, currency=settings.REPORTING_CURRENCY)
    return Rules(plan.load(cursor), may, rule_sets.current(cursor))


def _take_in(cursor: Cursor, messages: Sequence[Message], rules: Rules, *, now: datetime) -> list[Rejected]:
    """All of it in one go; what PostgreSQL will not have is bisected until the guilty message stands alone."""
    if not messages:
        return []
    try:
        with transaction.atomic():
            return _write(cursor, messages, rules, now=now)
    except (DataError, IntegrityError, ValueError, RecursionError) as error:
        if len(messages) == 1:
            log.warning("A message was quarantined: %s", type(error).__name__)
            return [messages[0].rejected("error", f"The message could not be stored: {_first_line(error)}.")]
    middle = len(messages) // 2
    first = _take_in(cursor, messages[:middle], rules, now=now)
    return first + _take_in(cursor, messages[middle:], rules, now=now)


def _write(cursor: Cursor, messages: Sequence[Message], rules: Rules, *, now: datetime) -> list[Rejected]:
    messages = struck.known(cursor, messages, lambda one: edges(one, rules.identity), now=now)
    checked, unplanned, violating = rules.plan.check(messages)
    broken = {id(checked[index]) for index in violating}
    named, nobody = split(checked, rules.identity)
    allowed, refused = permit.check(cursor, named, rules.permit, now=now)
    fresh, conflicts = seen.keep_first(cursor, allowed, now=now)
    if fresh:
        sightings = gather(fresh, rules.identity)
        regrouped = resolve(cursor, list(sightings.values()), rules=rules.identity, now=now)
        for message in fresh:
            one = sightings[message.source_id, message.record_key]
            message.record_id, message.profile_id = one.record_id, one.profile_id
        names = apply(cursor, list(sightings.values()), now=now)
        waiting.add(cursor, waiting.changed(sightings.values(), rules.identity.fuzzy.kinds), now=now)
        events = [message for message in fresh if message.is_event]
        stored = store.store(cursor, events)
        mails.note(cursor, events)
        shapes.note(cursor, events, broken, now=now)
        linked = {one.profile_id for one in sightings.values() if one.is_linked_anew}
        found = _touched(names, fresh, regrouped, linked)
        for profile_id, happened in stored.concerned.items():
            found.setdefault(profile_id, set()).update(f"event:{name}" for name in happened)
        for profile_id in stored.first:
            found[profile_id].add(FIRST)
        touch(cursor, found, now=now)
    return unplanned + nobody + refused + conflicts


def _touched(
    traits: dict[int, set[str]], messages: Sequence[Message], regrouped: dict[int, str], linked: set[int]
) -> dict[int, set[str]]:
    """Profile → what changed about it, in the words rules depend on; perhaps only that it was seen."""
    found = {profile_id: {f"trait:{name}" for name in names} for profile_id, names in traits.items()}
    for message in messages:
        names = found.setdefault(message.profile_id, set())
        names.add("seen")
        if message.is_event:
            names.add(f"event:{message.name}")
    for profile_id, how in regrouped.items():
        found.setdefault(profile_id, set()).add(how)
    for profile_id in linked:
        found.setdefault(profile_id, set()).add(told.FACT)
    return found


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]


@app.task(name="cdp.pipeline.drain", queue="live", acks_late=True)
def drain_inbox() -> int:
    """Empties the inbox. What the database takes away (a restart, a deadlock) is claimed anew in a second."""
    total = 0
    # A claim makes a hundred thousand objects and no cycles: looking for some took a sixth of its time.
    gc.disable()
    try:
        for _ in range(TURN):
            done = _drain_next()
            if not done.rows:
                break
            total += done.messages
            tally.add("events_taken_in", n=done.messages)
            tally.add("events_rejected", n=done.rejected)
    except GIVEN_BACK as error:
        log.warning("A claim was given back: %s", _first_line(error))
    finally:
        gc.enable()
    if total:
        ring(refresh)
        ring(trigger)
        ring(match_waiting)
        if is_waiting():
            ring(score_waiting)
    return total


def _drain_next() -> Drained:
    """Live traffic first: imports get a turn only while nothing live waits."""
    done = drain(InboxBatch.Lane.LIVE, now=utc_now())
    return done if done.rows else drain(InboxBatch.Lane.BULK, now=utc_now())
