"""VAR_DIR/backups/last.json: what the system page and an operator's checks read.

    {"at": "2026-11-22T02:30:07+00:00", "path": "/…/backups/tributary-20261122T023007Z", "bytes": 123, "seconds": 4.5,
     "failed_at": null, "failure": ""}

The first four tell of the last backup that succeeded, and are null before there was one; the last two of a later
one that did not.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cdp.operations.backup.whole import write_whole


@dataclass(frozen=True)
class LastBackup:
    at: datetime | None = None
    path: str | None = None
    bytes: int | None = None
    seconds: float | None = None
    failed_at: datetime | None = None
    failure: str = ""

    def written(self) -> dict[str, object]:
        times = {name: at.isoformat() if (at := getattr(self, name)) else None for name in ("at", "failed_at")}
        return asdict(self) | times


def folder(var: Path) -> Path:
    """Where backups go unless another folder is named; last.json is always there."""
    return var / "backups"


def read_last(var: Path) -> LastBackup:
    """Empty if there was none."""
    try:
        told = json.loads((folder(var) / "last.json").read_text())
    except FileNotFoundError:
        return LastBackup()
    times = {name: told[name] and datetime.fromisoformat(told[name]) for name in ("at", "failed_at")}
    return LastBackup(**told | times)


def write_last(var: Path, last: LastBackup) -> None:
    folder(var).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder(var) / "last.json", json.dumps(last.written(), indent=1).encode())
