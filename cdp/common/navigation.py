"""The navigation: each app declares its entries in `apps.py`, and a person sees those they may use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from django.urls import NoReverseMatch, reverse


class Area(Enum):
    HOME = ("Home", "home")
    PEOPLE = ("People", "users")
    SEGMENTS = ("Segments", "chart-pie")
    PREDICTIONS = ("Predictions", "target-arrow")
    CAMPAIGNS = ("Campaigns", "send")
    DATA = ("Data", "database")
    SETTINGS = ("Settings", "settings")

    def __init__(self, label: str, icon: str) -> None:
        self.label = label
        self.icon = icon


class Visitor(Protocol):
    def may(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class NavItem:
    """One page in the navigation; an empty permission shows it to everybody signed in."""

    area: Area
    label: str
    url_name: str
    permission: str = ""
    order: int = 50
    is_wanted: Callable[[Visitor], bool] | None = None
    """Whether this visitor wants to see it, where not everybody always does; asked only where its area is open."""


@dataclass(frozen=True)
class NavLink:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class NavArea:
    label: str
    icon: str
    url: str
    is_current: bool
    links: list[NavLink]


_items: set[NavItem] = set()


def declare(*items: NavItem) -> None:
    _items.update(items)


def declared() -> list[NavItem]:
    return sorted(_items, key=lambda item: (item.order, item.label))


def navigation(visitor: Visitor, *, path: str) -> list[NavArea]:
    """What this visitor may use; the page whose address is the longest prefix of `path` is current."""
    items = declared()
    urls = {item: _url_of(item) for item in items if not item.permission or visitor.may(item.permission)}
    shown = {item: url for item, url in urls.items() if url}
    current = _current(shown.values(), path)
    areas = []
    open_area = next((item.area for item, url in shown.items() if url == current), None)
    for area in Area:
        links = [
            NavLink(item.label, url, url == current)
            for item, url in shown.items()
            if item.area is area and (url == current or _is_wanted(item, visitor, area is open_area))
        ]
        if links:
            is_current = any(link.is_current for link in links)
            areas.append(NavArea(area.label, area.icon, links[0].url, is_current, links))
    return areas


def _is_wanted(item: NavItem, visitor: Visitor, is_open: bool) -> bool:
    return item.is_wanted is None or (is_open and item.is_wanted(visitor))


def _url_of(item: NavItem) -> str:
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return ""


def _current(urls: Iterable[str], path: str) -> str:
    prefixes = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(prefixes, key=len, default="")
