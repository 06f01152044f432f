"""The little graph of a group: records, the identifiers that join them, links; and which of these are bridges."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cdp.profiles.models import Identifier, Record
from identity.models import Candidate, Link

MOST_RECORDS = 12
"""Of one person; more cannot be told apart in a small picture."""
MOST_IDENTIFIERS = 8
WIDTH, STEP, TOP, HALF = 340, 46, 30, 11


class HasRecords(Protocol):
    @property
    def records(self) -> list[tuple[Record, str]]: ...
    @property
    def identifiers(self) -> list[Identifier]: ...


@dataclass(frozen=True, slots=True)
class Node:
    key: str
    kind: str
    """record or identifier."""
    number: str
    """What stands in the picture; the list below says what it means."""
    words: str
    x: float
    y: float

    @property
    def left(self) -> float:
        return self.x - HALF

    @property
    def top(self) -> float:
        return self.y - HALF


@dataclass(frozen=True, slots=True)
class Edge:
    a: Node
    b: Node
    kind: str
    """shared (a record has an identifier), fuzzy, manual, candidate, dropped."""
    is_bridge: bool
    words: str

    @property
    def path(self) -> str:
        """Straight, or around what stands between two nodes of one column."""
        a, b = self.a, self.b
        if a.x != b.x:
            return f"M{a.x} {a.y}L{b.x} {b.y}"
        aside = a.x + (STEP if a.x > WIDTH / 2 else -STEP) * 0.9
        return f"M{a.x} {a.y}Q{aside} {(a.y + b.y) / 2} {b.x} {b.y}"


@dataclass(frozen=True, slots=True)
class Picture:
    nodes: list[Node]
    edges: list[Edge]
    width: int
    height: int
    left_out: int

    @property
    def bridges(self) -> list[Edge]:
        return [edge for edge in self.edges if edge.is_bridge]


@dataclass(frozen=True, slots=True)
class Tie:
    """An edge before it has a place."""

    a: str
    b: str
    kind: str
    words: str

    @property
    def holds(self) -> bool:
        return self.kind in ("shared", "fuzzy", "manual")


def draw(people: Sequence[HasRecords], *, links: Iterable[Link], candidates: Iterable[Candidate] = ()) -> Picture:
    """One person fills the picture from the left; of two, each has a side and what they share the middle."""
    columns, words, left_out = _columns(people)
    known = {key for column in columns.values() for key in column}
    ties = [tie for tie in _ties(people, links, candidates) if tie.a in known and tie.b in known]
    tied = {key for tie in ties for key in (tie.a, tie.b)}
    nodes = _placed(columns, words, keep=lambda key: _is_record(key) or key in tied)
    bridges = find_bridges([(tie.a, tie.b) for tie in ties if tie.holds])
    edges = [
        Edge(nodes[tie.a], nodes[tie.b], tie.kind, tie.holds and frozenset((tie.a, tie.b)) in bridges, tie.words)
        for tie in ties
    ]
    height = round(max((node.y for node in nodes.values()), default=0) + TOP)
    return Picture(list(nodes.values()), edges, WIDTH, height, left_out)


def _columns(people: Sequence[HasRecords]) -> tuple[dict[float, list[str]], dict[str, str], int]:
    """x → keys, top down; only identifiers that join at least two records are drawn."""
    is_pair = len(people) > 1
    places = ((90.0, 30.0), (250.0, 310.0)) if is_pair else ((90.0, 250.0),)
    columns: dict[float, list[str]] = {}
    words: dict[str, str] = {}
    left_out = 0
    owners: dict[str, set[int]] = {}
    for side, person in enumerate(people):
        shown = person.records[:MOST_RECORDS]
        left_out += len(person.records) - len(shown)
        columns[places[side][0]] = [f"r{record.pk}" for record, _ in shown]
        words.update({f"r{record.pk}": f"{source}: {record.key}" for record, source in shown})
        for key, value in _joining(person.identifiers, {record.pk for record, _ in shown}, is_pair).items():
            owners.setdefault(key, set()).add(side)
            words[key] = value
    shared = [key for key, of in owners.items() if len(of) > 1]
    if shared:
        columns[170.0] = shared[:MOST_IDENTIFIERS]
    for side, person in enumerate(people):
        own = _counted(person.identifiers)
        keys = [key for key, of in owners.items() if of == {side} and own[key] > 1]
        left_out += max(0, len(keys) - MOST_IDENTIFIERS)
        columns.setdefault(places[side][1], []).extend(keys[:MOST_IDENTIFIERS])
    return columns, words, left_out


def _joining(identifiers: Iterable[Identifier], records: set[int], is_pair: bool) -> dict[str, str]:
    rows = [one for one in identifiers if one.record_id in records]
    counted = _counted(rows)
    return {_key(one): str(one) for one in rows if is_pair or counted[_key(one)] > 1}


def _counted(identifiers: Iterable[Identifier]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for one in identifiers:
        found.setdefault(_key(one), set()).add(one.record_id)
    return {key: len(records) for key, records in found.items()}


def _key(one: Identifier) -> str:
    return f"i{one.namespace}:{one.value}"


def _ties(people: Sequence[HasRecords], links: Iterable[Link], candidates: Iterable[Candidate]) -> list[Tie]:
    ties = [
        Tie(f"r{one.record_id}", _key(one), "dropped" if one.dropped_for else "shared", str(one))
        for person in people
        for one in person.identifiers
    ]
    for link in links:
        kind = "dropped" if link.dropped_for else link.kind
        ties.append(Tie(f"r{link.record_a}", f"r{link.record_b}", kind, link.get_kind_display()))
    for one in candidates:
        ties.append(Tie(f"r{one.record_a}", f"r{one.record_b}", "candidate", f"{one.probability * 100:.0f} % alike"))
    return ties


class _Keep(Protocol):
    def __call__(self, key: str) -> bool: ...


def _placed(columns: Mapping[float, list[str]], words: Mapping[str, str], *, keep: _Keep) -> dict[str, Node]:
    kept = {x: [key for key in keys if keep(key)] for x, keys in columns.items()}
    tallest = max((len(keys) for keys in kept.values()), default=0)
    nodes: dict[str, Node] = {}
    numbers = {"record": 0, "identifier": 0}
    for x, keys in sorted(kept.items()):
        start = TOP + STEP * (tallest - len(keys)) / 2
        for row, key in enumerate(keys):
            kind = "record" if _is_record(key) else "identifier"
            numbers[kind] += 1
            number = str(numbers[kind]) if kind == "record" else chr(96 + numbers[kind])
            nodes[key] = Node(key, kind, number, words[key], x, start + STEP * row)
    return nodes


def find_bridges(edges: Sequence[tuple[str, str]]) -> set[frozenset[str]]:
    """Edges without which the records fall apart. That one record hangs on a shared identifier is how groups are; so
    an identifier's edge counts only where it parts two and more from two and more, or the only two."""
    found = set()
    for index, (a, b) in enumerate(edges):
        rest = [*edges[:index], *edges[index + 1 :]]
        one, other = _reached(a, rest), _reached(b, rest)
        if b in one:
            continue
        sides = sorted((_records(one), _records(other)))
        is_link = _is_record(a) and _is_record(b)
        if sides[0] and (is_link or sides[0] > 1 or sides == [1, 1]):
            found.add(frozenset((a, b)))
    return found


def _reached(start: str, edges: Sequence[tuple[str, str]]) -> set[str]:
    around: dict[str, set[str]] = {}
    for a, b in edges:
        around.setdefault(a, set()).add(b)
        around.setdefault(b, set()).add(a)
    found, new = {start}, {start}
    while new:
        new = {other for node in new for other in around.get(node, ())} - found
        found |= new
    return found


def _is_record(key: str) -> bool:
    return key.startswith("r")


def _records(keys: Iterable[str]) -> int:
    return sum(map(_is_record, keys))
