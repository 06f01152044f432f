"""Phone numbers in E.164 where the country is told or known, else their significant digits."""

import re

COUNTRY_CODES = {
    "us": "1",
    "ca": "1",
    "gb": "44",
    "uk": "44",
    "ie": "353",
    "de": "49",
    "at": "43",
    "ch": "41",
    "fr": "33",
    "it": "39",
    "es": "34",
    "pt": "351",
    "nl": "31",
    "be": "32",
    "dk": "45",
    "se": "46",
    "no": "47",
    "fi": "358",
    "pl": "48",
    "cz": "420",
    "sk": "421",
    "hu": "36",
    "ro": "40",
    "gr": "30",
    "tr": "90",
    "ru": "7",
    "ua": "380",
    "au": "61",
    "nz": "64",
    "in": "91",
    "jp": "81",
    "cn": "86",
    "br": "55",
    "mx": "52",
    "za": "27",
    "il": "972",
}
_KEEPS_ZERO = frozenset({"it"})
"""Countries whose numbers keep their leading zero behind the country code (ITU-T E.164 national plans)."""
_TRUNK_IN_BRACKETS = re.compile(r"\(0\)")
_EXTENSION = re.compile(r"(?:ext\.?|x|#)\s*\d+\s*$", re.IGNORECASE)
_NO_DIGITS = re.compile(r"[^0-9]+")
_FEWEST, _MOST = 6, 15


def number(text: str, *, country: str = "") -> str:
    """`+44 (0)20 7946 0018`, `0044 20 …` → `+442079460018`; with `country` also `020 …`. Without a country the
    leading zeros go. Empty if too short, or one digit repeated."""
    bare = text.strip()
    if not bare.isdigit():
        bare = _TRUNK_IN_BRACKETS.sub("", _EXTENSION.sub("", bare))
    digits = _NO_DIGITS.sub("", bare)
    significant = digits.lstrip("0")
    if not _FEWEST <= len(significant) <= _MOST or len(set(significant)) < 2:
        return ""
    if bare.lstrip("( ").startswith("+") or digits.startswith("00"):
        return f"+{significant}"
    code = COUNTRY_CODES.get(country.strip().lower(), "")
    if not code:
        return significant
    if code == "1" and len(digits) == 11 and digits.startswith("1"):
        return f"+{digits}"
    return f"+{code}{digits if country.lower() in _KEEPS_ZERO else significant}"


def tail(normalised: str) -> str:
    """The last nine digits: what stays of a number whichever way it was written."""
    return normalised.lstrip("+")[-9:]
