"""A small shop straight into the tables: people, the catalogue, and what was done with it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID, uuid4

from django.db import connection

from cdp.common.copying import copy_rows
from cdp.connectors.demo.load import items
from cdp.connectors.demo.shop import Size, tell
from cdp.events.items import ItemRow, upsert_items
from cdp.events.state import recompute_state
from cdp.profiles.models import Profile
from scoring.recommend.interactions import EVENTS, Did

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = {Did.VIEW: "Product Viewed", Did.CART: "Product Added", Did.ORDER: "Order Completed"}
Deed = tuple[int, Did, tuple[str, ...], datetime]
"""(person, what, with which items, when)"""


def sell(*rows: ItemRow, at: datetime = NOW) -> None:
    with connection.cursor() as cursor:
        upsert_items(cursor, rows, now=at)


def happen(deeds: Iterable[Deed]) -> dict[int, int]:
    """Stores the deeds; returns person → profile id, made where it is new by number."""
    told = sorted(deeds, key=lambda deed: deed[3])
    people = _profiles(sorted({deed[0] for deed in told}), told[0][3])
    events, lines = [], []
    for number, (who, did, what, at) in enumerate(told):
        message, is_order = f"{uuid4().hex[:8]}-{number}", did is Did.ORDER
        events.append((people[who], at, message, 1, NAMES[did], None if is_order else what[0], "{}", "{}", 1, at))
        if is_order:
            lines += [(people[who], at, message, 1, n, 1, NAMES[did], item, 1) for n, item in enumerate(what)]
    columns = "profile_id occurred_at message_id record_id name item_id properties context source_id received_at"
    with connection.cursor() as cursor:
        copy_rows(cursor, "events_event", columns.split(), events)
        columns = "profile_id occurred_at message_id source_id line record_id name item_id quantity"
        copy_rows(cursor, "events_eventitem", columns.split(), lines)
    recompute_state(sorted(people.values()))
    return people


def _profiles(numbers: list[int], at: datetime) -> dict[int, int]:
    uuids = {UUID(int=number + 1): number for number in numbers}
    seen = {"first_seen_at": at, "last_seen_at": at, "created_at": at}
    there = set(Profile.objects.filter(uuid__in=uuids).values_list("uuid", flat=True))
    Profile.objects.bulk_create(
        Profile(uuid=uuid, traits={"firstName": f"Person {number}"}, **seen)
        for uuid, number in uuids.items()
        if uuid not in there
    )
    return {uuids[uuid]: pk for uuid, pk in Profile.objects.filter(uuid__in=uuids).values_list("uuid", "pk")}


@lru_cache(maxsize=1)
def demo_deeds(people: int = 500) -> tuple[Deed, ...]:
    """What the demo shop's people did in their year until NOW."""
    return tuple(
        (told.person.number, EVENTS[name], _items(fact.message["properties"]), fact.at)
        for told in tell(Size(people, 1, NOW))
        for fact in told.facts
        if (name := fact.message.get("event", "")) in EVENTS
    )


def _items(properties: dict[str, object]) -> tuple[str, ...]:
    products = properties.get("products")
    if isinstance(products, list):
        return tuple(product["product_id"] for product in products)
    return (str(properties["product_id"]),)


def demo_shop(people: int = 500, *, site: str = "https://shop.example") -> dict[int, int]:
    sell(*items(1, site=site), at=datetime(2025, 3, 1, tzinfo=UTC))
    return happen(demo_deeds(people))
