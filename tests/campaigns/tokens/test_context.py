"""What Liquid sees of people: of everything there is, of those who have nothing, and in how few statements."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.content.compile import compile_mail
from campaigns.content.context import Contexts, contexts_of
from campaigns.content.needs import Needs, needs_of
from campaigns.content.read import read
from campaigns.content.sampled import forget
from campaigns.content.vocabulary import Vocabulary
from cdp.events.items import ItemRow
from cdp.profiles.models import Profile
from scoring.models import Cluster, Clustering, ClusterMember, Score
from segments.models import Membership, Segment
from tests.cdp.analytics.keeping import a_trait, refresh_all
from tests.scoring.recommend.shop import sell
from tests.scoring.scores.made import a_predictor
from tests.taking_in import NOW, ago, identify, take_in, track

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def needs(*words: str) -> Needs:
    blocks = [{"id": f"b{n}", "kind": "text", "text": one} for n, one in enumerate(words)]
    compiled = compile_mail(read({"version": 2, "subject": "Hi", "blocks": blocks}))
    return needs_of(compiled, Vocabulary.now())


def contexts(*words: str, now: datetime = NOW) -> Contexts:
    return contexts_of(needs(*words), list(ids().values()), now=now, zone=BERLIN)


def context(*words: str, of: str = "ada", now: datetime = NOW) -> dict[str, Any]:
    return contexts(*words, now=now)[ids()[of]]


def ids() -> dict[str, int]:
    return {str(one.traits["email"]).split("@")[0]: one.pk for one in Profile.objects.filter(merged_into=None)}


def person(name: str, **traits: Any) -> dict[str, Any]:
    return identify(name, traits={"email": f"{name}@example.com", **traits}, at=ago(days=300))


def ordered(user: str, order_id: str, *products: tuple[str, int, float], days: float, **more: Any) -> dict[str, Any]:
    said = [{"product_id": key, "quantity": n, "price": price} for key, n, price in products]
    total = sum(n * price for _, n, price in products)
    properties = {"order_id": order_id, "total": total, "products": said, **more}
    return track(user, "Order Completed", at=ago(days=days), properties=properties)


def put_in(user: str, key: str, *, hours: float, event: str = "Product Added", **more: Any) -> dict[str, Any]:
    return track(user, event, at=ago(hours=hours), properties={"product_id": key, **more})


@pytest.fixture(autouse=True)
def shop() -> None:
    forget()
    sell(
        ItemRow(id="beans", name="Espresso Beans", category="Coffee", brand="Lago", price=Decimal("12.90"),
                currency="EUR", url="https://shop.example/beans", image_url="https://shop.example/beans.png"),
        ItemRow(id="lamp", name="Desk Lamp", category="Light", price=Decimal("49.00"), currency="EUR"),
        ItemRow(id="rug", name="Rug", price=Decimal("80"), currency="USD"),
        at=ago(days=400),
    )  # fmt: skip
    take_in(
        [
            person("ada", firstName="Ada", city="", age=36, birthday="1990-04-03", seen="2026-02-28T23:30:00Z",
                   address={"zipCode": "10115", "lines": ["a", "b"]}, tags=["x", "y"], isVip=True),
            person("bob"),
        ]
    )  # fmt: skip


def test_traits_stand_where_they_are_written() -> None:
    words = "{{ first_name }}{{FirstName}}{{ profile.FIRST_NAME }}{{ profile.age }}{{ profile.address.zip_code }}"
    found = context(words, "{{ tags | join: ',' }}{{ city }}{% if is_vip %}{% endif %}{{ address.lines }}")
    assert found == {
        "today": date(2026, 3, 1),
        "first_name": "Ada",
        "FirstName": "Ada",
        "profile": {"FIRST_NAME": "Ada", "age": 36, "address": {"zip_code": "10115"}},
        "tags": ["x", "y"],
        "city": None,
        "is_vip": True,
        "address": {"lines": ["a", "b"]},
    }
    of_bob = context(words, of="bob")
    assert of_bob["profile"] == {"FIRST_NAME": None, "age": None, "address": {"zip_code": None}}
    assert (of_bob["first_name"], of_bob["today"]) == (None, date(2026, 3, 1))


def test_a_whole_trait_and_a_part_of_it_live_together() -> None:
    words = "{% for line in profile.address.lines %}{{ line }}{% endfor %}{% if profile.address %}a{% endif %}"
    assert context(words)["profile"]["address"] == {"zipCode": "10115", "lines": ["a", "b"]}
    assert context(words, of="bob")["profile"]["address"] is None


def test_days_are_dates_and_times_are_in_the_zone() -> None:
    found = context("{{ birthday }}{{ seen }}")
    assert found["birthday"] == date(1990, 4, 3)
    assert found["seen"] == datetime(2026, 3, 1, 0, 30, tzinfo=BERLIN)
    assert context("{{ today }}", now=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))["today"] == date(2026, 3, 2)


def test_computed_traits() -> None:
    a_trait("n", kind="orders", measure="count")
    a_trait("spent", kind="orders", measure="net")
    a_trait("loved", kind="favourite", by="category")
    take_in([ordered("ada", f"o{n}", ("beans", 1, 12.5), days=n) for n in (1, 2)])
    refresh_all()
    found = contexts("{{ computed.N }}{{ spent }}{{ computed.spent }}{{ loved }}")
    today = date(2026, 3, 1)
    assert found[ids()["ada"]] == {"today": today, "computed": {"N": 2, "spent": 25}, "spent": 25, "loved": "Coffee"}
    # what counts nothing is 0, what is unknown is nothing
    assert found[ids()["bob"]] == {"today": today, "computed": {"N": 0, "spent": 0}, "spent": 0, "loved": None}


def test_scores_by_the_name_or_slug_of_their_predictor() -> None:
    predictor = a_predictor(name="Buys in 30 days")
    Score.objects.create(profile_id=ids()["ada"], predictor_id=predictor.pk, value=0.25, percentile=70, band="medium",
                         expected_at=NOW, model_id=1, scored_at=NOW)  # fmt: skip
    words = '{{ scores.buys_in_30_days.value }}{{ scores["Buys in 30 days"].band }}'
    found = contexts(words)
    told = {"value": 0.25, "percentile": 70, "band": "medium", "expected_at": NOW}
    assert found[ids()["ada"]]["scores"] == {"buys_in_30_days": told, "Buys in 30 days": told}
    assert found[ids()["ada"]]["scores"]["buys_in_30_days"]["expected_at"].tzinfo is BERLIN
    assert found[ids()["bob"]]["scores"] == {"buys_in_30_days": None, "Buys in 30 days": None}


def test_clusters_by_their_clustering() -> None:
    clustering = Clustering.objects.create(name="How they shop", features=[], created_at=NOW)
    cluster = Cluster.objects.create(clustering=clustering, name="Night owls")
    ClusterMember.objects.create(profile_id=ids()["ada"], clustering_id=clustering.pk, cluster_id=cluster.pk, since=NOW)
    found = contexts("{{ clusters.how_they_shop }}")
    assert found[ids()["ada"]]["clusters"] == {"how_they_shop": "Night owls"}
    assert found[ids()["bob"]]["clusters"] == {"how_they_shop": None}


def a_segment(name: str, *members: str, **more: Any) -> Segment:
    segment = Segment.objects.create(name=name, rule={}, created_at=NOW, changed_at=NOW, **more)
    for who in members:
        Membership.objects.create(profile_id=ids()[who], segment_id=segment.pk, entered_at=NOW)
    return segment


def test_segments_are_asked_for_by_name() -> None:
    a_segment("Frequent Buyers", "ada")
    a_segment("Others", "ada", "bob")
    a_segment("Gone", "ada", archived_at=NOW)
    by_name = '{% if segments contains "frequent buyers" %}a{% endif %}'
    assert context(by_name)["segments"] == ["frequent buyers"]
    assert context(by_name, of="bob")["segments"] == []
    assert context("{{ segments | join: ', ' }}")["segments"] == ["Frequent Buyers", "Others"]
    both = context(by_name, "{{ segments | join: ', ' }}")["segments"]
    assert both == ["Frequent Buyers", "frequent buyers", "Others"]
    assert "segments" not in context("{{ age }}")


def test_the_last_purchase_with_its_lines() -> None:
    take_in(
        [
            ordered("ada", "old", ("rug", 1, 80), days=30),
            ordered("ada", "new", ("beans", 2, 12.5), ("lamp", 1, 49), ("gone", 1, 5), days=3),
            ordered("ada", "void", ("rug", 1, 80), days=1),
            track("ada", "Order Cancelled", at=ago(hours=2), properties={"order_id": "void"}),
        ]
    )
    take_in([ordered("ada", "new", ("beans", 2, 12.5), ("lamp", 1, 49), ("gone", 1, 5), days=2.9)], of="till")
    found = context("{{ last_purchase.items.first.name }}")["last_purchase"]
    assert (found["date"], found["date"].tzinfo) == (ago(days=3), BERLIN)
    assert (found["value"], found["currency"], found["order_id"]) == (Decimal("79.00"), "EUR", "new")
    lines = [(one["name"], one["price"], one["quantity"], one["url"]) for one in found["items"]]
    assert lines == [
        ("Espresso Beans", Decimal("12.50"), 2, "https://shop.example/beans"),
        ("Desk Lamp", Decimal("49.00"), 1, ""),
        ("gone", Decimal("5.00"), 1, ""),
    ]
    assert context("{{ last_purchase.value }}", of="bob")["last_purchase"] is None
    earlier = context("{{ last_purchase.value }}", now=ago(days=10))["last_purchase"]
    assert earlier["order_id"] == "old"


def cart(now: datetime = NOW) -> dict[str, int] | None:
    found = context("{{ cart.value }}", now=now)["cart"]
    return found and {one["id"]: one["quantity"] for one in found["items"]}


def test_the_cart_holds_what_was_put_in_and_not_ordered_since() -> None:
    take_in([put_in("ada", "beans", hours=9, quantity=2), put_in("ada", "lamp", hours=8)])
    assert cart() == {"lamp": 1, "beans": 2}
    assert context("{{ cart.value }}")["cart"]["value"] == Decimal("74.80")
    take_in([put_in("ada", "beans", hours=7, event="Product Removed", quantity=1)])
    assert cart() == {"lamp": 1, "beans": 1}
    take_in([put_in("ada", "beans", hours=6, event="Product Removed")])
    assert cart() == {"lamp": 1}
    take_in([ordered("ada", "o1", ("lamp", 1, 49), days=0.2)])
    assert cart() is None
    assert cart(now=ago(hours=8.5)) == {"beans": 2}
    take_in([put_in("ada", "lamp", hours=1, quantity="3"), put_in("ada", "rug", hours=0.5, quantity=0)])
    assert cart() == {"rug": 1, "lamp": 3}
    found = context("{{ cart.value }}")["cart"]
    assert (found["value"], found["currency"]) == (None, "EUR")
    assert cart(now=NOW + timedelta(days=31)) is None


def test_lists_of_items() -> None:
    take_in([track("ada", "Product Viewed", at=ago(days=n), properties={"product_id": key})
             for n, key in enumerate(["beans", "lamp", "rug"], start=1)])  # fmt: skip
    words = "{% for item in viewed limit: 2 %}{{ item.name }}{% endfor %}"
    viewed = context(words)["viewed"]
    assert [(one["name"], one["price"], one["currency"]) for one in viewed] == [
        ("Espresso Beans", Decimal("12.90"), "EUR"),
        ("Desk Lamp", Decimal("49.00"), "EUR"),
    ]
    assert len(context(words, "{% for item in viewed %}a{% endfor %}")["viewed"]) == 3
    assert isinstance(context("{% for item in recommended %}a{% endfor %}", of="bob")["recommended"], list)


def test_nothing_is_fetched_that_is_not_named() -> None:
    asked = needs("Hello")
    with CaptureQueriesContext(connection) as queries:
        assert contexts_of(asked, [1, 2], now=NOW, zone=BERLIN) == {1: {"today": date(2026, 3, 1)}} | {
            2: {"today": date(2026, 3, 1)}
        }
    assert len(queries) == 0


ALL = (
    "{{ first_name }}{{ city }}{{ age }}{{ birthday }}{{ profile.seen }}{{ tags }}{{ computed.n }}{{ spent }}",
    "{{ scores.buys.value }}{{ scores.leaves.band }}{{ clusters.how }}{% if segments contains 'A' %}a{% endif %}",
    "{{ last_purchase.date }}{{ last_purchase.items.first.name }}{{ cart.value }}",
)


def test_the_number_of_statements_is_that_of_the_kinds_of_tokens() -> None:
    a_trait("n", kind="orders", measure="count")
    a_trait("spent", kind="orders", measure="net")
    a_predictor(name="Buys"), a_predictor(name="Leaves")
    Clustering.objects.create(name="How", features=[], created_at=NOW)
    a_segment("A", "ada")
    people = [person(f"p{n}", firstName=f"P{n}", age=n) for n in range(20)]
    orders = [ordered(f"p{n}", f"o{n}", ("beans", 1, 12.5), days=3) for n in range(20)]
    take_in([*people, *orders, *(put_in(f"p{n}", "lamp", hours=3) for n in range(20))])
    asked, everybody = needs(*ALL), list(ids().values())
    for some in (everybody[:1], everybody):
        with CaptureQueriesContext(connection) as queries:
            found = contexts_of(asked, some, now=NOW, zone=BERLIN)
        assert set(found) == set(some)
        # traits, computed, scores, clusters, segments; orders, their lines and items; carts and their items
        assert len(queries) <= 10
    assert found[everybody[-1]]["cart"]["items"][0]["name"] == "Desk Lamp"


def test_people_who_are_gone_are_like_people_of_whom_nothing_is_known() -> None:
    found = contexts_of(needs("{{ first_name }}{{ last_purchase.date }}"), [10**9], now=NOW, zone=BERLIN)
    assert found == {10**9: {"first_name": None, "last_purchase": None, "today": date(2026, 3, 1)}}
