"""Typed reading of a rule's JSON. Every error names the place, so that the builder can show it there."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 500


class RuleError(Exception):
    """The rule cannot be used as it is. `place` is a path such as `root.of[1].window.amount`."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(frozen=True)
class Fields:
    """One JSON object of a rule and where it stands."""

    data: Mapping[str, Any]
    place: str

    @classmethod
    def of(cls, data: object, place: str) -> "Fields":
        if not isinstance(data, Mapping):
            raise RuleError(place, "must be an object")
        return cls(data, place)

    def at(self, key: str) -> str:
        return f"{self.place}.{key}"

    def only(self, *allowed: str) -> None:
        unknown = sorted(set(self.data) - set(allowed))
        if unknown:
            raise RuleError(self.at(unknown[0]), f"is not known here; known are {', '.join(allowed)}")

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def value(self, key: str) -> Any:
        if not self.has(key):
            raise RuleError(self.at(key), "is missing")
        return self.data[key]

    def text(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not value.strip():
            raise RuleError(self.at(key), "is empty: choose or type it")
        if len(value) > LONGEST_TEXT or "\x00" in value:
            raise RuleError(self.at(key), f"must have at most {LONGEST_TEXT} characters and no NUL")
        return value

    def texts(self, key: str, *, most: int) -> tuple[str, ...]:
        values = self.value(key)
        if not isinstance(values, list) or not 1 <= len(values) <= most:
            raise RuleError(self.at(key), f"must be a list of 1 to {most} texts")
        return tuple(
            Fields({f"{key}[{index}]": value}, self.place).text(f"{key}[{index}]") for index, value in enumerate(values)
        )

    def choice(self, key: str, allowed: Collection[str]) -> str:
        value = self.value(key)
        if not isinstance(value, str) or value not in allowed:
            raise RuleError(self.at(key), f"must be one of {', '.join(allowed)}")
        return value

    def number(self, key: str) -> float | int:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RuleError(self.at(key), "must be a number")
        return value

    def whole(self, key: str, *, least: int, most: int) -> int:
        value = self.number(key)
        if not isinstance(value, int) or not least <= value <= most:
            raise RuleError(self.at(key), f"must be a whole number from {least:,} to {most:,}")
        return value

    def inner(self, key: str) -> "Fields":
        return Fields.of(self.value(key), self.at(key))

    def items(self, key: str, *, most: int) -> list["Fields"]:
        value = self.value(key)
        if not isinstance(value, list) or len(value) > most:
            raise RuleError(self.at(key), f"must be a list of at most {most}")
        return [Fields.of(item, f"{self.at(key)}[{index}]") for index, item in enumerate(value)]
