"""Words with one cause: all that an import said, or all that a source said within a span of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdp.accounts.models import Source


class NoSuchLot(ValueError):
    """There is nothing of that name."""


@dataclass(frozen=True)
class Origin:
    """A kind of cause an app above brings, such as imports; `import:12` is number 12 of the kind `import`."""

    key: str
    title: Callable[[int], str]
    """What people call it. Raises NoSuchLot."""
    hindrance: Callable[[int], str]
    """Why it cannot be rolled back right now, as a sentence; empty if it can."""
    forget: Callable[[int], None]
    """Called when all its words are withdrawn, perhaps twice: lets the same messages in again."""


_origins: dict[str, Origin] = {}


def declare(*origins: Origin) -> None:
    _origins.update({origin.key: origin for origin in origins})


@dataclass(frozen=True)
class Lot:
    """Either `cause`, or what the source said that arrived from `since` on and before `until`."""

    cause: str = ""
    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def where(self) -> tuple[str, list[Any]]:
        """A condition on profiles_saying w. The text of the cause also names its partial index."""
        if self.cause:
            return "w.cause = %s and w.cause like 'import:%%'", [self.cause]
        own = "w.record_id in (select id from profiles_record where source_id = %s)"
        return f"w.at >= %s and w.at < %s and {own}", [self.since, self.until, self.source_id]

    @property
    def title(self) -> str:
        """Raises NoSuchLot."""
        if self.cause:
            origin, number = _origin(self.cause)
            return origin.title(number)
        source = Source.objects.filter(pk=self.source_id or 0).first()
        if source is None or self.since is None or self.until is None:
            raise NoSuchLot("Name a source and the span of time.")
        return f"{source.name} from {self.since:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M} UTC"

    @property
    def hindrance(self) -> str:
        if not self.cause:
            return ""
        origin, number = _origin(self.cause)
        return origin.hindrance(number)

    def forget(self) -> None:
        if self.cause:
            origin, number = _origin(self.cause)
            origin.forget(number)


def _origin(cause: str) -> tuple[Origin, int]:
    key, _, number = cause.partition(":")
    if key not in _origins or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NoSuchLot("Only what an import brought, or a source within a span of time, can be rolled back together.")
    return _origins[key], int(number)
