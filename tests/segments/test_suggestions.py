"""What the pickers offer."""

import pytest

from cdp.events.models import Item
from cdp.events.shapes import fold
from segments.gallery import gallery, names
from segments.suggestions import (
    Asked,
    brands,
    categories,
    events,
    items,
    properties,
    trait_values,
    traits,
    values,
)
from tests.taking_in import NOW, identify, take_in, track


@pytest.fixture
def shop(db: None) -> None:
    looked = {"category": "shoes", "price": 10, "sale": True, "due": "2026-04-01", "tags": ["a", "b"]}
    take_in(
        [
            *(
                track(f"u{n}", "Product Viewed", properties={**looked, "color": "red" if n else "blue"})
                for n in range(3)
            ),
            track("u1", "Cart 100%_off", properties={"x": "y"}),
            identify("u1", traits={"city": "Rome", "age": 30, "joined": "2026-01-31", "likes": ["tea"]}),
            identify("u2", traits={"city": "Rome"}),
            identify("u0", traits={"city": "Oslo"}),
        ]
    )
    fold(now=NOW)
    for pk, name, category in (("s1", "Boot", "shoes"), ("s2", "Sandal", "shoes"), ("h1", "Cap", "hats")):
        Item.objects.create(id=pk, name=name, category=category, brand="Acme", created_at=NOW, updated_at=NOW)


def test_events_by_how_often_they_come(shop: None) -> None:
    assert [(one.value, one.n) for one in events(Asked())] == [("Product Viewed", 3), ("Cart 100%_off", 1)]
    assert [one.value for one in events(Asked("cart"))] == ["Cart 100%_off"]
    assert [one.value for one in events(Asked("0%_o"))] == ["Cart 100%_off"]
    assert events(Asked("100x")) == []


def test_properties_have_types_and_come_after_the_columns(shop: None) -> None:
    found = properties(Asked(name="Product Viewed"))
    assert [one.value for one in found if one.column][:4] == ["item", "value", "category", "brand"]
    types = {one.value: one.type for one in found if not one.column}
    assert types == {
        "category": "text",
        "price": "number",
        "sale": "boolean",
        "due": "date",
        "tags": "list",
        "color": "text",
    }


def test_values_by_how_often_they_come(shop: None) -> None:
    def of(name: str, text: str = "") -> list[tuple[object, int | None]]:
        return [(one.value, one.n) for one in values(Asked(text, name="Product Viewed", of=name))]

    assert of("color") == [("red", 2), ("blue", 1)]
    assert of("color", "BL") == [("blue", 1)]
    assert of("price") == [(10, 3)]
    assert of("sale") == [(True, 3)]
    assert of("tags") == [("a", 3), ("b", 3)]
    assert of("none") == []


def test_traits_and_their_values(shop: None) -> None:
    found = {one.value: (one.n, one.type) for one in traits(Asked())}
    assert found == {"city": (3, "text"), "age": (1, "number"), "joined": (1, "date"), "likes": (1, "list")}
    assert [(one.value, one.n) for one in trait_values(Asked(name="city"))] == [("Rome", 2), ("Oslo", 1)]


def test_the_catalogue(shop: None) -> None:
    assert [(one.value, one.n) for one in categories(Asked())] == [("shoes", 2), ("hats", 1)]
    assert [(one.value, one.n) for one in brands(Asked("ac"))] == [("Acme", 3)]
    assert [(one.value, one.note) for one in items(Asked("san"))] == [("s2", "Sandal")]
    assert [one.value for one in items(Asked("h1"))] == ["h1"]


def test_ready_rules_use_the_names_of_the_data() -> None:
    called = names(["placed_order", "Product Viewed"], ["dateOfBirth"])
    found = {one.key: one for one in gallery(called)}
    assert found["lapsed"].rule["root"]["of"][0]["name"] == "placed_order"
    assert found["lapsed"].is_known
    assert found["birthday"].rule["root"]["of"][0]["name"] == "dateOfBirth"
    assert not found["cart"].is_known
    assert found["cart"].rule["root"]["of"][0]["steps"][0]["name"] == "Product Added"
    assert [one.is_known for one in gallery(called)] == sorted((one.is_known for one in found.values()), reverse=True)
