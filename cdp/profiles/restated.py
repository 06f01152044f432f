"""Who wants to know that what records say was changed by something else than a new message. Apps above declare."""

from collections.abc import Callable, Collection
from datetime import datetime

from cdp.common.copying import Cursor

Listener = Callable[[Cursor, Collection[int], datetime], None]
"""Called with record ids, in the transaction that changed their traits."""

_listeners: list[Listener] = []


def declare(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def tell(cursor: Cursor, record_ids: Collection[int], *, now: datetime) -> None:
    for listener in _listeners:
        listener(cursor, record_ids, now)
