"""How the same person comes to look different in two systems: typing, formats, nicknames, missing fields."""

from datetime import date, timedelta
from random import Random
from typing import Any

from cdp.connectors.demo.people import Person, latin
from cdp.connectors.demo.words import NICKNAMES, ROMAN

NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "m": "n", "n": "m", "o": "p", "r": "t", "s": "a", "t": "z", "u": "i"}
STREET_FORMS = (
    ("straße", "str."),
    ("Street", "St"),
    ("Road", "Rd"),
    ("Avenue", "Ave"),
    ("avenue", "av."),
    ("rue ", "r. "),
    ("calle ", "C/ "),
    ("Lane", "Ln"),
)


def typo(text: str, rng: Random) -> str:
    """One slip of the fingers: two letters swapped, one left out, doubled, or its neighbour hit."""
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 2)
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    dropped = text[:at] + text[at + 1 :]
    doubled = text[:at] + text[at] + text[at:]
    missed = text[:at] + NEIGHBOURS.get(text[at], text[at]) + text[at + 1 :]
    found = rng.choice([form for form in (swapped, dropped, doubled, missed) if form != text])
    return found if "  " not in found else dropped


def email_with_typo(email: str, rng: Random) -> str:
    """Half of the slips are in the name, half in the domain."""
    local, _, domain = email.partition("@")
    if rng.random() < 0.5:
        return f"{typo(local, rng)}@{domain}"
    host, _, end = domain.partition(".")
    return f"{local}@{typo(host, rng)}.{end}"


def email_as_typed(email: str, rng: Random) -> str:
    """The same address: case and blanks do not matter."""
    return rng.choice((email, email, email.title(), email.upper(), f" {email}"))


def first_name(name: str, rng: Random) -> str:
    if name in NICKNAMES and rng.random() < 0.5:
        return rng.choice(NICKNAMES[name])
    if name in ROMAN and rng.random() < 0.6:
        return ROMAN[name]
    return rng.choices((name, typo(name, rng), f"{name[0]}.", latin(name).title()), weights=(70, 8, 8, 14))[0]


def last_name(name: str, rng: Random) -> str:
    if name in ROMAN and rng.random() < 0.6:
        return ROMAN[name]
    return rng.choices((name, typo(name, rng), name.upper(), latin(name).title()), weights=(66, 9, 9, 16))[0]


def whole_name(person: Person, rng: Random) -> dict[str, str]:
    first, last = first_name(person.first_name, rng), last_name(person.last_name, rng)
    if rng.random() < 0.5:
        return {"firstName": first, "lastName": last}
    return {"name": rng.choice((f"{first} {last}", f"{last}, {first}", f"{last} {first}"))}


def phone(number: str, country: str, rng: Random) -> str:
    """E.164, with 00, national with a trunk zero, and with all kinds of separators."""
    prefix = {"DE": "+49", "GB": "+44", "FR": "+33", "US": "+1"}[country]
    rest = number.removeprefix(prefix)
    trunk = "" if country == "US" else "0"
    national = f"{trunk}{rest[:3]} {rest[3:]}"
    return rng.choice(
        (
            number,
            f"{prefix} {rest[:3]} {rest[3:]}",
            f"00{prefix[1:]}{rest}",
            national,
            national.replace(" ", "/"),
            f"({trunk}{rest[:3]}) {rest[3:6]}-{rest[6:]}",
        )
    )


def address(person: Person, rng: Random) -> dict[str, str]:
    home = person.household
    street = home.street
    for long, short in STREET_FORMS:
        if long in street and rng.random() < 0.5:
            street = street.replace(long, short)
    if rng.random() < 0.08:
        street = typo(street, rng)
    first_number = home.country.code in ("GB", "US", "FR")
    found = {
        "street": f"{home.house} {street}" if first_number else f"{street} {home.house}",
        "city": home.city.name.upper() if rng.random() < 0.1 else home.city.name,
        "postalCode": home.postcode.replace(" ", "") if rng.random() < 0.3 else home.postcode,
        "country": home.country.code,
    }
    if rng.random() < 0.12:
        del found["postalCode"]
    return found


def birthday(on: date, country: str, rng: Random) -> str:
    """As the country writes it; now and then day and month are swapped, or it is a day off."""
    chance = rng.random()
    if chance < 0.03 and on.day <= 12:
        on = date(on.year, on.day, on.month)
    elif chance < 0.05:
        on += timedelta(days=1)
    if country == "US":
        return f"{on.month}/{on.day}/{on.year}"
    if country in ("DE", "GR"):
        return f"{on:%d.%m.%Y}"
    return f"{on:%d/%m/%Y}" if rng.random() < 0.7 else on.isoformat()


def crm_traits(person: Person, email: str, rng: Random) -> dict[str, Any]:
    """What somebody typed into the CRM, with what they left out left out."""
    country = person.household.country.code
    traits: dict[str, Any] = dict(whole_name(person, rng))
    if email:
        traits["email"] = email
    if person.phone and rng.random() < 0.8:
        traits["phone"] = phone(person.phone, country, rng)
    if rng.random() < 0.75:
        traits["address"] = address(person, rng)
    if rng.random() < 0.6:
        traits["birthday"] = birthday(person.born_on, country, rng)
    return traits
