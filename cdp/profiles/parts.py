"""What profiles themselves know of a person, as the API says it."""

from typing import Any

from django.db import connection

from cdp.accounts.models import Source
from cdp.common.api_schema import TEXT, TIME, listed, obj
from cdp.profiles import rules
from cdp.profiles.known import Part
from cdp.profiles.models import Identifier, Profile, Record
from cdp.profiles.opinions import opinions

MOST = 1_000


def _identifiers(profile: Profile) -> list[dict[str, Any]]:
    rows = Identifier.objects.filter(profile_id=profile.pk).order_by("namespace", "value", "first_seen_at")[:MOST]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in rows:
        value = {"namespace": one.namespace, "value": one.value, "first_seen_at": one.first_seen_at}
        found.setdefault((one.namespace, one.value), value)
    return list(found.values())


def _trait_sources(profile: Profile) -> dict[str, Any]:
    names = dict(Source.objects.values_list("id", "name"))
    records = list(Record.objects.filter(profile_id=profile.pk)[:MOST])
    with connection.cursor() as cursor:
        ruling = rules.load(cursor)
    return {
        opinion.name: {
            "value": opinion.won.value,
            "source": opinion.won.source,
            "at": opinion.won.at,
            "why": opinion.why,
        }
        for opinion in opinions(records, sources=names, rules=ruling)
    }


def _records(profile: Profile) -> list[dict[str, Any]]:
    names = dict(Source.objects.values_list("id", "name"))
    return [
        {
            "id": record.pk,
            "source": names.get(record.source_id, ""),
            "key": record.key,
            "first_seen_at": record.first_seen_at,
            "last_seen_at": record.last_seen_at,
        }
        for record in Record.objects.filter(profile_id=profile.pk).order_by("first_seen_at", "id")[:MOST]
    ]


NUMBER = {"type": "integer"}
PARTS = (
    Part("identifiers", _identifiers, listed(obj(namespace=TEXT, value=TEXT, first_seen_at=TIME))),
    Part(
        "trait_sources",
        _trait_sources,
        {"type": "object", "additionalProperties": obj(value={}, source=TEXT, at=TIME, why=TEXT)},
    ),
    Part("records", _records, listed(obj(id=NUMBER, source=TEXT, key=TEXT, first_seen_at=TIME, last_seen_at=TIME))),
)
