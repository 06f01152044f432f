"""Who is refused while requests stand in line, and who is not."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from cdp.events.collector import commit
from cdp.events.collector.commit import GROUP_REQUESTS, Committer, InboxRow

NOISY, QUIET = 1, 2


class Blocked:
    """A database whose COPY lasts until it is let go."""

    closed = 0

    def __init__(self) -> None:
        self.copying, self.go_on = threading.Event(), threading.Event()

    def cursor(self) -> "Blocked":
        return self

    def __enter__(self) -> "Blocked":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def copy_expert(self, *_: Any, **__: Any) -> None:
        self.copying.set()
        assert self.go_on.wait(30)

    def commit(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """Nothing is open."""


def a_row(source_id: int) -> InboxRow:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return InboxRow(source_id, "live", "batch", b"{}", None, b"{}", at)


@pytest.mark.parametrize(("standing_s", "is_refused"), [(0.0, True), (3600.0, False)], ids=["stands", "a crowd"])
def test_only_a_queue_that_stands_refuses_and_only_who_fills_it(
    monkeypatch: pytest.MonkeyPatch, standing_s: float, is_refused: bool
) -> None:
    monkeypatch.setattr(commit, "STANDING_S", standing_s)
    database = Blocked()
    committer = Committer(lambda: database, after_commit=lambda: None)

    async def ask() -> list[bool]:
        committer.start(asyncio.get_running_loop())
        first = asyncio.create_task(committer.commit(a_row(NOISY)))
        await asyncio.to_thread(database.copying.wait, 30)
        found = [committer.is_crowded_for(NOISY)]
        more = [asyncio.create_task(committer.commit(a_row(NOISY))) for _ in range(GROUP_REQUESTS)]
        await asyncio.sleep(0)
        found += [committer.is_crowded_for(NOISY), committer.is_crowded_for(QUIET)]
        database.go_on.set()
        await asyncio.gather(first, *more)
        return [*found, committer.is_crowded_for(NOISY)]

    try:
        assert asyncio.run(ask()) == [False, is_refused, False, False]
    finally:
        committer.stop()
