"""What a change of a computed trait would do, told by doing it for some people and taking it back.

Apps above declare what depends on computed traits, and how many of given people it holds for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cdp.analytics.definition import Definition, parse_definition
from cdp.analytics.load import Kept, known_traits, load
from cdp.analytics.models import ComputedTrait
from cdp.analytics.write import by_facts, lock, write
from cdp.rules.kept_cuts import published
from cdp.rules.tree import Scope

SAMPLE = 2_000
"""People it is tried on: 0.1 s."""


@dataclass(frozen=True)
class Use:
    """Something that names a computed trait; `url_name` takes its id."""

    name: str
    url_name: str
    id: int


@dataclass(frozen=True)
class Dependent:
    """Declared by an app above. `uses`: by the trait's key. `sizes`: for how many of these people each thing that
    depends on one of the keys holds."""

    uses: Callable[[], dict[str, list[Use]]]
    sizes: Callable[[Sequence[str], Sequence[int], datetime], dict[Use, int]]


@dataclass(frozen=True)
class Effect:
    use: Use
    before: int
    after: int


@dataclass(frozen=True)
class Trial:
    """Sizes among the `people` it was tried on, of `everybody`."""

    people: int
    everybody: int
    effects: list[Effect]

    @property
    def is_exact(self) -> bool:
        return self.people == self.everybody


class _TakenBack(Exception):
    pass


_dependents: dict[str, Dependent] = {}


def declare(label: str, dependent: Dependent) -> None:
    _dependents[label] = dependent


def uses() -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for dependent in _dependents.values():
        for key, listed in dependent.uses().items():
            found.setdefault(key, []).extend(listed)
    return found


def trial(trait: ComputedTrait, definition: Any, *, now: datetime, zone: ZoneInfo) -> Trial:
    """What would be, with this definition. Raises RuleError. Live recomputation waits for it as for a chunk."""
    tried: list[Trial] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            lock(cursor)
            ids, everybody = _some(cursor)
            keys = _concerned(trait.key)
            before = _sizes(keys, ids, now)
            _change(trait, parse_definition(definition, known_traits()), definition)
            _recompute(keys, Scope(now, ids, zone))
            after = _sizes(keys, ids, now)
            listed = [Effect(use, size, after.get(use, 0)) for use, size in before.items()]
            tried.append(Trial(len(ids), everybody, listed))
            raise _TakenBack
    except _TakenBack:
        return tried[0]


def _change(trait: ComputedTrait, found: Definition, definition: Any) -> None:
    half_life = found.half_life.total_seconds() / 86_400 if found.half_life else None
    ComputedTrait.objects.filter(pk=trait.pk).update(
        definition=definition, type=found.type, is_zero_without=found.is_zero_without, half_life_days=half_life
    )


def _some(cursor: Any) -> tuple[list[int], int]:
    """People spread evenly over all, and how many there are."""
    cursor.execute("select id from profiles_profile where merged_into is null order by id")
    ids = [row[0] for row in cursor.fetchall()]
    step = max(1, -(-len(ids) // SAMPLE))
    return ids[::step], len(ids)


def _concerned(key: str) -> list[str]:
    """The trait and those made of it, each after those it is made of."""
    found = [key]
    for one in load():
        if one.definition.parents & set(found):
            found.append(one.trait.key)
    return found


def _recompute(keys: Sequence[str], scope: Scope) -> None:
    kept: dict[str, Kept] = {one.trait.key: one for one in load()}
    for key in keys:
        one = kept[key]
        cuts = published({cut.key: cut for cut in one.definition.cuts()})
        if len(cuts) == len(one.definition.cuts()):
            for facts, group in by_facts([one]):
                write(facts, group, Scope(scope.now, scope.ids, scope.zone, cuts))


def _sizes(keys: Sequence[str], ids: Sequence[int], now: datetime) -> dict[Use, int]:
    found: dict[Use, int] = {}
    for dependent in _dependents.values():
        found |= dependent.sizes(keys, ids, now)
    return found
