"""Segments that most shops want, to begin with. They are written in the names that the data has."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Rule = dict[str, Any]

CALLED = {
    "bought": (
        "Order Completed",
        "Order Placed",
        "Placed Order",
        "Purchase",
        "Purchase Completed",
        "Checkout Completed",
    ),
    "viewed": ("Product Viewed", "Viewed Product", "Product View", "Item Viewed", "View Item"),
    "added": ("Product Added", "Added to Cart", "Add to Cart", "Cart Add", "Product Added to Cart"),
    "seen": ("Page Viewed", "Page View", "Viewed Page", "Pageview", "Active on Site", "Session Started"),
    "signed_up": ("Signed Up", "User Signed Up", "Sign Up", "Account Created", "Registered", "Newsletter Subscribed"),
    "opened": ("Email Opened", "Opened Email", "Email Open"),
    "clicked": ("Email Link Clicked", "Email Clicked", "Clicked Email"),
}
"""What something done is called: first by Segment's e-commerce names, which are taken where nothing is known."""
REGIONS = ("region", "state", "province", "county", "country", "city")
BIRTHDAYS = ("birthday", "birth_date", "birthDate", "date_of_birth", "dateOfBirth", "dob", "born_on")


@dataclass(frozen=True)
class Ready:
    key: str
    title: str
    says: str
    """In a sentence, for whom it is."""
    icon: str
    rule: Rule
    is_known: bool
    """Whether the data has what the rule asks about."""


@dataclass(frozen=True)
class Names:
    """What the data calls things."""

    events: Mapping[str, str]
    known: frozenset[str]
    birthday: str
    has_birthday: bool
    region: str = REGIONS[0]
    """The trait that says where somebody lives."""
    place: str = ""
    """Where most people live; empty: nobody said."""
    item: str = ""
    """What is looked at most; empty: nothing is."""

    def __getitem__(self, what: str) -> str:
        return self.events[what]


def names(events: Iterable[str], traits: Iterable[str]) -> Names:
    by_form = {_form(name): name for name in reversed(list(events))}
    found = {
        what: next((by_form[_form(one)] for one in called if _form(one) in by_form), "")
        for what, called in CALLED.items()
    }
    by_trait = {_form(name): name for name in traits}
    birthday, region = _first(by_trait, BIRTHDAYS), _first(by_trait, REGIONS)
    return Names(
        events={what: name or CALLED[what][0] for what, name in found.items()},
        known=frozenset(what for what, name in found.items() if name),
        birthday=birthday or BIRTHDAYS[0],
        has_birthday=bool(birthday),
        region=region or REGIONS[0],
    )


def _first(known: Mapping[str, str], wanted: Iterable[str]) -> str:
    return next((known[_form(one)] for one in wanted if _form(one) in known), "")


def gallery(called: Names) -> list[Ready]:
    """Those that fit the data come first."""
    ready = [one(called) for one in _MADE]
    return sorted(ready, key=lambda one: not one.is_known)


def _form(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _last(amount: int, unit: str = "day") -> Rule:
    return {"kind": "last", "amount": amount, "unit": unit}


def _before(amount: int, unit: str = "day") -> Rule:
    return {"kind": "before", "amount": amount, "unit": unit}


def _did(name: str, window: Rule | None = None, **more: Any) -> Rule:
    found = {"kind": "event", "name": name, "op": "at_least", "value": 1, **more}
    return found | ({"window": window} if window else {})


def _never(name: str, window: Rule | None = None) -> Rule:
    return {"kind": "event", "name": name, "op": "zero"} | ({"window": window} if window else {})


def _all(*conditions: Rule) -> Rule:
    return {"version": 1, "root": {"kind": "all", "of": list(conditions)}}


def _ready(called: Names, needs: Iterable[str], **of: Any) -> Ready:
    return Ready(is_known=set(needs) <= called.known, **of)


def _high_value(called: Names) -> Ready:
    spent = _did(called["bought"], measure="sum", op="more_than", value=200)
    return _ready(
        called,
        ["bought"],
        key="high_value",
        title="Recent high value",
        icon="star",
        says="Ordered in the last 15 days, and for more than 200 in all.",
        rule=_all(_did(called["bought"], _last(15)), spent),
    )


def _regulars(called: Names) -> Ready:
    return _ready(
        called,
        ["bought"],
        key="regulars",
        title="Regulars",
        icon="refresh",
        says="More than 2 orders, the last of them less than 30 days ago.",
        rule=_all(_did(called["bought"], op="more_than", value=2), _did(called["bought"], _last(30))),
    )


def _nearby(called: Names) -> Ready:
    lives = {"kind": "trait", "name": called.region, "op": "is", "value": called.place or "North"}
    return Ready(
        "region",
        "Customers of a region",
        "Live in one place and ordered in the last 30 days. Choose the place.",
        "map-pin",
        _all(lives, _did(called["bought"], _last(30))),
        bool(called.place) and "bought" in called.known,
    )


def _viewed_item(called: Names) -> Ready:
    which = {"by": "item", "values": [called.item or "sku-1"], "window": _last(7)}
    return Ready(
        "viewed_item",
        "Looked at one product",
        "Looked at it in the last 7 days. Choose the product.",
        "zoom-in",
        _all({"kind": "item", "name": called["viewed"], **which}),
        bool(called.item),
    )


def _vip(called: Names) -> Ready:
    often = _did(called["bought"], _last(1, "year"), value=5)
    top = {
        "kind": "percentile",
        "side": "top",
        "percent": 10,
        "of": {"kind": "event", "name": called["bought"], "measure": "sum", "window": _last(1, "year")},
    }
    return _ready(
        called,
        ["bought"],
        key="vip",
        title="VIP",
        icon="rosette-discount",
        says="At least 5 orders in a year, and among the tenth who spent most.",
        rule=_all(often, top),
    )


def _cart(called: Names) -> Ready:
    left = {
        "kind": "sequence",
        "window": _last(7),
        "steps": [
            {"name": called["added"]},
            {"name": called["bought"], "did": False, "within": {"amount": 4, "unit": "hour"}},
        ],
    }
    return _ready(
        called,
        ["added", "bought"],
        key="cart",
        title="Cart abandoners",
        icon="shopping-cart",
        says="Added to the cart in the last 7 days and did not order within 4 hours.",
        rule=_all(left, _never(called["bought"], _last(4, "hour"))),
    )


def _viewed(called: Names) -> Ready:
    return _ready(
        called,
        ["viewed", "bought"],
        key="viewed",
        title="Viewed, not bought",
        icon="eye",
        says="Looked at products 3 times or more in the last 14 days and ordered nothing in that time.",
        rule=_all(_did(called["viewed"], _last(14), value=3), _never(called["bought"], _last(14))),
    )


def _viewed_lately(called: Names) -> Ready:
    return _ready(
        called,
        ["viewed", "bought"],
        key="viewed_lately",
        title="Looked, not bought in 48 hours",
        icon="bolt",
        says="Looked at a product in the last 48 hours and ordered nothing in that time.",
        rule=_all(_did(called["viewed"], _last(48, "hour")), _never(called["bought"], _last(48, "hour"))),
    )


def _new(called: Names) -> Ready:
    return _ready(
        called,
        ["bought"],
        key="new",
        title="New customers",
        icon="user-plus",
        says="First order in the last 30 days.",
        rule=_all(_did(called["bought"], _last(30)), _never(called["bought"], _before(30))),
    )


def _once(called: Names) -> Ready:
    return _ready(
        called,
        ["bought"],
        key="once",
        title="One-time buyers",
        icon="user",
        says="Exactly one order, at least 30 days ago.",
        rule=_all(_did(called["bought"], op="exactly", value=1), _never(called["bought"], _last(30))),
    )


def _at_risk(called: Names) -> Ready:
    silent = {"kind": "interval", "name": called["bought"], "times": 2}
    return _ready(
        called,
        ["bought"],
        key="at_risk",
        title="At risk",
        icon="alert-triangle",
        says="Regular buyers who are silent for twice their own usual gap, but not yet for half a year.",
        rule=_all(silent, _did(called["bought"], _last(180))),
    )


def _lapsed(called: Names) -> Ready:
    return _ready(
        called,
        ["bought"],
        key="lapsed",
        title="Lapsed",
        icon="clock",
        says="Ordered before, but not in the last 90 days.",
        rule=_all(_did(called["bought"], _before(90)), _never(called["bought"], _last(90))),
    )


def _won_back(called: Names) -> Ready:
    gap = {"kind": "between", "from": 30, "to": 210, "unit": "day"}
    return _ready(
        called,
        ["bought"],
        key="won_back",
        title="Won back",
        icon="heart",
        says="Ordered in the last 30 days after half a year without an order.",
        rule=_all(
            _did(called["bought"], _last(30)), _never(called["bought"], gap), _did(called["bought"], _before(210))
        ),
    )


def _birthday(called: Names) -> Ready:
    rule = _all({"kind": "anniversary", "name": called.birthday, "op": "this_month"})
    return Ready(
        "birthday", "Birthday this month", "Their birthday is in this month.", "gift", rule, called.has_birthday
    )


def _readers(called: Names) -> Ready:
    opened = _did(called["clicked"], _last(60))
    return _ready(
        called,
        ["clicked"],
        key="readers",
        title="Engaged readers",
        icon="mail",
        says="Clicked in a mail in the last 60 days. Openings are left out: machines open mails too.",
        rule=_all(opened),
    )


def _window_shoppers(called: Names) -> Ready:
    return _ready(
        called,
        ["viewed", "bought"],
        key="never_bought",
        title="Visitors who never bought",
        icon="search",
        says="Looked at products in the last 30 days and never ordered.",
        rule=_all(_did(called["viewed"], _last(30)), _never(called["bought"])),
    )


_MADE: tuple[Callable[[Names], Ready], ...] = (
    _high_value,
    _vip,
    _regulars,
    _cart,
    _viewed_lately,
    _viewed,
    _viewed_item,
    _new,
    _once,
    _at_risk,
    _lapsed,
    _won_back,
    _window_shoppers,
    _nearby,
    _birthday,
    _readers,
)
