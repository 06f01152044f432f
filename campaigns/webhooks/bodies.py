"""What is posted: `{"type", "timestamp", "data"}`, people by their public ids. Examples: docs/webhooks.md."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from campaigns.models import Campaign, Delivery
from campaigns.webhooks.news import Happening
from campaigns.webhooks.people import said_people
from cdp.common.copying import Cursor
from scoring.models import Predictor
from segments.models import Segment

MOST_PEOPLE = 20
"""Who share an address."""
_OWNERS = """
select distinct i.namespace, i.value, i.profile_id from profiles_identifier i
  join unnest(%s::text[], %s::text[]) n (namespace, value) using (namespace, value) order by 3
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A body, and whom it is about."""

    happening: Happening
    body: str
    profile_id: int | None


def told(cursor: Cursor, happenings: Sequence[Happening]) -> list[Told]:
    """In their order; of people who were erased meanwhile nothing is told."""
    owners = _owners(cursor, {one.address for one in happenings if one.address[0]})
    people = said_people(
        {pk for one in happenings for pk in one.profiles.values()} | {pk for some in owners.values() for pk in some}
    )
    names = _Names(happenings)
    found = []
    for one in happenings:
        if not people.keys() >= set(one.profiles.values()):
            continue
        shown: dict[str, Any] = {name: people[pk] for name, pk in one.profiles.items()}
        owning = [pk for pk in owners.get(one.address, ()) if pk in people]
        if one.address[0]:
            shown["profiles"] = [people[pk] for pk in owning[:MOST_PEOPLE]]
        first = next(iter([*one.profiles.values(), *owning]), None)
        found.append(Told(one, written(one.type, one.at, {**shown, **names.of(one)}), first))
    return found


def written(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": _time(at), "data": data}, ensure_ascii=False, default=_time)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _owners(cursor: Cursor, addresses: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    if wanted := sorted(addresses):
        cursor.execute(_OWNERS, [[namespace for namespace, _ in wanted], [value for _, value in wanted]])
        for namespace, value, profile_id in cursor.fetchall():
            found.setdefault((namespace, value), []).append(profile_id)
    return found


class _Names:
    """What segments, predictors, campaigns and deliveries are called, looked up once for all."""

    def __init__(self, happenings: Sequence[Happening]) -> None:
        self._by_kind = {
            "segment": _names(Segment, happenings, "segment"),
            "predictor": _names(Predictor, happenings, "predictor"),
            "campaign": _names(Campaign, happenings, "campaign"),
        }
        refs = [one.delivery for one in happenings if one.delivery]
        rows = Delivery.objects.filter(ref__in=refs).values_list("ref", "address", "variant") if refs else ()
        self._deliveries = {str(ref): {"address": address, "variant": variant} for ref, address, variant in rows}

    def of(self, one: Happening) -> dict[str, Any]:
        data = dict(one.data)
        for kind, names in self._by_kind.items():
            if isinstance(pk := data.get(kind), int):
                data[kind] = {"id": pk, "name": names.get(pk, "")}
        return {**self._deliveries.get(one.delivery, {}), **data}


def _names(model: type[Model], happenings: Sequence[Happening], key: str) -> dict[int, str]:
    ids = {pk for one in happenings if isinstance(pk := one.data.get(key), int)}
    return dict(model._default_manager.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
