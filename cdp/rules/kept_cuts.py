"""The published cuts: read with every rule that names them, measured anew only on schedule, by one caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cdp.rules.cuts import WantedCut, wanted_cuts
from cdp.rules.models import PublishedCut
from cdp.rules.sets import measure_cut
from cdp.rules.tree import Cut, Node


@dataclass(frozen=True)
class Published:
    """What publishing changed; `old` is None for the first version."""

    wanted: WantedCut
    old: Cut | None
    new: Cut


def cuts_for(node: Node, *, now: datetime, zone: ZoneInfo) -> dict[str, Cut]:
    """The cuts that a rule compares with. One that nobody keeps yet is measured for this reading alone, so that a rule
    can be tried before it is saved."""
    wanted = wanted_cuts(node)
    found = published(wanted)
    missing = {key: measure_cut(one, now=now, zone=zone) for key, one in wanted.items() if key not in found}
    return {**found, **missing}


def published(keys: Mapping[str, object]) -> dict[str, Cut]:
    return {one.key: Cut(one.value, one.version) for one in PublishedCut.objects.filter(key__in=list(keys))}


def publish(wanted: WantedCut, *, now: datetime, zone: ZoneInfo) -> Published:
    """Measures it over everybody and makes that the boundary. The version grows only if the value is another.

    Run it in the transaction that tells the readers: `sets.moved_by(wanted, old=, new=, …)`, or all if it is the first.
    """
    row = PublishedCut.objects.select_for_update().filter(key=wanted.key).first()
    old = None if row is None else Cut(row.value, row.version)
    version = 1 if old is None else old.version
    new = measure_cut(wanted, now=now, version=version, zone=zone)
    if old is not None and old.value != new.value:
        new = Cut(new.value, old.version + 1)
    PublishedCut.objects.update_or_create(
        key=wanted.key,
        defaults={
            "value": new.value,
            "version": new.version,
            "english": f"{wanted.english()} {wanted.number.english()}",
            "measured_at": now,
        },
    )
    return Published(wanted, old, new)
