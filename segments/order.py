"""Segments on segments are refreshed after those they name; circles are refused."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from cdp.rules.fields import RuleError
from cdp.rules.parse import parse
from cdp.rules.tree import Node, depends
from segments.models import Segment


def uses(node: Node) -> set[int]:
    """Ids of the segments a rule names."""
    return {int(name.removeprefix("segment:")) for name in depends(node) if name.startswith("segment:")}


def in_order(nodes: Mapping[int, Node]) -> list[int]:
    """Segment ids, each after those it names; raises CycleError."""
    graph = {segment_id: uses(node) & nodes.keys() for segment_id, node in sorted(nodes.items())}
    return list(TopologicalSorter(graph).static_order())


def refuse_circle(segment_id: int, node: Node) -> None:
    """Raises RuleError if the segment would, with this rule, depend on itself."""
    others = Segment.objects.filter(archived_at=None).exclude(pk=segment_id)
    nodes = parsed(others) | {segment_id: node}
    try:
        in_order(nodes)
    except CycleError as error:
        raise RuleError("root", "the segment would depend on itself, through another segment") from error


def parsed(segments: Iterable[Segment]) -> dict[int, Node]:
    """The rules that can be read, by segment; those that cannot are told by their own refresh."""
    nodes = {}
    for segment in segments:
        try:
            nodes[segment.pk] = parse(segment.rule)
        except RuleError:
            continue
    return nodes
