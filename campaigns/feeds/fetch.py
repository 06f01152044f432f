"""What feeds answer for the recipients of a batch: one request per distinct address, and a failure stops nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache.backends.base import BaseCache

from cdp.common.outbound import Client


@dataclass(frozen=True)
class Wanted:
    """What one recipient's mail asks of a feed. The context is the plain dictionary the mail is rendered with."""

    feed: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What stands in the mail. None: nothing does, and blocks show their words for that case."""

    value: Any | None
    why: str = ""
    """Empty for a good answer; else what failed, in a sentence without personal data (also where the value is an
    older answer or the fallback)."""
    source: str = "asked"
    """asked, cache, stale, fallback or none."""


def fetch(wanted: Sequence[Wanted], *, client: Client, cache: BaseCache, now: datetime) -> list[Answer]:
    """An answer for each, in their order. Never raises for what an endpoint does. Not inside a transaction."""
    raise NotImplementedError
