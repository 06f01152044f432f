"""The rules by which people are recognised: which identifiers count, how strongly, and what they may join."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from fnmatch import translate
from functools import cached_property
from typing import Any

ANY = "*"
"""In place of a namespace: all that have no rule of their own, or all of them."""
LOWEST_PRIORITY = 99
MOST_RECORDS = 10_000


class RulesError(ValueError):
    """The rules cannot be read."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place, self.problem = place, problem


class Form(StrEnum):
    """How values of a namespace are brought to the one form in which they are compared."""

    EXACT = "exact"
    LOWER = "lower"
    EMAIL = "email"
    PHONE = "phone"
    DIGITS = "digits"

    @property
    def label(self) -> str:
        return FORM_LABELS[self]


FORM_LABELS = {
    Form.EXACT: "as it came, spaces around it removed",
    Form.LOWER: "in lower case",
    Form.EMAIL: "as an e-mail address, in lower case",
    Form.PHONE: "as a phone number",
    Form.DIGITS: "its digits and letters only",
}


@dataclass(frozen=True, slots=True)
class Namespace:
    """One kind of identifier. Smaller priorities are joined first and lose last."""

    name: str
    priority: int
    form: Form = Form.EXACT
    is_hard: bool = False
    """Two values of it are two people, whatever else they share."""
    joins: bool = True
    """Whether sharing a value makes two records one person. Otherwise it only speaks for it when likeness is weighed:
    a household has one phone."""
    limit: int | None = None
    """At most so many values per person, within `window_days` if that is given."""
    window_days: int | None = None
    most_records: int = 50
    """A value that more records have names nobody: a shared device, a till, a form filled in by staff."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A value that names nobody; `*` in it stands for any characters, `?` for one. Case does not count."""

    namespace: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Matching by likeness."""

    is_on: bool = True
    link: float = 0.99
    """From this probability two records are linked by themselves, if two independent fields agree."""
    review: float = 0.5
    """From this one a steward is asked."""
    largest: int = 50
    """Groups that would hold more records are left to a steward."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Trait → identity.columns.Kind, for traits whose name does not tell, or `ignore`."""


DEFAULT_NAMESPACES = (
    Namespace("user_id", 1, is_hard=True, limit=1, most_records=1_000),
    Namespace("email", 2, Form.EMAIL, limit=5, window_days=365, most_records=20),
    Namespace("phone", 3, Form.PHONE, joins=False),
    Namespace(ANY, 4, limit=5, window_days=365, most_records=50),
    Namespace("anonymous_id", 5, limit=20, window_days=7, most_records=25),
)


@dataclass(frozen=True)
class Rules:
    namespaces: Mapping[str, Namespace] = field(default_factory=lambda: {one.name: one for one in DEFAULT_NAMESPACES})
    blocked: tuple[Blocked, ...] = ()
    fuzzy: Fuzzy = Fuzzy()
    version: int = 0

    def of(self, namespace: str) -> Namespace:
        found = self._rules.get(namespace)
        if found is None:
            found = self._rules[namespace] = replace(self.namespaces[ANY], name=namespace)
        return found

    @cached_property
    def _rules(self) -> dict[str, Namespace]:
        return dict(self.namespaces)

    def is_blocked(self, namespace: str, value: str) -> bool:
        """Whether a steward blocked the value. Those that never name anybody do not even become identifiers."""
        if not self.blocked:
            return False
        lowered = value.lower()
        return any(
            lowered in values or (pattern is not None and pattern.match(lowered) is not None)
            for values, pattern in (self._tests.get(namespace, NO_TESTS), self._tests.get(ANY, NO_TESTS))
        )

    @cached_property
    def _tests(self) -> dict[str, tuple[frozenset[str], re.Pattern[str] | None]]:
        found = {}
        for name in {one.namespace for one in self.blocked}:
            own = [one.value.lower() for one in self.blocked if one.namespace == name]
            globs = "|".join(translate(value) for value in own if _is_glob(value))
            values = frozenset(value for value in own if not _is_glob(value))
            found[name] = values, re.compile(globs) if globs else None
        return found


NO_TESTS: tuple[frozenset[str], None] = frozenset(), None
DEFAULTS = Rules()


def _is_glob(value: str) -> bool:
    return "*" in value or "?" in value


def to_json(rules: Rules) -> dict[str, Any]:
    fuzzy = {**asdict(rules.fuzzy), "kinds": dict(rules.fuzzy.kinds)}
    namespaces = sorted(rules.namespaces.values(), key=lambda one: (one.priority, one.name))
    return {
        "namespaces": [asdict(one) for one in namespaces],
        "blocked": [asdict(one) for one in rules.blocked],
        "fuzzy": fuzzy,
    }


def parse(raw: Any, *, version: int = 0) -> Rules:
    """Raises RulesError, which names the place. What is left out has its default."""
    top = _object(raw, "rules", {"namespaces", "blocked", "fuzzy"})
    namespaces = [_namespace(one, f"namespaces[{i}]") for i, one in enumerate(_list(top, "namespaces"))]
    names = [one.name for one in namespaces]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise RulesError("namespaces", f"{repeated!r} is there twice.")
    if not namespaces:
        namespaces = list(DEFAULT_NAMESPACES)
    elif ANY not in names:
        raise RulesError("namespaces", f"There is no rule named {ANY!r} for all other namespaces.")
    return Rules(
        {one.name: one for one in namespaces},
        tuple(_blocked(one, f"blocked[{i}]") for i, one in enumerate(_list(top, "blocked"))),
        _fuzzy(top.get("fuzzy") or {}),
        version,
    )


def _namespace(raw: Any, place: str) -> Namespace:
    one = _object(raw, place, _names(Namespace))
    limit, window = one.get("limit"), one.get("window_days")
    if window is not None and limit is None:
        raise RulesError(f"{place}.window_days", "A window needs a limit.")
    for name in ("is_hard", "joins"):
        if one.get(name) not in (None, True, False):
            raise RulesError(f"{place}.{name}", "Must be true or false.")
    if one.get("is_hard") and one.get("joins") is False:
        raise RulesError(f"{place}.joins", "A hard identifier joins those who share it.")
    return Namespace(
        _text(one, "name", place, longest=60),
        _whole(one, "priority", place, 1, LOWEST_PRIORITY),
        _form(one.get("form", Form.EXACT), place),
        bool(one.get("is_hard")),
        one.get("joins") is not False,
        None if limit is None else _whole(one, "limit", place, 1, 10_000),
        None if window is None else _whole(one, "window_days", place, 1, 3_650),
        _whole({"most_records": 50, **one}, "most_records", place, 1, MOST_RECORDS),
    )


def _form(raw: Any, place: str) -> Form:
    try:
        return Form(raw)
    except ValueError:
        raise RulesError(f"{place}.form", f"{raw!r} is none of {', '.join(Form)}.") from None


def _blocked(raw: Any, place: str) -> Blocked:
    one = _object(raw, place, _names(Blocked))
    value = _text(one, "value", place, longest=200)
    if not value.strip("*? "):
        raise RulesError(f"{place}.value", "This would block every value.")
    note = one.get("note", "")
    if not isinstance(note, str) or len(note) > 200 or not is_storable(note):
        raise RulesError(f"{place}.note", "Must be a text of at most 200 characters.")
    return Blocked(_text({"namespace": ANY, **one}, "namespace", place, longest=60), value, note)


def _fuzzy(raw: Any) -> Fuzzy:
    one = _object(raw, "fuzzy", _names(Fuzzy))
    start = Fuzzy()
    link, review = (_share(one, name, otherwise) for name, otherwise in (("link", 0.99), ("review", 0.5)))
    if review > link:
        raise RulesError("fuzzy.review", "Must not be above the probability from which records are linked.")
    kinds = one.get("kinds") or {}
    if not isinstance(kinds, dict) or not all(is_storable(part) for pair in kinds.items() for part in pair):
        raise RulesError("fuzzy.kinds", "Must map names of traits to kinds.")
    largest = _whole({"largest": start.largest, **one}, "largest", "fuzzy", 2, 1_000)
    return Fuzzy(one.get("is_on", True) is True, link, review, largest, kinds)


def _share(raw: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = raw.get(name, otherwise)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise RulesError(f"fuzzy.{name}", "Must be a probability between 0 and 1.")
    return float(value)


def _object(raw: Any, place: str, known: Iterable[str]) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise RulesError(place, "Must be an object.")
    if strange := sorted(raw.keys() - set(known)):
        raise RulesError(f"{place}.{strange[0]}", f"Unknown; known are {', '.join(sorted(known))}.")
    return raw


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name) or []
    if not isinstance(value, list):
        raise RulesError(name, "Must be a list.")
    return value


def _text(raw: Mapping[str, Any], name: str, place: str, *, longest: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not is_storable(value):
        raise RulesError(f"{place}.{name}", f"Must be a text of 1 to {longest} characters.")
    return value.strip()


def is_storable(value: Any) -> bool:
    """Whether it is a text, and the database takes it: no NUL, no half of a surrogate pair."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _whole(raw: Mapping[str, Any], name: str, place: str, least: int, most: int) -> int:
    value = raw.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RulesError(f"{place}.{name}", f"Must be a whole number from {least} to {most}.")
    return value


def _names(of: type) -> set[str]:
    return {one.name for one in fields(of)}
