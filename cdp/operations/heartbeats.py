"""Who lives: web processes, workers and beat say so, each in its own row."""

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cdp.operations.keeping import Cursor
from cdp.operations.version import VERSION

EVERY_S = 10.0
ALIVE = timedelta(seconds=35)
"""Three that were missed."""
FORGOTTEN = timedelta(days=1)

_SAY = """
select set_config('lock_timeout', '500ms', true);
insert into operations_heartbeat (name, kind, queue, host, pid, version, started_at, seen_at)
values (%(name)s, %(kind)s, %(queue)s, %(host)s, %(pid)s, %(version)s, %(now)s, %(now)s)
on conflict (name) do update set seen_at = excluded.seen_at, version = excluded.version,
  started_at = case when operations_heartbeat.seen_at < excluded.seen_at - interval '1 hour'
                    then excluded.started_at else operations_heartbeat.started_at end;"""


@dataclass(frozen=True)
class Living:
    """This process; of a worker its main process, which does no work itself and so is never too busy to say it."""

    kind: str
    queue: str = ""
    host: str = field(default_factory=lambda: socket.gethostname()[:100])
    pid: int = field(default_factory=os.getpid)

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.queue}@{self.host}:{self.pid}"


def say(cursor: Cursor, living: Living, *, now: datetime) -> None:
    facts = {"name": living.name, "kind": living.kind, "queue": living.queue, "host": living.host, "pid": living.pid}
    cursor.execute(_SAY, {**facts, "version": VERSION, "now": now})


def forget(cursor: Cursor, *, now: datetime) -> None:
    cursor.execute("delete from operations_heartbeat where seen_at < %s", [now - FORGOTTEN])
