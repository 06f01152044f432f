"""Many rules about given people in one statement, in which what they have in common is read once.

Measured with fifteen rules about a thousand people: each rule read the persons' rows anew, and seven of them the state
of the same event. Equal conditions of several rules are found once, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import condition
from cdp.rules.tree import History, Leaf, Node, Own, Scope, States, leaves

ROW = "id, uuid, traits, first_seen_at, last_seen_at, last_seen_on"
"""What conditions on a person's own row read of it."""
EVENT = "profile_id, occurred_at, message_id, source_id, name, item_id, value"
"""What rules read of an event besides its properties."""


@dataclass(frozen=True)
class Asked:
    node: Node
    ids: Sequence[int]


def found_sql(asked: Sequence[Asked], scope: Scope) -> Sql:
    """Selects (position in `asked`, profile id) of those for whom the rule holds. The scope's ids are not used."""
    ids = _union(one.ids for one in asked)
    everybody = replace(scope, ids=ids)
    shared = _Shared(asked, scope)
    parts = [
        fill(
            "select {position}::int, p.id from people p where {condition}{narrowed}",
            position=position,
            condition=condition(one.node, shared.holds),
            narrowed=Sql("") if len(one.ids) == len(ids) else replace(scope, ids=one.ids).narrowed("p.id"),
        )
        for position, one in enumerate(asked)
    ]
    people = fill(
        f"people as materialized (select {ROW} from profiles_profile where merged_into is null{{narrowed}})",
        narrowed=everybody.narrowed("id"),
    )
    return fill("with {sets} {parts}", sets=join(", ", [people, *shared.sets()]), parts=join(" union all ", parts))


class _Shared:
    """The sets that the rules look their people up in, each narrowed to whoever is asked about it."""

    def __init__(self, asked: Sequence[Asked], scope: Scope) -> None:
        by_leaf: dict[str, list[Sequence[int]]] = {}
        by_event: dict[str, list[Sequence[int]]] = {}
        for one in asked:
            for leaf in leaves(one.node):
                by_leaf.setdefault(repr(leaf), []).append(one.ids)
                for fact in leaf.depends():
                    if fact.startswith("event:"):
                        by_event.setdefault(fact.removeprefix("event:"), []).append(one.ids)
        ids_of = {name: _union(ids) for name, ids in by_event.items()}
        self._states = {name: States(f"state_{n}", ids) for n, (name, ids) in enumerate(ids_of.items())}
        self._by_leaf = {key: _union(ids) for key, ids in by_leaf.items()}
        self._histories = {
            name: History(f"history_{n}", after)
            for n, (name, after) in enumerate(self._read(asked, ids_of, scope).items())
        }
        self._scope = replace(
            scope,
            states=self._states,
            histories=self._histories,
        )
        self._holds: dict[str, Sql] = {}
        self._sets: list[Sql] = []

    def holds(self, leaf: Leaf) -> Sql:
        key = repr(leaf)
        if key not in self._holds:
            self._holds[key] = self._found(leaf, replace(self._scope, ids=self._by_leaf[key]))
        return self._holds[key]

    def _read(
        self, asked: Sequence[Asked], ids_of: Mapping[str, Sequence[int]], scope: Scope
    ) -> dict[str, datetime | None]:
        """After when events are read of most people by several rules. What few are asked about is left to each rule:
        a year of their events would become a year of everybody's."""
        found: dict[str, list[datetime | None]] = {}
        for key, leaf in {repr(leaf): leaf for one in asked for leaf in leaves(one.node)}.items():
            ids = self._by_leaf[key]
            for name, after in leaf.reads(replace(scope, ids=ids)).items():
                if 2 * len(ids) > len(ids_of[name]):
                    found.setdefault(name, []).append(after)
        return {
            name: None if None in times else min(at for at in times if at)
            for name, times in found.items()
            if len(times) > 1
        }

    def sets(self) -> Iterator[Sql]:
        said = " ".join(one.text for one in self._sets)
        for name, state in self._states.items():
            if f" {state.relation} " in said:
                yield fill(
                    "{relation} as materialized (select * from events_eventstate where name = {name}{narrowed})",
                    relation=Sql(state.relation),
                    name=name,
                    narrowed=replace(self._scope, ids=state.ids).narrowed("profile_id"),
                )
        for name, history in self._histories.items():
            if f" {history.relation} " in said:
                columns = EVENT + (", properties" if ".properties" in said else "")
                yield fill(
                    f"{history.relation} as materialized (select {columns} from events_event"
                    " where name = {name}{after}{narrowed})",
                    name=name,
                    after=Sql("") if history.after is None else fill(" and occurred_at > {it}", it=history.after),
                    narrowed=replace(self._scope, ids=self._states[name].ids).narrowed("profile_id"),
                )
        yield from self._sets

    def _found(self, leaf: Leaf, scope: Scope) -> Sql:
        found = leaf.members(scope)
        if isinstance(found, Own):
            return fill("({it})", it=found.condition)
        name = Sql(f"set_{len(self._sets)}")
        self._sets.append(fill("{name} (id) as materialized ({set})", name=name, set=found.sql))
        word = Sql("not in" if found.is_complement else "in")
        return fill("(p.id {word} (select id from {name})) is true", word=word, name=name)


def _union(several: Iterable[Sequence[int]]) -> Sequence[int]:
    """Most are the very same."""
    found = list({id(one): one for one in several}.values())
    return found[0] if len(found) == 1 else sorted(set().union(*found))
