"""How alike two values look to a reader, and which of their letters differ. For display only; weighing is elsewhere."""

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import JaroWinkler

from identity.evidence import Likeness

ALIKE = 0.85
"""Jaro–Winkler similarity from which two texts are called similar, as among names in identity.compare."""
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    is_marked: bool
    """Stands so in this value alone."""


def likeness(a: str, b: str) -> Likeness:
    """Case, accents, spaces and punctuation do not count."""
    if not a or not b:
        return Likeness.ONE_SIDED
    one, two = _plain(a), _plain(b)
    if one == two:
        return Likeness.SAME
    if min(len(one), len(two)) < SHORTEST:
        return Likeness.DIFFERENT
    return Likeness.SIMILAR if JaroWinkler.similarity(one, two) >= ALIKE else Likeness.DIFFERENT


def parts(a: str, b: str) -> tuple[list[Part], list[Part]]:
    """Both values in parts; what only one of them has is marked."""
    blocks = SequenceMatcher(None, a.casefold(), b.casefold(), autojunk=False).get_opcodes()
    if len(a.casefold()) != len(a) or len(b.casefold()) != len(b):
        return [Part(a, False)], [Part(b, False)]
    left = [_part(a[i:j], tag) for tag, i, j, _, _ in blocks if j > i]
    right = [_part(b[i:j], tag) for tag, _, _, i, j in blocks if j > i]
    return left, right


def _part(text: str, tag: str) -> Part:
    """Spaces and punctuation alone are no difference."""
    return Part(text, tag != "equal" and any(map(str.isalnum, text)))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in decomposed if letter.isalnum())
    return kept or text.strip()
