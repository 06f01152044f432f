"""Each kind of block as MJML and as plain text."""

from campaigns.content.blocks import (
    Button,
    Divider,
    FeedBlock,
    Footer,
    Heading,
    Html,
    Image,
    OfferBlock,
    Spacer,
    Text,
)
from campaigns.content.desk import Desk, Laid, Spot
from campaigns.content.pieces import Given, Present, Program
from campaigns.content.uses import FeedUse, OfferUse

HEADINGS = {1: ("28px", "8px 32px 12px"), 2: ("22px", "8px 32px 8px"), 3: ("18px", "8px 32px 4px")}
QUIET = "#5b6673"

Row = Text | Heading | Image | Button | Divider | Spacer | OfferBlock | FeedBlock | Html | Footer


def draw(desk: Desk, content: Row, spot: Spot) -> Laid:
    """Rows of a column."""
    match content:
        case Text():
            return text(desk, content, spot)
        case Heading():
            return heading(desk, content, spot)
        case Image():
            return image(desk, content, spot)
        case Button():
            return button(desk, content, spot)
        case Divider():
            return Laid("<mj-divider/>", ("----",))
        case Spacer():
            return Laid(f'<mj-spacer height="{content.height_px}px"/>', ())
        case OfferBlock():
            return offer(desk, content, spot)
        case FeedBlock():
            return feed(desk, content, spot)
        case Html():
            return html(desk, content, spot)
        case Footer():
            return footer(desk, content, spot)


def text(desk: Desk, content: Text, spot: Spot) -> Laid:
    pair = desk.sources.markdown(content.text, spot.at("text"), style=desk.style)
    return Laid(desk.text_row(pair.html, align=content.align), pair.text)


def heading(desk: Desk, content: Heading, spot: Spot) -> Laid:
    pair = desk.words(content.text, label=f"{spot.label}: words", inside=spot.inside)
    return Laid(_title(desk, pair.html, content.level, align=content.align), pair.text)


def _title(desk: Desk, words: Program, level: int, *, align: str = "left") -> str:
    size, padding = HEADINGS[level]
    opening = f'<h{level} style="margin:0;font-size:{size};line-height:1.25;font-weight:700">'
    return desk.text_row((opening, *words, f"</h{level}>"), align=align, more=f'padding="{padding}"')


def image(desk: Desk, content: Image, spot: Spot) -> Laid:
    """Left out where its address leads nowhere; without its link where that does."""
    src = desk.picture(content.src, label=f"{spot.label}: image", inside=spot.inside, alt=content.alt)
    alt = desk.sources.plain(content.alt, spot.at("alt"))
    width = f'width="{content.width_px}px"' if content.width_px else ""
    frame = f'src="{desk.sheet.word(src.html)}" alt="{desk.sheet.word(alt.html)}" {width} padding="0 32px 20px"'
    plain = f"<mj-image {frame}/>"
    if content.url is None:
        return Laid(desk.present(src.text, plain), (Present(src.text, alt.text),))
    url = desk.address(content.url, label=f"{spot.label}: link", inside=spot.inside, is_needed=False)
    linked = desk.present(url.text, f'<mj-image href="{desk.sheet.word(url.html)}" {frame}/>', plain)
    words = (*alt.text, Present(url.text, (" (", *url.text, ")")))
    return Laid(desk.present(src.text, linked), (Present(src.text, words),))


def button(desk: Desk, content: Button, spot: Spot) -> Laid:
    words = desk.words(content.text, label=f"{spot.label}: words", inside=spot.inside)
    url = desk.address(content.url, label=f"{spot.label}: link", inside=spot.inside)
    return Laid(_button(desk, words.html, url.html, align=content.align), (*words.text, ": ", *url.text))


def _button(desk: Desk, words: Program, url: Program, *, align: str) -> str:
    return f'<mj-button align="{align}" href="{desk.sheet.word(url)}">{desk.sheet.word(words)}</mj-button>'


def offer(desk: Desk, content: OfferBlock, spot: Spot) -> Laid:
    """Title, text, the code where the text does not show it, a button, and the terms in small print."""
    keys = (*(case.then for case in content.offer.cases), content.offer.otherwise)
    desk.uses.append(OfferUse(spot.block.id, _split_of(desk, content, spot), keys, spot.inside))
    scope = spot.block.id
    title = desk.sources.plain(content.title or "{{ offer.name }}", spot.at("title", scope=scope))
    words = desk.sources.markdown(content.text, spot.at("text", scope=scope), style=desk.style)
    code = () if "offer.code" in content.title + content.text else (desk.sources.value("offer.code", scope),)
    terms: Program = (desk.sources.value("offer.terms", scope),)
    url: Program = (desk.sources.address("offer.url", scope),)
    rows = [_title(desk, title.html, 2, align="center"), desk.text_row(words.html, align="center")]
    rows.append(desk.present(code, _code(desk, code)) if code else "")
    told: Program = (*title.text, "\n\n", *words.text)
    told += (Present(code, ("\n\nYour code: ", *code)),) if code else ()
    if content.button:
        label = desk.sources.plain(content.button, spot.at("button", scope=scope))
        rows.append(desk.present(url, _button(desk, label.html, url, align="center")))
        told += (Present(url, ("\n\n", *label.text, ": ", *url)),)
    small = f'font-size="13px" line-height="1.5" color="{QUIET}" padding="0 32px 16px"'
    rows.append(desk.present(terms, desk.text_row(terms, align="center", more=small)))
    without = desk.sources.markdown(content.without, spot.at("without"), style=desk.style)
    otherwise = desk.text_row(without.html) if content.without.strip() else ""
    return Laid(
        desk.sheet.parted(["".join(rows), otherwise], lambda made: (Given("offer_of", scope, made[0], made[1]),)),
        (Given("offer_of", scope, (*told, Present(terms, ("\n\n", *terms))), without.text),),
    )


def _split_of(desk: Desk, content: OfferBlock, spot: Spot) -> str | None:
    """An offer that varies parts the content by itself: which one it is."""
    if not content.offer.cases:
        return None
    key = f"{spot.block.id}.offer"
    whens = [case.when for case in content.offer.cases]
    desk.splits.add(key, label=f"{spot.label}: offer", whens=whens, inside=spot.inside)
    return key


def _code(desk: Desk, code: Program) -> str:
    look = desk.sheet.look
    style = (
        f"display:inline-block;padding:10px 20px;border:2px dashed {look.accent};border-radius:6px;"
        "font-family:'Courier New',Courier,monospace;font-size:20px;font-weight:700;letter-spacing:1px"
    )
    box = (f'<span style="{style}">', *code, "</span>")
    return desk.text_row(box, align="center", more='padding="4px 32px 20px"')


def feed(desk: Desk, content: FeedBlock, spot: Spot) -> Laid:
    scope = spot.block.id
    desk.uses.append(FeedUse(scope, content.feed, spot.inside))
    words = desk.sources.markdown(content.text, spot.at("text", scope=scope), style=desk.style)
    without = desk.sources.markdown(content.without, spot.at("without"), style=desk.style)
    otherwise = desk.text_row(without.html) if content.without.strip() else ""
    return Laid(
        desk.sheet.parted(
            [desk.text_row(words.html), otherwise], lambda made: (Given("feed_of", scope, made[0], made[1]),)
        ),
        (Given("feed_of", scope, words.text, without.text),),
    )


def html(desk: Desk, content: Html, spot: Spot) -> Laid:
    pair = desk.sources.html(content.source, spot.at("source"))
    return Laid(desk.text_row(pair.html, more='padding="0"'), pair.text)


def footer(desk: Desk, content: Footer, spot: Spot) -> Laid:
    """In small print, with the ways off our lists."""
    desk.has_footer = True
    words = desk.sources.markdown(content.text, spot.at("text"), style=desk.style)
    leave: Program = (desk.sources.address("unsubscribe_url", ""),)
    choose: Program = (desk.sources.address("preferences_url", ""),)
    company: Program = (desk.sources.value("sender.company", ""),)
    address: Program = (desk.sources.value("sender.address", ""),)
    style = f"color:{QUIET};text-decoration:underline"
    who: Program = (
        Present(company, ('<p style="margin:0">', *company, "</p>")),
        Present(address, ('<p style="margin:0">', *address, "</p>")),
    )
    links = (
        '<p style="margin:0"><a href="',
        *leave,
        f'" style="{style}" target="_blank">Unsubscribe</a>',
        Present(choose, (' &nbsp;·&nbsp; <a href="', *choose, f'" style="{style}" target="_blank">Your choices</a>')),
        "</p>",
    )
    small = f'font-size="13px" line-height="1.6" color="{QUIET}" padding="16px 32px 0"'
    told_of_us = (Present(company, ("\n\n", *company)), Present(address, ("\n\n", *address)))
    told = (*words.text, *told_of_us, "\n\nUnsubscribe: ", *leave, Present(choose, ("\nYour choices: ", *choose)))
    return Laid(
        f'<mj-divider padding="24px 32px 0"/>{desk.text_row((*words.html, *who, *links), align="center", more=small)}',
        told,
    )
