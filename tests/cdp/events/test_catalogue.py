"""The catalogue: aliases in the pipeline, the pages, the API; and exchange rates from a table."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cdp.accounts.models import AuditEntry
from cdp.events.items import ItemRow, add_aliases, resolve_items, upsert_items
from cdp.events.models import Event, EventItem, ExchangeRate, Item, RejectedMessage
from cdp.events.rates import BadRates, read_rates, save_rates
from tests.cast import Cast
from tests.factories import a_token
from tests.taking_in import NOW, source, take_in, track

pytestmark = pytest.mark.django_db


def keep(*items: ItemRow) -> tuple[int, int]:
    with connection.cursor() as cursor:
        return upsert_items(cursor, items, now=NOW)


def test_what_is_not_said_stays() -> None:
    assert keep(ItemRow(id="A", name="Lamp", price=Decimal(5)), ItemRow(id="B")) == (2, 0)
    assert keep(ItemRow(id="A", price=Decimal(6), attributes={"x": 1}), ItemRow(id="A", attributes={"y": 2})) == (0, 1)
    lamp = Item.objects.get(pk="A")
    assert (lamp.name, lamp.price, lamp.attributes) == ("Lamp", Decimal(6), {"x": 1, "y": 2})


def test_events_speak_of_the_catalogues_item_whatever_their_source_calls_it() -> None:
    keep(ItemRow(id="LAMP"))
    with connection.cursor() as cursor:
        add_aliases(cursor, source("web").pk, [("lamp-1", "LAMP")])
        assert resolve_items(cursor, [(source("web").pk, "lamp-1"), (source("pos").pk, "lamp-1")]) == {
            (source("web").pk, "lamp-1"): "LAMP"
        }
    products = [{"product_id": "lamp-1", "price": 5, "quantity": 2}]
    for of in ("web", "pos"):
        take_in([track("ada", "Order Completed", properties={"order_id": of, "products": products})], of=of)
        take_in([track("ada", properties={"product_id": "lamp-1"})], of=of)
    assert sorted(EventItem.objects.values_list("item_id", flat=True)) == ["LAMP", "lamp-1"]
    viewed = Event.objects.filter(name="Product Viewed").values_list("item_id", flat=True)
    assert set(viewed) == {"LAMP", "lamp-1"}


def test_the_pages(cast: Cast, django_assert_max_num_queries: Any) -> None:
    keep(*(ItemRow(id=f"sku/{n:03}", name=f"Lamp {n}", category="Light") for n in range(60)))
    stew = cast.client("stew")
    with django_assert_max_num_queries(7):
        page = stew.get("/data/items/?category=Light").content.decode()
    assert "Lamp 49" in page
    assert "Lamp 50" not in page
    assert "Lamp 7<" in stew.get("/data/items/?q=sku/007").content.decode()
    url = "/data/items/sku/007/"
    stew.post(f"{url}aliases/", {"source": source("pos").pk, "alias": "P7"})
    assert "P7" in stew.get(url).content.decode()
    assert "Lamp 7<" in stew.get("/data/items/?q=P7").content.decode()
    answer = stew.post(f"{url}change/", {"name": "Desk lamp", "price": "5", "currency": "gold"})
    assert answer.status_code == 422
    stew.post(f"{url}change/", {"name": "Desk lamp", "price": "5.50", "currency": "eur"})
    lamp = Item.objects.get(pk="sku/007")
    assert (lamp.name, str(lamp.price), lamp.currency) == ("Desk lamp", "5.50", "EUR")
    stew.post(f"{url}aliases/{lamp.aliases.get().pk}/remove/")
    assert not lamp.aliases.exists()
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "added alias",
        "changed item",
        "removed alias",
    ]


@pytest.fixture
def api(db: None) -> Any:
    _, text = a_token("items:read", "items:write")

    def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {text}"}
        answer = getattr(Client(), method)(url, data, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content or b"null")

    return call


def test_items_by_api(api: Any) -> None:
    many = {"items": [{"id": "A", "name": "Lamp", "price": "5.00", "currency": "eur"}, {"id": "b/B", "brand": "Wood"}]}
    assert api("post", "/api/items", many) == (200, {"created": 2, "updated": 0})
    assert api("post", "/api/items", many) == (200, {"created": 0, "updated": 2})
    assert api("patch", "/api/items/A", {"price": 6, "attributes": {"x": 1}})[1]["name"] == "Lamp"
    status, found = api("get", "/api/items/A")
    assert (status, found["price"], found["currency"], found["attributes"]) == (200, "6.00", "EUR", {"x": 1})
    assert found["is_in_stock"] is True
    alias = {"source": source("web").name, "aliases": [{"alias": "a", "item": "A"}]}
    assert api("post", "/api/item-aliases", alias) == (200, {"said": 1})
    assert [one["id"] for one in api("get", "/api/items?brand=Wood")[1]["results"]] == ["b/B"]
    first = api("get", "/api/items?limit=1")[1]
    assert [one["id"] for one in api("get", first["next"])[1]["results"]] == ["b/B"]
    assert api("delete", "/api/items/b/B")[0] == 204
    assert api("get", "/api/items/b/B")[0] == 404


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"id": ""}, "items.0.id"),
        ({"name": "no id"}, "items.0.id"),
        ({"id": "A", "price": -1}, "items.0.price"),
        ({"id": "A", "currency": "XYZ"}, "items.0.currency"),
        ({"id": "A", "url": "x"}, "items.0.url"),
        ({"id": "A", "attributes": {"x": "\0"}}, "items.0.attributes"),
        ({"id": "A\0"}, "items.0.id"),
        ({"id": "A", "colour": "red"}, "items.0.colour"),
        ("text", "items.0.non_field_errors"),
    ],
)
def test_what_the_api_refuses_names_the_place(api: Any, item: Any, place: str) -> None:
    status, answer = api("post", "/api/items", {"items": [item]})
    assert (status, answer["errors"][0]["place"]) == (400, place)
    assert not Item.objects.exists()


@pytest.mark.parametrize("body", [None, [], {}, {"items": []}, {"items": "x"}, {"items": [{"id": "A"}], "x": 1}, 7])
def test_a_body_of_another_shape_is_refused(api: Any, body: Any) -> None:
    assert api("post", "/api/items", body)[0] == 400


def test_aliases_of_what_is_not_there_are_refused(api: Any) -> None:
    keep(ItemRow(id="A"))
    for body in (
        {"source": "nobody", "aliases": [{"alias": "a", "item": "A"}]},
        {"source": source("web").name, "aliases": [{"alias": "a", "item": "B"}]},
        {"source": source("web").name, "aliases": [{"alias": "", "item": "A"}]},
    ):
        assert api("post", "/api/item-aliases", body)[0] == 400


@pytest.mark.parametrize(
    ("table", "rate"),
    [
        ("date,currency,rate\n2026-03-01,USD,0.9\n", Decimal("0.9")),
        ("\ufeffDate,Currency,Per\n2026-03-01,usd,1.25\n\n", Decimal("0.8")),
    ],
)
def test_rates_from_a_table(table: str, rate: Decimal) -> None:
    for _ in range(2):
        assert save_rates(read_rates(table, reporting="EUR")) == 1
    assert list(ExchangeRate.objects.values_list("currency", "valid_on", "rate")) == [("USD", date(2026, 3, 1), rate)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026-03-01,GOLD,1", "Row 2: “GOLD” is not a currency code"),
        ("2026-03-01,EUR,1", "Row 2: EUR is the reporting currency"),
        ("01.03.2026,USD,1", "Row 2: write the date as 2026-01-31"),
        ("2026-03-01,USD,0", "Row 2: the rate must be above 0"),
        ("2026-03-01,USD,", "Row 2: write the date"),
    ],
)
def test_a_table_with_a_fault_is_refused_whole(row: str, says: str) -> None:
    with pytest.raises(BadRates, match=says):
        read_rates(f"date,currency,rate\n{row}\n", reporting="EUR")


def test_money_without_a_rate_waits_until_there_is_one(cast: Cast) -> None:
    sale = {"order_id": "1", "total": 10, "currency": "USD"}
    take_in([track("ada", "Order Completed", properties=sale)])
    waiting = RejectedMessage.objects.get()
    assert (waiting.code, Event.objects.count()) == ("money", 0)
    assert "There is no exchange rate from USD to EUR for 2026-03-01" in waiting.reason
    file = SimpleUploadedFile("rates.csv", b"date,currency,rate\n2026-02-27,USD,0.9\n")
    stew = cast.client("stew")
    stew.post("/data/rates/add/", {"file": file})
    assert "USD" in stew.get("/data/rates/").content.decode()
    take_in([track("ada", "Order Completed", properties=sale)])
    event = Event.objects.get()
    assert (str(event.value), event.properties) == ("9.00", sale)
