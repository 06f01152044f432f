"""What people are shown: filters, fallback, freshness; many at once are the same as one by one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cdp.common.clock import deployment_zone
from cdp.events.items import ItemRow
from cdp.events.models import Item
from scoring.models import ItemFigures, Recommendation, Recommending
from scoring.recommend.interactions import Did
from scoring.recommend.run import run, settings_row
from scoring.recommend.shown import NO_FILTERS, Filters, Shown, items_for, items_like
from segments.models import Membership, Segment
from tests.scoring.recommend.shop import NOW, Deed, demo_shop, happen, sell

pytestmark = pytest.mark.django_db
VIEW, CART, ORDER = Did.VIEW, Did.CART, Did.ORDER
BEANS, GRINDER, TEA, POT, LAMP = "beans", "grinder", "tea", "pot", "lamp"
ME = 999


def item(key: str, name: str, category: str, price: str, **more: object) -> ItemRow:
    return ItemRow(id=key, name=name, category=category, price=Decimal(price), currency="EUR", **more)  # type: ignore[arg-type]


def deed(who: int, did: Did, *items: str, days: float) -> Deed:
    return who, did, items, NOW - timedelta(days=days)


@pytest.fixture
def shop() -> dict[int, int]:
    """Whoever looks at beans looks at the grinder; whoever looks at tea, at the pot; everybody likes the lamp."""
    sell(
        item(BEANS, "Espresso Beans", "Coffee", "12.90", brand="Lago"),
        item(GRINDER, "Hand Grinder", "Coffee", "39.00", brand="Solid"),
        item(TEA, "Green Tea", "Tea", "8.50", brand="Ahn"),
        item(POT, "Teapot", "Tea", "29.00", brand="Ahn"),
        item(LAMP, "Desk Lamp", "Lighting", "49.00", url="https://shop.example/lamp"),
        at=NOW - timedelta(days=200),
    )
    coffee = [deed(n, VIEW, key, days=8 + n / 9) for n in range(12) for key in (BEANS, GRINDER)]
    tea = [deed(20 + n, VIEW, key, days=8 + n / 9) for n in range(12) for key in (TEA, POT)]
    lamp = [deed(40 + n, VIEW, LAMP, days=1 + n / 40) for n in range(40)]
    return happen([*coffee, *tea, *lamp])


def learned() -> None:
    run(now=NOW, zone=deployment_zone())


def ids(shown: list[Shown]) -> list[str]:
    return [one.item.id for one in shown]


def shown_to(who: int, kind: str = "recommended", *, limit: int = 4, filters: Filters = NO_FILTERS) -> list[Shown]:
    return items_for([who], kind=kind, limit=limit, now=NOW, filters=filters)[who]


def test_a_view_a_second_ago_changes_the_answer(shop: dict[int, int]) -> None:
    me = happen([deed(ME, VIEW, TEA, days=3)])[ME]
    learned()
    assert Recommendation.objects.filter(profile_id=me).exists()
    before = shown_to(me, "similar", limit=1)
    assert (ids(before), before[0].reason) == ([POT], "because they viewed Green Tea")
    happen([(ME, VIEW, (BEANS,), NOW - timedelta(seconds=1))])
    later = NOW + timedelta(seconds=1)
    found = items_for([me], kind="similar", limit=1, now=later)[me]
    assert (ids(found), found[0].reason) == ([GRINDER], "because they viewed Espresso Beans")
    recommended = items_for([me], kind="recommended", limit=4, now=later)[me]
    assert {GRINDER, BEANS} <= set(ids(recommended))


def test_the_kept_list_is_what_would_be_made_now(shop: dict[int, int]) -> None:
    learned()
    everybody = list(shop.values())
    kept = items_for(everybody, kind="recommended", limit=4, now=NOW)
    assert Recommendation.objects.count() == len(everybody)
    Recommendation.objects.all().delete()
    assert items_for(everybody, kind="recommended", limit=4, now=NOW) == kept


def test_many_at_once_are_one_by_one() -> None:
    people = list(demo_shop(120).values())
    learned()
    for kind in ("recommended", "viewed", "similar", "together", "popular", "new"):
        filters = Filters(leaves_out_seen=kind == "recommended")
        many = items_for(people, kind=kind, limit=4, now=NOW, filters=filters)
        assert sum(map(len, many.values())) > 0 or kind == "new"
        for who in people[:12]:
            assert many[who] == shown_to(who, kind, filters=filters), kind


def test_many_take_few_queries(shop: dict[int, int]) -> None:
    learned()
    counts = []
    for people in (list(shop.values())[:2], list(shop.values())):
        with CaptureQueriesContext(connection) as queries:
            items_for(people, kind="recommended", limit=4, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_viewed_is_newest_first_each_once_and_not_bought_since(shop: dict[int, int]) -> None:
    looked = [(TEA, 9), (BEANS, 8), (TEA, 2), ("gone", 1)]
    carts = [deed(ME, CART, LAMP, days=5), deed(ME, ORDER, LAMP, days=4)]
    me = happen([*(deed(ME, VIEW, key, days=days) for key, days in looked), *carts])[ME]
    assert ids(shown_to(me, "viewed", filters=Filters(has_fallback=False))) == [TEA, BEANS]
    assert ids(shown_to(me, "viewed", filters=Filters(has_fallback=False, but_bought=False))) == [TEA, LAMP, BEANS]


def test_filters(shop: dict[int, int]) -> None:
    me = happen([deed(ME, VIEW, TEA, days=1), deed(ME, VIEW, BEANS, days=2), deed(ME, ORDER, LAMP, days=10)])[ME]
    learned()
    assert LAMP not in ids(shown_to(me, limit=10))
    assert ids(shown_to(me, limit=10, filters=Filters(category="Coffee", has_fallback=False))) and all(
        one.item.category == "Coffee" for one in shown_to(me, filters=Filters(category="Coffee"))
    )
    assert set(ids(shown_to(me, filters=Filters(brand="Ahn", has_fallback=False)))) == {TEA, POT}
    cheap = Filters(price_from=Decimal(10), price_to=Decimal(30))
    assert set(ids(shown_to(me, filters=cheap))) == {BEANS, POT}
    assert set(ids(shown_to(me, limit=10, filters=Filters(leaves_out_seen=True)))) == {GRINDER, POT}
    Item.objects.filter(pk=POT).update(is_in_stock=False)
    assert POT not in ids(shown_to(me, limit=10))
    assert POT in ids(shown_to(me, limit=10, filters=Filters(in_stock=False)))
    Item.objects.filter(pk=GRINDER).delete()
    assert GRINDER not in ids(shown_to(me, limit=10))


def test_bought_items_come_back_after_the_days_set(shop: dict[int, int]) -> None:
    me = happen([deed(ME, ORDER, BEANS, days=40), deed(ME, VIEW, BEANS, days=30)])[ME]
    learned()
    assert BEANS not in ids(shown_to(me, limit=10))
    Recommending.objects.update(leaves_out_bought_days=20)
    learned()
    assert BEANS in ids(shown_to(me, limit=10))


def test_whoever_is_new_is_shown_what_is_popular_marked_as_such(shop: dict[int, int]) -> None:
    learned()
    found = shown_to(0)
    assert found[0].item.id == LAMP
    assert all(one.is_fallback and one.why == "popular" for one in found)
    assert ids(shown_to(0, filters=Filters(has_fallback=False))) == []
    popular = shown_to(0, "popular")
    assert ids(popular) == ids(found)
    assert not popular[0].is_fallback


def test_below_the_floor_what_is_popular_takes_its_place(shop: dict[int, int]) -> None:
    me = happen([deed(ME, VIEW, TEA, days=3)])[ME]
    learned()
    before = shown_to(me)
    assert not before[0].is_fallback
    Recommending.objects.update(floor=1.0)
    after = shown_to(me)
    assert [one.is_fallback for one in after] == [True] * 4
    assert after[0].item.id == LAMP


def test_popular_in_a_segment_and_in_a_category(shop: dict[int, int]) -> None:
    segment = Segment.objects.create(name="Tea people", rule={"kind": "all", "of": []}, created_at=NOW, changed_at=NOW)
    Membership.objects.bulk_create(
        Membership(profile_id=shop[n], segment_id=segment.pk, entered_at=NOW) for n in range(20, 32)
    )
    learned()
    found = shown_to(0, "popular", filters=Filters(segment_id=segment.pk, has_fallback=False))
    assert set(ids(found)) == {TEA, POT}
    of_coffee = shown_to(0, "popular", filters=Filters(category="Coffee"))
    assert set(ids(of_coffee)) == {BEANS, GRINDER}


def test_new_items_then_what_is_popular(shop: dict[int, int]) -> None:
    learned()
    sell(item("press", "French Press", "Coffee", "25.00"), at=NOW - timedelta(days=2))
    found = shown_to(0, "new")
    assert [(one.item.id, one.reason, one.is_fallback) for one in found[:2]] == [
        ("press", "new in the catalogue", False),
        (LAMP, "popular now", True),
    ]
    assert ids(shown_to(0, "new", filters=Filters(has_fallback=False))) == ["press"]


def test_an_item_younger_than_the_run_is_known_by_whoever_viewed_it(shop: dict[int, int]) -> None:
    learned()
    sell(item("press", "French Press", "Coffee", "25.00"), at=NOW)
    me = happen([(ME, VIEW, ("press",), NOW - timedelta(minutes=1))])[ME]
    assert ids(shown_to(me))[0] == "press"


def test_variants_of_one_name_are_shown_once(shop: dict[int, int]) -> None:
    sell(item("beans-2", "ESPRESSO BEANS", "Coffee", "11.00"))
    me = happen([deed(ME, VIEW, BEANS, days=1), deed(ME, VIEW, "beans-2", days=2)])[ME]
    learned()
    assert len({BEANS, "beans-2"} & set(ids(shown_to(me, limit=10)))) == 1


def test_before_the_first_run(shop: dict[int, int]) -> None:
    assert not ItemFigures.objects.exists()
    me = happen([deed(ME, VIEW, TEA, days=1)])[ME]
    assert ids(shown_to(me)) == [TEA]
    assert ids(shown_to(0)) == []


def test_items_like_an_item(shop: dict[int, int]) -> None:
    happen([deed(60 + n, ORDER, BEANS, POT, days=20) for n in range(4)])
    happen([deed(70 + n, ORDER, key, days=20 - n) for n in range(4) for key in (TEA, LAMP)])
    learned()
    similar = items_like(BEANS, kind="similar", limit=1)
    assert (ids(similar), similar[0].reason) == ([GRINDER], "looked at by the same people")
    together = items_like(BEANS, kind="together", limit=4, filters=Filters(has_fallback=False))
    assert (ids(together), together[0].reason) == ([POT], "often bought together")
    filled = items_like(BEANS, kind="together", limit=3)
    assert [one.is_fallback for one in filled] == [False, True, True]
    assert BEANS not in ids(filled)


def test_settings_stand_in_one_row() -> None:
    assert settings_row() == settings_row()
    assert Recommending.objects.count() == 1
