"""The limit: a bare ASGI application that stores each body in one row, by group commit, and checks nothing."""

import asyncio
import os
import queue
import threading
from typing import Any

import psycopg2

GROUP = 64
COPY = "copy bare_inbox (body) from stdin with (format binary)"
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)

waiting: "queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]]" = queue.SimpleQueue()


class Rows:
    """A COPY in binary of one bytea column, as a file."""

    def __init__(self, bodies: list[bytes]) -> None:
        rows = (b"\0\1" + len(body).to_bytes(4, "big") + body for body in bodies)
        self._left = HEAD + b"".join(rows) + b"\xff\xff"

    def read(self, size: int = -1) -> bytes:
        chunk, self._left = self._left[:size], self._left[size:]
        return chunk


def commit_groups(loop: asyncio.AbstractEventLoop) -> None:
    connection = psycopg2.connect(os.environ["BENCH_DATABASE_URL"])
    cursor = connection.cursor()
    while True:
        group = [waiting.get()]
        while len(group) < GROUP and not waiting.empty():
            group.append(waiting.get())
        rows = Rows([body for body, _ in group])
        cursor.copy_expert(COPY, rows, size=1 << 24)
        connection.commit()
        loop.call_soon_threadsafe(finish, group)


def finish(group: list[tuple[bytes, "asyncio.Future[None]"]]) -> None:
    for _, done in group:
        done.set_result(None)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        threading.Thread(target=commit_groups, args=(asyncio.get_running_loop(),), daemon=True).start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting.put((body, done))
    await done
    headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"success":true}'})
