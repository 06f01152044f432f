"""JSON Schemas that calls of the REST API share."""

from typing import Any

MOST_ROWS = 200
ROWS = 50
TEXT: dict[str, Any] = {"type": "string"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}


def obj(**properties: Any) -> dict[str, Any]:
    """JSON Schema of an object that always has these keys."""
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def listed(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def paged(schema: dict[str, Any]) -> dict[str, Any]:
    return obj(
        results=listed(schema), next={"type": ["string", "null"], "description": "The next page, if there is one."}
    )


ERROR = obj(detail=TEXT) | {
    "properties": {
        "detail": {"type": "string", "description": "A sentence: what is wrong."},
        "errors": listed(obj(place=TEXT, problem=TEXT)),
    }
}


def errors(*codes: int) -> dict[int, dict[str, Any]]:
    """The answers that any call may give beside its own."""
    return dict.fromkeys((400, 401, 403, 429, *codes), ERROR)


LIMIT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS}
