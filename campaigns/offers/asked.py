"""What is asked for of an offer, and what comes back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.offer_models import Offer


@dataclass(frozen=True, slots=True)
class Asked:
    """`ref` is Delivery.ref; `record_id` the record of the address it goes to."""

    ref: UUID
    profile_id: int
    record_id: int | None
    offer_key: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer says to everybody who gets it."""

    key: str
    name: str
    value: Decimal | None
    unit: str
    """`%`, or a currency; empty where there is no value."""
    terms: str
    url: str

    @classmethod
    def of(cls, offer: Offer) -> "Terms":
        percent = offer.kind == Offer.Kind.PERCENT
        unit = "" if offer.value is None else "%" if percent else offer.currency
        return cls(offer.key, offer.name, _plain(offer.value), unit, offer.terms, offer.url)


@dataclass(frozen=True, slots=True)
class Given:
    terms: Terms
    code: str
    """Empty where the offer has none."""
    ends_at: datetime | None
    zone: ZoneInfo
    """Where days begin."""

    @property
    def ends_on(self) -> date | None:
        """The last day it is good for."""
        return None if self.ends_at is None else last_day(self.ends_at, self.zone)

    def as_context(self) -> dict[str, Any]:
        """For Liquid: plain values."""
        said = self.terms
        return {
            "key": said.key,
            "name": said.name,
            "code": self.code,
            "value": said.value,
            "unit": said.unit,
            "terms": said.terms,
            "url": said.url,
            "ends_on": self.ends_on,
        }


@dataclass(frozen=True, slots=True)
class Refused:
    why: str
    """A sentence. The same words for all who are refused for the same reason."""


Answer = Given | Refused
Answers = dict[tuple[UUID, str], Answer]
"""By the delivery and the key that was asked for."""


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """What ends at midnight is good until the evening before."""
    local = ends_at.astimezone(zone)
    at_midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return date.fromordinal(local.toordinal() - 1) if at_midnight else local.date()


def _plain(value: Decimal | None) -> Decimal | None:
    """10 where 10.00 is kept; 9.50 stays."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
