"""How far back rules and definitions look at events: asked before old events are deleted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cdp.rules.spans import Span
from cdp.rules.tree import Node, leaves
from cdp.rules.windows import Window

EVER = timedelta.max


@dataclass(frozen=True)
class LooksBack:
    """Something that would answer differently without old events."""

    kind: str
    name: str
    url: str
    far: timedelta
    """EVER: as far as there are events."""

    @property
    def words(self) -> str:
        return "for ever" if self.far == EVER else f"{self.far.days:,} days"


Asked = tuple[str, datetime, ZoneInfo]
"""Name of an event, now, and the deployment's time zone."""
Finder = Callable[[Asked], Iterable[LooksBack]]
_finders: dict[str, Finder] = {}


def declare(name: str, find: Finder) -> None:
    _finders[name] = find


def further_than(kept: timedelta, asked: Asked) -> list[LooksBack]:
    """Everything that looks further back at the event than it would be kept, the farthest first."""
    found = [one for find in _finders.values() for one in find(asked) if one.far > kept]
    return sorted(found, key=lambda one: (one.far, one.kind, one.name), reverse=True)


def of_rule(node: Node, asked: Asked) -> timedelta | None:
    """How far back the rule looks at the event; None: not at all."""
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
