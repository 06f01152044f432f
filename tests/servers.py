"""PostgreSQL and Valkey for the test run: embedded, in a temporary folder, never one that happens to run."""

import atexit
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from types import FrameType

from cdp.runtime.lock import try_take
from cdp.runtime.places import Places
from cdp.runtime.servers import EmbeddedServers, use_servers, wanted_servers

PREFIX = "tributary-test-"
ABANDONED_AFTER_S = 600

running: list[EmbeddedServers] = []


def start_test_servers() -> None:
    """Must run before the product's settings load; sets what they read."""
    for name in ("DATABASE_URL", "BROKER_URL", "CACHE_URL"):
        os.environ.pop(name, None)
    sweep_abandoned()
    var = temporary_var()
    os.environ["VAR_DIR"] = str(var)
    places = Places.of(var)
    signal.signal(signal.SIGTERM, interrupt)
    atexit.register(stop_test_servers)
    running.append(use_servers(places, wanted_servers(places, durable=False)))


def stop_test_servers() -> None:
    while running:
        embedded = running.pop()
        embedded.leave(hurry=True)
        forget(embedded.places)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def temporary_var() -> Path:
    """All may enter it: as root, PostgreSQL runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    return folder / "var"


def sweep_abandoned() -> None:
    """Stops and removes what a test run that was killed has left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        places = Places.of(folder / "var")
        if folder.stat().st_uid != os.getuid() or time.time() - folder.stat().st_mtime < ABANDONED_AFTER_S:
            continue
        lock = try_take(places.locks / "servers-in-use")
        if lock is not None:
            for server in wanted_servers(places):
                server.stop(hurry=True)
            forget(places)
            lock.release()


def forget(places: Places) -> None:
    """Removes the installation; its data folder and sockets may lie elsewhere."""
    outside = [places.postgres_data.resolve()]
    if places.var not in places.sockets.parents:
        outside.append(places.sockets)
    for folder in (*outside, places.var.parent):
        shutil.rmtree(folder, ignore_errors=True)
