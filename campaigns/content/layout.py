"""Blocks laid out in their order, as MJML and as plain text side by side: both part at the same places."""

from collections.abc import Iterator, Sequence

from campaigns.content.blocks import Block, Columns, ContentError, Group, Mjml, Products
from campaigns.content.called import name_of
from campaigns.content.desk import Desk, Inside, Laid, Spot, paragraphs
from campaigns.content.draw import draw
from campaigns.content.grids import grid
from campaigns.content.html import check_size, hidden
from campaigns.content.islands import Mark, Words
from campaigns.content.mjml import Sheet, document, to_html
from campaigns.content.pieces import Fork, Program
from campaigns.content.tokens import Branch

EDGE = "<mj-raw><!--tb-edge--></mj-raw>"


def sections(desk: Desk, blocks: Sequence[Block], inside: Inside = ()) -> Laid:
    """Rows that follow one another share a section."""
    mjml: list[str] = []
    rows: list[str] = []
    text: list[Program] = []
    for block in blocks:
        is_rows = fits_column(block)
        laid = chain(desk, block, inside, as_rows=is_rows)
        text.append(laid.text)
        if is_rows:
            rows.append(laid.mjml)
        else:
            mjml += [desk.section(rows), laid.mjml]
            rows = []
    return Laid("".join([*mjml, desk.section(rows)]), paragraphs(text))


def rows(desk: Desk, blocks: Sequence[Block], inside: Inside) -> Laid:
    laid = [chain(desk, block, inside, as_rows=True) for block in blocks]
    return Laid("".join(one.mjml for one in laid), paragraphs([one.text for one in laid]))


def chain(desk: Desk, block: Block, inside: Inside, *, as_rows: bool) -> Laid:
    """A block with its else, the else of that, and so on: one split."""
    if block.when is None:
        return one(desk, Spot(block, inside), as_rows=as_rows)
    links = list(linked(block))
    whens = [link.when for link in links if link.when is not None]
    split = desk.splits.add(block.id, label=name_of(block), whens=whens, inside=inside)
    made = [
        one(desk, Spot(link, (*inside, Branch(block.id, number))), as_rows=as_rows) for number, link in enumerate(links)
    ]
    if len(made) == len(whens):
        made.append(Laid("", ()))
    return Laid(
        desk.sheet.parted([laid.mjml for laid in made], lambda branches: (Fork(split, tuple(branches)),)),
        (Fork(split, tuple(laid.text for laid in made)),),
    )


def one(desk: Desk, spot: Spot, *, as_rows: bool) -> Laid:
    """A block without its else, as rows of a column or as sections."""
    match spot.block.content:
        case Group(blocks):
            return (rows if as_rows else sections)(desk, blocks, spot.inside)
        case Columns() as columns:
            return in_columns(desk, columns, spot.inside)
        case Products() as products:
            return grid(desk, products, spot, as_rows=as_rows)
        case Mjml() as mjml:
            return of_mjml(desk, mjml, spot)
        case content:
            laid = draw(desk, content, spot)
            return laid if as_rows else replaced(laid, desk.section([laid.mjml]))


def replaced(laid: Laid, mjml: str) -> Laid:
    return laid._replace(mjml=mjml)


def in_columns(desk: Desk, content: Columns, inside: Inside) -> Laid:
    laid = [rows(desk, blocks, inside) for blocks in content.columns]
    columns = "".join(f'<mj-column vertical-align="top">{one.mjml}</mj-column>' for one in laid)
    paper = desk.sheet.look.paper
    return Laid(
        f'<mj-section background-color="{paper}">{columns}</mj-section>', paragraphs([one.text for one in laid])
    )


def of_mjml(desk: Desk, content: Mjml, spot: Spot) -> Laid:
    """Made by itself, so that a mistake is known to be its own. It stands in the page, too, for the sake of the head,
    which says how wide columns are."""
    at = spot.at("source")
    if not desk.sources.check(content.source, at):
        return Laid("", ())
    words: Words[Mark] = Words.absent_from(content.source)
    source = hidden(content.source, words)
    try:
        check_size(source, at.place, is_mjml=True)
        html = to_html(document(Sheet(desk.sheet.look), f"{EDGE}{source}{EDGE}"), place=at.place)
        pair = desk.sources.markup(html.split("<!--tb-edge-->")[1], at, words)
    except ContentError as error:
        desk.sources.note(error)
        return Laid("", ())
    return Laid(desk.sheet.parted([source], lambda _: pair.html), pair.text)


def fits_column(block: Block) -> bool:
    """Whether all that may stand here is rows of a column."""
    return not any(
        isinstance(link.content, Mjml | Columns | Products)
        or (isinstance(link.content, Group) and not all(map(fits_column, link.content.blocks)))
        for link in linked(block)
    )


def linked(block: Block) -> Iterator[Block]:
    """The block, its else, the else of that."""
    link: Block | None = block
    while link is not None:
        yield link
        link = link.otherwise if link.when is not None else None
