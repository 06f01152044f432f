"""The negative control of proof R1: with this folder on PYTHONPATH the collector answers before it commits."""

import asyncio

from cdp.events.collector.commit import Committer, InboxRow

_commit = Committer.commit
_under_way: set["asyncio.Task[None]"] = set()


async def commit(self: Committer, row: InboxRow) -> None:
    task = asyncio.create_task(_commit(self, row))
    _under_way.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Task[None]") -> None:
    _under_way.discard(task)
    task.exception()


Committer.commit = commit  # type: ignore[method-assign]
