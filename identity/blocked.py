"""Values that look like identifiers and name nobody. Source: Segment's defaults, and what shops really send."""

import re

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
ZEROS = re.compile(r"[0-]*\Z")


def is_blocked(value: str) -> bool:
    return value.lower() in NOBODY or ZEROS.match(value) is not None
