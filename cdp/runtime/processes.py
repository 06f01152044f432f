"""Looks at other processes: does a recorded pid still belong to whom we think?"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def is_alive(pid: int) -> bool:
    """A zombie counts as dead: it holds nothing any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return state_of(pid) not in ("Z", "")


def state_of(pid: int) -> str:
    """R, S, D, T or Z; empty if there is no such process."""
    if has_proc():
        fields = stat_fields(pid)
        return fields[0] if fields else ""
    return asked_ps(pid, "state")[:1]


def command_line(pid: int) -> str:
    if has_proc():
        try:
            return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return asked_ps(pid, "command")


def fingerprint(pid: int) -> str:
    """Differs between two processes that ever had this pid, also across a reboot; empty if there is none."""
    if has_proc():
        fields = stat_fields(pid)
        if not fields or fields[0] == "Z":
            return ""
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{fields[19]}"
    return asked_ps(pid, "lstart") and f"{asked_ps(pid, 'lstart')}/{asked_ps(pid, 'command')}"


def pids_working_in(folder: Path) -> Iterator[int]:
    """Processes whose working directory is the folder; nothing where the kernel has no /proc."""
    for pid in all_pids():
        try:
            here = (PROC / str(pid) / "cwd").readlink()
        except OSError:
            continue
        if here == folder and is_alive(pid):
            yield pid


def pids_with_environment(name: str, value: str) -> Iterator[int]:
    """Processes started with this variable, by whomever they were left; nothing without /proc."""
    wanted = f"{name}={value}".encode()
    for pid in all_pids():
        try:
            environment = (PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0") and is_alive(pid):
            yield pid


def all_pids() -> Iterator[int]:
    if has_proc():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (the second may hold blanks and brackets)."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def has_proc() -> bool:
    return (PROC / "self" / "stat").exists()


def asked_ps(pid: int, column: str) -> str:
    command = ["ps", "-ww", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def send_group(pid: int, number: signal.Signals) -> None:
    """To a process and all that it started in its process group."""
    # macOS answers EPERM for a group of which only zombies are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def wait_until(condition: Callable[[], bool], *, within_s: float, every_s: float = 0.05) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
