"""The people of a segment as rows for a spreadsheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cdp.profiles.find import identifiers_of
from cdp.profiles.models import Identifier, Profile
from cdp.profiles.naming import best_name
from segments.models import Membership

BATCH = 2_000
"""Rows in memory at a time. Each batch is a statement of its own: a slow reader holds no transaction open, which would
keep PostgreSQL from cleaning up behind everybody else."""


@dataclass(frozen=True)
class Columns:
    """What is asked for beside id and name."""

    namespaces: tuple[str, ...] = ()
    """Kinds of identifiers; a person with several values has them in one cell."""
    traits: tuple[str, ...] = ()
    since: bool = True

    def head(self) -> list[str]:
        return ["id", "name", *(["in it since"] if self.since else []), *self.namespaces, *self.traits]


def rows_of(segment_id: int, columns: Columns) -> Iterator[Sequence[Any]]:
    """In the order of profile ids, by which the list goes on however many come and go meanwhile."""
    yield columns.head()
    after = 0
    members = Membership.objects.filter(segment_id=segment_id).order_by("profile_id")
    while batch := list(members.filter(profile_id__gt=after).values_list("profile_id", "entered_at")[:BATCH]):
        after = batch[-1][0]
        ids = [profile_id for profile_id, _ in batch]
        profiles = Profile.objects.filter(merged_into=None).in_bulk(ids)
        identifiers = identifiers_of(ids)
        for profile_id, entered_at in batch:
            if profile := profiles.get(profile_id):
                since = [entered_at.isoformat()] if columns.since else []
                yield _row(profile, identifiers.get(profile_id, []), columns, since)


def _row(profile: Profile, identifiers: Sequence[Identifier], columns: Columns, since: list[str]) -> list[Any]:
    values: dict[str, list[str]] = {}
    for one in identifiers:
        if one.value not in values.setdefault(one.namespace, []):
            values[one.namespace].append(one.value)
    known = [" | ".join(values.get(namespace, [])) for namespace in columns.namespaces]
    traits = [_plain(profile.traits.get(name)) for name in columns.traits]
    return [str(profile.uuid), best_name(profile, identifiers), *since, *known, *traits]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " | ".join(map(str, value)) if isinstance(value, list) else value
