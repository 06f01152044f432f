"""How far back a rule or a definition looks at an event."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cdp.events.lookback import EVER, Asked
from cdp.rules.spans import Span
from cdp.rules.tree import Node, leaves
from cdp.rules.windows import Window


def of_rule(node: Node, asked: Asked) -> timedelta | None:
    """None: it does not look at the event at all."""
    name, now, zone = asked
    found = [far(leaf, now, zone) for leaf in leaves(node) if f"event:{name}" in leaf.depends()]
    return max(found, default=None)


def far(thing: Any, now: datetime, zone: ZoneInfo) -> timedelta:
    """The farthest of all windows and lengths of time that stand anywhere in it; without any, for ever."""
    return max((_back(one, now, zone) for one in _times(thing)), default=EVER)


def _times(thing: Any) -> Iterator[Window | Span]:
    if isinstance(thing, Window | Span):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _times(getattr(thing, field.name))
    elif isinstance(thing, tuple | list):
        for one in thing:
            yield from _times(one)


def _back(one: Window | Span, now: datetime, zone: ZoneInfo) -> timedelta:
    if isinstance(one, Span):
        return one.length
    after, _ = one.range(now, zone)
    return EVER if after is None else max(now - after, timedelta(0))
