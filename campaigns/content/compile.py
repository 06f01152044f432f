"""Content made ready once per send: Liquid parsed, MJML made HTML, rules told apart. Rendering only fills in."""

from dataclasses import dataclass, field

from campaigns.content.blocks import ContentError, Mail, Problem
from campaigns.content.desk import Desk
from campaigns.content.layout import sections
from campaigns.content.mjml import Sheet
from campaigns.content.pieces import Program, Slot
from campaigns.content.sources import Sources, Target
from campaigns.content.splits import Split, Splits
from campaigns.content.tokens import Branch, Token
from campaigns.content.uses import FeedUse, ListUse, OfferUse
from cdp.rules.tree import Node

__all__ = [
    "Branch",
    "Compiled",
    "FeedUse",
    "ListUse",
    "OfferUse",
    "Split",
    "Target",
    "Token",
    "compile_all",
    "compile_mail",
]


@dataclass(frozen=True)
class Compiled:
    rules: tuple[Node, ...]
    """Each distinct rule once."""
    splits: tuple[Split, ...]
    """Where content parts; one within a branch of another stands after it."""
    tokens: tuple[Token, ...]
    lists: tuple[ListUse, ...]
    offers: tuple[OfferUse, ...]
    feeds: tuple[FeedUse, ...]
    links: tuple[Target, ...]
    """Every link as it is written; those with Liquid have "{{" in them."""
    images: tuple[Target, ...]
    has_unsubscribe: bool
    """A footer, or a link to {{ unsubscribe_url }}, stands in it, perhaps only for some."""
    subject: Program = field(repr=False)
    preheader: Program = field(repr=False)
    html: Program = field(repr=False)
    text: Program = field(repr=False)
    slots: tuple[Slot, ...] = field(repr=False)


def compile_mail(mail: Mail) -> Compiled:
    """Raises ContentError at the first mistake."""
    compiled, problems = compile_all(mail)
    if problems:
        raise ContentError(problems[0].place, problems[0].message)
    return compiled


def compile_all(mail: Mail) -> tuple[Compiled, list[Problem]]:
    """Every mistake, and the mail without the texts that hold one."""
    desk = Desk(Sheet(mail.look), Sources(), Splits())
    subject = desk.words(mail.subject, label="Subject").text
    preheader = desk.words(mail.preheader, label="Preheader").text
    body = sections(desk, mail.blocks)
    sources = desk.sources
    html: Program = ()
    try:
        html = desk.sheet.program(body.mjml)
    except ContentError as error:
        sources.note(error)
    compiled = Compiled(
        rules=tuple(desk.splits.rules),
        splits=tuple(desk.splits.splits),
        tokens=tuple(sources.tokens),
        lists=tuple(use for use in desk.uses if isinstance(use, ListUse)),
        offers=tuple(use for use in desk.uses if isinstance(use, OfferUse)),
        feeds=tuple(use for use in desk.uses if isinstance(use, FeedUse)),
        links=tuple(sources.links),
        images=tuple(sources.images),
        has_unsubscribe=desk.has_footer or any("unsubscribe_url" in link.target for link in sources.links),
        subject=subject,
        preheader=preheader,
        html=html,
        text=body.text,
        slots=tuple(sources.slots),
    )
    return compiled, sources.problems
