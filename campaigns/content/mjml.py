"""Blocks to MJML, once for all branches, and its HTML cut where content parts: mrml runs once per mail."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import mrml

from campaigns.content.blocks import ContentError, Look
from campaigns.content.looks import FONTS
from campaigns.content.pieces import BEACON, PREHEADER, SUBJECT, Piece, Present, Program

MARK = re.compile(r"<!--tb:(\d+)-->|zqw(\d+)q")
Maker = Callable[[list[Program]], Program]


@dataclass(frozen=True)
class Start:
    make: Maker


@dataclass(frozen=True)
class Next:
    pass


@dataclass(frozen=True)
class End:
    pass


@dataclass
class Sheet:
    """MJML in the making: what mrml must not see stands as words, where content parts there are marks."""

    look: Look
    marks: list[Start | Next | End] = field(default_factory=list)
    held: list[Program] = field(default_factory=list)

    def word(self, program: Program) -> str:
        """Stands for a program in what mrml passes through."""
        self.held.append(program)
        return f"zqw{len(self.held) - 1}q"

    def parted(self, branches: Sequence[str], make: Maker) -> str:
        """The MJML of all branches; `make` gets their programs."""
        body = self._mark(Next()).join(branches)
        return f"{self._mark(Start(make))}{body}{self._mark(End())}"

    def _mark(self, mark: Start | Next | End) -> str:
        self.marks.append(mark)
        return f"<mj-raw><!--tb:{len(self.marks) - 1}--></mj-raw>"

    def program(self, body: str) -> Program:
        """The whole page around `body`, which is the MJML of the sections."""
        html = to_html(document(self, body), place="blocks")
        pieces = self._pieces(html)
        return joined(_until_end(pieces))

    def _pieces(self, html: str) -> Iterator[str | Program | Start | Next | End]:
        at = 0
        for found in MARK.finditer(html):
            if found.start() > at:
                yield html[at : found.start()]
            at = found.end()
            yield self.marks[int(found[1])] if found[1] else self.held[int(found[2])]
        yield html[at:]


def to_html(source: str, *, place: str) -> str:
    """Raises ContentError where mrml does not understand it."""
    try:
        return mrml.to_html(source, render_options=mrml.RenderOptions(fonts={})).content
    except OSError as error:
        raise ContentError(place, f"this is no MJML: {error}") from error


def joined(pieces: Sequence[Piece]) -> Program:
    """Static text that meets becomes one."""
    made: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and made and isinstance(made[-1], str):
            made[-1] += piece
        elif piece != "":
            made.append(piece)
    return tuple(made)


def _until_end(pieces: Iterator[str | Program | Start | Next | End]) -> list[Piece]:
    branches = _branches(pieces)
    assert len(branches) == 1
    return list(branches[0])


def _branches(pieces: Iterator[str | Program | Start | Next | End]) -> list[Program]:
    branches: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, str):
            branches[-1].append(piece)
        elif isinstance(piece, Start):
            branches[-1].extend(piece.make(_branches(pieces)))
        elif isinstance(piece, Next):
            branches.append([])
        elif isinstance(piece, End):
            break
        else:
            branches[-1].extend(piece)
    return [joined(branch) for branch in branches]


PADDING = "&#847;&zwnj;&nbsp;" * 60
"""Keeps mail programs from filling up the preview with what follows."""
HIDDEN = "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all"


def document(sheet: Sheet, body: str) -> str:
    look = sheet.look
    title = sheet.word((SUBJECT,))
    preheader = sheet.word((Present((PREHEADER,), (f'<div style="{HIDDEN}">', PREHEADER, f"{PADDING}</div>")),))
    font = escape(FONTS[look.font])
    return (
        f'<mjml lang="en"><mj-head><mj-title>{title}</mj-title><mj-attributes>'
        f'<mj-all font-family="{font}"/><mj-text font-size="16px" line-height="1.6" color="{look.text}" '
        'padding="0 32px"/><mj-section padding="0"/><mj-column padding="0"/><mj-image padding="0"/>'
        f'<mj-button background-color="{look.accent}" color="{on(look.accent)}" font-size="16px" font-weight="600" '
        'border-radius="6px" inner-padding="14px 28px" padding="8px 32px 24px" line-height="1.2"/>'
        '<mj-divider border-width="1px" border-color="#d9dee5" padding="16px 32px 24px"/></mj-attributes>'
        '<mj-raw><meta name="color-scheme" content="light only"><meta name="supported-color-schemes" '
        'content="light only"><meta name="x-apple-disable-message-reformatting"></mj-raw>'
        f"<mj-style>{SHEET}a{{color:{look.accent}}}</mj-style></mj-head>"
        f'<mj-body width="{look.width_px}px" background-color="{look.background}"><mj-raw>{preheader}</mj-raw>'
        f'<mj-section><mj-column><mj-spacer height="24px"/></mj-column></mj-section>'
        f"{strip(look)}{body}{strip(look)}"
        f'<mj-section><mj-column><mj-spacer height="24px"/></mj-column></mj-section>'
        f"<mj-raw>{sheet.word((BEACON,))}</mj-raw></mj-body></mjml>"
    )


SHEET = ":root{color-scheme:light only;supported-color-schemes:light only}"
"""The colours are those that were chosen: no program shall turn some of them dark and others not."""


def strip(look: Look) -> str:
    return f'<mj-section background-color="{look.paper}"><mj-column><mj-spacer height="32px"/></mj-column></mj-section>'


def on(colour: str) -> str:
    """White or nearly black: what can be read on it (WCAG's relative luminance)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.06 else "#16191d"
