"""SQL text with its bound values, kept together so that they cannot drift apart."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
    if not parts:
        return Sql(template)
    values: list[Any] = []
    texts: list[str] = []
    for literal, name in _split(template):
        texts.append(literal)
        if name is not None:
            part = parts[name]
            if isinstance(part, Sql):
                values.extend(part.values)
                texts.append(part.text)
            else:
                values.append(part)
                texts.append("%s")
    return Sql("".join(texts), tuple(values))


@lru_cache(maxsize=1024)
def _split(template: str) -> tuple[tuple[str, str | None], ...]:
    """Each literal with the name of the hole after it. A claim fills a thousand templates, always the same ones."""
    found: list[tuple[str, str | None]] = []
    end = 0
    for match in _HOLE.finditer(template):
        found.append((template[end : match.start()], match.group(1)))
        end = match.end()
    return (*found, (template[end:], None))


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    listed = list(parts)
    return Sql(separator.join(part.text for part in listed), tuple(v for part in listed for v in part.values))
