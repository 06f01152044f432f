"""What a program says where it refuses, read from its own text: status, code and sentence of each refusal."""

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

UNKNOWN = "…"
"""Stands for what is known only when it happens."""
Names = Mapping[str, Any]


def calls(module_name: str, function: str) -> Iterator[tuple[str, ...]]:
    """The arguments of each call of `function` in the module, as texts."""
    module = importlib.import_module(module_name)
    tree = ast.parse(inspect.getsource(module))
    names = dict(vars(module))
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    in_functions = {id(call) for one in inside for call in ast.walk(one)}
    for place in inside:
        yield from _calls(place, function, names | _assigned(place, names))
    yield from (
        _texts(node, names) for node in ast.walk(tree) if id(node) not in in_functions and _is_call(node, function)
    )


def _calls(place: ast.AST, function: str, names: Names) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(place):
        if _is_call(node, function):
            yield _texts(node, names)


def _is_call(node: ast.AST, function: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) == function


def _texts(node: ast.AST, names: Names) -> tuple[str, ...]:
    assert isinstance(node, ast.Call)
    return tuple(_text(one, names) for one in node.args)


def _assigned(place: ast.AST, names: Names) -> dict[str, Any]:
    """What a function calls by a name of its own, where that is known from its text."""
    found: dict[str, Any] = {}
    for node in ast.walk(place):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found |= dict(_pairs(node.targets[0], node.value, names))
    return found


def _pairs(target: ast.expr, value: ast.expr, names: Names) -> Iterator[tuple[str, Any]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other, names)
    elif isinstance(target, ast.Name):
        text = _text(value, names)
        yield target.id, None if text == UNKNOWN else text


def _text(node: ast.expr, names: Names) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one, names) for one in node.values).replace("….", "…")
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, names)
    value = _value(node, names)
    return UNKNOWN if value is None else str(value)


def _value(node: ast.expr, names: Names) -> object:
    """A constant of the module or function, perhaps divided."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        value = names.get(node.id)
        return value if isinstance(value, str | int | float) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        whole, by = _value(node.left, names), _value(node.right, names)
        return whole // by if isinstance(whole, int) and isinstance(by, int) else None
    return None
