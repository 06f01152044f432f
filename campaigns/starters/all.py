"""What a mail can begin with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from campaigns.starters import moments, news, scored
from campaigns.starters.parts import Json
from campaigns.starters.shop import Shop


@dataclass(frozen=True)
class Starter:
    title: str
    says: str
    """What one does with it."""
    make: Callable[[Shop], Json]
    """Content that names only what the shop has."""


STARTERS: Mapping[str, Starter] = MappingProxyType(
    {
        "newsletter": Starter(
            "Newsletter", "What is new, with a word to regulars and one to newcomers.", news.newsletter
        ),
        "welcome": Starter(
            "Welcome", "For new sign-ups: what to expect, and a present to begin with.", moments.welcome
        ),
        "cart": Starter("Abandoned cart", "What was left behind, and help for those who hesitate.", moments.cart),
        "win-back": Starter(
            "Win back", "For those who are about to leave: an offer only where it is needed.", moments.win_back
        ),
        "picks": Starter("Product picks", "Items for each person, with the reason.", news.picks),
        "looked-at": Starter("Looked at", "Up to four products that each person looked at last.", scored.looked_at),
        "likelihood": Starter(
            "By likelihood to buy",
            "Three texts: for scores above 0.8, from 0.4 to 0.8, and below.",
            scored.by_likelihood,
        ),
        "incentive": Starter(
            "Incentive where needed", "An offer only for those whose score of buying is below 0.3.", scored.incentive
        ),
        "birthday": Starter("Birthday", "A wish on the day, shortly before or a little late.", moments.birthday),
        "letter": Starter("Plain letter", "Words only, as from one person to another.", news.letter),
    }
)
