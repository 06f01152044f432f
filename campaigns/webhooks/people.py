"""People as other systems are told of them: by their public id, and by what else they are known by."""

from collections.abc import Iterable
from typing import Any

from cdp.profiles.models import Identifier, Profile
from cdp.profiles.naming import clearest

MOST_IDS = 20
"""Identifiers of one person; the clearest first."""


def said_people(profile_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By profile id, those who are there, in two statements."""
    ids = list(set(profile_ids))
    if not ids:
        return {}
    edges: dict[int, list[Identifier]] = {}
    for edge in Identifier.objects.naming().filter(profile_id__in=ids):
        edges.setdefault(edge.profile_id, []).append(edge)
    rows = Profile.objects.filter(pk__in=ids).values_list("pk", "uuid")
    return {pk: {"id": str(uuid), "external_ids": _ids(edges.get(pk, ()))} for pk, uuid in rows}


def _ids(edges: Iterable[Identifier]) -> list[dict[str, str]]:
    return [{"namespace": one.namespace, "value": one.value} for one in clearest(edges)[:MOST_IDS]]
