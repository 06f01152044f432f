"""The API's story: an integration shows items to a person, and is told what it asked wrongly."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from cdp.common.clock import deployment_zone
from cdp.events.items import ItemRow
from scoring.recommend.run import run
from tests.factories import a_token
from tests.scoring.recommend.shop import sell
from tests.taking_in import take_in, track

pytestmark = pytest.mark.django_db
PERSON = "/api/profiles/user_id:ada/items"
CARD = {
    "id": "grinder/1", "name": "Hand Grinder", "image": "https://shop.example/g.svg", "link": "https://shop.example/g",
    "price": "39.00", "currency": "EUR", "category": "Coffee", "brand": "Solid",
}  # fmt: skip


def ask(url: str, *scopes: str, **query: Any) -> Any:
    token = a_token(*(scopes or ("scores:read",)))[1]
    return Client().get(url, query, headers={"Authorization": f"Bearer {token}"})


def items(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


@pytest.fixture
def shop() -> None:
    now = timezone.now()
    grinder = ItemRow(
        id=CARD["id"], name=CARD["name"], category="Coffee", brand="Solid", price=Decimal(39), currency="EUR",
        url=CARD["link"], image_url=CARD["image"],
    )  # fmt: skip
    sell(grinder, ItemRow(id="beans", name="Espresso Beans", category="Coffee"), ItemRow(id="lamp", name="Lamp"))
    at = now - timedelta(days=3)
    views = [track(f"u{n}", at=at, properties={"product_id": key}) for n in range(9) for key in ("beans", CARD["id"])]
    views += [track(f"v{n}", at=at, properties={"product_id": "lamp"}) for n in range(30)]
    take_in(views, now=now)
    run(now=now, zone=deployment_zone())
    take_in([track("ada", at=now - timedelta(seconds=1), properties={"product_id": "beans"})], now=now)


@pytest.mark.usefixtures("shop")
def test_what_a_shop_needs_to_draw_a_card() -> None:
    answer = ask(PERSON, kind="similar", limit=1)
    assert items(answer) == [CARD["id"]]
    one = answer.json()["results"][0]
    assert {key: one[key] for key in CARD} == CARD
    assert one["reason"] == "because they viewed Espresso Beans"
    assert (one["because"], one["because_of"]) == ("similar", "beans")
    assert 0 < one["confidence"] <= 1
    assert one["is_fallback"] is False


@pytest.mark.usefixtures("shop")
def test_kinds_and_filters() -> None:
    assert items(ask(PERSON, kind="viewed")) == ["beans"]
    assert items(ask(PERSON, kind="popular", limit=1)) == ["lamp"]
    assert set(items(ask(PERSON))) == {"beans", CARD["id"], "lamp"}
    assert set(items(ask(PERSON, unseen="true"))) == {CARD["id"], "lamp"}
    assert items(ask(PERSON, unseen="true", brand="Solid")) == [CARD["id"]]
    assert items(ask(PERSON, kind="popular", price_to="20")) == []
    assert items(ask(f"/api/items/{quote('grinder/1', safe='')}/similar", limit=1)) == ["beans"]
    assert items(ask("/api/items/beans/similar", kind="together", fallback="none")) == []


@pytest.mark.usefixtures("shop")
def test_somebody_unknown() -> None:
    nobody = ask("/api/profiles/email:nobody@example.com/items")
    assert (nobody.status_code, nobody.json()["detail"]) == (404, "Nobody is known by that.")
    shown = ask("/api/profiles/email:nobody@example.com/items", fallback="popular")
    assert items(shown)[0] == "lamp"
    assert all(one["is_fallback"] for one in shown.json()["results"])
    gone = ask("/api/items/press/similar")
    assert (gone.status_code, gone.json()["detail"]) == (404, "There is no such item in the catalogue.")


@pytest.mark.parametrize(
    ("query", "place", "problem"),
    [
        ({"kind": "best"}, "kind", '"best" is not a valid choice.'),
        ({"limit": "0"}, "limit", "Ensure this value is greater than or equal to 1."),
        ({"limit": "51"}, "limit", "Ensure this value is less than or equal to 50."),
        ({"in_stock": "1"}, "in_stock", '"1" is not a valid choice.'),
        ({"price_from": "cheap"}, "price_from", "A valid number is required."),
        ({"kind": "popular", "segment": "7"}, "segment", "There is no such segment. GET /api/segments lists them."),
        ({"colour": "red"}, "colour", "There is no such parameter."),
        ({"category": ""}, "category", "It has no value."),
    ],
)
def test_errors_name_the_place(query: dict[str, str], place: str, problem: str) -> None:
    answer = ask(PERSON, **query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["place"] == place
    assert answer.json()["errors"][0]["problem"].startswith(problem)


def test_who_may_not() -> None:
    for url in (PERSON, "/api/items/beans/similar"):
        assert Client().get(url).status_code == 401
        assert ask(url, "profiles:read", "items:read").status_code == 403
