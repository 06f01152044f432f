"""People with known truth, as other systems write them down: households, twins, slips of the finger, gaps, nicknames.

Two shapes: a register (like the Febrl sets: no e-mail, a security number) and a shop (e-mail, phone, no birth date)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from identity.normalize.nicknames import NICKNAMES

_SHORT = {formal: short for short, formals in sorted(NICKNAMES.items()) for formal in formals}
_GIVEN = sorted(_SHORT)
_SYLLABLES = str.split("ar ben cor dal el fan gor hu il jan kel lor mar nel or pas quin ros sal ter ul van wil yor zan")
_ENDS = str.split("ton ley son man ford er well ham by sen ski ini ez ard")
_STREETS = str.split("church mill station park victoria green manor queens kings grange north chester albert richmond")
_KINDS = str.split("street road avenue place crescent close drive court")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """One row, and whose it is."""

    person: int
    first: str
    last: str
    number: str
    street: str
    extra: str
    town: str
    zip: str
    born: str
    security: str
    email: str
    phone: str


def people(random: Random, count: int) -> list[Made]:
    """`count` different people; a third of them live with relatives, some of whom are twins."""
    lasts = [a + b + c for a in _SYLLABLES for b in ("", *_SYLLABLES[:9]) for c in _ENDS]
    towns = [
        (f"{a}{b}{c}", f"{random.randrange(1000, 9999)}") for a in _SYLLABLES for b in _SYLLABLES[:4] for c in _ENDS[:6]
    ]
    out: list[Made] = []
    while len(out) < count:
        home = _stranger(random, len(out), lasts, towns)
        out.append(home)
        for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
            out.append(_relative(random, len(out), home, lasts))
    return out[:count]


def _stranger(random: Random, person: int, lasts: Sequence[str], towns: Sequence[tuple[str, str]]) -> Made:
    first, last = _common(random, _GIVEN), _common(random, lasts)
    town, zip_ = _common(random, towns)
    street = f"{random.choice(_SYLLABLES)}{random.choice(_STREETS)} {random.choice(_KINDS)}"
    extra = f"{random.choice(_SYLLABLES)}{random.choice(_ENDS)} {random.choice(('house', 'farm', 'flats'))}"
    return Made(
        person, first, last, str(random.randrange(1, 200)), street, extra if random.random() < 0.4 else "", town, zip_,
        _born(random), _digits(random, 7), _mailbox(random, first, last), "0" + _digits(random, 9),
    )  # fmt: skip


def _relative(random: Random, person: int, home: Made, lasts: Sequence[str]) -> Made:
    """Shares the address, mostly the name, sometimes the phone, the e-mail address or (twins) the birth date."""
    first = random.choice([name for name in _GIVEN if name != home.first])
    last = home.last if random.random() < 0.75 else _common(random, lasts)
    return replace(
        home, person=person, first=first, last=last, security=_digits(random, 7),
        born=home.born if random.random() < 0.1 else _born(random),
        email=home.email if random.random() < 0.08 else _mailbox(random, first, last),
        phone=home.phone if random.random() < 0.4 else "0" + _digits(random, 9),
    )  # fmt: skip


def with_doubles(random: Random, originals: Sequence[Made], *, share: float = 0.5, most: int = 3) -> list[Made]:
    """The originals, and for `share` of them 1 to `most` corrupted copies; shuffled."""
    out = list(originals)
    for one in originals:
        if random.random() < share:
            out += [corrupted(random, one) for _ in range(random.randint(1, most))]
    random.shuffle(out)
    return out


def corrupted(random: Random, one: Made) -> Made:
    """One to four fields with a slip each; now and then a gap, a nickname, swapped names, a move, a new address."""
    made = one
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        field = random.choice(
            ("first", "last", "number", "street", "town", "zip", "born", "security", "email", "phone")
        )
        text = getattr(made, field)
        changed: dict[str, Any] = {field: "" if random.random() < 0.25 else slip(random, text)}
        made = replace(made, **changed)
    if random.random() < 0.08 and one.first in _SHORT:
        made = replace(made, first=_SHORT[one.first])
    if random.random() < 0.05:
        made = replace(made, first=made.last, last=made.first)
    if random.random() < 0.06:
        made = replace(made, street=random.choice(_STREETS) + " road", number=str(random.randrange(200)), extra="")
    if random.random() < 0.15:
        made = replace(made, email=_mailbox(random, one.first, one.last))
    if random.random() < 0.15:
        made = replace(made, phone="0" + _digits(random, 9))
    return made


def slip(random: Random, text: str) -> str:
    """One character dropped, doubled, replaced, or swapped with the next."""
    if len(text) < 2:
        return text
    at = random.randrange(len(text) - 1)
    other = str(random.randrange(10)) if text[at].isdigit() else random.choice("aeinrstl")
    return random.choice(
        (
            text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
        )
    )


def write_register(path: Path, rows: Sequence[Made]) -> None:
    columns = (
        "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,date_of_birth,soc_sec_id"
    )
    _write(path, [*columns.split(","), "truth"], [
        [f"r{i}", r.first, r.last, r.number, r.street, r.extra, r.town, r.zip, _state(r), r.born,
         r.security, str(r.person)] for i, r in enumerate(rows)
    ])  # fmt: skip


def write_shop(path: Path, rows: Sequence[Made]) -> None:
    columns = "Customer,Name,E-Mail,Telephone,Street,City,ZIP,truth"
    _write(path, columns.split(","), [
        [f"c{i}", f"{r.first} {r.last}".title(), r.email, r.phone, f"{r.number} {r.street}", r.town.title(), r.zip,
         str(r.person)] for i, r in enumerate(rows)
    ])  # fmt: skip


def _state(one: Made) -> str:
    return "nsw" if len(one.town) % 2 else "vic"


def _write(path: Path, headers: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        writer.writerows(rows)


def _common(random: Random, choices: Sequence[T]) -> T:
    """Earlier ones more often, as with names: the square of an even number."""
    return choices[int(len(choices) * random.random() ** 2)]


def _born(random: Random) -> str:
    return (date(1930, 1, 1) + timedelta(days=random.randrange(27_000))).strftime("%Y%m%d")


def _digits(random: Random, count: int) -> str:
    return "".join(str(random.randrange(10)) for _ in range(count))


def _mailbox(random: Random, first: str, last: str) -> str:
    return (
        f"{first}{random.choice(('.', '', '_'))}{last}{random.randrange(100)}@{random.choice(_SYLLABLES)}mail.example"
    )
