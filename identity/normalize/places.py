"""Addresses: usual short forms are spelled alike, the house number stands apart."""

import re

from identity.normalize.words import words

_SAME = {
    "street": "st",
    "str": "st",
    "strasse": "st",
    "road": "rd",
    "avenue": "ave",
    "av": "ave",
    "lane": "ln",
    "drive": "dr",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "crescent": "cres",
    "cr": "cres",
    "terrace": "tce",
    "ter": "tce",
    "close": "cl",
    "boulevard": "blvd",
    "highway": "hwy",
    "parade": "pde",
    "circuit": "cct",
    "gardens": "gdns",
    "grove": "gr",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "apartment": "apt",
    "flat": "apt",
    "unit": "apt",
    "mount": "mt",
    "saint": "st",
    "circle": "cir",
    "parkway": "pkwy",
    "way": "wy",
}
_GLUED = re.compile(r"(?<=[a-z]{3})(?:strasse|str)\b")
_NUMBER = re.compile(r"\b\d+[a-z]?\b")
_LETTER_APART = re.compile(r"\b(\d+) ([a-z])\b")


def street(text: str) -> str:
    """The street without its number: `12a, Hauptstraße` → `haupt st`. Order of the words stays."""
    return " ".join(_NUMBER.sub(" ", _spelled(text)).split())


def house(text: str) -> str:
    """The first number with its letter: `Flat 3, 12a High Street` → `3`; `12 a` and `012A` are `12a` and `12a`."""
    found = _NUMBER.search(_LETTER_APART.sub(r"\1\2", words(text)))
    return found.group().lstrip("0") if found else ""


def postcode(text: str) -> str:
    """Letters and digits alone; the +4 of an American ZIP goes, lost leading zeros do not count."""
    bare = words(text.removesuffix(".0"))
    american = re.fullmatch(r"(\d{5}) \d{4}", bare)
    return american.group(1).lstrip("0") if american else bare.replace(" ", "").lstrip("0")


def city(text: str) -> str:
    return words(text)


def _spelled(text: str) -> str:
    parts = _GLUED.sub(" st", words(text)).split()
    return " ".join(_SAME.get(part, part) for part in parts)
