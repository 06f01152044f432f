"""Values that look like identifiers and name nobody. Source: Segment's defaults, and what shops really send."""

NOBODY = frozenset(
    {
        "null",
        "none",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "anonymous",
        "guest",
        "test",
        "true",
        "false",
        "n/a",
        "na",
        "-1",
        "[object object]",
    }
)


def is_blocked(value: str) -> bool:
    """Also for a value of nothing but zeros and dashes."""
    return not value.strip("0-") or value.lower() in NOBODY
