"""People's own time zones, from their trait `timezone`; one that is not known is taken to be the deployment's."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cdp.rules.sql import Sql, fill, join

TRAIT = "timezone"


@lru_cache(maxsize=1)
def known() -> dict[str, ZoneInfo]:
    return {name: ZoneInfo(name) for name in sorted(available_timezones())}


def zone_called(name: object, otherwise: ZoneInfo) -> ZoneInfo:
    return known().get(name, otherwise) if isinstance(name, str) else otherwise


def own_time(column: Sql, time_in: Callable[[ZoneInfo], datetime], *, otherwise: ZoneInfo) -> tuple[Sql, datetime]:
    """The time in each person's own zone, and the earliest of them all. `column` is the trait as text.

    Zones are counted together that agree on the time: about forty.
    """
    names: dict[datetime, list[str]] = defaultdict(list)
    for name, zone in known().items():
        names[time_in(zone)].append(name)
    default = time_in(otherwise)
    cases = [
        fill("when {column} = any({names}) then {at}::timestamptz", column=column, names=found, at=at)
        for at, found in names.items()
        if at != default
    ]
    if not cases:
        return fill("{at}::timestamptz", at=default), default
    sql = fill("case {cases} else {at}::timestamptz end", cases=join(" ", cases), at=default)
    return sql, min([default, *names])


def moved(
    time_in: Callable[[ZoneInfo, datetime], datetime], *, since: datetime, now: datetime, otherwise: ZoneInfo
) -> dict[tuple[datetime, datetime], tuple[list[str], bool]]:
    """By (old time, new time) where they differ: the zones, and whether people without a known zone are meant."""
    found: dict[tuple[datetime, datetime], tuple[list[str], bool]] = {}
    for name, zone in known().items():
        if (old := time_in(zone, since)) != (new := time_in(zone, now)):
            found.setdefault((old, new), ([], False))[0].append(name)
    if (old := time_in(otherwise, since)) != (new := time_in(otherwise, now)):
        found[old, new] = (found.get((old, new), ([], False))[0], True)
    return found


def among(column: Sql, names: list[str], *, also_unknown: bool) -> Sql:
    """Whether a person's zone is one of these."""
    listed = fill("{column} = any({names})", column=column, names=names)
    if not also_unknown:
        return listed
    return fill("({listed} or ({column} = any({all})) is not true)", listed=listed, column=column, all=list(known()))
