"""Predictors that most shops want, ready to be made with one click."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scoring.models import Predictor
from scoring.set_up import Draft
from scoring.words import KINDS

Kind = Predictor.Kind


@dataclass(frozen=True)
class Starter:
    draft: Draft
    text: str
    """What one does with it."""

    @property
    def icon(self) -> str:
        return KINDS[self.draft.kind].icon


STARTERS: Mapping[str, Starter] = MappingProxyType(
    {
        "buys": Starter(
            Draft("Buys in 30 days", Kind.PURCHASE, 30),
            "Spend the budget on those an offer can still win; leave alone who buys anyway.",
        ),
        "leaves": Starter(
            Draft("Leaves", Kind.LAPSE, 90),
            "Win customers back before they are gone: each is measured by their own habit.",
        ),
        "spends": Starter(
            Draft("Spends in 90 days", Kind.VALUE, 90),
            "Know your best customers of tomorrow, not those of yesterday.",
        ),
        "next": Starter(
            Draft("Next order", Kind.NEXT_ORDER, 90),
            "Write a few days before people order again by themselves.",
        ),
        "opens": Starter(
            Draft("Opens mails", Kind.OPEN, 14),
            "Mail less to who never opens, and keep your sender’s good name.",
        ),
    }
)
