"""Files that are there whole or not at all, and what a file holds in one number."""

import hashlib
import os
import shutil
from pathlib import Path

PIECE = 1 << 20


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """After a rename: so that the name survives a power cut as the content does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_synced(path: Path) -> str:
    """Of a file that was just written; it is on the disk afterwards."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_folder(source: Path, to: Path) -> None:
    """Files that vanish meanwhile (an upload that was taken in) are left out."""
    to.mkdir(mode=0o700)
    for path in sorted(source.rglob("*")):
        target = to / path.relative_to(source)
        try:
            if path.is_dir():
                target.mkdir(mode=0o700, exist_ok=True)
            elif path.is_file():
                shutil.copyfile(path, target)
        except FileNotFoundError:
            continue
