"""Connections of this process that wait to be used again. None is handed on to a child."""

import os
import ssl
import threading
import time
from collections import deque

from campaigns.channels.smtp_open import Link, Server, open_link

IDLE_S = 30.0
MOST_IDLE = 8
"""For each server."""


class Kept:
    """Threads may share it."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._lock = threading.Lock()
        self._idle: dict[Server, deque[tuple[float, Link]]] = {}

    def take(self, server: Server) -> Link:
        """One that waits, else a new one. Raises CannotConnect."""
        while (link := self._waiting(server)) is not None:
            if link.line.is_idle:
                return link
            link.line.close()
        return open_link(server, tls=self._tls)

    def give(self, server: Server, link: Link) -> None:
        with self._lock:
            waiting = self._idle.setdefault(server, deque())
            waiting.append((time.monotonic(), link))
            surplus = [waiting.popleft()[1] for _ in range(len(waiting) - MOST_IDLE)] + self._too_old()
        for one in surplus:
            one.quit()

    def close(self) -> None:
        with self._lock:
            waiting = [link for links in self._idle.values() for _, link in links]
            self._idle.clear()
        for link in waiting:
            link.quit()

    def forget(self) -> None:
        """In a child: the connections are its parent's."""
        self._lock = threading.Lock()
        for links in self._idle.values():
            for _, link in links:
                link.line.close()
        self._idle.clear()

    def _waiting(self, server: Server) -> Link | None:
        with self._lock:
            old = self._too_old()
            links = self._idle.get(server)
            found = links.pop()[1] if links else None
        for one in old:
            one.quit()
        return found

    def _too_old(self) -> list[Link]:
        """Taken out; in the lock."""
        since = time.monotonic() - IDLE_S
        old = []
        for server, links in list(self._idle.items()):
            while links and links[0][0] < since:
                old.append(links.popleft()[1])
            if not links:
                del self._idle[server]
        return old


kept = Kept()
os.register_at_fork(after_in_child=kept.forget)
