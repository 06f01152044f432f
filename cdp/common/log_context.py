"""What a line of the log belongs to: the request, the task, the job. Set where each begins, read by the formatter."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, str] = MappingProxyType({})
_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=NOTHING)


def current() -> Mapping[str, str]:
    """`request_id`, `route`, `task`, `task_id`, `job`: those that are known."""
    return _context.get()


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Adds them for what happens inside; empty ones are left out."""
    token = _context.set({**_context.get(), **{name: value for name, value in facts.items() if value}})
    try:
        yield
    finally:
        _context.reset(token)


def note(**facts: str) -> None:
    """Adds them until the end of the surrounding `about`."""
    _context.set({**_context.get(), **facts})


def route_of(request: Any) -> str:
    """The name of the route, or what stands for a path that nobody serves."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match is not None and match.view_name else "(no route)"
