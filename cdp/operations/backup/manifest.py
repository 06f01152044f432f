"""What a backup says about itself: enough to refuse it, and to prove that what came back is what was there."""

import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cdp.operations.backup.problem import Damaged
from cdp.operations.backup.whole import sha256_of, sha256_synced, write_whole

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database"
MEDIA = "media"
SECRET_KEY = "secret_key"  # noqa: S105


@dataclass(frozen=True)
class TableSum:
    """Rows, and a sum over a hash of each: their order does not matter."""

    rows: int
    hash: str


@dataclass(frozen=True)
class StoredFile:
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str
    server_version: int
    programs_version: int
    """Majors of PostgreSQL: of the server that was dumped and of pg_dump."""
    xact_id: int
    """Transactions the server had seen: news is ordered by them."""
    migrations: dict[str, list[str]]
    """Applied ones, by app."""
    extensions: list[str]
    tables: dict[str, TableSum]
    key_mark: str
    """Tells whether a secret key is the one of this backup, and nothing else about it."""
    files: dict[str, StoredFile]
    """By path in the backup; all but the manifest itself."""
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files.values())

    @property
    def has_secret_key(self) -> bool:
        return SECRET_KEY in self.files


def mark_of(key: str) -> str:
    return hmac.new(key.encode(), b"tributary backup", "sha256").hexdigest()[:16]


def files_in(folder: Path) -> dict[str, StoredFile]:
    """Each is on the disk afterwards."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): StoredFile(path.stat().st_size, sha256_synced(path)) for path in found}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_whole(folder / NAME, json.dumps(asdict(manifest), indent=1, sort_keys=True).encode())


def read_manifest(folder: Path) -> Manifest:
    try:
        told: dict[str, Any] = json.loads((folder / NAME).read_text())
    except FileNotFoundError as error:
        raise Damaged(f"{folder} is no backup: it has no {NAME}.") from error
    except ValueError as error:
        raise Damaged(f"The {NAME} of {folder} cannot be read: it was cut or changed.") from error
    if told.get("format") != FORMAT:
        raise Damaged(f"{folder} was made by another version of Tributary, in a format this one does not know.")
    tables = {name: TableSum(**one) for name, one in told["tables"].items()}
    files = {name: StoredFile(**one) for name, one in told["files"].items()}
    return Manifest(**told | {"tables": tables, "files": files})


def check_files(folder: Path, manifest: Manifest) -> None:
    """Before anything is touched: each file is there and holds what was written."""
    for name, stored in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise Damaged(f"The backup lacks {name}. Take another one.")
        if path.stat().st_size != stored.bytes or sha256_of(path) != stored.sha256:
            raise Damaged(f"{name} of the backup was changed or damaged since it was made. Take another one.")
