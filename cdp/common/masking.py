"""How a line of the log is written: readable or as JSON, in both without e-mail addresses, phone numbers and paths."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from cdp.common import log_context
from cdp.runtime.masking import masked

__all__ = ["JsonFormatter", "MaskedFormatter", "RouteNotPath", "masked"]

FACTS = ("duration_ms", "status")
"""What a caller may add with `extra`."""


class MaskedFormatter(logging.Formatter):
    """Masks the finished line, with its traceback: a database error quotes the row it refused."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class RouteNotPath(logging.Filter):
    """Django logs the path of a request that failed; a path may name a person, the route's name does not."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            route = log_context.route_of(request)
            record.args = tuple(route if value == path else value for value in record.args)
        return True


class JsonFormatter(logging.Formatter):
    """One object per line. Every text is masked before it becomes JSON."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **{name: masked(value) for name, value in log_context.current().items()},
        }
        said |= {name: getattr(record, name) for name in FACTS if isinstance(getattr(record, name, None), int | float)}
        if record.exc_info:
            said["traceback"] = masked(self.formatException(record.exc_info))
        if record.stack_info:
            said["stack"] = masked(self.formatStack(record.stack_info))
        return json.dumps(said, ensure_ascii=False)
