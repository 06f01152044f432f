"""Codes that are made here: easily read out and typed, and not guessed."""

import secrets
from collections.abc import Callable

ALPHABET = "23456789CDFGHJKMNPQRTVWX"
"""No 0 and O, 1, I and L, 5 and S, 2 and Z, 8 and B that are taken for one another; no vowels, so no words."""
LOOKS = "K7QX9MRT4DHV3GWNC6PJF2RKXQ7M9T"
"""What such codes look like, for who sets an offer up."""
LEAST_LENGTH, MOST_LENGTH = 8, 30
"""24 ** 8 is 110 thousand million: of a million codes given, who guesses hits one in a hundred thousand tries."""
MOST = 60
"""Characters of any code."""
Choice = Callable[[str], str]


def fresh(n: int, *, prefix: str, length: int, choice: Choice = secrets.choice) -> list[str]:
    """`n` codes, no two alike among them; whether one was made before is for the caller to see."""
    found: dict[str, None] = {}
    while len(found) < n:
        found[prefix + "".join(choice(ALPHABET) for _ in range(length))] = None
    return list(found)


def example(*, prefix: str, length: int) -> str:
    """What such a code looks like; it is never given."""
    return prefix + ("EXAMPLE" * length)[:length]


def key_of(code: str) -> str:
    """As codes are compared: people write them in whatever case, and with blanks around them."""
    return code.strip().upper()
