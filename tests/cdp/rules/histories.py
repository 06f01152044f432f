"""Random people with random histories: kept in plain Python, and written to the tables that rules read."""

import hashlib
import json
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaigns.models import Campaign, Template
from cdp.common.copying import Cursor, copy_rows
from cdp.privacy.models import Purpose, Topic
from scoring.models import Band, Cluster, Clustering, Predictor
from segments.models import Segment
from tests.taking_in import NOW

NAMES = ("View", "Buy", "Cart")
ITEMS = {"a": ("shoes", "Acme"), "b": ("shoes", "Bolt"), "c": ("hats", "Acme"), "d": ("", "")}
SEGMENTS = (1, 2, 3)
CLUSTERS = (1, 2, 3)
CAMPAIGNS = (1, 2)
MAILED = {"sent": "Email Delivered", "opened": "Email Opened", "clicked": "Email Link Clicked"}
PREDICTORS = {1: Predictor.Kind.PURCHASE, 2: Predictor.Kind.VALUE, 3: Predictor.Kind.NEXT_ORDER}
TOPICS = ("news", "gifts")
ADDRESSES = {
    "email": [f"{name}@x.org" for name in "abcdefghij"],
    "phone": ["+44207946000", "0207946111", "0207946222"],
    "user_id": ["u1", "u2", "u3"],
}
STEP = timedelta(hours=6)
"""Everything happens on a coarse grid, so that edges are hit exactly and often."""
ZONES = ("Europe/Rome", "Asia/Kolkata", "America/Los_Angeles", "Nowhere/Atlantis")


@dataclass(frozen=True)
class Happened:
    at: datetime
    key: str
    name: str
    item: str | None
    value: int | None
    properties: dict[str, Any]
    lines: tuple[tuple[str, int, int], ...] = ()
    """(item, quantity, value)."""


@dataclass(frozen=True)
class Word:
    address: tuple[str, str]
    purpose: str
    topic: str
    is_granted: bool
    at: datetime


@dataclass(frozen=True)
class Scored:
    value: float
    band: str
    expected_at: datetime | None = None


@dataclass
class Person:
    id: int
    uuid: uuid.UUID
    traits: dict[str, Any]
    events: list[Happened]
    first_at: datetime
    last_at: datetime
    entered: dict[int, datetime]
    """Segment → since when."""
    left: list[tuple[int, datetime]]
    identifiers: list[tuple[str, str]]
    words: list[Word]
    """All that anybody said about consent."""
    suppressed: set[tuple[str, str]]
    scores: dict[int, Scored]
    """By predictor."""
    cluster: int | None = None
    """Of the one clustering."""


def people(seed: int, *, n: int = 40) -> list[Person]:
    draw = random.Random(seed)
    words = [_word(draw) for _ in range(n)]
    suppressed = {(kind, value) for kind, values in ADDRESSES.items() for value in values if draw.random() < 0.2}
    return [_person(1000 * seed + k + 1, draw, words, suppressed) for k in range(n)]


def write(population: list[Person]) -> None:
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "events_item",
            (
                "id",
                "name",
                "category",
                "brand",
                "currency",
                "url",
                "image_url",
                "is_in_stock",
                "attributes",
                "created_at",
                "updated_at",
            ),
            [(key, key, *about, "", "", "", True, "{}", NOW, NOW) for key, about in ITEMS.items()],
        )
        copy_rows(
            cursor,
            "profiles_profile",
            ("id", "uuid", "traits", "first_seen_at", "last_seen_at", "created_at"),
            [(one.id, str(one.uuid), json.dumps(one.traits), one.first_at, one.last_at, NOW) for one in population],
        )
        write_kept(cursor, population)
        events = [(one.id, event) for one in population for event in one.events]
        write_events(cursor, events)
        copy_rows(cursor, "events_eventstate", STATE_COLUMNS, state(events))
        cursor.execute("analyze events_event")  # else a sequence of four steps is planned as four nested loops


def write_events(cursor: Cursor, events: list[tuple[int, Happened]]) -> None:
    """The state is the caller's."""
    copy_rows(
        cursor,
        "events_event",
        (
            "profile_id",
            "occurred_at",
            "message_id",
            "record_id",
            "name",
            "item_id",
            "value",
            "properties",
            "context",
            "source_id",
            "received_at",
        ),
        [(pk, e.at, e.key, 1, e.name, e.item, e.value, json.dumps(e.properties), "{}", 1, e.at) for pk, e in events],
    )
    copy_rows(
        cursor,
        "events_eventitem",
        (
            "profile_id",
            "occurred_at",
            "message_id",
            "source_id",
            "line",
            "record_id",
            "name",
            "item_id",
            "quantity",
            "value",
        ),
        [
            (pk, e.at, e.key, 1, n, 1, e.name, item, quantity, value)
            for pk, e in events
            for n, (item, quantity, value) in enumerate(e.lines)
        ],
    )


STATE_COLUMNS = ("profile_id", "name", "n", "valued", "sum", "first_at", "last_at")


def state(events: list[tuple[int, Happened]]) -> list[tuple[Any, ...]]:
    grouped: dict[tuple[int, str], list[Happened]] = defaultdict(list)
    for pk, event in events:
        grouped[pk, event.name].append(event)
    return [
        (
            pk,
            name,
            len(found),
            sum(e.value is not None for e in found),
            sum(e.value or 0 for e in found),
            min(e.at for e in found),
            max(e.at for e in found),
        )
        for (pk, name), found in grouped.items()
    ]


def write_kept(cursor: Cursor, population: list[Person]) -> None:
    """Segments, clusters and their members; what addresses said; scores."""
    clustering = Clustering.objects.create(pk=1, name="Kinds", features=[], created_at=NOW)
    Cluster.objects.bulk_create([Cluster(pk=pk, clustering=clustering, name=f"C{pk}") for pk in CLUSTERS])
    copy_rows(
        cursor,
        "scoring_clustermember",
        ("profile_id", "clustering_id", "cluster_id", "since"),
        [(one.id, 1, one.cluster, NOW) for one in population if one.cluster],
    )
    Segment.objects.bulk_create(
        [Segment(pk=pk, name=f"S{pk}", rule={}, created_at=NOW, changed_at=NOW) for pk in SEGMENTS]
    )
    copy_rows(
        cursor,
        "segments_membership",
        ("profile_id", "segment_id", "entered_at"),
        [(one.id, *known) for one in population for known in one.entered.items()],
    )
    copy_rows(
        cursor,
        "segments_membershipchange",
        ("profile_id", "segment_id", "at", "kind", "cause"),
        [(one.id, *known, "left", "event") for one in population for known in one.left]
        + [(one.id, *known, "entered", "event") for one in population for known in one.entered.items()],
    )
    purpose = Purpose.objects.create(key="post", name="Post")
    Topic.objects.bulk_create([Topic(key=key, name=key, purpose=purpose) for key in TOPICS])
    copy_rows(
        cursor,
        "profiles_identifier",
        ("namespace", "value", "record_id", "profile_id", "first_seen_at"),
        [(*known, one.id, one.id, NOW) for one in population for known in one.identifiers],
    )
    copy_rows(
        cursor,
        "privacy_consent",
        ("namespace", "value", "purpose", "topic", "is_granted", "at", "last_at", "how"),
        [(*one.address, one.purpose, one.topic, one.is_granted, one.at, one.at, "") for one in population[0].words],
    )
    copy_rows(
        cursor,
        "privacy_suppression",
        ("namespace", "value", "reason", "note", "at"),
        [(*one, "manual", "", NOW) for one in sorted(population[0].suppressed)],
    )

    write_scores(cursor, population)
    template = Template.objects.create(name="Mail", content={}, created_at=NOW, changed_at=NOW)
    Campaign.objects.bulk_create(
        [Campaign(pk=pk, name=f"C{pk}", template=template, sender="", created_at=NOW) for pk in CAMPAIGNS]
    )


def write_scores(cursor: Cursor, population: list[Person]) -> None:
    Predictor.objects.bulk_create(
        [Predictor(pk=pk, name=f"P{pk}", kind=kind, days=30, created_at=NOW) for pk, kind in PREDICTORS.items()]
    )
    copy_rows(
        cursor,
        "scoring_score",
        (
            "profile_id",
            "predictor_id",
            "value",
            "percentile",
            "band",
            "expected_at",
            "is_cold",
            "model_id",
            "scored_at",
            "noted_value",
        ),
        [
            (one.id, pk, score.value, 50, score.band, score.expected_at, False, 1, NOW, score.value)
            for one in population
            for pk, score in one.scores.items()
        ],
    )


def _word(draw: random.Random) -> Word:
    kind = draw.choice(list(ADDRESSES))
    said = draw.choice(["post", "post", "post", "other"])
    topic = draw.choice(["", *TOPICS]) if said == "post" else ""
    at = NOW - draw.randrange(40) * STEP
    return Word((kind, draw.choice(ADDRESSES[kind])), said, topic, draw.random() < 0.95, at)


def _person(pk: int, draw: random.Random, words: list[Word], suppressed: set[tuple[str, str]]) -> Person:
    traits: dict[str, Any] = {
        "city": draw.choice(["Rome", "Romilly", "oslo", "", 7, None]),
        "age": draw.choice([20, 30, 30.5, 41, "30", True]),
        "vip": draw.choice([True, False]),
        "tags": draw.choice([[], ["red"], ["red", "blue"], ["green", 5], "red"]),
        "renews": _written_date(draw),
        "birthday": draw.choice(["1990-03-01", "1988-02-29", "2026-03-02", "1970-02-27T23:30:00Z", "1999-12-31", "x"]),
        "timezone": draw.choice([*ZONES, 3]),
        "colour": draw.choice(["red", "Red", "Acme", "b", "e"]),
        "points": draw.choice([1, 2, 10, 18, "2"]),
    }
    known = {name: value for name, value in traits.items() if draw.random() < 0.8}
    uid = uuid.UUID(hashlib.md5(str(pk).encode(), usedforsecurity=False).hexdigest())
    seen = sorted(NOW + draw.randrange(-200, 4) * STEP for _ in range(2))
    identifiers = {(kind, draw.choice(values)) for kind, values in ADDRESSES.items() for _ in range(2)}
    for kind in ("email", "phone"):
        if draw.random() < 0.7:
            own = draw.choice([value for space, value in sorted(identifiers) if space == kind])
            known[kind] = draw.choice([own, own, f" {own.upper()} ", "nothing", "@", 7])
    return Person(
        pk,
        uid,
        known,
        events=[*(_event(f"m{pk}-{k}", draw) for k in range(draw.choice([0, 1, 3, 6, 12]))), *_mails(pk)],
        first_at=seen[0],
        last_at=seen[1],
        entered={pk: NOW + draw.randrange(-120, 4) * STEP for pk in SEGMENTS if draw.random() < 0.5},
        left=[(draw.choice(SEGMENTS), NOW + draw.randrange(-120, 1) * STEP) for _ in range(draw.choice([0, 1, 2]))],
        identifiers=sorted(one for one in identifiers if draw.random() < 0.8),
        words=words,
        suppressed=suppressed,
        cluster=(None, *CLUSTERS)[pk % 4],
        scores={pk: _scored(kind, draw) for pk, kind in PREDICTORS.items() if draw.random() < 0.7},
    )


def _scored(kind: str, draw: random.Random) -> Scored:
    band = draw.choice(Band.values)
    if kind == Predictor.Kind.PURCHASE:
        return Scored(draw.randrange(11) / 10, band)
    if kind == Predictor.Kind.VALUE:
        return Scored(float(draw.randrange(-5, 60)), band)
    return Scored(float(draw.randrange(60)), band, NOW + draw.randrange(-120, 120) * STEP)


def _written_date(draw: random.Random) -> str:
    at = NOW + draw.randrange(-120, 60) * STEP
    return draw.choice(
        [
            f"{at:%Y-%m-%d}",
            f"{at:%Y-%m-%dT%H:%M:%SZ}",
            f"{at:%Y-%m-%d %H:%M}",
            f"{at:%Y-%m-%dT%H:%M:%S.25+05:30}",
            f"{at:%Y-%m-%dT%H:%M-0800}",
            "2026-02-31x",
            "soon",
        ]
    )


def _mails(pk: int) -> list[Happened]:
    """Drawn apart, so that what else is drawn stays as it is."""
    draw = random.Random(pk)
    return [
        Happened(
            at=NOW + draw.randrange(-160, 8) * STEP,
            key=f"mail{pk}-{k}",
            name=draw.choice(list(MAILED.values())),
            item=None,
            value=None,
            properties={
                "campaign_id": draw.choice(CAMPAIGNS),
                **draw.choice([{}, {}, {"is_machine": True}, {"is_machine": False}]),
            },
        )
        for k in range(draw.choice([0, 1, 2, 5]))
    ]


def _event(key: str, draw: random.Random) -> Happened:
    properties = {
        "color": draw.choice(["red", "Dark Red", "blue", 3, None, True]),
        "size": draw.choice([1, 2, 2.5, "2"]),
        "tags": draw.choice([["x"], ["x", "y"], [], "x"]),
        "liked": draw.choice(["red", "RED", "", "shoes", 2, ["x"], True]),
        "due": draw.choice(["2026-02-20", "2026-03-05T10:00:00Z", "never"]),
    }
    lines = [
        (draw.choice(list(ITEMS)), draw.randint(1, 3), draw.choice([5, 10])) for _ in range(draw.choice([0, 0, 1, 3]))
    ]
    return Happened(
        at=NOW + draw.choice([draw.randrange(-160, 20), draw.randrange(-24, 4)]) * STEP,
        key=key,
        name=draw.choice(NAMES),
        item=draw.choice([None, *ITEMS]),
        value=draw.choice([None, 0, 10, 20, 50, -10]),
        properties={name: value for name, value in properties.items() if draw.random() < 0.7},
        lines=tuple(lines),
    )
