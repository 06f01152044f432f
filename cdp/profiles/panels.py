"""The parts of the profile page. Each app declares its own in `apps.py`; each loads by itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Place(StrEnum):
    SIDE = "side"
    """In the left column, always in view: consent, segments, scores."""
    TAB = "tab"
    """On the right, one at a time: timeline, traits, history."""


@dataclass(frozen=True)
class Panel:
    """`url_name` takes the profile's uuid and answers with a fragment."""

    title: str
    url_name: str
    permission: str = "view_people"
    order: int = 50
    place: Place = Place.TAB

    @property
    def key(self) -> str:
        """Names the tab in the page's address."""
        return self.title.lower().replace(" ", "-")


class Visitor(Protocol):
    def may(self, permission: str) -> bool: ...


_panels: dict[str, Panel] = {}


def declare(*panels: Panel) -> None:
    _panels.update({panel.url_name: panel for panel in panels})


def panels_for(visitor: Visitor, place: Place) -> list[Panel]:
    """What this visitor may see there, in order."""
    found = [panel for panel in _panels.values() if panel.place is place and visitor.may(panel.permission)]
    return sorted(found, key=lambda panel: (panel.order, panel.title))
