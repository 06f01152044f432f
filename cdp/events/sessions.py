"""Visits: a person's events with no long gap between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cdp.events.newest import Happened

GAP = timedelta(minutes=30)
"""As web analytics have it: half an hour of silence ends a visit."""

SHOWN = 3
LONGEST = 120
ICONS = (
    (("Page ", "Screen "), "world"),
    (("Order ", "Checkout", "Payment", "Coupon"), "shopping-cart"),
    (("Product", "Cart"), "package"),
    (("Email ", "Push ", "SMS "), "mail"),
)
SAID = ("title", "name", "subject", "campaign_name", "query", "category", "order_id", "product_id", "plan")


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    event: Happened
    icon: str
    detail: str
    source: str


@dataclass(frozen=True)
class Session:
    happenings: list[Happening]

    @property
    def newest(self) -> Happened:
        return self.happenings[0].event

    @property
    def oldest(self) -> Happened:
        return self.happenings[-1].event

    @property
    def lasted_s(self) -> float:
        return (self.newest.occurred_at - self.oldest.occurred_at).total_seconds()


def sessions(events: Sequence[Happened], *, sources: dict[int, str]) -> list[Session]:
    """Groups events that come newest first."""
    found: list[Session] = []
    for event in events:
        line = Happening(event, icon_of(event.name), detail_of(event), sources.get(event.source_id, ""))
        if found and found[-1].oldest.occurred_at - event.occurred_at <= GAP:
            found[-1].happenings.append(line)
        else:
            found.append(Session([line]))
    return found


def icon_of(name: str) -> str:
    return next((icon for starts, icon in ICONS if name.startswith(starts)), "point")


def detail_of(event: Happened) -> str:
    """What an onlooker would want to know first: an amount, what it was about, else the first properties."""
    properties = event.properties
    parts = [f"{event.value:,.2f}"] if event.value is not None else []
    products = properties.get("products")
    if isinstance(products, list) and products:
        parts.append(f"{len(products)} product{'s' if len(products) != 1 else ''}")
    said = [_text(properties[key]) for key in SAID if isinstance(properties.get(key), str | int | float)]
    said = said or [_text(properties[key]) for key in ("path", "url") if _is_plain(properties.get(key))][:1]
    said = said or [f"{key}: {_text(value)}" for key, value in properties.items() if _is_plain(value)]
    return " · ".join([*parts, *list(dict.fromkeys(said))[:SHOWN]])[:LONGEST]


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    return str(value)[:LONGEST]
