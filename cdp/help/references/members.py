"""What a JSON Schema says, as rows for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdp.help.references.text import code

Schema = Mapping[str, Any]
REFERENCES = {"window": "a [window](#windows)", "filter": "a [condition on the event](#where)"}
MANY = 10
"""With more variants than that there is one for each operator."""
BY_OPERATOR = "what the [operator](#operators) takes"
_PLAIN = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no", "object": "object"}


def variants(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def rows(schema: Schema) -> Iterator[tuple[str, str, str]]:
    """(member, whether it is needed, what it may be)."""
    found: dict[str, list[Schema]] = {}
    needed = [set(one["required"]) for one in variants(schema)]
    for one in variants(schema):
        for name, part in one["properties"].items():
            found.setdefault(name, []).append(part)
    for name, parts in found.items():
        if name != "kind":
            where = sum(name in one for one in needed)
            when = "yes" if where == len(needed) else "with some" if where else "no"
            by_operator = len(needed) > MANY and name in ("value", "to")
            yield f"`{name}`", when, BY_OPERATOR if by_operator else _merged(parts)


def _merged(parts: list[Schema]) -> str:
    """Constants and choices of all variants are one list."""
    chosen: dict[str, None] = {}
    others: dict[str, None] = {}
    for part in parts:
        if "const" in part:
            chosen[str(part["const"])] = None
        elif "enum" in part:
            chosen.update(dict.fromkeys(map(str, part["enum"])))
        else:
            others[words(part)] = None
    return "; or ".join([*([code(*chosen)] if chosen else []), *others])


def words(part: Schema) -> str:
    if "$ref" in part:
        return REFERENCES[part["$ref"].rpartition("/")[2]]
    if "const" in part:
        return code(part["const"])
    if "enum" in part:
        return code(*part["enum"])
    several = part.get("oneOf") or part.get("anyOf")
    if several:
        return " or ".join(dict.fromkeys(words(one) for one in several))
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    if kinds == ["array"]:
        return _list(part)
    if kinds == ["object"] and "properties" in part:
        return f"object with {_inner(part)}"
    return " or ".join(_PLAIN[one] for one in kinds) + _range(part)


def _list(part: Schema) -> str:
    least, most = part.get("minItems"), part.get("maxItems")
    number = f" of {least} to {most}" if least and most else f" of at most {most}" if most else ""
    return f"list{number}: {words(part['items'])}"


def _inner(part: Schema) -> str:
    needed = part.get("required", ())
    return ", ".join(
        f"`{name}` ({words(one)}{'' if name in needed else ', may be left out'})"
        for name, one in part["properties"].items()
    )


def _range(part: Schema) -> str:
    least, above = part.get("minimum"), part.get("exclusiveMinimum")
    most, longest = part.get("maximum"), part.get("maxLength")
    said = [f"from {least:,}" if least is not None else "", f"above {above:,}" if above is not None else ""]
    said += [f"to {most:,}" if most is not None and most < 2**53 else ""]
    said += [f"at most {longest} characters" if longest else ""]
    kept = " ".join(filter(None, said))
    return f" ({kept})" if kept else ""
