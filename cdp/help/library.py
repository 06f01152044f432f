"""The pages of docs/, read again when a file has changed."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cdp.help.contents import Entry, entries, files, images
from cdp.help.markdown import Rendered, render


class NoSuchPage(Exception):
    """There is no such page in the documentation."""


@dataclass(frozen=True)
class Page:
    entry: Entry
    rendered: Rendered
    before: Entry | None
    after: Entry | None


def page(name: str) -> Page:
    path = files().get(name)
    if path is None:
        raise NoSuchPage(name)
    order = [one.name for one in entries()]
    place = order.index(name) if name in order else -1
    known = entries()
    rendered = _rendered(path, path.stat().st_mtime_ns)
    return Page(
        known[place] if place >= 0 else Entry(name, rendered.title),
        rendered,
        known[place - 1] if place > 0 else None,
        known[place + 1] if 0 <= place < len(known) - 1 else None,
    )


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=128)
def _rendered(path: Path, changed_at: int) -> Rendered:
    return render(text_of(path), pages=files(), images=images())
