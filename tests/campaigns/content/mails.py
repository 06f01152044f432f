"""Mails of the tests: short ways to write them and to render them."""

from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.content.compile import Compiled, compile_mail
from campaigns.content.read import read
from campaigns.content.render import Links, Rendered, render
from tests.cdp.rules.test_rules import rule, trait

GOLD = rule(trait("level", "is", "gold"))
SILVER = rule(trait("level", "is", "silver"))
ROME = rule(trait("city", "is", "Rome"))
UNSUBSCRIBE = "https://cdp.example/u/abc"
LINKS = Links(lambda target, block: f"https://t.example/?to={target}", UNSUBSCRIBE)


def text(words: str, name: str = "k1", /, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "text", "text": words, **more}


def content(*blocks: dict[str, Any], subject: Any = "Hi", **more: Any) -> dict[str, Any]:
    return {"version": 2, "subject": subject, "blocks": list(blocks), **more}


def compiled(*blocks: dict[str, Any], subject: Any = "Hi", **more: Any) -> Compiled:
    return compile_mail(read(content(*blocks, subject=subject, **more)))


def made(*blocks: dict[str, Any], subject: Any = "Hi", holds: bool = True, **context: Any) -> Rendered:
    """The mail of a person for whom every rule holds, or none."""
    mail = compiled(*blocks, subject=subject)
    return render(mail, context, holds=[holds] * len(mail.rules), links=LINKS)


def item(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"p{n}",
        "name": f"Product {n}",
        "price": Decimal("12.5") * n,
        "currency": "EUR",
        "url": f"https://shop.example/p/{n}",
        "image_url": f"https://shop.example/p/{n}.jpg",
        "reason": "Because you like it",
        "brand": "Brand",
        "category": "Category",
        **more,
    }


OFFER = {
    "name": "Spring",
    "code": "SPRING-7K2",
    "value": Decimal("20.00"),
    "unit": "%",
    "ends_on": date(2026, 12, 1),
    "terms": "Once per person.",
    "url": "https://shop.example/spring",
}

KINDS: tuple[dict[str, Any], ...] = (
    text("Dear **{{ name }}**, see [the shop](https://shop.example/?n={{ name | url_encode }})", "text"),
    {"id": "heading", "kind": "heading", "text": "For {{ name }}", "level": 2, "align": "center"},
    {
        "id": "image",
        "kind": "image",
        "src": "https://shop.example/{{ name | url_encode }}.png",
        "alt": "For {{ name }}",
        "url": "https://shop.example/{{ name | url_encode }}",
        "width_px": 300,
    },
    {"id": "button", "kind": "button", "text": "Go, {{ name }}", "url": "https://shop.example/?a=1&n={{ name }}"},
    {"id": "divider", "kind": "divider"},
    {"id": "spacer", "kind": "spacer", "height_px": 20},
    {
        "id": "grid",
        "kind": "products",
        "source": {"kind": "recommended", "fallback": "popular"},
        "limit": 4,
        "per_row": 2,
        "button": "Buy",
        "shows_reason": True,
    },
    {
        "id": "offer",
        "kind": "offer",
        "offer": "spring",
        "title": "{{ offer.name }} for {{ name }}",
        "text": "{{ offer.value }}{{ offer.unit }} off until {{ offer.ends_on | date }}",
        "button": "Redeem it",
        "without": "Come again, {{ name }}",
    },
    {"id": "feed", "kind": "feed", "feed": "weather", "text": "It is {{ feed.words }}", "without": "No weather"},
    {
        "id": "mjml",
        "kind": "mjml",
        "source": '<mj-section><mj-column><mj-text>{{ name }} <a href="https://shop.example/{{ name }}">x</a></mj-text>'
        "</mj-column></mj-section>",
    },
    {
        "id": "html",
        "kind": "html",
        "source": "<style>.a{color:red}</style><p class=a title={{ name }} style='color:{{ name }}'>{{ name }}"
        "{% if name %}<b>{{ name }}</b>{% endif %}<img src='https://x.org/{{ name }}.png' alt='{{ name }}'></p>",
    },
    {"id": "columns", "kind": "columns", "columns": [[text("Left {{ name }}", "left")], [text("Right", "right")]]},
    {"id": "footer", "kind": "footer", "text": "The Shop, for {{ name }}"},
)


def full_context(name: Any = "Ann", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "lists": {"grid": [item(1), item(2), item(3)]},
        "offer_of": {"offer": OFFER},
        "feed_of": {"feed": {"words": "sunny"}},
        **more,
    }
