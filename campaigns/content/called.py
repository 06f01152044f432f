"""What blocks are called where people choose among them."""

import re

from campaigns.content.blocks import (
    Block,
    Button,
    Columns,
    Divider,
    FeedBlock,
    Footer,
    Group,
    Heading,
    Html,
    Image,
    Mjml,
    OfferBlock,
    Products,
    Spacer,
    Text,
)

OUTPUT = re.compile(r"\{\{-?\s*([\w.]+)[^{}]*\}\}")
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
NAMES = {
    Text: "Text",
    Heading: "Heading",
    Image: "Image",
    Button: "Button",
    Products: "Products",
    OfferBlock: "Offer",
    FeedBlock: "Feed",
    Mjml: "MJML",
    Html: "HTML",
    Footer: "Footer",
    Columns: "Columns",
    Divider: "Divider",
    Spacer: "Space",
    Group: "Module",
}


def name_of(block: Block) -> str:
    """What its author calls it, else what it is and how it begins."""
    if block.label:
        return block.label
    said = block.content
    words = ""
    if isinstance(said, Text):
        words = said.text
    elif isinstance(said, Heading | Button):
        words = said.text.otherwise
    elif isinstance(said, Image):
        words = said.alt
    elif isinstance(said, OfferBlock):
        words = said.title
    kind = NAMES.get(type(said), type(said).__name__)
    return f"{kind} “{brief(words)}”" if words.strip() else kind


def brief(text: str) -> str:
    """How a text begins; of Liquid only what it names."""
    words = " ".join(TAG.sub("", OUTPUT.sub(r"{\1}", text)).replace("**", "").split())
    return words if len(words) <= 40 else f"{words[:39].rstrip()}…"
