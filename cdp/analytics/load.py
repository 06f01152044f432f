"""The computed traits as they are kept now, read with one query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from cdp.analytics.definition import Definition, Known, known_of, parse_definition
from cdp.analytics.models import ComputedTrait
from cdp.rules.fields import Fields, RuleError


@dataclass(frozen=True)
class Kept:
    """A trait that is on, with its definition."""

    trait: ComputedTrait
    definition: Definition


def load() -> list[Kept]:
    """Each after those it is made of. What cannot be read is left out: its full recomputation says why."""
    rows = list(ComputedTrait.objects.filter(is_on=True, is_removed=False).order_by("id"))
    known = {row.key: known_of(row) for row in rows}
    found: dict[str, Kept] = {}
    for row in rows:
        try:
            found[row.key] = Kept(row, parse_definition(row.definition, known))
        except RuleError:
            continue
    return [found[key] for key in in_order({key: one.definition.parents for key, one in found.items()}) if key in found]


def in_order(parents: Mapping[str, Iterable[str]]) -> list[str]:
    """Raises CycleError."""
    return list(TopologicalSorter({key: sorted(of) for key, of in sorted(parents.items())}).static_order())


def levels(kept: Iterable[Kept]) -> list[list[Kept]]:
    """Those of one level are made of no other of it."""
    depth: dict[str, int] = {}
    found: list[list[Kept]] = []
    for one in kept:
        depth[one.trait.key] = 1 + max((depth.get(key, -1) for key in one.definition.parents), default=-1)
        while len(found) <= depth[one.trait.key]:
            found.append([])
        found[depth[one.trait.key]].append(one)
    return found


def known_traits() -> dict[str, Known]:
    return {row.key: known_of(row) for row in ComputedTrait.objects.filter(is_on=True, is_removed=False)}


def traits_now() -> frozenset[Known]:
    """What rules that name computed traits look up."""
    return frozenset(known_traits().values())


def refuse_circle(key: str, definition: Definition) -> None:
    """Raises RuleError if the trait would be made of itself."""
    parents = {one.trait.key: one.definition.parents for one in load()} | {key: definition.parents}
    try:
        in_order(parents)
    except CycleError as error:
        raise RuleError("definition", "the trait would be made of itself") from error


def known_trait(fields: Fields) -> Known:
    """The trait that `key` names."""
    key = fields.text("key")
    row = ComputedTrait.objects.filter(key=key, is_removed=False).first()
    if row is None:
        raise RuleError(fields.at("key"), f"there is no computed trait “{key[:60]}”")
    if not row.is_on:
        raise RuleError(fields.at("key"), f"the computed trait “{row.label}” is switched off")
    return known_of(row)
