"""Text of any script in lower-case Latin letters without accents; what stands for "not known" is empty."""

import re
import unicodedata

_LETTERS = {
    **dict(zip("ßøæœłđðþıħŧ", str.split("ss o ae oe l d d th i h t"), strict=True)),
    **dict(
        zip(
            "абвгдежзиклмнопрстуфхцчшщъыьэюяієґ",
            str.split("a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya i e g"),
            strict=True,
        )
    ),
    **dict(
        zip("αβγδεζηθικλμνξοπρσςτυφχψω", str.split("a v g d e z i th i k l m n x o p r s s t y f ch ps o"), strict=True)
    ),
}
_TRANSLITERATION = str.maketrans({letter: latin.replace("_", "") for letter, latin in _LETTERS.items()})
"""Latin letters that do not decompose, Cyrillic and Greek. Other scripts stay as they are."""
_NOT_KNOWN = frozenset(
    (*str.split("na n/a n.a. nan none null nil unknown undefined test anonymous - -- . ? x xx xxx"), "not known")
)
_APOSTROPHES = re.compile(r"['’`´]")
_NOT_WORD = re.compile(r"[\W_]+")
_ASCII = {ord(c): None if c in "'`" else " " for c in map(chr, range(128)) if not c.isalnum()}


def plain(text: str) -> str:
    """`  Müller-Łoś ` → `muller-los`: case, accents and script do not count."""
    folded = text.strip().casefold()
    if folded in _NOT_KNOWN:
        return ""
    if folded.isascii():
        return folded
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return bare.translate(_TRANSLITERATION)


def words(text: str) -> str:
    """Words of letters and digits with one space between them; apostrophes join (`O'Brien` → `obrien`)."""
    bare = plain(text)
    if bare.isascii():
        return " ".join(bare.translate(_ASCII).split())
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", bare)).strip()
