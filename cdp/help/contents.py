"""What there is to read, and in which order: the table of README.md is the one list."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
TABLE = "## Documentation"
_ROW = re.compile(r"^\| (?P<about>[^|]+?) \| (?P<read>.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\[(?P<title>[^\]]+)\]\(docs/(?P<name>[\w-]+)\.md\)")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_IMAGE = re.compile(r"[\w-]+\.(?:png|svg|jpg|webp)")


@dataclass(frozen=True)
class Entry:
    name: str
    """Of the file, without its ending."""
    title: str


@dataclass(frozen=True)
class Group:
    title: str
    entries: tuple[Entry, ...]


def groups() -> tuple[Group, ...]:
    """Entries whose file is not there are left out."""
    table = (ROOT / "README.md").read_text().partition(TABLE)[2].partition("\n## ")[0]
    known = files()
    found = []
    for row in _ROW.finditer(table):
        links = [Entry(link["name"], _capital(link["title"])) for link in _LINK.finditer(row["read"])]
        if kept := tuple(one for one in links if one.name in known):
            found.append(Group(_capital(row["about"]), kept))
    return tuple(found)


def entries() -> tuple[Entry, ...]:
    """Each once, in the order in which one reads them."""
    return tuple({one.name: one for group in groups() for one in group.entries}.values())


def files() -> dict[str, Path]:
    """By name. What a request asks for is looked up here, so that no name leads out of the folder."""
    return {path.stem: path for path in sorted(DOCS.glob("*.md")) if _NAME.fullmatch(path.stem)}


def images() -> dict[str, Path]:
    """Likewise."""
    return {path.name: path for path in IMAGES.glob("*.*") if _IMAGE.fullmatch(path.name)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
