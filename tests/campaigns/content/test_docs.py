"""docs/content.md says what is: its examples are read and rendered, its lists are complete."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campaigns.content.compile import compile_mail
from campaigns.content.filters import FILTERS
from campaigns.content.kinds import READERS, SOURCES
from campaigns.content.looks import FONTS
from campaigns.content.read import read
from campaigns.content.render import render
from campaigns.content.sandbox import TAGS
from tests.campaigns.content.mails import LINKS, OFFER, item, made, text

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "content.md").read_text()
MAILS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
TEXTS = re.findall(r"```liquid\n(.*?)```", PAGE, re.DOTALL)
CONTEXT: dict[str, Any] = {
    "first_name": "Ann",
    "cart": {"items": [item(1), item(2)]},
    "segments": ["Frequent Buyers"],
    "points": 1200,
    "worth": 12,
    "today": date(2026, 11, 22),
    "lists": {"picks": [item(1), item(2)]},
    "offer_of": {"gift": OFFER},
}


def test_there_are_examples() -> None:
    assert (len(MAILS), len(TEXTS)) == (3, 2)


@pytest.mark.parametrize("source", MAILS)
@pytest.mark.parametrize("holds", [True, False])
def test_mails_are_read_and_rendered(source: str, holds: bool) -> None:
    mail = compile_mail(read(json.loads(source)))
    rendered = render(mail, CONTEXT, holds=[holds] * len(mail.rules), links=LINKS)
    assert "Unsubscribe" in rendered.text
    assert mail.has_unsubscribe


def test_texts_are_rendered() -> None:
    cart, points = (made(text(source), **CONTEXT).text for source in TEXTS)
    assert "- Product 1, €12.50" in cart
    assert "Thank you for coming so often!" in cart
    assert points == "1,200 points, worth $12.00, until Sunday, 22 November.\n"


@pytest.mark.parametrize("name", sorted({*FILTERS, *READERS, *SOURCES, *FONTS, *TAGS} - {"#"}))
def test_every_name_is_told(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)


@pytest.mark.parametrize("row", re.findall(r"^\| (`.*) \|.*\|$", PAGE, re.MULTILINE))
def test_every_filter_that_is_told_is_there(row: str) -> None:
    names = [name.split(":")[0] for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    known = {*FILTERS, *READERS, "columns", "module", "version", "subject", "preheader", "look", "blocks"}
    assert set(names) <= known
