"""Everything that is known of a person, part by part: for the API and the raw view. Apps declare their parts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cdp.profiles.models import Profile

Read = Callable[[Profile], Any]


@dataclass(frozen=True)
class Part:
    """One key of the answer. `read` returns what `schema`, a JSON Schema, describes."""

    name: str
    read: Read
    schema: dict[str, Any]


_parts: dict[str, Part] = {}


def declare(*parts: Part) -> None:
    _parts.update({part.name: part for part in parts})


def parts() -> list[Part]:
    return list(_parts.values())


def known_of(profile: Profile) -> dict[str, Any]:
    return {part.name: part.read(profile) for part in parts()}
