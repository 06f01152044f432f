"""Parts of a generated page of Markdown."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

WIDTH = 110


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(one) for one in line)} |" for line in lines)


def code(*values: object) -> str:
    return ", ".join(f"`{one}`" for one in values)


def block(value: Any) -> str:
    return f"```json\n{laid_out(value)}\n```"


def laid_out(value: Any, indent: int = 0) -> str:
    """JSON that breaks lines only where one would be too long."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {laid_out(one, indent + 2)}" for key, one in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(inner + laid_out(one, indent + 2) for one in value) + "\n" + " " * indent + "]"


def made_by(what: str) -> str:
    said = f"Made from {what} by `manage.py make_docs`; a test fails when this page is out of date. Do not edit it."
    return f"---\n\n*{said}*"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def yes(value: bool) -> str:
    return "yes" if value else "no"
