"""SQL text with its bound values, kept together so that they cannot drift apart."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sql:
    """`text` is written in our modules, with `%s` for each of `values`; input only ever is a value."""

    text: str
    values: tuple[Any, ...] = ()


def fill(template: str, **parts: Any) -> Sql:
    """`{name}` takes the part of that name: an Sql is spliced in, anything else is bound."""
    return _fill(template, parts)


def _fill(template: str, parts: Mapping[str, Any]) -> Sql:
    values: list[Any] = []

    def hole(match: re.Match[str]) -> str:
        part = parts[match.group(1)]
        if isinstance(part, Sql):
            values.extend(part.values)
            return part.text
        values.append(part)
        return "%s"

    return Sql(_HOLE.sub(hole, template), tuple(values)) if parts else Sql(template)


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    listed = list(parts)
    return Sql(separator.join(part.text for part in listed), tuple(v for part in listed for v in part.values))
