"""What differs from a mail in one of its variants: values at places of its content.

A place is `["subject"]`, `["preheader"]`, or leads into one of them or into a block, which is named by its id wherever
it stands: `["blocks", "k3f9", "when", "root", "of", 0, "window", "amount"]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

WHOLE = ("subject", "preheader")
"""These may be said anew as a whole."""
NAMES = ("kind", "name", "key", "id", "of", "measure", "op")
"""What a condition is about; who puts another in its place means something else."""


class Lost(Exception):
    """What a variant changes is no longer in the mail. Choose the place again, or take the change out."""

    def __init__(self, place: Sequence[Any]) -> None:
        super().__init__(f"“{named(place)}” is no longer in the mail as it was. Choose it again, or take it out.")
        self.place = place


def changed(content: Any, changes: Sequence[Mapping[str, Any]]) -> Any:
    """A copy with the changes made. Raises Lost."""
    made = deepcopy(content)
    for one in changes:
        place, value = one["place"], one["value"]
        holder, key = _held(made, place)
        if tuple(place) not in ((name,) for name in WHOLE):
            if not _alike(holder[key], value):
                raise Lost(place)
            if "about" in one and one["about"] != about(content, place):
                raise Lost(place)
        holder[key] = deepcopy(value)
    return made


def value_at(content: Any, place: Sequence[Any]) -> Any:
    """What stands there. Raises Lost."""
    holder, key = _held(content, place)
    return holder[key]


def about(content: Any, place: Sequence[Any]) -> str:
    """What the condition at a place is about, whatever its numbers are."""
    found: list[str] = []
    for end in range(1, len(place)):
        inner = value_at(content, place[:end]) if end > 1 or place[0] in WHOLE else None
        if isinstance(inner, dict) and isinstance(inner.get("kind"), str) and "when" in place[:end]:
            found = [f"{name}={inner[name]}" for name in NAMES if isinstance(inner.get(name), str | int)]
    return " ".join(found)


def named(place: Sequence[Any]) -> str:
    """As problems of a mail say their places."""
    said = ""
    for part in place:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else str(part)
    return said


def blocks_in(content: Any) -> Iterator[dict[str, Any]]:
    """Every block that has an id: in columns and as another's else, too."""
    if isinstance(content, dict):
        if isinstance(content.get("id"), str) and isinstance(content.get("kind"), str):
            yield content
        for key in ("blocks", "else", "columns"):
            yield from blocks_in(content.get(key))
    elif isinstance(content, list):
        for one in content:
            yield from blocks_in(one)


def _held(content: Any, place: Sequence[Any]) -> tuple[Any, Any]:
    """What holds the value of the place, and under which key."""
    holder, path = content, list(place)
    if len(path) > 1 and path[0] == "blocks":
        holder = next((one for one in blocks_in(content) if one["id"] == path[1]), None)
        path = path[2:] or ["id"]
    for key in path[:-1]:
        holder = _inner(holder, key, place)
    _inner(holder, path[-1] if path else None, place)
    return holder, path[-1]


def _inner(holder: Any, key: Any, place: Sequence[Any]) -> Any:
    is_there = (isinstance(holder, dict) and isinstance(key, str) and key in holder) or (
        isinstance(holder, list) and isinstance(key, int) and 0 <= key < len(holder)
    )
    if not is_there:
        raise Lost(place)
    return holder[key]


def _alike(old: Any, new: Any) -> bool:
    """Numbers for numbers, texts for texts."""
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    return any(isinstance(old, kind) and isinstance(new, kind) for kind in (int | float, str, list))
