"""One file, or two, through `manage.py link` and through Splink: each in a process of its own, one after the other."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.parts.scored import accuracy, numbered
from bench.parts.shapes import ID, TRUTH

ROOT = Path(__file__).resolve().parents[2]
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Beside:
    """`seconds`, `peak_mb`, `f1`, `precision`, `recall` of each."""

    ours: Figures
    splink: Figures

    @property
    def time_ratio(self) -> float:
        return round(self.ours["seconds"] / self.splink["seconds"], 3)

    @property
    def memory_ratio(self) -> float:
        return round(self.ours["peak_mb"] / self.splink["peak_mb"], 3)

    def as_dict(self, suffix: str = "") -> dict[str, float]:
        return {
            f"time_ratio{suffix}": self.time_ratio,
            f"memory_ratio{suffix}": self.memory_ratio,
            f"f1{suffix}": self.ours["f1"],
            f"precision{suffix}": self.ours["precision"],
            f"f1_splink{suffix}": self.splink["f1"],
            f"seconds{suffix}": self.ours["seconds"],
            f"seconds_splink{suffix}": self.splink["seconds"],
            f"peak_mb{suffix}": self.ours["peak_mb"],
            f"peak_mb_splink{suffix}": self.splink["peak_mb"],
        }


class Failed(RuntimeError):
    """A process of the bench failed; what it said is above."""


def beside(paths: Sequence[Path], *, folder: Path) -> Beside:
    return Beside(ours(paths, folder=folder), splink(paths))


def ours(paths: Sequence[Path], *, folder: Path) -> Figures:
    """The whole command as a user runs it, from the start of Python to both files written."""
    out = folder / "out"
    command = ["manage.py", "link", *map(str, paths), "--id", ID, "--ignore", TRUTH, "--out", str(out)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "cdp.settings", "VAR_DIR": str(folder / "var")}
    measured = _said_by("bench.parts.measured", sys.executable, *command, environment=environment)
    truth = {row[ID]: row[TRUTH] for path in paths for row in _rows(path)}
    groups = [(row["id"], row["group"]) for row in _rows(out / "groups.csv")]
    right = accuracy(numbered([group for _, group in groups]), numbered([truth[id_] for id_, _ in groups]))
    return {**measured, **right.as_dict()}


def splink(paths: Sequence[Path]) -> Figures:
    """From reading to groups at one threshold; its start and the search for the best threshold are not counted."""
    return _said_by("bench.parts.peer", *map(str, paths), environment=os.environ)


def _said_by(module: str, *arguments: str, environment: Mapping[str, str]) -> Figures:
    """The JSON object in the last line."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise Failed(module)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))
