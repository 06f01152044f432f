"""Every table that holds something about a person is declared here by its app, from `apps.py`.

Merge, un-merge, erasure, export and the profile page reach tables above them through these declarations.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cdp.common.copying import Cursor


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
    BLANK = "blank"
    """The row stays, without whom it was about: the columns of `blank` become null."""
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
    label: str = ""
    """What its rows are called where people read; the table's own name without its app if empty."""
    about: tuple[str, ...] = ("profile_id",)
    """Columns that hold the id of the person a row is about; arrays of ids too."""
    of_record: tuple[str, ...] = ()
    """Columns that hold the id of a record of that person; arrays of ids too."""
    blank: tuple[str, ...] = ()
    erase: "Callable[[Cursor, Person], int] | None" = None
    """In place of a plain delete, where something counts the rows."""
    names: tuple[tuple[str, str], ...] = ()
    """Columns with the id of something that has a name: (column, `table.column` of the name), for exports."""

    @property
    def title(self) -> str:
        return self.label or self.table.partition("_")[2].replace("_", " ").capitalize()


@dataclass(frozen=True)
class Person:
    """Somebody with all that they are known by, also of what was merged into them."""

    profile_ids: tuple[int, ...] = ()
    record_ids: tuple[int, ...] = ()
    uuids: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    """(namespace, value) of their identifiers, as they are compared; of nobody else."""
    forms: tuple[str, ...] = ()
    """The same as their sources wrote them: `+44 (0)20 …` beside its digits."""
    words: tuple[str, ...] = ()
    """What their traits say, in lower case: names, streets. Others may say the same."""

    @property
    def is_known(self) -> bool:
        return bool(self.profile_ids)


@dataclass(frozen=True)
class Place:
    """Where a person may be without a row of their own: a body not yet taken in, a file, a sentence that quotes them.

    Each function is safe to repeat and does its work in short transactions of its own.
    """

    key: str
    label: str
    count: Callable[[Person], int]
    erase: Callable[[Person, datetime], int]
    """Returns how many rows, messages or files it changed."""
    export: Callable[[Person], Sequence[dict[str, Any]]] | None = None
    tables: tuple[str, ...] = ()
    """The tables it answers for."""
    is_before: bool = False
    """It needs the person's rows: it is erased before they go."""
    is_queue: bool = False
    """Work goes on in it meanwhile: it is looked through once more in the end."""
    is_slow: bool = False
    """It is read from one end to the other: not counted while a page waits."""


_declared: dict[str, Belonging] = {}
_places: dict[str, Place] = {}


def declare(*belongings: Belonging) -> None:
    for belonging in belongings:
        _declared[belonging.table] = belonging


def declared() -> Iterator[Belonging]:
    return iter(tuple(_declared.values()))


def declare_places(*found: Place) -> None:
    for place in found:
        _places[place.key] = place


def places() -> Iterator[Place]:
    return iter(tuple(_places.values()))
