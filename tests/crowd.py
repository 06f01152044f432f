"""A crowd of believable people, taken in through the inbox: for pages, the API and pictures of both."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from cdp.accounts.models import Source
from cdp.events import inbox, shapes
from cdp.pipeline import drain

FIRST = "Ada Bea Carl Dina Emil Fatma Greta Hugo Ines Jonas Kemal Lena Marta Nils Olga Paul Rosa Sven Tove Uma"
LAST = "Abel Brandt Celik Dietz Ebert Falk Groß Hansen Ivanova Jansen Kaya Lund Møller Novak Olsen Peters Quist"
CITIES = "Aarhus Berlin Cologne Dresden Essen Freiburg Ghent Hamburg Innsbruck Jena Kiel Lyon Munich Nantes Oslo"
THINGS = [
    "Linen shirt",
    "Wool coat",
    "Desk lamp",
    "Tea set",
    "Rain jacket",
    "Running shoes",
    "Notebook",
    "Water bottle",
]
SEED = 7


def crowd(people: int, *, now: datetime, events_each: int = 8) -> None:
    """Three sources: the shop knows everybody, the website most of them, the CRM some."""
    web, shop, crm = (source_of(name, kind) for name, kind in (("Website", "web"), ("Shop", "shop"), ("CRM", "crm")))
    random = Random(SEED)
    said: dict[int, list[dict[str, Any]]] = {web.pk: [], shop.pk: [], crm.pk: []}
    for number in range(people):
        person(number, random, said, (web.pk, shop.pk, crm.pk), now=now, events_each=events_each)
    for source_id, messages in said.items():
        for start in range(0, len(messages), 2_000):
            inbox.put(source_id, messages[start : start + 2_000], now=now, lane="live")
    while drain("live", now=now).rows:
        pass
    shapes.fold(now=now)


def source_of(name: str, kind: str) -> Source:
    return Source.objects.get_or_create(name=name, defaults={"kind": kind})[0]


def person(
    number: int,
    random: Random,
    said: dict[int, list[dict[str, Any]]],
    sources: tuple[int, int, int],
    *,
    now: datetime,
    events_each: int,
) -> None:
    web, shop, crm = sources
    first, last = random.choice(FIRST.split()), random.choice(LAST.split())
    email = f"{first}.{last}{number}@example.com".lower()
    seen_at = now - timedelta(hours=random.expovariate(1 / 400))
    told = {"email": email, "firstName": first, "lastName": last, "city": random.choice(CITIES.split())}
    said[shop].append(message("identify", number, "shop", seen_at, userId=f"c{number}", traits=told))
    if random.random() < 0.7:
        visitor = f"{random.getrandbits(64):016x}"
        said[web].append(
            message(
                "identify", number, "web", seen_at, anonymousId=visitor, traits={"email": email, "newsletter": True}
            )
        )
        for turn in range(random.randrange(events_each + 1)):
            at = seen_at - timedelta(minutes=random.choice((3, 7, 600, 4000)) * turn)
            said[web].append(viewed(number, turn, visitor, at, random))
    if random.random() < 0.4:
        traits = {
            "email": email,
            "city": random.choice(CITIES.split()),
            "points": random.randrange(900),
            "vip": number % 9 == 0,
        }
        said[crm].append(message("identify", number, "crm", seen_at, userId=f"c{number}", traits=traits))


def viewed(number: int, turn: int, visitor: str, at: datetime, random: Random) -> dict[str, Any]:
    thing, price = random.choice(THINGS), random.randrange(900, 20_000) / 100
    if turn % 3 == 0:
        properties = {"title": thing, "url": f"https://shop.example/{thing.lower().replace(' ', '-')}"}
        return message("page", number, f"page{turn}", at, anonymousId=visitor, properties=properties)
    if turn % 5 == 4:
        order = {"order_id": f"o{number}-{turn}", "total": price, "products": [{"product_id": thing, "price": price}]}
        return message(
            "track", number, f"order{turn}", at, anonymousId=visitor, event="Order Completed", properties=order
        )
    seen = {"product_id": thing, "name": thing, "price": price if turn % 2 else str(price)}
    return message("track", number, f"view{turn}", at, anonymousId=visitor, event="Product Viewed", properties=seen)


def message(kind: str, number: int, part: str, at: datetime, **more: Any) -> dict[str, Any]:
    context = {"userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "page": {"path": "/"}}
    return {
        "type": kind,
        "messageId": f"crowd-{number}-{part}",
        "timestamp": at.isoformat(),
        "context": context,
        **more,
    }
