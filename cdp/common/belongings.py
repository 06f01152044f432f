"""Every table that holds something about a person is declared here by its app, from `apps.py`.

Merge, un-merge, erasure, export and the profile page reach tables above them through these declarations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class OnMerge(StrEnum):
    """What happens to the loser's rows when two profiles become one."""

    MOVE_BY_RECORD = "move_by_record"
    """Rows carry record_id: their profile_id follows the record, there and back."""
    RECOMPUTE = "recompute"
    """Rows are derived: the loser's are deleted, the winner's are computed anew by their owner."""
    STAY = "stay"
    """History, or asleep: rows keep naming the profile they were about, and count again when it comes back."""


class OnErase(StrEnum):
    DELETE = "delete"
    KEEP = "keep"
    """Holds nothing that identifies a person."""


@dataclass(frozen=True)
class Belonging:
    """A table with a profile_id, a record_id or personal data."""

    table: str
    on_merge: OnMerge
    on_erase: OnErase = OnErase.DELETE
    export: bool = True
    recompute: Callable[[list[int]], None] | None = None
    """Called inside the merge with the living profile ids, after rows have moved."""
    record_column: str = "record_id"
    unique: tuple[str, ...] = ()
    """Columns that with profile_id are unique. A row that would collide stays where it is: with the profile that was
    merged away, which has it again when the merge is undone."""


_declared: dict[str, Belonging] = {}


def declare(*belongings: Belonging) -> None:
    for belonging in belongings:
        _declared[belonging.table] = belonging


def declared() -> Iterator[Belonging]:
    return iter(tuple(_declared.values()))
