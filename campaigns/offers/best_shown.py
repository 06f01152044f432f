"""What picking the best offer rests on, for its page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from campaigns.models import Offer, OfferCode
from campaigns.offers.best import NO_GROUP, Seen, candidates, standings

NO_GROUP_WORDS = "never ordered, or not known"


@dataclass(frozen=True)
class Group:
    name: str
    seen: Seen
    rate_pct: float
    """As it is reckoned with: drawn to the whole."""
    value: float


@dataclass(frozen=True)
class Line:
    offer: Offer
    seen: Seen
    picked: int
    """How often it was given as somebody's best."""
    worth: float
    groups: list[Group]
    """The highest value first."""


def lines(*, now: datetime) -> list[Line]:
    offers = candidates(now=now)
    stand = standings(offers, now=now)
    rows = OfferCode.objects.filter(offer__in=offers, is_best=True).values_list("offer_id")
    picked = dict(rows.annotate(n=Count("pk")))
    found = []
    for offer in offers:
        one = stand[offer.pk]
        groups = [_group(name, seen, one.rate(name), one.worth) for name, seen in one.groups.items()]
        groups.sort(key=lambda group: (-group.value, group.name))
        found.append(Line(offer, one.whole, picked.get(offer.pk, 0), one.worth, groups))
    return found


def _group(name: str, seen: Seen, rate: float, worth: float) -> Group:
    words = NO_GROUP_WORDS if name == NO_GROUP else _bands(name)
    return Group(words, seen, 100 * rate, rate * worth)


def _bands(name: str) -> str:
    recency, _, frequency = name.partition("-")
    return f"recency {recency}, frequency {frequency}"
