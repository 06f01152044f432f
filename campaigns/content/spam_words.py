"""Phrases that some spam filters and many readers dislike, each with the reason. No filter decides by one alone."""

import re
from dataclasses import dataclass

MONEY = "sounds like a promise of money"
PRESSURE = "presses the reader"
TRICK = "pretends something"
CHEAP = "is in most junk mail about prices"
HEALTH = "is in most junk mail about health"

PHRASES: dict[str, str] = {
    "100% free": CHEAP,
    "absolutely free": CHEAP,
    "free gift": CHEAP,
    "for free!": CHEAP,
    "no cost": CHEAP,
    "lowest price": CHEAP,
    "best price": CHEAP,
    "cheap": CHEAP,
    "earn money": MONEY,
    "extra income": MONEY,
    "make money": MONEY,
    "cash bonus": MONEY,
    "get rich": MONEY,
    "million dollars": MONEY,
    "double your": MONEY,
    "guaranteed": MONEY,
    "risk free": MONEY,
    "risk-free": MONEY,
    "no risk": MONEY,
    "credit card required": MONEY,
    "act now": PRESSURE,
    "buy now": PRESSURE,
    "order now": PRESSURE,
    "apply now": PRESSURE,
    "last chance": PRESSURE,
    "urgent": PRESSURE,
    "don't delete": PRESSURE,
    "do not delete": PRESSURE,
    "while supplies last": PRESSURE,
    "once in a lifetime": PRESSURE,
    "this is not spam": TRICK,
    "this isn't spam": TRICK,
    "you have won": TRICK,
    "you've won": TRICK,
    "you are a winner": TRICK,
    "congratulations, you": TRICK,
    "you have been selected": TRICK,
    "you've been selected": TRICK,
    "dear friend": TRICK,
    "miracle": HEALTH,
    "weight loss": HEALTH,
    "lose weight": HEALTH,
    "viagra": HEALTH,
}
_ANY = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(one) for one in sorted(PHRASES, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Disliked:
    phrase: str
    """As it stands there."""
    why: str


def disliked_in(text: str) -> list[Disliked]:
    """Each phrase once, in the order of the text."""
    found: dict[str, str] = {}
    for match in _ANY.finditer(text.replace("’", "'")):
        found.setdefault(match.group().casefold(), match.group())
    return [Disliked(as_written, PHRASES[phrase]) for phrase, as_written in found.items()]
