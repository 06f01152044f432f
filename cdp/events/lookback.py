"""What looks back at old events: each app above declares how to find its own, so that a page can warn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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
