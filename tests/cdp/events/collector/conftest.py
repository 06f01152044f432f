import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.collecting import Sender, a_key, collector
from tests.serving import Serving


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Serving]:
    folder: Path = tmp_path_factory.mktemp("collector")
    with Serving(collector(folder)) as running:
        yield running


@pytest.fixture
def sender(serving: Serving, transactional_db: None) -> Sender:
    return Sender(serving.url, a_key())


@pytest.fixture
def until_true() -> Callable[..., None]:
    """Waits for what another thread does; fails when it has not happened in time."""

    def wait(condition: Callable[[], bool], *, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s} s")
            time.sleep(0.05)

    return wait


@pytest.fixture
def at_once() -> Callable[[Callable[[int], int], int], list[int]]:
    """Calls the function with 0, 1, 2, … in as many threads."""

    def run(work: Callable[[int], int], n: int) -> list[int]:
        with ThreadPoolExecutor(n) as pool:
            return list(pool.map(work, range(n)))

    return run
