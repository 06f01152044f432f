"""Text that quotes a person without a row of theirs: found by what identifies them, and taken out of it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction

from cdp.common.belongings import Person, Place
from cdp.common.copying import texts

SHORTEST = 6
LONGEST_NUMBER_OF_ANYTHING = 8
"""A number of so few digits may count or name anything: it is compared where ids stand, never looked for in text."""
INSTEAD = "erased"
LOT = 500
MOST_COUNTED = 10_000
MOST_WORDS = 200


def needles(person: Person) -> tuple[str, ...]:
    """What names this person wherever it stands: addresses, ids that are long enough, as written and as compared."""
    found = {value for _, value in person.addresses} | set(person.forms) | set(person.uuids)
    return tuple(sorted(one for one in found if is_telling(one)))


def is_telling(text: str) -> bool:
    digits = text.lstrip("+")
    return len(text) >= SHORTEST and not (digits.isdigit() and len(digits) <= LONGEST_NUMBER_OF_ANYTHING)


@dataclass(frozen=True)
class Quotes:
    """Finds and replaces what names somebody, as whole words, in whatever case, also as links write it."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, person: Person) -> "Quotes":
        forms = sorted({form for word in needles(person) for form in _forms(word)}, key=_rank)
        spelled = "|".join(map(re.escape, forms)) or r"(?!)"
        return cls(tuple(forms), re.compile(rf"(?:(?<![\w.+@-])|(?<=%[0-9A-Fa-f]{{2}}))(?:{spelled})(?![\w@-])", re.I))

    def __bool__(self) -> bool:
        return bool(self.words)

    def are_in(self, text: str) -> bool:
        return bool(self.pattern.search(text))

    def left_of(self, value: Any) -> Any:
        """The value without what names them, at any depth."""
        if isinstance(value, str):
            return self.pattern.sub(INSTEAD, value)
        if isinstance(value, list):
            return [self.left_of(one) for one in value]
        if isinstance(value, dict):
            return {self.left_of(name): self.left_of(one) for name, one in value.items()}
        return value

    @property
    def patterns(self) -> str:
        """For `ilike any`: what may quote them, before a closer look. JSON writes some characters in its own way."""
        spelled = {form: None for word in self.words[:MOST_WORDS] for form in (word, json.dumps(word)[1:-1])}
        return texts([f"%{_escaped(one)}%" for one in spelled])

    @property
    def is_whole(self) -> bool:
        """Whether `patterns` has all of them. Of somebody with thousands of devices it has those that others may quote:
        each makes reading a table slower."""
        return len(self.words) <= MOST_WORDS


def _rank(form: str) -> tuple[bool, int, str]:
    """Addresses first; of others the longer, so that no form hides a longer one."""
    return "@" not in form and "%40" not in form and not form.startswith(("+", "%2B")), -len(form), form


def _forms(word: str) -> set[str]:
    return {word, quote(word, safe=""), quote(word)}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class Texts:
    """Columns of a table that may quote people. `key` names the row; `json` and `plain` are rewritten, and a row that
    `drops` goes as a whole."""

    table: str
    key: tuple[str, ...] = ("id",)
    plain: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    drops: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.plain, *self.json)

    @property
    def where(self) -> str:
        return " or ".join(f"{column}::text ilike any(%(patterns)s::text[])" for column in self.columns)


def place(texts_: Texts, *, label: str, is_slow: bool = False) -> Place:
    return Place(
        key=f"quotes:{texts_.table}",
        label=label,
        count=lambda person: _count(texts_, Quotes.of(person)),
        erase=lambda person, now: _erase(texts_, Quotes.of(person)),
        tables=(texts_.table,),
        is_slow=is_slow,
    )


def _count(of: Texts, quotes: Quotes) -> int:
    return sum(1 for _ in _quoting(of, quotes, most=MOST_COUNTED))


def _erase(of: Texts, quotes: Quotes) -> int:
    """Each row in a statement of its own: only the few that quote somebody are written."""
    n = 0
    for key, values in _quoting(of, quotes):
        same = " and ".join(f"{column} = %s" for column in of.key)
        with transaction.atomic(), connection.cursor() as cursor:
            if of.drops:
                cursor.execute(f"delete from {of.table} where {same}", key)
            else:
                set_ = ", ".join(f"{column} = %s" for column in of.columns)
                cursor.execute(f"update {of.table} set {set_} where {same}", [*_left(of, values, quotes), *key])
        n += 1
    return n


def _left(of: Texts, values: Sequence[str | None], quotes: Quotes) -> list[str | None]:
    found: list[str | None] = []
    for column, text in zip(of.columns, values, strict=True):
        if text is None:
            found.append(None)
        elif column in of.json:
            found.append(json.dumps(quotes.left_of(json.loads(text))))
        else:
            found.append(quotes.left_of(text))
    return found


def _quoting(of: Texts, quotes: Quotes, *, most: int = 0) -> Iterator[tuple[list[Any], list[str | None]]]:
    """Key and values of the rows that quote them; read by a cursor, so that no row is looked at twice."""
    if not quotes:
        return
    named = ", ".join([*of.key, *(f"{column}::text" for column in of.columns)])
    limit = f" limit {most}" if most else ""
    with connection.cursor() as cursor:
        cursor.execute(f"select {named} from {of.table} where {of.where}{limit}", {"patterns": quotes.patterns})
        rows = cursor.fetchall()
    for row in rows:
        key, values = list(row[: len(of.key)]), list(row[len(of.key) :])
        if any(text is not None and quotes.are_in(_plain(text)) for text in values):
            yield key, values


def _plain(text: str) -> str:
    return text.replace("\\/", "/").replace('\\"', '"')
