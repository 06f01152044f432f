"""Product blocks: cards in rows. What each card shows is filled in when a person's items are known."""

from campaigns.content.blocks import Products
from campaigns.content.cards import FIELDS
from campaigns.content.desk import Desk, Laid, Spot
from campaigns.content.draw import QUIET
from campaigns.content.mjml import Sheet
from campaigns.content.pieces import Cell, CellFork, Grid, Program
from campaigns.content.uses import ListUse

NAME, PRICE, IMAGE, REASON, URL, BUTTON = map(Cell, FIELDS)
SIDE_BY_SIDE = {1: 1, 2: 2, 3: 1, 4: 2}
"""Cards per row → how many stay side by side on a phone."""


def grid(desk: Desk, content: Products, spot: Spot, *, as_rows: bool) -> Laid:
    """Sections of its own; in a column, cards below one another."""
    desk.uses.append(ListUse(spot.block.id, content.source, content.limit, spot.inside))
    words = desk.sources.plain(content.button, spot.at("button"))
    per_row = 1 if as_rows else content.per_row
    per_unit = SIDE_BY_SIDE[per_row]
    card = "".join(_card(desk, content, is_wide=per_row == 1 and not as_rows, as_rows=as_rows))

    def make(parts: list[Program]) -> Program:
        before_row, before_unit, item, _, after_unit, _, after_row = parts
        shape = spot.block.id, content.limit, per_row, per_unit, words.text
        return (Grid(*shape, before_row, before_unit, item, after_unit, after_row),)

    mjml = ["", "", card, "", "", "", ""] if as_rows else _row(desk.sheet, card, per_row)
    return Laid(
        desk.sheet.parted(mjml, make),
        (Grid(spot.block.id, content.limit, 1, 1, (), (), (), _line(content), (), ()),),
    )


def _row(sheet: Sheet, card: str, per_row: int) -> list[str]:
    """Before the row, before a unit, a card, the other cards, after a unit, the other units, after the row.

    What is thrown away later tells mrml how wide the rest is.
    """
    opening = f'<mj-section background-color="{sheet.look.paper}" padding="0 24px 8px" text-align="left">'
    if per_row == 1:
        return [opening, "<mj-group>", card, "", "</mj-group>", "", "</mj-section>"]
    column = f'<mj-column padding="8px" vertical-align="top">{card}</mj-column>'
    spare = '<mj-column padding="8px"></mj-column>'
    if per_row == 3:
        return [opening, "", column, spare * 2, "", "", "</mj-section>"]
    other = f"<mj-group>{spare * 2}</mj-group>" if per_row == 4 else ""
    return [opening, "<mj-group>", column, spare, "</mj-group>", other, "</mj-section>"]


def _card(desk: Desk, content: Products, *, is_wide: bool, as_rows: bool) -> list[str]:
    sides = "0 32px" if as_rows else "0 0"
    image = _image(desk, sides)
    told = [_words(desk, content, sides)]
    if content.button.strip():
        told.append(_forked(desk, "url", _button(desk, sides), ""))
    if not is_wide:
        return [image, *told]
    return [
        f'<mj-column width="34%" padding="8px" vertical-align="top">{image}</mj-column>',
        f'<mj-column width="66%" padding="8px" vertical-align="top">{"".join(told)}</mj-column>',
    ]


def _forked(desk: Desk, field: str, present: str, absent: str) -> str:
    return desk.sheet.parted([present, absent], lambda made: (CellFork(field, made[0], made[1]),))


def _image(desk: Desk, padding: str) -> str:
    src, alt, url = desk.sheet.word((IMAGE,)), desk.sheet.word((NAME,)), desk.sheet.word((URL,))
    frame = f'src="{src}" alt="{alt}" border-radius="8px" padding="{padding} 10px" fluid-on-mobile="true"'
    return _forked(desk, "image", _forked(desk, "url", f'<mj-image href="{url}" {frame}/>', f"<mj-image {frame}/>"), "")


def _words(desk: Desk, content: Products, padding: str) -> str:
    look = desk.sheet.look
    link = f'<a href="%s" style="color:{look.text};text-decoration:none" target="_blank">'
    before, after = link.split("%s")
    named: Program = (CellFork("url", (before, URL, after, NAME, "</a>"), (NAME,)),)
    lines: Program = ('<div style="font-weight:600;line-height:1.35">', *named, "</div>")
    if content.shows_price:
        shown = ('<div style="padding-top:4px;font-weight:700">', PRICE, "</div>")
        lines += (CellFork("price", shown, ()),)
    if content.shows_reason:
        quiet = f'<div style="padding-top:4px;font-size:13px;line-height:1.4;color:{QUIET}">'
        lines += (CellFork("reason", (quiet, REASON, "</div>"), ()),)
    return desk.text_row(lines, more=f'padding="{padding} 10px" font-size="15px" line-height="1.4"')


def _button(desk: Desk, padding: str) -> str:
    return (
        f'<mj-button align="left" href="{desk.sheet.word((URL,))}" padding="{padding} 12px" inner-padding="9px 16px" '
        f'font-size="14px">{desk.sheet.word((BUTTON,))}</mj-button>'
    )


def _line(content: Products) -> Program:
    """- Name, €12.50 / because … / https://…"""
    line: Program = ("- ", NAME)
    if content.shows_price:
        line += (CellFork("price", (", ", PRICE), ()),)
    if content.shows_reason:
        line += (CellFork("reason", ("\n  ", REASON), ()),)
    return (*line, CellFork("url", ("\n  ", URL), ()), "\n")
