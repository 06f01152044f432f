"""What a running `manage.py up` writes down about itself, for the next start and for a second one."""

import json
import os
import signal
from dataclasses import asdict, dataclass

from cdp.runtime import processes
from cdp.runtime.places import Places

STOP_WITHIN_S = 5.0
MARK = "TRIBUTARY_STARTED_IN"
"""Environment variable of all that `up` starts; its value is VAR_DIR."""


@dataclass(frozen=True)
class RecordedProcess:
    """`fingerprint` tells this process from a later one with the same pid."""

    name: str
    pid: int
    fingerprint: str

    def is_ours(self) -> bool:
        return bool(self.fingerprint) and processes.fingerprint(self.pid) == self.fingerprint


@dataclass(frozen=True)
class RunRecord:
    """Where the product answers, who supervises it, and what he started."""

    address: str
    pid: int
    children: tuple[RecordedProcess, ...]


def write_record(places: Places, record: RunRecord) -> None:
    draft = places.run_record.with_suffix(".new")
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(places.run_record)


def read_record(places: Places) -> RunRecord | None:
    try:
        raw = json.loads(places.run_record.read_text())
        children = tuple(RecordedProcess(**child) for child in raw["children"])
        return RunRecord(address=raw["address"], pid=raw["pid"], children=children)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_record(places: Places) -> None:
    places.run_record.unlink(missing_ok=True)


def left_behind(places: Places) -> dict[int, str]:
    """Pid and name of what an `up` started here and that still runs.

    The kernel tells who was started with our mark, children of dead children too; where it does not
    (no /proc), the record does.
    """
    record = read_record(places)
    recorded = {child.pid: child.name for child in record.children if child.is_ours()} if record else {}
    marked = set(processes.pids_with_environment(MARK, str(places.var)))
    return {pid: recorded.get(pid, "a process") for pid in {*recorded, *marked} - {os.getpid()}}


def stop_orphans(places: Places) -> tuple[str, ...]:
    """Ends what a killed supervisor left running, and says what that was. The caller holds the up lock."""
    orphans = left_behind(places)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in orphans:
            if processes.is_alive(pid):
                processes.send(pid, number)
        processes.wait_until(lambda: not any(map(processes.is_alive, orphans)), within_s=STOP_WITHIN_S)
    return tuple(orphans.values())
