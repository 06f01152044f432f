"""HTML and MJML of one's own: what could act is refused with its place, the rest stands with its styles inlined."""

from typing import Any

import pytest

from campaigns.content.blocks import ContentError
from tests.campaigns.content.mails import compiled, made, text


def html(source: str) -> dict[str, Any]:
    return {"id": "k1", "kind": "html", "source": source}


def mjml(words: str) -> dict[str, Any]:
    source = f"<mj-section><mj-column><mj-text>{words}</mj-text></mj-column></mj-section>"
    return {"id": "k1", "kind": "mjml", "source": source}


ACTING = [
    "<script>alert(1)</script>",
    "<SCRIPT src='https://x.org/a.js'></SCRIPT>",
    "<iframe src='https://x.org'></iframe>",
    "<object data='https://x.org'></object>",
    "<embed src='https://x.org'>",
    "<form action='https://x.org'></form>",
    "<input name='a'>",
    "<button>Go</button>",
    "<p onclick='alert(1)'>x</p>",
    "<img src='https://x.org/a.png' OnError=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java&#115;cript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='javascript:{{ name }}'>x</a>",
    "<img src='data:image/svg+xml,x'>",
    "<img srcset='https://x.org/a.png 2x'>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi>x</mi></math>",
    "<link rel='stylesheet' href='https://x.org/a.css'>",
    "<base href='https://evil.example/'>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='background:url(data:text/html,x)'>x</p>",
    "<style>p{background:url(javascript:alert(1))}</style><p>x</p>",
    "<video src='https://x.org/a.mp4'></video>",
    "<p {{ name }}>x</p>",
    "<p {{ name }}='x'>x</p>",
    "<h{{ n }}>x</h{{ n }}>",
    "<p {% if name %}title='x'{% endif %}>x</p>",
]


@pytest.mark.parametrize("source", ACTING)
def test_what_could_act_is_refused(source: str) -> None:
    with pytest.raises(ContentError) as raised:
        compiled(html(f"<p>fine</p>\n{source}"))
    assert raised.value.place == "blocks.k1.source"


@pytest.mark.parametrize("words", [one for one in ACTING if "{" not in one and "style>" not in one])
def test_mjml_is_looked_at_like_html(words: str) -> None:
    with pytest.raises(ContentError) as raised:
        compiled(mjml(words))
    assert raised.value.place == "blocks.k1.source"


@pytest.mark.parametrize(
    "source",
    [
        "<mj-section><mj-column><mj-text>open",
        "<mj-text>not in a section",
        "<mj-section><mj-carousel><mj-carousel-image src='https://x.org/a.png'/></mj-carousel></mj-section>",
        "{% if a %}<mj-section><mj-column>{% endif %}</mj-column></mj-section>",
    ],
)
def test_what_is_no_mjml_is_refused(source: str) -> None:
    with pytest.raises(ContentError) as raised:
        compiled({"id": "k1", "kind": "mjml", "source": source})
    assert raised.value.place == "blocks.k1.source"


def test_styles_are_inlined_and_links_tracked() -> None:
    source = "<html><head><title>T</title><style>.a{color:red}</style></head><body><!-- note --><p class=a>Hi"
    mail = made(
        html(f"{source} <a href='https://x.org/?a=1&amp;b={{{{ name }}}}'>x</a> <a href='#up'>up</a></p>"), name="Ann"
    )
    assert 'class="a" style="color: red;"' in mail.html
    assert "note" not in mail.html
    assert 'href="https://t.example/?to=https://x.org/?a=1&amp;b=Ann"' in mail.html
    assert mail.text == "Hi x (https://t.example/?to=https://x.org/?a=1&b=Ann) up\n"


def test_conditions_for_outlook_stay() -> None:
    mail = made(html("<!--[if mso]><table><tr><td>{{ name }}<![endif]--><p>x</p>"), name="--><b>")
    assert "<!--[if mso]><table><tr><td>--&gt;&lt;b&gt;<![endif]-->" in mail.html


def test_an_unquoted_value_cannot_add_attributes() -> None:
    mail = made(html("<p title={{ name }}>x</p>"), name="a onmouseover=alert(1)")
    assert 'title="a onmouseover=alert(1)"' in mail.html


def test_a_style_takes_no_more_than_a_measure() -> None:
    mail = made(html("<p style='color:{{ name }}'>x</p>"), name="red;background:url(https://evil.example)")
    assert "url(" not in mail.html
    assert 'style="color:redbackgroundurlhttpsevil.example"' in mail.html


def test_liquid_stands_between_rows_and_columns() -> None:
    rows = "<table>{% for i in (1..3) %}<tr><td>row {{ i }}</td></tr>{% endfor %}</table>"
    columns = (
        "<mj-section>{% if a %}<mj-column><mj-text>one</mj-text></mj-column>{% endif %}"
        "<mj-column><mj-text>two</mj-text></mj-column></mj-section>"
    )
    mail = made(html(rows), {"id": "k2", "kind": "mjml", "source": columns}, a=1)
    assert mail.text == "row 1\n\nrow 2\n\nrow 3\n\none\n\ntwo\n"
    assert ">one<" not in made({"id": "k2", "kind": "mjml", "source": columns}).html


def test_images_of_ones_own_are_listed_and_left_empty_where_they_lead_nowhere() -> None:
    block = html("<img src='{{ photo }}' alt='A {{ name }}'><img src='https://x.org/b.png' alt=''>")
    assert [(image.target, image.alt) for image in compiled(block).images] == [
        ("{{ photo }}", "A {{ name }}"),
        ("https://x.org/b.png", ""),
    ]
    assert 'src="" alt="A "' in made(block, photo="javascript:alert(1)").html


def test_a_text_with_lost_liquid_is_refused() -> None:
    with pytest.raises(ContentError):
        compiled(text("[a](https://x.org '{% if a %}') b {% endif %}"))
