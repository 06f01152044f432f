"""What a reader and a filter find in the HTML of a mail: words, links and images."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSEEN = {"head", "style", "script", "title", "template"}
ALONE = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
"""Elements that have no end."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str
    """The words on it, with what its images say."""
    has_image: bool


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    alt: str | None
    """None: it says nothing about it at all."""
    is_link: bool
    is_tiny: bool
    """A pixel that counts or fills, no picture."""


@dataclass(frozen=True, slots=True)
class Found:
    words: str
    """What can be read; hidden text, such as the preheader, is left out."""
    links: tuple[Link, ...]
    pictures: tuple[Picture, ...]


def found_in(html: str) -> Found:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    words = " ".join("".join(reader.words).split())
    return Found(words, tuple(reader.links), tuple(reader.pictures))


@dataclass(slots=True)
class _Open:
    """A link whose end was not read yet."""

    url: str
    words: list[str] = field(default_factory=list)
    has_image: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[Link] = []
        self.pictures: list[Picture] = []
        self._link: _Open | None = None
        self._hidden: list[str] = []
        """Elements that are open inside one that cannot be seen, that one first."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._hidden or tag in UNSEEN or _is_hidden(given):
            if tag not in ALONE:
                self._hidden.append(tag)
            return
        if tag == "a" and "href" in given:
            self._end_link()
            self._link = _Open(given["href"].strip())
        elif tag == "img":
            self._picture(given)
        else:
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ALONE:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if tag == "a":
            self._end_link()
        else:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.words.append(data)
        if self._link is not None:
            self._link.words.append(data)

    def close(self) -> None:
        super().close()
        self._end_link()

    def _picture(self, given: dict[str, str]) -> None:
        alt = given.get("alt")
        tiny = given.get("width") in ("0", "1") or given.get("height") in ("0", "1")
        self.pictures.append(Picture(given.get("src", "").strip(), alt, self._link is not None, tiny))
        if self._link is not None:
            self._link.has_image = True
            self._link.words.append(alt or "")

    def _end_link(self) -> None:
        if self._link is not None:
            words = " ".join("".join(self._link.words).split())
            self.links.append(Link(self._link.url, words, self._link.has_image))
            self._link = None


def _is_hidden(given: dict[str, str]) -> bool:
    style = given.get("style", "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style
