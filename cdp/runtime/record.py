"""What a running `manage.py up` writes down about itself, for the next start and for a second one."""

import json
import os
import signal
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from cdp.runtime import processes
from cdp.runtime.places import Places

STOP_WITHIN_S = 5.0


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


def living_children(places: Places) -> tuple[RecordedProcess, ...]:
    record = read_record(places)
    return tuple(child for child in record.children if child.is_ours()) if record else ()


def has_living_children(places: Places) -> bool:
    return bool(living_children(places))


def stop_orphans(places: Places) -> tuple[str, ...]:
    """Ends what a killed supervisor left running, and says what that was. The caller holds the up lock."""
    orphans = living_children(places)
    signal_all(orphans, signal.SIGTERM)
    processes.wait_until(lambda: not any(orphan.is_ours() for orphan in orphans), within_s=STOP_WITHIN_S)
    signal_all(orphans, signal.SIGKILL)
    processes.wait_until(lambda: not any(orphan.is_ours() for orphan in orphans), within_s=STOP_WITHIN_S)
    return tuple(orphan.name for orphan in orphans)


def signal_all(orphans: Iterable[RecordedProcess], number: signal.Signals) -> None:
    for orphan in orphans:
        if orphan.pid != os.getpid():
            processes.send_group(orphan.pid, number)
