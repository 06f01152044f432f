"""Markdown without HTML: emphasis, links, lists. Styles stand in the elements, for mail programs drop style sheets."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

READER = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .disable(["html_block", "html_inline", "image", "code", "fence", "autolink", "entity", "reference"])
    .enable("strikethrough")
)
READER.validateLink = lambda url: True  # type: ignore[method-assign]  # targets are checked where they become links

MarkLink = Callable[[str], str]
"""A target to the word that stands for its tracked address."""


@dataclass(frozen=True)
class Style:
    accent: str


def read(source: str, *, tags: Collection[str]) -> list[Token]:
    """`source` has words where Liquid was; those of `tags` that fill a line of their own stand between its blocks."""
    lines = (f"\n{line.strip()}\n" if _is_of(line, tags) else line for line in source.split("\n"))
    tokens = READER.parse("\n".join(lines))
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.type == "inline" and before.type == "paragraph_open" and _is_of(token.content, tags):
            before.hidden = after.hidden = True
    return tokens


def _is_of(line: str, tags: Collection[str]) -> bool:
    words = line.split()
    return bool(words) and all(word in tags for word in words)


def to_html(tokens: Sequence[Token], *, style: Style, mark: MarkLink) -> str:
    """Has the words that the source had, and at links, too."""
    return "".join(_block(token, style=style, mark=mark) for token in tokens)


def to_text(tokens: Sequence[Token], *, mark: MarkLink) -> str:
    return re.sub(r"[ \t]+\n", "\n", "".join(_lines(tokens, mark=mark))).strip()


OPENING = {
    "p": '<p style="margin:0 0 16px">',
    "ul": '<ul style="margin:0 0 16px;padding:0 0 0 24px">',
    "ol": '<ol style="margin:0 0 16px;padding:0 0 0 24px">',
    "li": '<li style="margin:0 0 6px">',
    "blockquote": '<blockquote style="margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid #c5ccd6">',
    "hr": '<hr style="border:0;border-top:1px solid #d9dee5;margin:16px 0">',
    "h1": '<h1 style="margin:0 0 12px;font-size:28px;line-height:1.25">',
    "h2": '<h2 style="margin:0 0 12px;font-size:22px;line-height:1.3">',
    "h3": '<h3 style="margin:0 0 8px;font-size:18px;line-height:1.35">',
}


def _block(token: Token, *, style: Style, mark: MarkLink) -> str:
    if token.type == "inline":
        return "".join(_inline(child, style=style, mark=mark) for child in token.children or ())
    if token.hidden:
        return ""
    if token.nesting < 0:
        return f"</{token.tag}>"
    return OPENING.get(token.tag, f"<{token.tag}>")


def _inline(token: Token, *, style: Style, mark: MarkLink) -> str:
    if token.type in ("text", "code_inline"):
        return escape(token.content)
    if token.type in ("softbreak", "hardbreak"):
        return "<br>"
    if token.type == "link_open":
        word = mark(str(token.attrs.get("href", "")))
        return f'<a href="{word}" style="color:{style.accent};text-decoration:underline" target="_blank">'
    return f"<{'/' if token.nesting < 0 else ''}{token.tag}>" if token.tag else ""


def _lines(tokens: Sequence[Token], *, mark: MarkLink) -> list[str]:
    """The text as one would write it by hand."""
    made: list[str] = []
    counters: list[int | None] = []
    for token in tokens:
        if token.type == "inline":
            made.append(_words(token.children or (), mark=mark))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            counters.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
            made.append("" if counters else "\n")
        elif token.type == "list_item_open":
            n = counters[-1]
            made.append("  " * (len(counters) - 1) + ("- " if n is None else f"{n}. "))
            counters[-1] = None if n is None else n + 1
        elif token.type in ("paragraph_close", "heading_close") and not (token.hidden and not counters):
            made.append("\n" if counters else "\n\n")
        elif token.type == "hr":
            made.append("----\n\n")
    return made


def _words(tokens: Sequence[Token], *, mark: MarkLink) -> str:
    """A link as its words and, behind them, where it leads."""
    made: list[str] = []
    ends: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            made.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            made.append("\n")
        elif token.type == "link_open":
            ends.append(f" ({mark(str(token.attrs.get('href', '')))})")
        elif token.type == "link_close":
            made.append(ends.pop())
    return "".join(made)
