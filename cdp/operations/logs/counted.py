"""Counts what is logged as a warning or an error: by whom, and the class of the exception, never what it says."""

import logging
import threading
from collections.abc import Mapping

from cdp.common import tally

Errors = Mapping[tuple[str, str, str], int]
"""(level, logger, kind) → how often."""
MOST = 500

_lock = threading.Lock()
_errors: dict[tuple[str, str, str], int] = {}


class CountingHandler(logging.Handler):
    """Beside the one that writes. It takes a lock of its own for a moment and never fails."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        tally.add("log_records", level)
        _add((level, record.name[:120], kind[:120]), 1)


def take() -> Errors:
    global _errors
    with _lock:
        taken, _errors = _errors, {}
    return taken


def give_back(errors: Errors) -> None:
    for key, n in errors.items():
        _add(key, n)


def _add(key: tuple[str, str, str], n: int) -> None:
    with _lock:
        if key in _errors or len(_errors) < MOST:
            _errors[key] = _errors.get(key, 0) + n
