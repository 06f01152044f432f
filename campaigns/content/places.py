"""Reading one object of a mail's JSON: every mistake is noted with its place, and what is sound is read on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from campaigns.content.blocks import Case, Problem, Varied, Words
from cdp.rules.fields import Fields, RuleError
from cdp.rules.parse import parse as parse_rule
from cdp.rules.tree import Node

LONGEST = 20_000
LONGEST_CODE = 100_000
MOST_CASES = 20
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
T = TypeVar("T")


@dataclass
class Notes:
    """The problems found so far, in the order of the mail."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What `read` gives; None where it raised, which is noted."""
        try:
            return read()
        except RuleError as error:
            self.problems.append(Problem(error.place, error.message))
            return None


class Root(Fields):
    """The outermost object: its fields are places by themselves."""

    def at(self, key: str) -> str:
        return key


def written(fields: Fields, key: str, *, most: int = LONGEST, may_be_empty: bool = False) -> str:
    """A text as it was written."""
    value: Any = fields.data.get(key)
    if may_be_empty and value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value or len(value) > most:
        raise RuleError(fields.at(key), f"must be a text of at most {most:,} characters")
    if not may_be_empty and not value.strip():
        raise RuleError(fields.at(key), "is empty: write something")
    return value


def words(fields: Fields, key: str, *, may_be_empty: bool = False) -> Words:
    """A text, or one that varies: the first case that holds for the person, else `else`."""
    value = fields.data.get(key)
    place = fields.at(key)
    if not isinstance(value, dict):
        return Varied(place, written(fields, key, may_be_empty=may_be_empty))
    inner = fields.inner(key)
    inner.only("cases", "else")
    cases = tuple(_case(one, may_be_empty=may_be_empty) for one in inner.items("cases", most=MOST_CASES))
    return Varied(place, written(inner, "else", may_be_empty=may_be_empty), cases)


def _case(fields: Fields, *, may_be_empty: bool) -> Case[str]:
    fields.only("when", "then")
    return Case(rule(fields, "when"), written(fields, "then", may_be_empty=may_be_empty))


def rule(fields: Fields, key: str) -> Node:
    written_rule = fields.value(key)
    try:
        return parse_rule(written_rule)
    except RuleError as error:
        place = error.place.removeprefix("rule").lstrip(".")
        raise RuleError(fields.at(f"{key}.{place}" if place else key), error.message) from error


def whole(fields: Fields, key: str, *, least: int, most: int, default: int) -> int:
    return fields.whole(key, least=least, most=most) if fields.has(key) else default


def claim(fields: Fields, key: str, *, default: bool) -> bool:
    value = fields.data.get(key, default)
    if not isinstance(value, bool):
        raise RuleError(fields.at(key), "must be true or false")
    return value


def choice(fields: Fields, key: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`; the first where nothing is said."""
    return fields.choice(key, allowed) if fields.has(key) else allowed[0]


def colour(fields: Fields, key: str, *, default: str) -> str:
    if not fields.has(key):
        return default
    value = fields.value(key)
    if not isinstance(value, str) or not COLOUR.fullmatch(value):
        raise RuleError(fields.at(key), "must be a colour such as #1f5fbf")
    return value
