"""One person's mail from compiled content: subject, HTML and text, and which branches were taken."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from liquid.exceptions import LiquidError

from campaigns.content.compile import Compiled, CompiledBlock, Piece


class RenderError(Exception):
    """The content cannot be made for this person."""


@dataclass(frozen=True)
class Rendered:
    subject: str
    html: str
    text: str
    branches: dict[str, bool]
    """Index of each conditional block → whether its condition held."""


@dataclass(frozen=True)
class Filled:
    """A piece with this person's values: still plain text, nothing in it is markup."""

    look: str
    text: str
    url: str = ""


def render(
    compiled: Compiled,
    context: Mapping[str, Any],
    *,
    holds: Sequence[bool],
    link: Callable[[str], str],
    unsubscribe_url: str,
) -> Rendered:
    """`holds[i]` says whether rule i holds for the person; `link` turns a target into a tracked address."""
    branches = {str(index): holds[block.rule] for index, block in enumerate(compiled.blocks) if block.rule is not None}
    try:
        filled = [_fill(piece, context, link) for piece in _chosen(compiled.blocks, holds)]
        subject = " ".join(compiled.subject.render(**context).split())
    except LiquidError as error:
        raise RenderError(str(error).split("\n", maxsplit=1)[0]) from error
    return Rendered(
        subject=subject,
        html=_document(subject, "".join(map(_html, filled)), unsubscribe_url),
        text="\n\n".join([*map(_text, filled), f"--\nUnsubscribe: {unsubscribe_url}"]) + "\n",
        branches=branches,
    )


def _chosen(blocks: Sequence[CompiledBlock], holds: Sequence[bool]) -> Iterator[Piece]:
    for block in blocks:
        if block.rule is None or holds[block.rule]:
            yield block.piece
        elif block.otherwise is not None:
            yield block.otherwise


def _fill(piece: Piece, context: Mapping[str, Any], link: Callable[[str], str]) -> Filled:
    text = piece.text.render(**context).strip()
    if piece.url is None:
        return Filled(piece.look, text)
    target = piece.url.render(**context).strip()
    if not target.startswith(("https://", "http://")):
        raise RenderError(f"The button “{text}” leads to “{target}”, which is no web address.")
    return Filled(piece.look, text, link(target))


def _html(filled: Filled) -> str:
    shown = escape(filled.text).replace("\r\n", "\n")
    if filled.look == "heading":
        return f'<h1 style="font-size:24px;line-height:1.3;margin:24px 0 8px">{shown}</h1>'
    if filled.look == "button":
        style = (
            "display:inline-block;padding:12px 24px;background:#1f5fbf;color:#ffffff;"
            "text-decoration:none;border-radius:6px;font-weight:600"
        )
        return f'<p style="margin:24px 0"><a href="{escape(filled.url)}" style="{style}">{shown}</a></p>'
    paragraphs = (part.replace("\n", "<br>") for part in shown.split("\n\n"))
    return "".join(f'<p style="margin:0 0 16px">{part}</p>' for part in paragraphs)


def _text(filled: Filled) -> str:
    return f"{filled.text}: {filled.url}" if filled.url else filled.text


def _document(subject: str, body: str, unsubscribe_url: str) -> str:
    font = "font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(subject)}</title></head>"
        f'<body style="margin:0;padding:16px;background:#ffffff;{font}">'
        f'<div style="max-width:600px;margin:0 auto">{body}'
        '<p style="margin:32px 0 0;font-size:13px;color:#666666">'
        f'<a href="{escape(unsubscribe_url)}" style="color:#666666">Unsubscribe</a></p>'
        "</div></body></html>"
    )
