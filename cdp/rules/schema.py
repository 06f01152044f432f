"""JSON Schema of the whole language, made of what the leaves say of themselves."""

from typing import Any

from cdp.rules.parse import WIDEST
from cdp.rules.references import filter_schema
from cdp.rules.registry import kinds
from cdp.rules.tree import VERSION, Leaf
from cdp.rules.windows import WINDOW_SCHEMA


def rule_schema() -> dict[str, Any]:
    """What it accepts is well formed; `parse` also refuses what is well formed and makes no sense."""
    node = {"$ref": "#/$defs/node"}
    of = {"type": "array", "minItems": 1, "maxItems": WIDEST, "items": node}
    groups = {
        **{kind: _object(kind, {"properties": {"of": of}, "required": ["of"]}) for kind in ("all", "any")},
        "not": _object("not", {"properties": {"of": node}, "required": ["of"]}),
    }
    leaves = {kind: _leaf(kind, leaf) for kind, leaf in kinds().items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Tributary rule, version {VERSION}",
        "type": "object",
        "properties": {"version": {"const": VERSION}, "root": node},
        "required": ["version", "root"],
        "additionalProperties": False,
        "$defs": {
            "node": {"anyOf": [{"$ref": f"#/$defs/{kind}"} for kind in (*groups, *leaves)]},
            **groups,
            **leaves,
            "window": WINDOW_SCHEMA,
            "filter": filter_schema(),
        },
    }


def _leaf(kind: str, leaf: type[Leaf]) -> dict[str, Any]:
    own = leaf.schema()
    if not own:
        return {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
    for several in ("oneOf", "anyOf"):
        if several in own:
            return {"anyOf": [one for variant in own[several] for one in _variants(kind, variant)]}
    return _object(kind, own)


def _variants(kind: str, variant: dict[str, Any]) -> list[dict[str, Any]]:
    inner = variant.get("anyOf") or variant.get("oneOf") or [variant]
    return [_object(kind, one) for one in inner]


def _object(kind: str, own: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, **own["properties"]},
        "required": ["kind", *own["required"]],
        "additionalProperties": False,
    }
