"""Gives a `manage.py` command the embedded servers for as long as it runs, if it needs them."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cdp.runtime.places import Places
from cdp.runtime.servers import servers_for, wanted_servers

NEEDS_NO_SERVER = frozenset(
    {
        *(
            "up",
            "test",
            "help",
            "version",
            "check",
            "makemigrations",
            "diffsettings",
            "spectacular",
            "collectstatic",
            "link",
        ),
        *("findstatic", "makemessages", "compilemessages", "startapp", "startproject", "squashmigrations"),
    }
)
"""Commands that bring their own servers or touch no data; all others get them."""


@contextmanager
def servers_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """`arguments` as in sys.argv. Reuses running servers; the last user of them stops them."""
    if not needs_servers(arguments):
        yield
        return
    places = Places.of(Path(os.environ.get("VAR_DIR") or default_var()))
    servers = wanted_servers(places)
    if not servers:
        yield
        return
    signal.signal(signal.SIGTERM, leave_in_order)
    with servers_for(places, servers):
        yield


def needs_servers(arguments: Sequence[str]) -> bool:
    if len(arguments) < 2 or arguments[1] in NEEDS_NO_SERVER or arguments[1].startswith("-"):
        return False
    return not {"-h", "--help", "--version"} & set(arguments[2:])


def default_var() -> Path:
    return Path(__file__).resolve().parent.parent.parent / "var"


def leave_in_order(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
