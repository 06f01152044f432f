"""Names of people: titles go, order and accents do not count, nicknames are known."""

from identity.normalize.nicknames import NICKNAMES
from identity.normalize.words import plain, words

_TITLES = frozenset(
    str.split("mr mrs ms miss mister dr prof professor sir madam herr frau dame rev jr sr ii iii iv phd md")
)
_PARTICLES = frozenset(str.split("van von der den de da di du del della dos la le ten ter el al bin ibn mc mac st san"))


def person_name(text: str) -> str:
    """`Dr. José-María` → `jose maria`. A name that is only a title stays as it is."""
    parts = words(text).split()
    kept = [part for part in parts if part not in _TITLES]
    return " ".join(kept or parts)


def first_and_last(text: str) -> tuple[str, str]:
    """`Ada Maria van der Berg` and `van der Berg, Ada Maria` → (`ada maria`, `van der berg`)."""
    before, comma, after = plain(text).partition(",")
    if comma and not set(words(after).split()) <= _TITLES:
        return person_name(after), person_name(before)
    parts = person_name(before).split()
    if len(parts) < 2:
        return "", "".join(parts)
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in _PARTICLES:
        start -= 1
    return " ".join(parts[:start]), " ".join(parts[start:])


def called(name: str) -> tuple[str, ...]:
    """The names a first name may stand for, itself not among them: `bob` → (`robert`,). `name` is normalised."""
    return NICKNAMES.get(name.split(" ", 1)[0], ()) if name else ()


def sound(name: str) -> str:
    """American Soundex, of the first word (US National Archives, 2007)."""
    word = name.split(" ", 1)[0]
    if not word:
        return ""
    out, last = word[0], _SOUND.get(word[0], "")
    for letter in word[1:]:
        digit = _SOUND.get(letter, "")
        if digit and digit != last:
            out += digit
        if letter not in "hw":
            last = digit
    return (out + "000")[:4]


_SOUND = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in letters
}
