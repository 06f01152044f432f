"""A page of docs/ as HTML: tables, code, headings with anchors like GitHub's, links that lead within the product.

Raw HTML is off. Nothing of what is made needs a style or a script of its own: the Content-Security-Policy is strict.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = "docs"
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ALIGNED = {"text-align:right": "text-end", "text-align:center": "text-center", "text-align:left": "text-start"}
_COPY = (
    '<button type="button" class="btn btn-sm docs-copy" data-copy="code-{}" aria-label="Copy this code">Copy</button>'
)


@dataclass(frozen=True)
class Heading:
    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Rendered:
    title: str
    html: SafeString
    headings: tuple[Heading, ...] = field(default=())


def render(text: str, *, pages: Collection[str], images: Collection[str]) -> Rendered:
    """`pages` and `images` are what there is to link to; what else a link names is shown without a link."""
    parser = _parser()
    tokens = parser.parse(text)
    title = _take_title(tokens)
    headings = tuple(_anchored(tokens))
    _place(tokens, pages, images)
    _number_code(tokens)
    html = mark_safe(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308  raw HTML is off
    return Rendered(title, html, headings)


def headings_of(text: str) -> tuple[Heading, ...]:
    """The title too: a link may name its anchor."""
    return tuple(_anchored(_parser().parse(text)))


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def plain(token: Token) -> str:
    """What is read of an inline token."""
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or ())


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _take_title(tokens: list[Token]) -> str:
    """The first heading stands above the page, so it goes."""
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title = plain(tokens[1])
        del tokens[:3]
        return title
    return ""


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    seen: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            anchor = slug(plain(inline))
            again = seen.get(anchor, 0)
            seen[anchor] = again + 1
            anchor = f"{anchor}-{again}" if again else anchor
            token.attrSet("id", anchor)
            yield Heading(int(token.tag[1]), anchor, plain(inline))


def _place(tokens: Sequence[Token], pages: Collection[str], images: Collection[str]) -> None:
    for token in tokens:
        opened: list[bool] = []
        for child in token.children or ():
            if child.type == "link_open":
                opened.append(_point(child, pages, images))
            elif child.type == "link_close":
                child.tag = "a" if opened.pop() else "span"
            elif child.type == "image":
                _show(child, images)
        if token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            token.attrSet("class", _ALIGNED[str(style)])


def _point(token: Token, pages: Collection[str], images: Collection[str]) -> bool:
    """Whether the link leads somewhere from here."""
    target = str(token.attrs["href"])
    if OUTSIDE.match(target):
        token.attrSet("rel", "noopener noreferrer")
        return True
    if target.startswith(("#", "/")):
        return True
    path, _, anchor = target.partition("#")
    found = address_of(path, pages, images)
    if found:
        token.attrSet("href", found + (f"#{anchor}" if anchor else ""))
        return True
    whole = posixpath.normpath(posixpath.join(FOLDER, path))
    token.tag, token.attrs = "span", {"class": "docs-file", "title": whole}
    return False


def address_of(path: str, pages: Collection[str], images: Collection[str]) -> str:
    """Where the product serves a file that is named as from within docs/; empty if it does not."""
    whole = posixpath.normpath(posixpath.join(FOLDER, path))
    folder, name = posixpath.split(whole)
    stem, ending = posixpath.splitext(name)
    if whole == "README.md":
        return reverse("help:contents")
    if folder == FOLDER and ending == ".md" and stem in pages:
        return reverse("help:page", args=[stem])
    if folder == f"{FOLDER}/images" and name in images:
        return reverse("help:image", args=[name])
    return ""


def _show(token: Token, images: Collection[str]) -> None:
    token.attrSet("src", address_of(str(token.attrs["src"]), (), images))
    token.attrSet("loading", "lazy")
    token.attrSet("class", "img-fluid")


def _number_code(tokens: Sequence[Token]) -> None:
    codes = [token for token in tokens if token.type in ("fence", "code_block")]
    for number, token in enumerate(codes, start=1):
        token.meta["number"] = number


def _code(_: Any, tokens: Sequence[Token], index: int, *__: object) -> str:
    token = tokens[index]
    number, language = token.meta["number"], token.info.split(" ")[0] or "text"
    copy = format_html(_COPY, number)
    shown = '<pre tabindex="0"><code id="code-{}" class="language-{}">{}</code></pre>'
    return format_html('<div class="docs-code">{}' + shown + "</div>\n", copy, number, language, token.content)


def _table_open(*_: object) -> str:
    return (
        '<div class="table-responsive docs-table" role="group" tabindex="0" aria-label="Table"><table class="table">\n'
    )


def _table_close(*_: object) -> str:
    return "</table></div>\n"


_RULES: dict[str, Callable[..., str]] = {
    "fence": _code,
    "code_block": _code,
    "table_open": _table_open,
    "table_close": _table_close,
}
