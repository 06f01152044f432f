"""What the mails of a campaign are made with, kept from turn to turn: making it takes as long as a hundred mails."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from campaigns.content.compose import About, Press, press_for
from campaigns.models import Campaign
from campaigns.policy import said_of_us
from campaigns.tracking.named import utm_for
from campaigns.variants import Made, made

KEPT = timedelta(seconds=30)
"""At most: what is known of people in general may change meanwhile, as where “the top tenth” begins."""
MOST = 16
"""Campaigns."""


@dataclass(frozen=True)
class Way:
    """What the mails of a variant are made with, and from whom they come."""

    press: Press
    sender: str


Ways = Mapping[int, Way]
"""By number of the variant; 0 where there are none."""


class Recipe(NamedTuple):
    said: Made
    about: About


class MadeAt(NamedTuple):
    source: object
    """What they were made from: whoever changed it gets others."""
    at: datetime
    ways: Ways


def ways_of(campaign: Campaign, *, base_url: str, zone: ZoneInfo, now: datetime) -> Ways:
    """With the content as it was when the campaign was started. Raises ContentError and Lost."""
    return _made(_recipes(campaign, base_url, zone), now=now)


class Keeper:
    """Of a process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, MadeAt] = OrderedDict()

    def ways_of(self, campaign: Campaign, *, base_url: str, zone: ZoneInfo, now: datetime) -> Ways:
        """As the function of that name."""
        recipes = _recipes(campaign, base_url, zone)
        source = recipes, said_of_us()
        found = self._kept.get(campaign.pk)
        if found is None or found.source != source or not found.at <= now < found.at + KEPT:
            found = self._kept[campaign.pk] = MadeAt(source, now, _made(recipes, now=now))
        self._kept.move_to_end(campaign.pk)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found.ways


keeper = Keeper()


def _recipes(campaign: Campaign, base_url: str, zone: ZoneInfo) -> dict[int, Recipe]:
    names = dict(campaign.variants.values_list("number", "name"))
    return {
        number: Recipe(
            said,
            About(base_url, zone, campaign=campaign.name, utm=utm_for(campaign, variant=names.get(number, ""))),
        )
        for number, said in made(campaign).items()
    }


def _made(recipes: Mapping[int, Recipe], *, now: datetime) -> Ways:
    return {
        number: Way(press_for(said.content, about=about, now=now, modules=said.modules), said.sender)
        for number, (said, about) in recipes.items()
    }
