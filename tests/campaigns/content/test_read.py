"""The JSON of a mail: what is read, and every mistake with its place."""

from typing import Any

import pytest

from campaigns.content.blocks import Columns, ContentError, Group, Products
from campaigns.content.read import modules_of, read, read_all
from tests.campaigns.content.mails import GOLD, KINDS, SILVER, content, text
from tests.cdp.rules.test_rules import rule, trait

UNFINISHED = rule(trait("level", "is"))
BUTTON = {"id": "k1", "kind": "button", "text": "Go", "url": "https://x.org"}
GRID = {"id": "k1", "kind": "products", "source": {"kind": "viewed", "fallback": "hide"}}
OFFER = {"id": "k1", "kind": "offer", "offer": "spring"}

WRONG: list[tuple[Any, str]] = [
    ([], "content"),
    ({}, "version"),
    ({"version": 1, "subject": "Hi", "blocks": [text("a")]}, "version"),
    ({**content(text("a")), "body": ""}, "body"),
    (content(), "blocks"),
    ({**content(), "blocks": {"a": 1}}, "blocks"),
    ({**content(), "blocks": ["text"]}, "blocks[0]"),
    (content(text("a"), subject=""), "subject"),
    (content(text("a"), subject=7), "subject"),
    (content(text("a"), subject={"cases": []}), "subject.else"),
    (content(text("a"), subject={"cases": [{"then": "x"}], "else": "y"}), "subject.cases[0].when"),
    (
        content(text("a"), subject={"cases": [{"when": UNFINISHED, "then": "x"}], "else": "y"}),
        "subject.cases[0].when.root.of[0].value",
    ),
    (content(text("a"), preheader=["x"]), "preheader"),
    (content(text("a"), look={"accent": "red"}), "look.accent"),
    (content(text("a"), look={"font": "comic"}), "look.font"),
    (content(text("a"), look={"width_px": 100}), "look.width_px"),
    (content(text("a"), look={"logo": 1}), "look.logo"),
    (content({"kind": "text", "text": "a"}), "blocks[0].id"),
    (content(text("a", "K 1")), "blocks[0].id"),
    (content(text("a"), text("b")), "blocks[1].id"),
    (content({"id": "k1", "kind": "video"}), "blocks.k1.kind"),
    (content(text(" ")), "blocks.k1.text"),
    (content(text("a" * 20_001)), "blocks.k1.text"),
    (content(text("a\x00")), "blocks.k1.text"),
    (content(text("a", colour="red")), "blocks.k1.colour"),
    (content(text("a", align="justify")), "blocks.k1.align"),
    (content(text("a", **{"else": text("b", "k2")})), "blocks.k1.else"),
    (content(text("a", when=UNFINISHED)), "blocks.k1.when.root.of[0].value"),
    (content(text("a", when={"version": 9})), "blocks.k1.when.version"),
    (content(text("a", when=GOLD, **{"else": text("", "k2")})), "blocks.k2.text"),
    (content(text("a", when=GOLD, **{"else": text("b")})), "blocks.k1.else.id"),
    (content({"id": "k1", "kind": "button", "text": "Go"}), "blocks.k1.url"),
    (content({**BUTTON, "url": {"cases": [{"when": GOLD, "then": ""}], "else": "x"}}), "blocks.k1.url.cases[0].then"),
    (content({"id": "k1", "kind": "heading", "text": "x", "level": 4}), "blocks.k1.level"),
    (content({"id": "k1", "kind": "image", "alt": "x"}), "blocks.k1.src"),
    (content({"id": "k1", "kind": "image", "src": "x", "alt": "x", "width_px": 5}), "blocks.k1.width_px"),
    (content({"id": "k1", "kind": "spacer", "height_px": 1}), "blocks.k1.height_px"),
    (content({"id": "k1", "kind": "products"}), "blocks.k1.source"),
    (content({**GRID, "source": {"kind": "magic"}}), "blocks.k1.source.kind"),
    (content({**GRID, "source": {"kind": "category", "fallback": "hide"}}), "blocks.k1.source.category"),
    (content({**GRID, "source": {"kind": "feed", "fallback": "hide"}}), "blocks.k1.source.feed"),
    (content({**GRID, "source": {"kind": "viewed", "fallback": "cry"}}), "blocks.k1.source.fallback"),
    (content({**GRID, "limit": 99}), "blocks.k1.limit"),
    (content({**GRID, "per_row": 5}), "blocks.k1.per_row"),
    (content({**GRID, "shows_price": "yes"}), "blocks.k1.shows_price"),
    (content({**OFFER, "offer": "no key"}), "blocks.k1.offer"),
    (content({"id": "k1", "kind": "feed", "feed": "f"}), "blocks.k1.text"),
    (content({"id": "k1", "kind": "columns", "columns": [[text("a", "k2")]]}), "blocks.k1.columns"),
    (content({"id": "k1", "kind": "columns", "columns": [[text("", "k2")], []]}), "blocks.k2.text"),
    (
        content({"id": "k1", "kind": "columns", "columns": [[{"id": "k2", "kind": "columns", "columns": []}], []]}),
        "blocks.k2.kind",
    ),
    (
        content({"id": "k1", "kind": "columns", "columns": [[{"id": "k2", "kind": "mjml", "source": "x"}], []]}),
        "blocks.k2.kind",
    ),
    (content({"id": "k1", "kind": "module", "module": 7}), "blocks.k1.module"),
    (content({"id": "k1", "kind": "module", "module": "7"}), "blocks.k1.module"),
]


@pytest.mark.parametrize(("wrong", "place"), WRONG, ids=[f"{n}-{place}" for n, (_, place) in enumerate(WRONG)])
def test_a_mistake_names_its_place(wrong: Any, place: str) -> None:
    with pytest.raises(ContentError) as raised:
        read(wrong)
    assert raised.value.place == place


def test_all_mistakes_are_found_at_once_and_the_rest_is_read() -> None:
    mail, problems = read_all(content(text(""), text("fine", "k2"), {"id": "k3", "kind": "video"}, subject=""))
    assert [problem.place for problem in problems] == ["subject", "blocks.k1.text", "blocks.k3.kind"]
    assert mail is not None
    assert "k2" in [block.id for block in mail.blocks if block.content != Group(())]


def test_every_kind_is_read_in_its_order() -> None:
    assert [block.id for block in read(content(*KINDS)).blocks] == [one["id"] for one in KINDS]


def test_else_asks_on() -> None:
    third = text("c", "k3")
    second = text("b", "k2", when=SILVER, **{"else": third})
    (block,) = read(content(text("a", when=GOLD, **{"else": second}))).blocks
    assert block.otherwise is not None
    assert block.otherwise.otherwise is not None
    assert block.otherwise.otherwise.content.text == "c"  # type: ignore[union-attr]


def test_what_is_not_said_is_usual() -> None:
    (block,) = read(content(GRID)).blocks
    assert isinstance(block.content, Products)
    assert (block.content.limit, block.content.per_row, block.content.shows_price) == (4, 2, True)


MODULE = {"version": 2, "subject": "", "blocks": [text("one", "a"), text("two", "b", when=GOLD)]}


def test_a_module_stands_as_its_blocks() -> None:
    named = {"id": "k1", "kind": "module", "module": 7}
    mail = read(content(named, {**named, "id": "k2", "when": GOLD}), modules={7: MODULE})
    assert [block.id for block in mail.blocks] == ["k1-a", "k1-b", "k2"]
    assert isinstance(mail.blocks[2].content, Group)
    assert [block.id for block in mail.blocks[2].content.blocks] == ["k2-a", "k2-b"]


def test_a_mistake_of_a_module_is_found_where_it_stands() -> None:
    named = {"id": "k1", "kind": "module", "module": 7}
    wrong = {**MODULE, "blocks": [text("", "a"), {"id": "m", "kind": "module", "module": 7}]}
    _, problems = read_all(content(named), modules={7: wrong})
    assert [problem.place for problem in problems] == ["blocks.k1-a.text", "blocks.k1-m.kind"]


def test_modules_are_named_wherever_they_stand() -> None:
    def named(n: int) -> dict[str, Any]:
        return {"id": f"m{n}", "kind": "module", "module": n}

    columns = {"id": "c", "kind": "columns", "columns": [[named(1)], [text("x")]]}
    assert modules_of(content(columns, text("a", when=GOLD, **{"else": named(2)}), named(3))) == {1, 2, 3}
    assert modules_of(None) == set()


def test_columns_hold_blocks() -> None:
    (block,) = read(content({"id": "k1", "kind": "columns", "columns": [[text("a", "k2")], [text("b", "k3")]]})).blocks
    assert isinstance(block.content, Columns)
    assert [[one.id for one in column] for column in block.content.columns] == [["k2"], ["k3"]]
