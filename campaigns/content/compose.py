"""Mails for thousands of people in few queries: what holds for whom, what is known, items, feeds and offers; then each
is filled in.

Each distinct rule is asked once for a whole lot of people, all at one `now`. People for whom the same rules hold get
the same branches, which are worked out once; only what those branches show is fetched and given. A mail that cannot be
made is said so, and the others are made.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from campaigns.content.context import contexts_of
from campaigns.content.extras import add_feeds, add_lists, add_offers
from campaigns.content.press import About, Choice, Made, Press, Ready, Recipient, Unmade, press_for
from campaigns.content.render import Links, RenderError, render_branches
from cdp.rules.sets import matching_each

__all__ = [
    "About",
    "Made",
    "Press",
    "Ready",
    "Recipient",
    "Unmade",
    "chosen_by",
    "compose",
    "fill_in",
    "prepare",
    "press_for",
]

AT_ONCE = 1_000
"""People whose mails are made in one go: what is held in memory, and what the database is asked about at a time."""
UNFORCED: Mapping[str, int] = {}


def compose(
    press: Press,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    rehearsal: bool,
    forced: Mapping[str, int] = UNFORCED,
) -> Iterator[Made | Unmade]:
    """In the order of `recipients`. A rehearsal gives out no code and counts nothing; it shows examples instead.
    `forced` says which branch of a split is taken whatever holds. Feeds are asked: not inside a transaction."""
    rehearsed: Counter[str] | None = Counter() if rehearsal else None
    for start in range(0, len(recipients), AT_ONCE):
        some = recipients[start : start + AT_ONCE]
        for one in prepare(press, some, now=now, rehearsed=rehearsed, forced=forced):
            yield fill_in(press, one)


def prepare(
    press: Press,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    rehearsed: Counter[str] | None,
    forced: Mapping[str, int] = UNFORCED,
) -> list[Ready]:
    """Everything but filling in, for some thousands at most. `rehearsed` makes it a rehearsal, and counts what it would
    have given of each offer: one that goes on passes the same counter again."""
    ids = list(dict.fromkeys(one.profile_id for one in recipients))
    chosen = chosen_by(press, ids, now=now, forced=forced)
    known = contexts_of(press.needs, ids, now=now, zone=press.about.zone)
    campaign = {"name": press.about.campaign}
    same = {"campaign": campaign, "sender": press.sender}
    ready = [
        Ready(one, {**known[one.profile_id], **same, **triggering(one)}, chosen[one.profile_id]) for one in recipients
    ]
    answers = add_feeds(ready, press, now=now)
    add_lists(ready, press, answers=answers, now=now)
    add_offers(ready, press, rehearsed=rehearsed, now=now)
    return ready


def triggering(one: Recipient) -> dict[str, Any]:
    """What `event` means in a mail: the properties of what triggered it, and nothing elsewhere."""
    return {"event": one.context.get("event") or {}}


def chosen_by(
    press: Press, ids: Sequence[int], *, now: datetime, forced: Mapping[str, int] = UNFORCED
) -> dict[int, Choice]:
    """The branches of each person, found in one statement. Few differ: they are worked out once for each pattern."""
    rules = press.compiled.rules
    patterns = dict.fromkeys(ids, 0)
    for number, found in enumerate(matching_each(rules, ids, now=now, zone=press.about.zone, cuts=press.cuts)):
        for who in found:
            patterns[who] |= 1 << number
    made: dict[int, Choice] = {}
    for pattern in set(patterns.values()):
        holds = tuple(bool(pattern >> number & 1) for number in range(len(rules)))
        made[pattern] = press.choice(holds, forced=forced)
    return {who: made[pattern] for who, pattern in patterns.items()}


def fill_in(press: Press, ready: Ready) -> Made | Unmade:
    ref, addresses = ready.recipient.ref, press.addresses
    if press.about.is_tracked:
        track, beacon = partial(addresses.click, ref), addresses.beacon(ref)
        links = Links(track, addresses.unsubscribe(ref), addresses.preferences(ref), beacon=beacon)
    else:
        links = Links(straight, addresses.unsubscribe(ref), addresses.preferences(ref))
    try:
        rendered = render_branches(press.compiled, ready.context, branching=ready.choice.branching, links=links)
    except RenderError as error:
        return Unmade(ready.recipient, str(error))
    return Made(ready.recipient, rendered)


def straight(target: str, block: str) -> str:
    return target
