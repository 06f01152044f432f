"""Keyset pages: `WHERE (a, id) < (…)` instead of OFFSET, so that page 1,000 is as fast as page 1.

Cursors travel in the address as `after` and `before`; templates/_pager.html shows the buttons.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import DateTimeField, GeneratedField, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50


class BadCursor(Exception):
    """The page's address is damaged. Open the list again from its start."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: str
    previous: str


def page_of(
    rows: QuerySet[Row], *, order: tuple[str, ...], query: Mapping[str, str], size: int = PAGE_SIZE
) -> Page[Row]:
    """One page of `rows` by `order`: never-null fields, all of one direction, the last one unique."""
    backwards = bool(query.get("before"))
    cursor = query.get("before") or query.get("after") or ""
    walked = _reversed(order) if backwards else order
    found = rows.order_by(*walked)
    if cursor:
        found = found.filter(_beyond(walked, _read(cursor, rows, walked)))
    kept = list(found[: size + 1])
    has_more, kept = len(kept) > size, kept[:size]
    if backwards:
        kept.reverse()
    more_after, more_before = (bool(kept), has_more) if backwards else (has_more, bool(cursor and kept))
    return Page(
        rows=kept,
        next=_write(kept[-1], order) if more_after else "",
        previous=_write(kept[0], order) if more_before else "",
    )


def _reversed(order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field[1:] if field.startswith("-") else f"-{field}" for field in order)


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    """Rows after the given values. The leading `<=` lets the index be used."""
    name, comparison = order[0].lstrip("-"), "lt" if order[0].startswith("-") else "gt"
    strictly = Q((f"{name}__{comparison}", values[0]))
    if len(order) == 1:
        return strictly
    return Q((f"{name}__{comparison}e", values[0])) & (strictly | _beyond(order[1:], values[1:]))


def _write(row: Model, order: tuple[str, ...]) -> str:
    values = [getattr(row, field.lstrip("-")) for field in order]
    exact = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return pack(exact)


def _read(cursor: str, rows: QuerySet[Row], order: tuple[str, ...]) -> list[Any]:
    try:
        return [_typed(rows, name, value) for name, value in zip(order, unpack(cursor), strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise BadCursor from error


def pack(values: Sequence[Any]) -> str:
    """Values as a cursor that fits into an address."""
    return base64.urlsafe_b64encode(json.dumps(values, cls=DjangoJSONEncoder).encode()).decode().rstrip("=")


def unpack(cursor: str) -> list[Any]:
    """What `pack` packed, or the same made by hand: the types are for the caller to check."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(values, list):
        raise BadCursor
    return values


def _typed(rows: QuerySet[Row], name: str, value: Any) -> Any:
    if not isinstance(value, str | int | float) or (isinstance(value, str) and not value.isprintable()):
        raise TypeError(name)
    field: Any = rows.model._meta.get_field(name.lstrip("-")) if _is_field(rows.model, name) else None
    if isinstance(field, GeneratedField):
        field = field.output_field
    if isinstance(field, DateTimeField):
        return _aware(str(value))
    return value if field is None else field.to_python(value)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _is_field(model: type[Model], name: str) -> bool:
    return name.lstrip("-") in {field.name for field in model._meta.get_fields()}
