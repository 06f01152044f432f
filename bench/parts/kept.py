"""An installation that a bench keeps between its runs: made once, asked often."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cdp.runtime.places import Places
from cdp.runtime.servers import servers_for, wanted_servers

COMPLETE = "bench-complete"


@contextmanager
def kept_servers(folder: Path, *, fresh: bool = False) -> Iterator[Places]:
    """`fresh` throws away what an earlier run made, as does one that finds a run that did not come to its end. Sets
    what the product's settings read; Django may be set up inside only."""
    if folder.exists() and (fresh or not (folder / COMPLETE).exists()):
        shutil.rmtree(Places.of(folder).postgres_data.resolve(), ignore_errors=True)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    for name in ("DATABASE_URL", "BROKER_URL", "CACHE_URL"):
        os.environ.pop(name, None)
    os.environ["VAR_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "cdp.settings"
    places = Places.of(folder)
    with servers_for(places, wanted_servers(places)):
        yield places


def is_complete(places: Places) -> bool:
    return (places.var / COMPLETE).exists()


def mark_complete(places: Places) -> None:
    (places.var / COMPLETE).touch()
