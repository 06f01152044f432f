"""Files of people of differing shapes: which columns, how often one person occurs, what goes wrong in them."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.parts.crowd import Noise, Person, World, people, seen

ID, TRUTH = "unique_id", "truth"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    columns: Mapping[str, Callable[[Row], str]]
    copies: Sequence[int]
    """How many records a person has: one of these."""
    noise: Noise
    files: int = 1
    """With two, a person has at most one record in each."""


def _is(name: str) -> Callable[[Row], str]:
    return lambda row: row[name]


def _joined(*names: str) -> Callable[[Row], str]:
    return lambda row: " ".join(row[name] for name in names if row[name])


_SHOP = {
    "name": lambda row: _joined("first", "last")(row).title(),
    "email": _is("email"),
    "phone": _is("phone"),
    "address": _joined("house", "street"),
    "city": _is("town"),
    "zip": _is("zip"),
}
_REGISTER = {
    "given_name": _is("first"),
    "surname": _is("last"),
    "street_number": _is("house"),
    "address_1": _is("street"),
    "suburb": _is("town"),
    "postcode": _is("zip"),
    "state": _is("state"),
    "date_of_birth": lambda row: row["born"].replace("-", ""),
    "soc_sec_id": _is("security"),
}
_HISTORY = {
    "first_name": _is("first"),
    "surname": _is("last"),
    "dob": _is("born"),
    "birth_place": _is("birthplace"),
    "occupation": _is("job"),
    "full_name": _joined("first", "last"),
}


def _age(row: Row) -> str:
    return str(2024 - int(row["born"][:4])) if row["born"][:4].isdigit() else ""


_VOTERS = {
    "first": _is("first"),
    "middle": _is("middle"),
    "last": _is("last"),
    "suffix": _is("suffix"),
    "age": _age,
    "zip": _is("zip"),
    "street": _joined("house", "street"),
}

SHAPES: Mapping[str, Shape] = {
    "shop": Shape(_SHOP, (1, 1, 1, 2, 2, 3, 4), Noise()),
    "register": Shape(_REGISTER, (1, 1, 2, 2, 3), Noise(slip=0.06, missing=0.06)),
    "history": Shape(_HISTORY, (1, 3, 5, 8, 10), Noise(slip=0.06, missing=0.1, moved=0, new_year=0.08, nickname=0.1)),
    "voters": Shape(_VOTERS, (1, 1, 1, 2, 2), Noise(slip=0.02, missing=0.03, moved=0.15)),
    "two files": Shape(_REGISTER, (1, 2), Noise(slip=0.06, missing=0.08), files=2),
    "sparse": Shape({**_SHOP, "dob": _is("born")}, (1, 1, 2, 3, 5), Noise(missing=0.35)),
    "dirty": Shape(
        {**_SHOP, "dob": _is("born")}, (1, 1, 2, 3, 5),
        Noise(slip=0.15, missing=0.1, ocr=0.08, swapped=0.08, script=0.02, nickname=0.15, initial=0.08),
    ),
}  # fmt: skip


def write(folder: Path, name: str, *, records: int, seed: int = 7) -> list[Path]:
    """One CSV file, or two, each with the true person of every record in the column `truth`."""
    random = Random(f"{name} {seed}")
    shape = SHAPES[name]
    world = World.of(random)
    average = sum(shape.copies) / len(shape.copies)
    rows: list[list[list[str]]] = [[] for _ in range(shape.files)]
    for one in people(random, world, int(records / average) + 1):
        for copy in range(random.choice(shape.copies)):
            rows[copy % shape.files].append(_row(random, world, one, shape))
    paths = [folder / f"{name.replace(' ', '_')}_{number}.csv" for number in range(shape.files)]
    for path, lines in zip(paths, rows, strict=True):
        random.shuffle(lines)
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([ID, *shape.columns, TRUTH])
            writer.writerows([f"{path.stem}-{number}", *line] for number, line in enumerate(lines))
    return paths


def _row(random: Random, world: World, one: Person, shape: Shape) -> list[str]:
    values = seen(random, world, one, shape.noise)
    return [*(form(values) for form in shape.columns.values()), str(one.number)]
