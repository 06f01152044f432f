"""The kinds of blocks: how each is read from its JSON."""

import re
from collections.abc import Callable

from campaigns.content.blocks import (
    Button,
    Content,
    Divider,
    FeedBlock,
    Footer,
    Heading,
    Html,
    Image,
    ItemSource,
    Mjml,
    OfferBlock,
    Products,
    Spacer,
    Text,
)
from campaigns.content.places import LONGEST_CODE, choice, claim, whole, words, written
from cdp.rules.fields import Fields, RuleError

ALIGNS = ("left", "center", "right")
SOURCES = (
    "viewed",
    "recommended",
    "similar",
    "together",
    "popular",
    "new",
    "category",
    "cart",
    "last_purchase",
    "feed",
)
FALLBACKS = ("popular", "new", "hide")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")
MOST_ITEMS = 24
FRAME = ("id", "kind", "when", "else", "label")
"""What any block may have."""


def content(fields: Fields) -> Content:
    """Of a block that holds no other blocks."""
    return READERS[fields.choice("kind", tuple(READERS))](fields)


def _text(fields: Fields) -> Text:
    fields.only(*FRAME, "text", "align")
    return Text(written(fields, "text"), choice(fields, "align", ALIGNS))


def _heading(fields: Fields) -> Heading:
    fields.only(*FRAME, "text", "level", "align")
    level = whole(fields, "level", least=1, most=3, default=1)
    return Heading(words(fields, "text"), level, choice(fields, "align", ALIGNS))


def _image(fields: Fields) -> Image:
    fields.only(*FRAME, "src", "alt", "url", "width_px")
    return Image(
        src=words(fields, "src"),
        alt=written(fields, "alt", most=500, may_be_empty=True),
        url=words(fields, "url") if fields.data.get("url") else None,
        width_px=fields.whole("width_px", least=10, most=1200) if fields.has("width_px") else None,
    )


def _button(fields: Fields) -> Button:
    fields.only(*FRAME, "text", "url", "align")
    return Button(words(fields, "text"), words(fields, "url"), choice(fields, "align", ALIGNS))


def _divider(fields: Fields) -> Divider:
    fields.only(*FRAME)
    return Divider()


def _spacer(fields: Fields) -> Spacer:
    fields.only(*FRAME, "height_px")
    return Spacer(whole(fields, "height_px", least=4, most=200, default=24))


def _products(fields: Fields) -> Products:
    fields.only(*FRAME, "source", "limit", "per_row", "button", "shows_price", "shows_reason")
    return Products(
        source=_source(fields.inner("source")),
        limit=whole(fields, "limit", least=1, most=MOST_ITEMS, default=4),
        per_row=whole(fields, "per_row", least=1, most=4, default=2),
        button=written(fields, "button", most=100, may_be_empty=True),
        shows_price=claim(fields, "shows_price", default=True),
        shows_reason=claim(fields, "shows_reason", default=False),
    )


def _source(fields: Fields) -> ItemSource:
    fields.only("kind", "fallback", "category", "feed", "path", "in_stock", "leaves_out_bought")
    kind = fields.choice("kind", SOURCES)
    if kind == "category":
        fields.text("category")
    return ItemSource(
        kind=kind,
        fallback=choice(fields, "fallback", FALLBACKS),
        category=written(fields, "category", most=200, may_be_empty=True),
        feed=_key(fields, "feed") if kind == "feed" else "",
        path=written(fields, "path", most=200, may_be_empty=True),
        in_stock=claim(fields, "in_stock", default=True),
        leaves_out_bought=claim(fields, "leaves_out_bought", default=True),
    )


def _offer(fields: Fields) -> OfferBlock:
    fields.only(*FRAME, "offer", "title", "text", "button", "without")
    offer = words(fields, "offer")
    for key in (offer.otherwise, *(case.then for case in offer.cases)):
        if not SLUG.fullmatch(key):
            raise RuleError(offer.place, "must name an offer by its key")
    return OfferBlock(
        offer=offer,
        title=written(fields, "title", may_be_empty=True),
        text=written(fields, "text", may_be_empty=True),
        button=written(fields, "button", most=500, may_be_empty=True),
        without=written(fields, "without", may_be_empty=True),
    )


def _feed(fields: Fields) -> FeedBlock:
    fields.only(*FRAME, "feed", "text", "without")
    return FeedBlock(_key(fields, "feed"), written(fields, "text"), written(fields, "without", may_be_empty=True))


def _mjml(fields: Fields) -> Mjml:
    fields.only(*FRAME, "source")
    return Mjml(written(fields, "source", most=LONGEST_CODE))


def _html(fields: Fields) -> Html:
    fields.only(*FRAME, "source")
    return Html(written(fields, "source", most=LONGEST_CODE))


def _footer(fields: Fields) -> Footer:
    fields.only(*FRAME, "text")
    return Footer(written(fields, "text", may_be_empty=True))


def _key(fields: Fields, key: str) -> str:
    value = fields.text(key)
    if not SLUG.fullmatch(value):
        raise RuleError(fields.at(key), "must be a key of letters, digits, - and _")
    return value


READERS: dict[str, Callable[[Fields], Content]] = {
    "text": _text,
    "heading": _heading,
    "image": _image,
    "button": _button,
    "divider": _divider,
    "spacer": _spacer,
    "products": _products,
    "offer": _offer,
    "feed": _feed,
    "mjml": _mjml,
    "html": _html,
    "footer": _footer,
}
