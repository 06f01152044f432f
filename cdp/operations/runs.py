"""What became of the runs of tasks: added up in the worker's process, written down by it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cdp.common.masking import masked
from cdp.operations.keeping import Cursor

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|\([^)]*\)=\([^)]*\)")


@dataclass(slots=True)
class Runs:
    """Runs of one task since they were last written down."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    took_s: float | None = None
    worst_s: float = 0.0
    runs: int = 0
    failures: int = 0
    total_s: float = 0.0
    error: str = ""
    failed_at: datetime | None = None

    def finished(self, at: datetime, took_s: float, error: BaseException | None) -> None:
        self.finished_at, self.took_s = at, took_s
        self.runs, self.total_s, self.worst_s = self.runs + 1, self.total_s + took_s, max(self.worst_s, took_s)
        self.error = "" if error is None else said_of(error)
        if error is not None:
            self.failures, self.failed_at = self.failures + 1, at


def said_of(error: BaseException) -> str:
    """The first line, without what it quotes: that may be a person's."""
    line = str(error).strip().split("\n", maxsplit=1)[0]
    return f"{type(error).__name__}: {masked(_QUOTED.sub('“…”', line))}"[:300].removesuffix(": ")


_COLUMNS = "task, started_at, finished_at, took_s, worst_s, runs, failures, total_s, error, failed_at"
_WRITE = f"""
select set_config('lock_timeout', '500ms', true);
insert into operations_taskstate ({_COLUMNS}, usual_s, worst_on)
select t.*, t.total_s / nullif(t.runs, 0), %s::date
  from unnest(%s::text[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::float8[], %s::bigint[], %s::bigint[],
              %s::float8[], %s::text[], %s::timestamptz[]) t ({_COLUMNS}) order by task
on conflict (task) do update set
  started_at = greatest(operations_taskstate.started_at, excluded.started_at),
  finished_at = greatest(operations_taskstate.finished_at, excluded.finished_at),
  took_s = coalesce(excluded.took_s, operations_taskstate.took_s),
  usual_s = case when excluded.runs = 0 then operations_taskstate.usual_s
                 when operations_taskstate.usual_s is null then excluded.usual_s
                 else 0.8 * operations_taskstate.usual_s + 0.2 * excluded.usual_s end,
  worst_s = case when operations_taskstate.worst_on = excluded.worst_on
                 then greatest(operations_taskstate.worst_s, excluded.worst_s) else excluded.worst_s end,
  worst_on = excluded.worst_on,
  runs = operations_taskstate.runs + excluded.runs,
  failures = operations_taskstate.failures + excluded.failures,
  total_s = operations_taskstate.total_s + excluded.total_s,
  error = case when excluded.runs = 0 then operations_taskstate.error else excluded.error end,
  failed_at = greatest(operations_taskstate.failed_at, excluded.failed_at);"""


def write(cursor: Cursor, found: Mapping[str, Runs], *, now: datetime) -> None:
    if found:
        rows = [
            (
                *(task, one.started_at, one.finished_at, one.took_s, one.worst_s),
                *(one.runs, one.failures, one.total_s, one.error, one.failed_at),
            )
            for task, one in found.items()
        ]
        cursor.execute(_WRITE, [now.date(), *(list(column) for column in zip(*rows, strict=True))])
