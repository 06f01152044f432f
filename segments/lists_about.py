"""The lines of a person in uploads that wait to become lists."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage

from cdp.common.belongings import Person, Place
from cdp.privacy.quotes import Quotes
from segments.list_upload import FOLDER

FOUND = ".found"


def place() -> Place:
    return Place("uploaded_lists", "Uploaded lists", _count, lambda person, now: _erase(person, now))


def _files() -> Iterator[Path]:
    folder = Path(default_storage.path(FOLDER))
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".new")


def _is_theirs(path: Path, line: str, person: Person, quotes: Quotes) -> bool:
    if path.suffix == FOUND:
        return line.strip().isdigit() and int(line) in person.record_ids
    return quotes.are_in(line) or line.strip().strip('"') in {value for _, value in person.addresses}


def _count(person: Person) -> int:
    quotes = Quotes.of(person)
    return sum(_is_theirs(path, line, person, quotes) for path in _files() for line in _lines(path))


def _erase(person: Person, now: datetime) -> int:
    quotes, n = Quotes.of(person), 0
    for path in _files():
        lines = _lines(path)
        kept = [line for line in lines if not _is_theirs(path, line, person, quotes)]
        if len(kept) < len(lines):
            made = path.with_suffix(path.suffix + ".new")
            made.write_text("".join(kept), encoding="utf-8", newline="")
            made.replace(path)
            n += len(lines) - len(kept)
    return n


def _lines(path: Path) -> list[str]:
    """With their line ends."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return list(stream)
    except FileNotFoundError:
        return []
