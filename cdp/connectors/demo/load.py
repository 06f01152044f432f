"""The demo shop into the product, the way every fact takes: messages into the inbox, some people at a time.

A `Job` row is its progress and its memory: what it put into the inbox commits together with how far it got, so a
start after a kill goes on where the last one stopped.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.db import connection, transaction

from cdp.accounts.models import Source
from cdp.common.models import Job
from cdp.connectors.demo.catalogue import make_catalogue
from cdp.connectors.demo.shop import Size, Told
from cdp.connectors.demo.voice import CRM, SHOP, WEB, Fact
from cdp.events import inbox
from cdp.events.items import ItemRow, upsert_items
from cdp.events.partitions import ensure_months
from cdp.privacy.models import Purpose, Topic

KIND = "demo"
PEOPLE, SEED = 5000, 1
"""Of the shop that is made unless somebody asks for another."""
FIRST_PEOPLE = 25
"""So few at first that the pages show somebody within seconds."""
PEOPLE_AT_ONCE = 100
PEOPLE_PER_ROW = 10
BATCH = 1000
"""Messages per inbox row at most."""
SOURCES = {
    WEB: ("Website", Source.Kind.WEB, 50),
    SHOP: ("Shop", Source.Kind.SHOP, 10),
    CRM: ("CRM", Source.Kind.CRM, 30),
}
"""Name, kind and trust rank: a customer's own order is believed before a clerk's note."""
TOPICS = {"newsletter": "Newsletter", "offers": "Offers", "birthday": "Birthday", "back-in-stock": "Back in stock"}


class OtherShopExists(ValueError):
    """There is already a demo shop with other settings. Seed an empty database, or leave out the options."""


def open_job(size: Size, *, is_default: bool, now: datetime) -> Job:
    """The job of this shop, new or begun before. With default settings, those of the existing shop hold."""
    params = {"people": size.people, "seed": size.seed, "until": size.until.isoformat()}
    job = Job.objects.filter(kind=KIND).order_by("-created_at").first()
    if job is None:
        job = Job(kind=KIND, title="Demo shop", params=params, total=size.people, created_at=now, started_at=now)
    elif not is_default and job.params != params:
        raise OtherShopExists(OtherShopExists.__doc__)
    if job.state != Job.State.DONE:
        job.state, job.error, job.heartbeat_at, job.is_cancel_requested = Job.State.RUNNING, "", now, False
        job.save()
    return job


def size_of(job: Job) -> Size:
    return Size(job.params["people"], job.params["seed"], datetime.fromisoformat(job.params["until"]))


def seeded() -> Size | None:
    """The demo shop of this installation, if it has one."""
    job = Job.objects.filter(kind=KIND).order_by("-created_at").first()
    return size_of(job) if job else None


def lay_ground(size: Size, *, site: str, now: datetime) -> dict[str, int]:
    """Partitions, sources, topics and the catalogue. Returns the sources' ids by their short names."""
    ensure_months(size.until - timedelta(days=370), size.until + timedelta(days=31))
    ids = {}
    for short, (name, kind, rank) in SOURCES.items():
        source, _ = Source.objects.get_or_create(name=name, defaults={"kind": kind, "trust_rank": rank})
        ids[short] = source.pk
    mail, _ = Purpose.objects.get_or_create(key="email_marketing", defaults={"name": "E-mail marketing"})
    for key, name in TOPICS.items():
        Topic.objects.get_or_create(key=key, defaults={"name": name, "purpose": mail})
    with connection.cursor() as cursor:
        upsert_items(cursor, items(size.seed, site=site), now=now)
    return ids


def items(seed: int, *, site: str) -> list[ItemRow]:
    return [
        ItemRow(
            id=product.id,
            name=product.name,
            category=product.category,
            brand=product.brand,
            price=Decimal(str(product.price)),
            currency="EUR",
            url=f"{site}/demo/items/{product.id}",
            image_url=f"{site}/demo/items/{product.id}.svg",
            is_in_stock=product.is_in_stock,
        )
        for product in make_catalogue(seed).products
    ]


def chunks(told: Iterable[Told]) -> Iterator[list[Told]]:
    everybody = iter(told)
    yield list(islice(everybody, FIRST_PEOPLE))
    while some := list(islice(everybody, PEOPLE_AT_ONCE)):
        yield some


def put_people(job: Job, told: Sequence[Told], sources: dict[str, int], *, now: datetime) -> None:
    """Their messages into the inbox, and the job's memory of it.

    First who they are, all in one go. Then what they did, few people per inbox row: rows that bring no new edges and
    no common people are taken in side by side, and a person's whole year is added to their state at once.
    """
    with transaction.atomic():
        _put([fact for one in told for fact in introductions(one.facts)], sources, now=now)
        for start in range(0, len(told), PEOPLE_PER_ROW):
            some = told[start : start + PEOPLE_PER_ROW]
            known = {id(fact) for one in some for fact in introductions(one.facts)}
            _put([fact for one in some for fact in one.facts if id(fact) not in known], sources, now=now)
        job.done = told[-1].person.number + 1
        job.heartbeat_at = now
        job.save(update_fields=["done", "heartbeat_at"])


def introductions(facts: Sequence[Fact]) -> list[Fact]:
    """Identify calls, and the first message with each pair of ids: all that says who belongs to whom."""
    seen: set[tuple[str, str, str]] = set()
    found = []
    for fact in facts:
        ids = (fact.source, fact.message.get("userId", ""), fact.message.get("anonymousId", ""))
        if fact.message["type"] == "identify" or ids not in seen:
            found.append(fact)
        seen.add(ids)
    return found


def _put(facts: Sequence[Fact], sources: dict[str, int], *, now: datetime) -> None:
    by_source: dict[str, list[Fact]] = {}
    for fact in facts:
        by_source.setdefault(fact.source, []).append(fact)
    for source, said in sorted(by_source.items()):
        for start in range(0, len(said), BATCH):
            inbox.put(sources[source], [fact.message for fact in said[start : start + BATCH]], now=now)


def truth_lines(told: Iterable[Told]) -> Iterator[str]:
    for one in told:
        yield json.dumps(one.truth, ensure_ascii=False, sort_keys=True) + "\n"
