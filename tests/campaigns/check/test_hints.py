"""Hints about a mail: what each is for, and that an ordinary mail has none."""

import pytest

from campaigns.content.hints import CLIPPED_AT, About, Hint, Level, hints_of
from campaigns.content.in_html import found_in
from campaigns.content.render import Rendered
from campaigns.content.spam_words import PHRASES, disliked_in

BODY = "<p>" + "The new coats are here, in three colours and all sizes. " * 4 + "</p>"
FINE = Rendered(
    subject="Coats for the first cold days",
    preheader="Three colours, all sizes",
    html=f'{BODY}<a href="https://shop.example/coats">See the coats</a>',
    text="The new coats are here.",
    branches={},
)


def said(rendered: Rendered, **about: object) -> list[Hint]:
    return hints_of(rendered, about=About(**about))  # type: ignore[arg-type]


def body(more: str) -> Rendered:
    return FINE._replace(html=FINE.html + more)


def test_an_ordinary_mail_has_none() -> None:
    assert said(FINE) == []


@pytest.mark.parametrize(
    ("mail", "words", "level", "place"),
    [
        (FINE._replace(subject="Coats " * 8), "48 characters", "info", "subject"),
        (FINE._replace(subject="Coats " * 13), "78 characters", "warning", "subject"),
        (FINE._replace(subject="COATS ARE HERE"), "in capitals", "warning", "subject"),
        (FINE._replace(subject="Coats! Now!"), "exclamation mark", "info", "subject"),
        (FINE._replace(subject="You’ve won a coat"), "“You've won” in a subject: it pretends", "info", "subject"),
        (FINE._replace(preheader=" "), "no preheader", "info", "preheader"),
        (FINE._replace(preheader="Coats for the first cold days!"), "repeats the subject", "info", "preheader"),
        (body("<p>BUY ALL THESE COATS TODAY</p>"), "“BUY ALL THESE COATS TODAY”", "info", ""),
        (body("<p>Wow!!</p>"), "marks in a row", "info", ""),
        (body("<p>Act now</p>"), "“Act now”: it presses", "info", ""),
        (body('<img src="https://x.org/a.png">'), "no words in its place (https://x.org/a.png)", "warning", ""),
        (body('<a href="https://x.org/"><img src="https://x.org/a.png" alt=""></a>'), "no words", "warning", ""),
        (FINE._replace(html='<img src="https://x.org/a.png" alt="Coat">'), "one image to 0 characters", "info", ""),
        (body('<a href="https://shop.example/b"><b>click</b> here!</a>'), "“click here!” does not say", "info", ""),
        (body('<a href="http://shop.example/b">Boots</a>'), "http://shop.example/b is http", "info", ""),
        (body('<a href="https://bit.ly/x">Boots</a>'), "bit.ly hides", "warning", ""),
        (body('<a href="https://x.org/">shop.example/boots</a>'), "leads to x.org", "warning", ""),
        (body("".join(f'<a href="https://x.org/{n}">Boot {n}</a>' for n in range(40))), "More than 40", "info", ""),
        (body(f"<p>{'x' * CLIPPED_AT}</p>"), "it hides the end", "warning", ""),
        (body(f"<p>{'x' * int(0.85 * CLIPPED_AT)}</p>"), "85 % of the 102 KB", "info", ""),
    ],
)
def test_each_hint_says_what_it_saw(mail: Rendered, words: str, level: str, place: str) -> None:
    (hint,) = said(mail)
    assert words in hint.text
    assert (hint.level, hint.place) == (level, place)


def test_places_come_from_the_content_and_sizes_from_the_check() -> None:
    mail = body('<a href="https://bit.ly/x">Boots</a><img src="https://x.org/a.png" alt="A coat">')
    places = {"https://bit.ly/x": "blocks.a.url", "https://x.org/a.png": "blocks.b.src"}
    hints = said(mail, places=places, image_bytes={"https://x.org/a.png": 1_400_000, "https://x.org/none": 9_000_000})
    assert [(hint.place, hint.level) for hint in hints] == [
        ("blocks.b.src", Level.WARNING),
        ("blocks.a.url", Level.WARNING),
    ]
    assert "1.4 MB" in hints[0].text


def test_what_leads_over_us_is_not_taken_for_its_target() -> None:
    mail = body('<a href="http://cdp.example/c/abc/">shop.example</a>')
    assert said(mail, own_url="http://cdp.example/") == []


def test_hidden_text_is_not_read() -> None:
    html = """<head><title>T</title><style>p { color: red }</style></head>
      <div style="display: none">Preheader<br><b>hidden</b></div><p>Seen<br>too</p>
      <span style="display:none">x</span>!"""
    assert found_in(html).words == "Seen too !"


def test_an_unclosed_link_is_read_all_the_same() -> None:
    found = found_in('<a href="https://x.org/1">One<a href="https://x.org/2"><img src="i" alt="Two"> 2')
    assert [(link.url, link.text) for link in found.links] == [("https://x.org/1", "One"), ("https://x.org/2", "Two 2")]


def test_each_phrase_of_the_list_is_found_as_words_of_their_own() -> None:
    for phrase, why in PHRASES.items():
        assert [(one.phrase, one.why) for one in disliked_in(f"so {phrase.upper()} then")] == [(phrase.upper(), why)]
    assert disliked_in("Cheaper, urgently: miracles") == []
