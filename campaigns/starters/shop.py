"""What a starter may name: only what this shop has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from campaigns.content.vocabulary import fold
from campaigns.models import Offer, Template
from cdp.events.models import Item
from scoring.models import Predictor
from segments.gallery import Names, names
from segments.suggestions import Asked, events, traits

EXAMPLE = "https://www.example.com/"
FIRST_NAMES = ("firstname", "givenname", "forename")
FOOTER = "Footer"
"""What the module with the address is called."""


@dataclass(frozen=True)
class Shop:
    called: Names
    """What the data calls buying, viewing and birthdays."""
    first_name: str = ""
    """The trait; empty if nothing like it is known."""
    predictors: Mapping[str, int] = field(default_factory=dict)
    """Kind → the first predictor of that kind."""
    offer: str = ""
    """Key of one that can be given now."""
    footer: int = 0
    """The module with the address, if there is one."""
    url: str = EXAMPLE
    """Where buttons lead until somebody says better."""

    def knows(self, *what: str) -> bool:
        return set(what) <= self.called.known

    def named(self, otherwise: str) -> str:
        """A token that greets by name."""
        return f'{{{{ {self.first_name} | default: "{otherwise}" }}}}' if self.first_name else otherwise


def read_shop(*, now: datetime) -> Shop:
    known_traits = [one.value for one in traits(Asked())]
    item = Item.objects.filter(is_in_stock=True, url__startswith="http").order_by("id").first()
    return Shop(
        called=names([one.value for one in events(Asked())], known_traits),
        first_name=_first_name(known_traits),
        predictors=_predictors(),
        offer=_offer(now),
        footer=Template.objects.filter(kind=Template.Kind.MODULE, name__istartswith=FOOTER, archived_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first()
        or 0,
        url=item.url if item else EXAMPLE,
    )


def _first_name(known: Iterable[str]) -> str:
    return next((name for name in known if fold(name) in FIRST_NAMES), "")


def _predictors() -> dict[str, int]:
    rows = Predictor.objects.filter(archived_at=None).order_by("-pk").values_list("kind", "pk")
    return dict(rows)


def _offer(now: datetime) -> str:
    """The newest that has begun and not ended."""
    begun = Q(starts_at=None) | Q(starts_at__lte=now)
    open_ = Q(ends_at=None) | Q(ends_at__gt=now)
    newest = Offer.objects.filter(begun, open_, archived_at=None).order_by("-pk")
    return newest.values_list("key", flat=True).first() or ""
