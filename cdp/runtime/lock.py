"""File locks between processes; the kernel drops them when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """A held lock on a file; the file itself stays, because deleting it would allow two holders."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def try_exclusive(self) -> bool:
        """From shared to exclusive, if nobody else shares it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def take_shared(path: Path) -> Lock:
    descriptor = opened(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return Lock(descriptor)


def try_take(path: Path) -> Lock | None:
    descriptor = opened(path)
    lock = Lock(descriptor)
    if lock.try_exclusive():
        return lock
    lock.release()
    return None


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Waits for its turn."""
    descriptor = opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def opened(path: Path) -> int:
    """Python's descriptors are not inherited by programs it starts, so children never hold the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
