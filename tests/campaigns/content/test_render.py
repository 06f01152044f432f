"""One person's mail: which branches, what every kind of block becomes, and the plain text beside it."""

from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest

from campaigns.content.blocks import ContentError
from campaigns.content.compile import Branch, compile_all, compile_mail
from campaigns.content.read import read
from campaigns.content.render import RenderError, render
from campaigns.content.wanted import wanted
from campaigns.mime import mime
from tests.campaigns.content.mails import (
    GOLD,
    KINDS,
    LINKS,
    OFFER,
    ROME,
    SILVER,
    UNSUBSCRIBE,
    compiled,
    content,
    full_context,
    item,
    made,
    text,
)
from tests.taking_in import NOW


class Found(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.sources: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href"))
        if tag == "img":
            self.sources.append(given.get("src"))


@pytest.mark.parametrize("block", KINDS, ids=lambda block: block["id"])
def test_every_kind_becomes_a_valid_mail(block: dict[str, Any]) -> None:
    mail = made(block, subject="For {{ name }}", **full_context())
    source = mime(mail, ref=uuid4(), sender="S <s@x.org>", recipient="a@x.org", unsubscribe_url="https://u/", now=NOW)
    parsed = message_from_bytes(source, policy=policy.default)
    assert not parsed.defects
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for part in (mail.html, mail.text, mail.subject):
        assert "{{" not in part
        assert "{%" not in part
        assert "zq" not in part
        assert "<!--tb" not in part
    found = Found(mail.html)
    assert all(link and link.startswith(("https://t.example/?to=https://", UNSUBSCRIBE)) for link in found.links)
    assert all(source and source.startswith("https://") for source in found.sources)
    assert "fonts.googleapis" not in mail.html


@pytest.mark.parametrize(
    ("holds", "shown", "branch"), [([True, True], "one", 0), ([False, True], "two", 1), ([False, False], "three", 2)]
)
def test_a_chain_takes_the_first_branch_that_holds(holds: list[bool], shown: str, branch: int) -> None:
    chain = text("one", "a", when=GOLD, **{"else": text("two", "b", when=SILVER, **{"else": text("three", "c")})})
    mail = compiled(chain)
    rendered = render(mail, {}, holds=holds, links=LINKS)
    assert rendered.text == f"{shown}\n"
    assert [word for word in ("one", "two", "three") if f">{word}<" in rendered.html] == [shown]
    assert rendered.branches == {"a": branch}


def test_each_distinct_rule_stands_once() -> None:
    url = {"cases": [{"when": GOLD, "then": "https://x.org/gold"}], "else": "https://x.org"}
    button = {"id": "c", "kind": "button", "text": "Go", "url": url}
    mail = compiled(text("a", "a", when=GOLD), text("b", "b", when=SILVER), button, subject=url)
    assert len(mail.rules) == 2
    assert [(split.key, split.rules) for split in mail.splits] == [
        ("subject", (0,)),
        ("a", (0,)),
        ("b", (1,)),
        ("c.url", (0,)),
    ]
    assert mail.splits[0].branches == ("People whose level is “gold”", "Everybody else")


def test_a_branch_can_be_forced_and_what_it_leaves_out_is_not_reported() -> None:
    url = {"cases": [{"when": SILVER, "then": "https://x.org/1"}], "else": "https://x.org/2"}
    button = {"id": "b", "kind": "button", "text": "Go", "url": url, "when": GOLD}
    mail = compiled(text("always", "t"), button)
    none = render(mail, {}, holds=[False, False], links=LINKS)
    forced = render(mail, {}, holds=[False, False], links=LINKS, forced={"b": 0, "b.url": 0})
    assert none.branches == {"b": 1}
    assert forced.branches == {"b": 0, "b.url": 0}
    assert "https://x.org/1" in forced.text


def test_sections_part_like_rows() -> None:
    grid = {"id": "g", "kind": "products", "source": {"kind": "popular"}, "limit": 2, "when": GOLD}
    blocks = (text("before", "a"), {**grid, "else": text("instead", "e")}, text("after", "z"))
    lists = {"g": [item(1)]}
    with_grid, without = made(*blocks, lists=lists), made(*blocks, lists=lists, holds=False)
    assert ("Product 1" in with_grid.html, "instead" in with_grid.html) == (True, False)
    assert ("Product 1" in without.html, "instead" in without.html) == (False, True)
    assert without.text == "before\n\ninstead\n\nafter\n"
    for one in (with_grid, without):
        assert one.html.count("<table") == one.html.count("</table>")
        assert one.html.count("<div") == one.html.count("</div>")


def test_what_is_left_out_leaves_no_gap() -> None:
    assert made(text("a", "a"), text("b", "b", when=GOLD), text("c", "c"), holds=False).text == "a\n\nc\n"


def test_a_module_under_a_condition_is_one_split() -> None:
    module = {"version": 2, "subject": "", "blocks": [text("one", "a"), text("two", "b")]}
    mail = compile_mail(
        read(content({"id": "m", "kind": "module", "module": 1, "when": GOLD}, text("end", "z")), modules={1: module})
    )
    assert [split.key for split in mail.splits] == ["m"]
    assert render(mail, {}, holds=[True], links=LINKS).text == "one\n\ntwo\n\nend\n"
    assert render(mail, {}, holds=[False], links=LINKS).text == "end\n"


@pytest.mark.parametrize(("per_row", "n"), [(per_row, n) for per_row in (1, 2, 3, 4) for n in (0, 1, 3, 5)])
def test_grids_wrap(per_row: int, n: int) -> None:
    block = {"id": "g", "kind": "products", "source": {"kind": "viewed"}, "limit": 4, "per_row": per_row}
    mail = made(text("a"), block, lists={"g": [item(number) for number in range(1, n + 1)]})
    assert mail.html.count("<img") == min(n, 4)
    assert mail.html.count("<div") == mail.html.count("</div>")
    assert mail.html.count("<table") == mail.html.count("</table>")
    assert mail.text.count("- Product") == min(n, 4)


def test_an_item_shows_what_it_has() -> None:
    block = {"id": "g", "kind": "products", "source": {"kind": "viewed"}, "limit": 4, "per_row": 2, "button": "Buy"}
    bare = item(2, price=None, url="", image_url="javascript:alert(1)", reason=None)
    mail = made(block, lists={"g": [item(1, currency="USD"), bare]})
    assert mail.html.count("<img") == 1
    assert mail.html.count(">Buy<") == 1
    assert mail.text == "- Product 1, $12.50\n  https://t.example/?to=https://shop.example/p/1\n- Product 2\n"
    assert "javascript" not in mail.html


def test_an_offer_shows_its_code_and_terms_or_what_stands_instead() -> None:
    block = {**next(one for one in KINDS if one["id"] == "offer"), "when": GOLD}
    given = made(block, **full_context())
    assert given.text == (
        "Spring for Ann\n\n20% off until 1 December 2026\n\nYour code: SPRING-7K2\n\n"
        "Redeem it: https://t.example/?to=https://shop.example/spring\n\nOnce per person.\n"
    )
    refused = made(block, **full_context(offer_of={"offer": None}))
    assert refused.text == "Come again, Ann\n"
    assert "SPRING" not in refused.html
    without_button = made(block, **full_context(offer_of={"offer": {**OFFER, "url": ""}}))
    assert "Redeem it" not in without_button.html


def test_only_what_is_shown_is_wanted() -> None:
    keys = {"cases": [{"when": ROME, "then": "gold20"}], "else": "spring"}
    offer = {"id": "o", "kind": "offer", "offer": keys, "when": GOLD}
    feed = {"id": "f", "kind": "feed", "feed": "weather", "text": "x", "when": GOLD}
    grid = {"id": "g", "kind": "products", "source": {"kind": "viewed"}}
    mail = compiled(offer, feed, grid, text("{{ offers.extra.code }}", "t", when=SILVER))
    assert len(mail.rules) == 3
    gold_in_rome = wanted(mail, holds=[True, True, False])
    assert (gold_in_rome.lists, gold_in_rome.offers, gold_in_rome.feeds) == (("g",), {"o": "gold20"}, {"f": "weather"})
    nobody = wanted(mail, holds=[False, True, True])
    assert (nobody.offers, nobody.feeds, nobody.named_offers) == ({}, {}, frozenset(("extra",)))
    assert wanted(mail, holds=[False] * 3, forced={"o": 0}).offers == {"o": "spring"}
    assert mail.offers[0].keys == ("gold20", "spring")


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "{{ none }}", "x.org"])
def test_a_button_leads_to_the_web_only(target: str) -> None:
    with pytest.raises(RenderError, match="no web address"):
        made({"id": "b", "kind": "button", "text": "Go", "url": target})


@pytest.mark.parametrize("source", ["javascript:alert(1)", "{{ none }}", "cid:1", "/a.png"])
def test_an_image_that_leads_nowhere_is_left_out(source: str) -> None:
    mail = made(text("a"), {"id": "i", "kind": "image", "src": source, "alt": "Alt", "url": "https://x.org"})
    assert "<img" not in mail.html
    assert mail.text == "a\n"


def test_an_image_keeps_standing_when_its_link_leads_nowhere() -> None:
    mail = made({"id": "i", "kind": "image", "src": "https://x.org/a.png", "alt": "Alt", "url": "{{ none }}"})
    assert "<img" in mail.html
    assert Found(mail.html).links == []


def test_addresses_are_made_whole() -> None:
    mail = made({"id": "b", "kind": "button", "text": "Go", "url": "https://x.org/?q={{ q }}&p=1"}, q='a b"<é>')
    assert "https://t.example/?to=https://x.org/?q=a%20b%22%3C%C3%A9%3E&p=1" in mail.text


def test_ways_off_our_lists_are_not_tracked() -> None:
    mail = made(
        text("[Leave]({{ unsubscribe_url }}) [Write](mailto:a@x.org)"), {"id": "z", "kind": "footer", "text": ""}
    )
    assert Found(mail.html).links == [UNSUBSCRIBE, "mailto:a@x.org", UNSUBSCRIBE]
    assert compiled({"id": "z", "kind": "footer", "text": ""}).has_unsubscribe
    assert compiled(text("[x]({{ unsubscribe_url }})")).has_unsubscribe
    assert not compiled(text("x")).has_unsubscribe


def test_the_preheader_stands_hidden_before_all() -> None:
    mail = compiled(text("a"), preheader="News for {{ name }}")
    rendered = render(mail, {"name": "<Ann>"}, holds=[], links=LINKS)
    assert rendered.preheader == "News for <Ann>"
    assert "News for &lt;Ann&gt;&#847;" in rendered.html
    assert "display:none" not in render(compiled(text("a")), {}, holds=[], links=LINKS).html


def test_the_look_is_the_mails_own() -> None:
    look = {"font": "georgia", "accent": "#123456", "paper": "#fefefe", "background": "#abcdef", "width_px": 640}
    mail = compiled({"id": "b", "kind": "button", "text": "Go", "url": "https://x.org"}, look=look)
    html = render(mail, {}, holds=[], links=LINKS).html
    for said in ("Georgia", "background:#123456", "#fefefe", "#abcdef", "max-width:640px", 'lang="en"', "color-scheme"):
        assert said in html


WRITTEN = """Dear {{ name }},

here is **what** we have for *you*, see [the shop](https://x.org):

- one
- two with `code`

1. first
2. second

> A quote

{% if name == "Ann" %}
You are Ann.
{% else %}
You are not.
{% endif %}
{% for thing in things %}
- {{ thing }}
{% endfor %}
Bye <b>now</b> & ever"""

READ = """Dear Ann,

here is what we have for you, see the shop (https://t.example/?to=https://x.org):

- one
- two with code

1. first
2. second

A quote

You are Ann.

- *x*

- <i>y</i>

Bye <b>now</b> & ever
"""


def test_plain_text_reads_like_written_by_hand() -> None:
    mail = made(text(WRITTEN), name="Ann", things=["*x*", "<i>y</i>"])
    assert mail.text == READ
    assert "<em>x" not in mail.html
    assert "*x*" in mail.html
    assert "&lt;i&gt;y&lt;/i&gt;" in mail.html
    assert "Bye &lt;b&gt;now&lt;/b&gt; &amp; ever" in mail.html
    assert "<p" + ' style="margin:0 0 16px"></p>' not in mail.html


def test_links_in_loops_lead_to_each() -> None:
    mail = made(text("{% for t in things %}[{{ t.name }}]({{ t.url }}) {% endfor %}"), things=[item(1), item(2)])
    assert Found(mail.html).links == [f"https://t.example/?to=https://shop.example/p/{n}" for n in (1, 2)]
    assert mail.text.startswith("Product 1 (https://t.example/?to=https://shop.example/p/1) Product 2 (")


def test_variables_belong_to_their_text() -> None:
    mail = made(text("{% assign x = 'kept' %}{{ x }}", "a"), text("[{{ x }}]", "b"), {"id": "z", "kind": "divider"})
    assert mail.text == "kept\n\n[]\n\n----\n"


def test_what_is_captured_is_written_once_escaped() -> None:
    mail = made(text("{% capture x %}A & **{{ name }}**{% endcapture %}{{ x }} {{ x | upcase }}"), name="<b>")
    assert "A &amp; <strong>&lt;b&gt;</strong>" in mail.html
    assert "A &amp; &lt;B&gt;" in mail.html
    assert mail.text == "A & <b> A & <B>\n"


@pytest.mark.parametrize("broken", ["{{ name", "{% if %}", "{{ name | shout }}", "{% include 'x' %}", "{% if a %}"])
def test_liquid_that_cannot_be_read_names_its_place_and_leaves_the_rest(broken: str) -> None:
    mail, problems = compile_all(read(content(text("fine", "a"), text(broken, "b"), subject=broken)))
    assert [problem.place for problem in problems] == ["subject", "blocks.b.text"]
    assert render(mail, {}, holds=[], links=LINKS).text == "fine\n"


def test_tokens_say_where_they_stand() -> None:
    (token,) = compiled(text("x", "a", when=GOLD, **{"else": text("{{ city | upcase }}", "b")})).tokens
    assert (token.place, token.path, token.filters, token.inside) == (
        "blocks.b.text",
        ("city",),
        ("upcase",),
        (Branch("a", 1),),
    )


def test_entangled_markup_is_refused() -> None:
    with pytest.raises(ContentError) as raised:
        compiled(text("{% if a %}**bold{% endif %} and** more"))
    assert raised.value.place == "blocks.k1.text"
