"""The catalogue: aliases in the pipeline, the pages, the API; and exchange rates from a table."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from cdp.accounts.models import AuditEntry
from cdp.events.items import ItemRow, add_aliases, resolve_items, upsert_items
from cdp.events.items_api import ItemAliasViewSet, ItemViewSet
from cdp.events.models import Event, EventItem, ExchangeRate, Item, RejectedMessage
from cdp.events.rates import BadRates, read_rates, save_rates
from tests.cast import Cast
from tests.factories import a_token
from tests.taking_in import NOW, source, take_in, track

pytestmark = pytest.mark.django_db
router = SimpleRouter()
router.register("items/aliases", ItemAliasViewSet, basename="alias")
router.register("items", ItemViewSet)
urlpatterns = [path("api/", include(router.urls))]


def keep(*items: ItemRow) -> tuple[int, int]:
    with connection.cursor() as cursor:
        return upsert_items(cursor, items, now=NOW)


def test_what_is_not_said_stays() -> None:
    assert keep(ItemRow(id="A", name="Lamp", price=Decimal(5)), ItemRow(id="B")) == (2, 0)
    assert keep(ItemRow(id="A", price=Decimal(6), attributes={"x": 1}), ItemRow(id="A", attributes={"y": 2})) == (0, 1)
    lamp = Item.objects.get(pk="A")
    assert (lamp.name, lamp.price, lamp.attributes) == ("Lamp", 6, {"x": 1, "y": 2})


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
    assert sorted(Event.objects.filter(name="Product Viewed").values_list("item_id", flat=True)) == ["LAMP", "lamp-1"]


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
def api(settings: LazySettings) -> Any:
    settings.ROOT_URLCONF = __name__
    _, text = a_token("items:read", "items:write")

    def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {text}"}
        answer = getattr(Client(), method)(url, data, content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content or b"null")

    return call


def test_items_by_api(api: Any) -> None:
    many = [{"id": "A", "name": "Lamp", "price": "5.00", "currency": "eur"}, {"id": "B", "is_in_stock": False}]
    assert api("post", "/api/items/", many) == (200, {"created": 2, "updated": 0})
    assert api("post", "/api/items/", many) == (200, {"created": 0, "updated": 2})
    assert api("patch", "/api/items/A/", {"price": "6.00"})[1]["name"] == "Lamp"
    status, found = api("get", "/api/items/A/")
    assert (status, found["price"], found["currency"]) == (200, "6.00", "EUR")
    assert Item.objects.get(pk="A").is_in_stock
    assert api("post", "/api/items/aliases/", {"source_id": source("web").pk, "alias": "a", "item": "A"}) == (
        200,
        {"said": 1},
    )
    assert api("delete", "/api/items/B/")[0] == 204


@pytest.mark.parametrize(
    "body",
    [{"id": ""}, {"name": "no id"}, {"id": "A", "price": -1}, {"id": "A", "currency": "GOLD"}, {"id": "A", "url": "x"},
     {"id": "A", "attributes": {"x": "\0"}}, {"id": "A\0"}, [{"id": str(n)} for n in range(1_001)], "text", 7, None],
)  # fmt: skip
def test_what_the_api_refuses(api: Any, body: Any) -> None:
    assert api("post", "/api/items/", body)[0] == 400
    assert not Item.objects.exists()


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
