"""What a person is called stays text: whatever a trait, an item or an offer holds, the mail's elements are the same."""

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.render import Rendered, RenderError, render
from tests.campaigns.content.mails import KINDS, LINKS, OFFER, compiled, full_context, item

SHOWN = (
    *KINDS,
    {"id": "last", "kind": "text", "text": "{% if name %}{{ name }} [x](https://x.org/{{ name }}){% endif %}"},
)
MAIL = compiled(*SHOWN, subject="For {{ name }}", preheader="{{ name }}")
POLYGLOTS = (
    "\"'><script>alert(1)</script>",
    "</title></style></textarea></p></td><img src=x onerror=alert(1)>",
    "--><!--[if mso]><script>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)//",
    "{{ 7 | times: 7 }}{% if true %}",
    "**bold** [a](https://evil.example) <b>",
    "red;background:url(https://evil.example/x)",
    "&lt;script&gt;&#x3c;b&#x3e;",
    "\r\nBcc: eve@x.org\r\n\r\n<b>",
    "zqx0q zqw1q <!--tb:1-->",
    "%s %(name)s %",
    "\u202e\u0000\ufffe",
)
hostile = st.one_of(st.sampled_from(POLYGLOTS), st.text(max_size=60), st.text("<>\"'&;/=!-[]{}%*_`() \n", max_size=40))


class Shape(HTMLParser):
    """Elements and the names of their attributes; addresses aside, also what scripts and styles could do."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.targets: list[str] = []
        self.styles: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))
        self.targets += [value or "" for name, value in attrs if name in ("href", "src")]
        self.styles += [value or "" for name, value in attrs if name == "style"]

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(tag)

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", data[:12]))


def rendered(value: Any) -> Rendered:
    offer = {key: OFFER[key] if key in ("url", "value") else value for key in OFFER}
    items = [item(1, name=value, reason=value, currency=value[:3] or "EUR")]
    context = full_context(value, lists={"grid": items}, offer_of={"offer": offer}, feed_of={"feed": {"words": value}})
    return render(MAIL, context, holds=[], links=LINKS)


HARMLESS = Shape(rendered("harmless").html).seen


@settings(max_examples=150, deadline=None)
@given(hostile.filter(str.strip))
def test_no_value_becomes_markup(value: str) -> None:
    shape = Shape(rendered("x" + value).html)
    assert shape.seen == HARMLESS
    assert all(target.startswith(("https://t.example/?to=https://", "https://")) for target in shape.targets)
    assert not [style for style in shape.styles if "url(" in style]


@pytest.mark.parametrize("value", POLYGLOTS)
def test_subjects_keep_to_their_line(value: str) -> None:
    mail = rendered(value)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert "49" not in mail.text


@pytest.mark.parametrize("value", [None, True, 3, 2.5, date(2026, 1, 2), [1, 2], {"a": 1}, "", ["<b>"]])
def test_values_of_any_kind_are_shown_or_left_out(value: Any) -> None:
    mail = render(MAIL, full_context(value), holds=[], links=LINKS)
    assert "{'" not in mail.html
    assert Shape(mail.html).seen[:20] == HARMLESS[:20]


def test_letters_that_cannot_be_written_are_said() -> None:
    with pytest.raises(RenderError, match="cannot be written"):
        rendered("\ud800")
