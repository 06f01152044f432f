"""Content: what is read, what is refused with its place, and what a hostile value cannot do."""

from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import pytest

from campaigns.content.blocks import ContentError
from campaigns.content.first_format import read
from campaigns.content.compile import compile_mail
from campaigns.content.render import Rendered, RenderError, render
from campaigns.mime import mime
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW

GOLD = rule(trait("level", "is", "gold"))


def mail(*blocks: dict[str, Any], subject: str = "Hi", holds: bool = True, **traits: Any) -> Rendered:
    compiled = compile_mail(subject, read({"version": 1, "blocks": list(blocks)}))
    return render(
        compiled,
        traits,
        holds=[holds] * len(compiled.rules),
        link=lambda target: f"https://track.example/?to={target}",
        unsubscribe_url="https://u.example/",
    )


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "text": words, **more}


@pytest.mark.parametrize(("holds", "shown"), [(True, "for gold"), (False, "for others")])
def test_a_condition_chooses_a_branch(holds: bool, shown: str) -> None:
    made = mail(text("always"), text("for gold", when=GOLD, **{"else": text("for others")}), holds=holds)
    assert made.text.split("\n\n")[:2] == ["always", shown]
    assert made.branches == {"1": holds}


def test_a_condition_without_else_leaves_nothing() -> None:
    assert "secret" not in mail(text("always"), text("secret", when=GOLD), holds=False).html


def test_each_distinct_rule_is_compiled_once() -> None:
    blocks = read({"version": 1, "blocks": [text("a", when=GOLD), text("b", when=GOLD), text("c")]})
    assert len(compile_mail("", blocks).rules) == 1


POLYGLOT = "\"'><script>alert(1)</script>{{ 7 | times: 7 }}\r\nBcc: eve@x.org"


def test_what_a_person_is_called_stays_text() -> None:
    button = {"kind": "button", "text": "{{ name }}", "url": "https://x.org/?n={{ name | url_encode }}"}
    made = mail(
        text("Dear {{ name }}"), {"kind": "heading", "text": "{{ name }}"}, button, subject="{{ name }}", name=POLYGLOT
    )
    assert "<script" not in made.html
    assert "49" not in made.html
    assert "\n" not in made.subject
    source = mime(made, ref=uuid4(), sender="S <s@x.org>", recipient="a@x.org", unsubscribe_url="https://u/", now=NOW)
    parsed = message_from_bytes(source, policy=policy.default)
    assert parsed["Bcc"] is None
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert b"\n" not in source.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "{{ nothing }}", "x.org"]
)
def test_a_button_leads_to_the_web_only(target: str) -> None:
    with pytest.raises(RenderError, match="no web address"):
        mail({"kind": "button", "text": "Go", "url": target})


@pytest.mark.parametrize(
    "attack",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% assign s = 'x' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
        "{% capture s %}{% for i in (1..9999) %}" + "y" * 200 + "{% endfor %}{% endcapture %}{{ s }}",
    ],
)
def test_a_greedy_template_is_stopped(attack: str) -> None:
    with pytest.raises(RenderError):
        mail(text(attack))


@pytest.mark.parametrize(
    "probe", ["{{ name.__class__ }}", "{{ name.upper }}", "{{ profile.__dict__ }}", "{{ name['format'] }}"]
)
def test_liquid_reaches_no_attribute(probe: str) -> None:
    assert mail(text("[" + probe + "]"), name="ann", profile={"a": 1}).text.startswith("[]")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "content"),
        ({"version": 1, "blocks": []}, "content.blocks"),
        ({"version": 3, "blocks": []}, "content.version"),
        ({"version": 1, "blocks": [{"kind": "video"}]}, "content.blocks[0].kind"),
        ({"version": 1, "blocks": [text(" ")]}, "content.blocks[0].text"),
        ({"version": 1, "blocks": [{"kind": "button", "text": "Go"}]}, "content.blocks[0].url"),
        ({"version": 1, "blocks": [text("a", **{"else": text("b")})]}, "content.blocks[0].else"),
        (
            {"version": 1, "blocks": [text("a", when=rule(trait("level", "is")))]},
            "content.blocks[0].when.root.of[0].value",
        ),
    ],
)
def test_an_error_names_the_place(content: Any, place: str) -> None:
    with pytest.raises(ContentError) as raised:
        read(content)
    assert raised.value.place == place


@pytest.mark.parametrize(
    "broken", ["{{ name", "{% if %}", "{{ name | shout }}", "{% include 'x' %}", "{% render 'x' %}"]
)
def test_liquid_that_cannot_be_read_names_its_block(broken: str) -> None:
    with pytest.raises(ContentError) as raised:
        compile_mail("Hi", read({"version": 1, "blocks": [text("fine"), text(broken)]}))
    assert raised.value.place == "content.blocks[1].text"
