"""People with known truth, for record linkage: households, twins, namesakes, people who move, marry and make slips.

Names, towns and streets are made of syllables and as unevenly common as real ones (the commonest surname has about one
person in a hundred); first names are real ones, so that nicknames occur.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate, product
from random import Random

from identity.normalize.nicknames import NICKNAMES

_SHORT: dict[str, list[str]] = {}
for _short, _formals in sorted(NICKNAMES.items()):
    for _formal in sorted(_formals):
        _SHORT.setdefault(_formal, []).append(_short)
_ONSETS = str.split("b br c ch d f fl g gr h j k kl l m n p r s sch st t th v w")
_MIDDLES = str.split("al ar an el er en il in or on ul um ai ea oo")
_ENDINGS = str.split("ton ley son man ford er well ham by sen ski ini ez ard ing low worth den berg ova")
_STREETS = str.split("street road avenue lane place drive court close way crescent")
_JOBS = str.split(
    "farmer teacher clerk painter lawyer soldier sailor printer baker tailor surgeon cleric miner actor writer engineer"
)
_PROVIDERS = str.split("gmail.com yahoo.com outlook.com hotmail.com icloud.com web.example mail.example post.example")


class Uneven:
    """Draws earlier ones more often, by Zipf's law with a head that is not too heavy."""

    def __init__(self, choices: Sequence[str], *, head: int, power: float) -> None:
        self.choices = choices
        self.until = list(accumulate(1 / (head + rank) ** power for rank in range(len(choices))))

    def draw(self, random: Random) -> str:
        return self.choices[min(bisect(self.until, random.random() * self.until[-1]), len(self.choices) - 1)]


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    first: str
    middle: str
    last: str
    suffix: str
    born: date
    house: str
    street: str
    town: str
    zip: str
    state: str
    email: str
    phone: str
    security: str
    birthplace: str
    job: str


@dataclass(frozen=True, slots=True)
class World:
    """Where names and places are drawn from."""

    firsts: Uneven
    lasts: Uneven
    towns: Uneven
    streets: Uneven
    mailboxes: set[str]
    """Those that are taken."""

    @classmethod
    def of(cls, random: Random) -> "World":
        made = [a + b + c for a, b, c in product(_ONSETS, _MIDDLES, _ENDINGS)]
        longer = [a + b + c + d for a, b, c, d in product(_ONSETS, _MIDDLES[:9], str.split("b d g l m r t"), _ENDINGS)]
        lasts = [*made, *random.sample(longer, 14_000)]
        random.shuffle(lasts)
        firsts = sorted(_SHORT)
        firsts += [a + b + c for a, b, c in product(_ONSETS, _MIDDLES, str.split("a ia e o us in ette"))][::2]
        random.shuffle(firsts)
        towns = random.sample(longer, 2500)
        return cls(
            Uneven(firsts, head=25, power=1.25), Uneven(lasts, head=40, power=1.05),
            Uneven(towns, head=10, power=0.9), Uneven(random.sample(made, 4000), head=20, power=0.7),
            set(),
        )  # fmt: skip


def people(random: Random, world: World, count: int) -> Iterator[Person]:
    """A third live with relatives, of whom some are twins, namesakes (Jr) or share the telephone and the mailbox."""
    number = 0
    while number < count:
        home = _stranger(random, world, number)
        yield home
        number += 1
        for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
            if number < count:
                yield _relative(random, world, home, number)
                number += 1


def _stranger(random: Random, world: World, number: int) -> Person:
    first, last = world.firsts.draw(random), world.lasts.draw(random)
    place = _place(random, world)
    return Person(
        number, first, world.firsts.draw(random), last, "", _born(random), *place,
        mailbox(random, world, first, last), _phone(random), _digits(random, 9), world.towns.draw(random),
        random.choice(_JOBS),
    )  # fmt: skip


def _place(random: Random, world: World) -> tuple[str, str, str, str, str]:
    town = world.towns.draw(random)
    stable = sum(ord(letter) * (31 + place) for place, letter in enumerate(town))
    return (
        str(int(250 * random.random() ** 2) + 1),
        f"{world.streets.draw(random)} {random.choice(_STREETS)}",
        town,
        f"{10_000 + stable * 37 % 88_000 + random.randrange(4):05}",
        ("ny", "ca", "tx", "fl", "wa", "oh")[stable % 6],
    )


def _relative(random: Random, world: World, home: Person, number: int) -> Person:
    is_twin, is_junior = random.random() < 0.05, random.random() < 0.01
    first = home.first if is_junior else world.firsts.draw(random)
    last = home.last if is_junior or random.random() < 0.8 else world.lasts.draw(random)
    return replace(
        home, number=number, first=first, last=last, middle=world.firsts.draw(random),
        suffix="jr" if is_junior else "", born=home.born if is_twin and not is_junior else _born(random),
        email=home.email if random.random() < 0.06 else mailbox(random, world, first, last),
        phone=home.phone if random.random() < 0.4 else _phone(random),
        security=_digits(random, 9), birthplace=home.town if random.random() < 0.5 else home.birthplace,
        job=random.choice(_JOBS),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noise:
    """Chances, per value unless said otherwise."""

    slip: float = 0.04
    missing: float = 0.05
    nickname: float = 0.06
    initial: float = 0.02
    swapped: float = 0.02
    """First and last name change places, per record."""
    married: float = 0.02
    moved: float = 0.08
    mailbox: float = 0.12
    phone: float = 0.12
    shortened: float = 0.15
    """Street types, first names."""
    ocr: float = 0.0
    script: float = 0.0
    """The name stands in Cyrillic letters, per record."""
    new_year: float = 0.0
    """Of the birth date only the year is known: 1 January."""
    always: Sequence[str] = field(default=())
    """Values that are never missing."""


def seen(random: Random, world: World, one: Person, noise: Noise) -> dict[str, str]:
    """The person as one system wrote them down."""
    chance = random.random
    if chance() < noise.moved:
        house, street, town, zip_, state = _place(random, world)
        one = replace(one, house=house, street=street, town=town, zip=zip_, state=state)
    first, last = one.first, one.last
    if chance() < noise.nickname and first in _SHORT:
        first = random.choice(_SHORT[first])
    elif chance() < noise.initial:
        first = first[0]
    if chance() < noise.married:
        last = world.lasts.draw(random)
    if chance() < noise.swapped:
        first, last = last, first
    if chance() < noise.script:
        first, last = _cyrillic(first), _cyrillic(last)
    year_alone = chance() < noise.new_year
    values = {
        "first": first, "middle": one.middle, "last": last, "suffix": one.suffix,
        "born": f"{one.born.year}-01-01" if year_alone else one.born.isoformat(),
        "house": one.house, "street": _shorter(one.street) if chance() < noise.shortened else one.street,
        "town": one.town, "zip": one.zip, "state": one.state,
        "email": mailbox(random, world, one.first, one.last) if chance() < noise.mailbox else one.email,
        "phone": _phone(random) if chance() < noise.phone else one.phone,
        "security": one.security, "birthplace": one.birthplace,
        "job": random.choice(_JOBS) if chance() < 0.2 else one.job,
    }  # fmt: skip
    for name, text in values.items():
        if not text:
            continue
        if chance() < noise.missing and name not in noise.always:
            values[name] = ""
        elif chance() < noise.slip and name != "state":
            values[name] = slip(random, text)
        elif chance() < noise.ocr:
            values[name] = misread(random, text)
    return values


def slip(random: Random, text: str) -> str:
    """One character dropped, doubled, replaced, or swapped with the next."""
    if len(text) < 2:
        return text
    at = random.randrange(len(text) - 1)
    other = str(random.randrange(10)) if text[at].isdigit() else random.choice("aeioubdfglmnprst")
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + other + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 2 else text[:at] + text[at] + text[at:]


_MISREAD = str.split("m/rn rn/m l/1 1/l o/0 0/o s/5 5/s b/8 8/b g/9 i/l e/c c/e h/b w/vv u/v cl/d d/cl 6/b 7/1 n/h")


def misread(random: Random, text: str) -> str:
    """One or two confusions of optical reading."""
    for _ in range(random.choice((1, 1, 2))):
        was, becomes = random.choice(_MISREAD).split("/")
        text = text.replace(was, becomes, 1)
    return text


_CYRILLIC = str.maketrans("abvgdeziklmnoprstufcy", "абвгдезиклмнопрстуфцы")


def _cyrillic(text: str) -> str:
    for latin, letter in (("sch", "щ"), ("sh", "ш"), ("ch", "ч"), ("th", "т"), ("j", "й"), ("h", "х"), ("w", "в")):
        text = text.replace(latin, letter)
    return text.translate(_CYRILLIC)


def mailbox(random: Random, world: World, first: str, last: str) -> str:
    """One that nobody has."""
    while True:
        form = random.randrange(5)
        local = (
            f"{first}.{last}", f"{first[0]}{last}{random.randrange(1000)}", f"{first}{random.randrange(10_000)}",
            f"{last}.{first[0]}{random.randrange(100)}", f"{first}_{last}{random.randrange(100)}",
        )[form]  # fmt: skip
        address = f"{local}@{random.choice(_PROVIDERS)}"
        if address not in world.mailboxes:
            world.mailboxes.add(address)
            return address


def _shorter(street: str) -> str:
    name, _, kind = street.rpartition(" ")
    return f"{name} { {'street': 'st', 'road': 'rd', 'avenue': 'ave', 'drive': 'dr.', 'lane': 'ln'}.get(kind, kind) }"


def _born(random: Random) -> date:
    return date(1930, 1, 1) + timedelta(days=random.randrange(28_000))


def _phone(random: Random) -> str:
    return f"{random.randrange(201, 990)}{random.randrange(200, 999)}{_digits(random, 4)}"


def _digits(random: Random, count: int) -> str:
    return str(random.randrange(10**count)).zfill(count)
