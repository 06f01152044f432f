"""What decisions were about, by name: read from the records at each look, so that an erased person has none."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from cdp.profiles.models import Record
from cdp.profiles.naming import name_of
from cdp.profiles.survivorship import golden
from identity.models import Decision

NOBODY = UUID(int=0)
ERASED = "an erased person"
TAIL = 6


def title_of(decision: Decision) -> str:
    return titles([decision])[decision.pk]


def titles(decisions: Iterable[Decision]) -> dict[int, str]:
    """By decision id, in one query: `Ann Smith and Anne Smith`."""
    found = list(decisions)
    wanted = {record for one in found for side in one.sides for record in side}
    records = Record.objects.in_bulk(list(wanted))
    return {
        one.pk: " and ".join(called([records[pk] for pk in side if pk in records]) for side in one.sides)
        for one in found
    }


def called(records: Sequence[Record]) -> str:
    """The name, else an address, else the end of the key."""
    if not records:
        return ERASED
    picked = golden((record.pk, record.traits) for record in records)
    named = name_of({trait: winner.value for trait, winner in picked.items()}, NOBODY)
    if not named.startswith("Person "):
        return named
    kind, _, value = records[0].key.partition(":")
    return f"Visitor {value[-TAIL:]}" if kind == "anon" else (value or kind)[:120]
