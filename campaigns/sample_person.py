"""A made-up person to look at a mail as: where there is nobody yet, or where nobody's data shall be shown."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from campaigns.content.needs import Needs
from campaigns.content.vocabulary import fold

NAME = "Maria Lindqvist"
EMAIL = "maria@example.com"
TRAITS: Mapping[str, Any] = MappingProxyType(
    {
        "firstname": "Maria",
        "givenname": "Maria",
        "lastname": "Lindqvist",
        "surname": "Lindqvist",
        "familyname": "Lindqvist",
        "name": NAME,
        "fullname": NAME,
        "email": EMAIL,
        "phone": "+46 8 123 456 78",
        "city": "Stockholm",
        "town": "Stockholm",
        "country": "Sweden",
        "language": "sv",
        "gender": "female",
        "birthday": date(1988, 4, 12),
        "company": "Example Ltd",
    }
)
"""By the folded name of the trait."""


def fill_in(context: dict[str, Any], needs: Needs) -> None:
    """What tokens ask of her; where nothing fits, what stands for an empty value is seen."""
    for wanted in needs.traits:
        value = TRAITS.get(fold(wanted.path[-1]))
        if value is not None:
            _put(context, wanted.place, value)


def _put(context: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *way, last = place
    for part in way:
        inner = context.get(part)
        if not isinstance(inner, dict):
            inner = context[part] = {}
        context = inner
    context[last] = value
