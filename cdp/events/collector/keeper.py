"""What every request must know and no request may ask PostgreSQL for: the live keys, the inbox's size.

One thread per process looks each second. A key it does not know makes it look again at once, at most
five times a second, so that a new key works immediately and guessing costs the database nothing.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import psycopg2

from cdp.accounts.keys import hash_secret
from cdp.events.collector.commit import Connect, Connection, InboxUnreachable

LOOK_EVERY_S = 1.0
LOOK_AGAIN_AFTER_S = 0.2
TRUSTED_FOR_S = 10.0
"""A key revoked while PostgreSQL was away works no longer than this."""
USED_EVERY_S = 60.0

logger = logging.getLogger(__name__)

_KEYS = """
    select k.hash, k.id, s.id, s.events_per_s
    from accounts_writekey k join accounts_source s on s.id = k.source_id
    where k.revoked_at is null and s.is_active
"""
_SIZE = "select pg_total_relation_size('events_inboxbatch')"
# Deleted rows count in the size until a vacuum; beyond the limit the rows themselves are weighed.
_WEIGHT = "select coalesce(sum(pg_column_size(body) + 100), 0) from events_inboxbatch"
_USED = "update accounts_writekey set last_used_at = %s where id = any(%s)"


EveryLook = Callable[[Connection], None]


def nothing_else(connection: Connection) -> None:
    """The keeper looks, and that is all."""


@dataclass(frozen=True, slots=True)
class LiveKey:
    id: int
    source_id: int
    events_per_s: int


class Keeper:
    def __init__(
        self,
        connect: Connect,
        *,
        now: Callable[[], datetime],
        inbox_limit_bytes: int,
        every_look: EveryLook = nothing_else,
    ) -> None:
        self._connect = connect
        self._every_look = every_look
        self._now = now
        self._inbox_limit_bytes = inbox_limit_bytes
        self._connection: Connection | None = None
        self._keys: dict[str, LiveKey] = {}
        self._looked_at_s = float("-inf")
        self._weighed_at_s, self._weighing_took_s = float("-inf"), 0.0
        self._used: set[int] = set()
        self._told_used: dict[int, float] = {}
        self._wake = threading.Event()
        self._is_stopping = False
        self._asking: list[asyncio.Future[None]] = []
        self._lock = threading.Lock()
        """Guards `_used` and `_asking`, which both threads change."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="collector-keeper", daemon=True)
        self.inbox_is_full = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()
        self._thread.join(timeout=5)

    async def find(self, text: str) -> LiveKey | None:
        """The live key, or None if there is none by that text."""
        hashed = hash_secret(text)
        key = self._keys.get(hashed)
        if key is None or time.monotonic() - self._looked_at_s > TRUSTED_FOR_S:
            await self._look_again()
            key = self._keys.get(hashed)
        if key is not None:
            with self._lock:
                self._used.add(key.id)
        return key

    async def _look_again(self) -> None:
        assert self._loop is not None
        looked: asyncio.Future[None] = self._loop.create_future()
        with self._lock:
            self._asking.append(looked)
        self._wake.set()
        await looked

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            asking = self._take_asking()
            error: Exception | None = None
            try:
                self._look()
            except psycopg2.Error as fault:
                logger.warning("Keys and inbox cannot be read: %s", type(fault).__name__)
                self._drop_connection()
                error = InboxUnreachable()
            self._tell(asking, error)
            if error is None and self._connection is not None:
                self._every_look(self._connection)
            time.sleep(LOOK_AGAIN_AFTER_S)
            self._wake.wait(LOOK_EVERY_S - LOOK_AGAIN_AFTER_S)
        self._tell(self._take_asking(), InboxUnreachable())
        self._drop_connection()

    def _take_asking(self) -> list[asyncio.Future[None]]:
        with self._lock:
            asking, self._asking = self._asking, []
        return asking

    def _look(self) -> None:
        started = time.monotonic()
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(_KEYS)
            self._keys = {row[0]: LiveKey(*row[1:]) for row in cursor.fetchall()}
            self._looked_at_s = started
            cursor.execute(_SIZE)
            is_large = int(cursor.fetchone()[0]) > self._inbox_limit_bytes
            if not is_large:
                self.inbox_is_full = False
            elif started - self._weighed_at_s > 10 * self._weighing_took_s:
                cursor.execute(_WEIGHT)
                self.inbox_is_full = int(cursor.fetchone()[0]) > self._inbox_limit_bytes
                self._weighed_at_s, self._weighing_took_s = started, time.monotonic() - started
            if used := self._newly_used(started):
                cursor.execute(_USED, (self._now(), used))

    def _newly_used(self, now_s: float) -> list[int]:
        """Keys used since they were last written down, each at most once a minute."""
        with self._lock:
            due = [key for key in self._used if now_s - self._told_used.get(key, float("-inf")) >= USED_EVERY_S]
            self._used.difference_update(due)
        self._told_used.update(dict.fromkeys(due, now_s))
        return due

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _tell(self, asking: list[asyncio.Future[None]], error: Exception | None) -> None:
        if asking and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_finish, asking, error)


def _finish(asking: list[asyncio.Future[None]], error: Exception | None) -> None:
    for looked in asking:
        if looked.done():
            continue
        if error is None:
            looked.set_result(None)
        else:
            looked.set_exception(error)
