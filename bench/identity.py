"""Who is who in files of people: how right, how fast and with how much memory, beside Splink on DuckDB in this run.

Splink chooses its threshold by the truth, which is its best case; the product does not see the truth.
"""

import csv
import json
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts import full_pass, incremental, shapes

QUICK = bool(os.environ.get("QUICK"))
SIZES = (20_000,) if QUICK else (100_000, 1_000_000)
SHAPES_AT = 20_000
PUBLIC, PUBLIC_TRUTH = "fake_1000.csv", "cluster"


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    """A part is a function that says what it does and returns its figures, named as they stand in the last line."""
    if find_spec("splink") is None:
        sys.exit(f"Splink is missing. Install it: {sys.executable} -m pip install -r bench/requirements.txt")
    with tempfile.TemporaryDirectory(prefix="tributary-bench-") as name:
        folder = Path(name)
        parts = (customers, public_file, other_shapes)
        found = {name: figure for part in parts for name, figure in part(folder).items()}
    say(f"New records against {SIZES[-1]:,} in the product …")
    found |= incremental.figures(SIZES[-1], new=1_000, ticks=50) if QUICK else incremental.figures(SIZES[-1])
    say(json.dumps({**found, "quick": QUICK}))


def customers(folder: Path) -> dict[str, float]:
    """A shop's customers in each size; the figures of the largest also stand without a suffix."""
    found: dict[str, float] = {}
    for size in SIZES:
        say(f"{size:,} customers of a shop …")
        one = full_pass.beside(shapes.write(folder, "shop", records=size), folder=folder)
        tell("", one)
        found |= one.as_dict(f"_{size // 1000}k") | one.as_dict()
    return found


def public_file(folder: Path) -> dict[str, float]:
    """A thousand made-up people with known truth that Splink's documentation uses."""
    here = Path(__file__).resolve()
    source = next((path for up in here.parents if (path := up / "shared" / "data" / PUBLIC).is_file()), None)
    if source is None:
        say(f"shared/data/{PUBLIC} is not beside the checkout: left out")
        return {}
    path = folder / PUBLIC
    with source.open(newline="") as stream, path.open("w", newline="") as copy:
        header, *rows = csv.reader(stream)
        csv.writer(copy).writerows([[shapes.TRUTH if name == PUBLIC_TRUTH else name for name in header], *rows])
    one = full_pass.beside([path], folder=folder)
    tell(PUBLIC, one)
    return {
        "f1_fake_1000": one.ours["f1"], "precision_fake_1000": one.ours["precision"],
        "f1_splink_fake_1000": one.splink["f1"],
    }  # fmt: skip


def other_shapes(folder: Path) -> dict[str, float]:
    """Other columns, other errors."""
    found: dict[str, float] = {}
    for name in () if QUICK else shapes.SHAPES:
        one = full_pass.beside(shapes.write(folder, name, records=SHAPES_AT), folder=folder)
        tell(name, one)
        key = name.replace(" ", "_")
        found |= {f"f1_{key}": one.ours["f1"], f"precision_{key}": one.ours["precision"]}
        found |= {f"f1_splink_{key}": one.splink["f1"]}
    return found


def tell(title: str, one: full_pass.Beside) -> None:
    for who, figures in (("ours", one.ours), ("Splink", one.splink)):
        say(
            f"{title:12} {who:7} F1 {figures['f1']:.3f} (precision {figures['precision']:.3f}, recall"
            f" {figures['recall']:.3f}) in {figures['seconds']:.1f} s, {figures['peak_mb']:.0f} MB"
        )


if __name__ == "__main__":
    main()
