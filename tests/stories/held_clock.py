"""A clock that stands still until a story moves it: what the product does is then the same every time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

READERS = ("cdp.common.clock.datetime", "django.utils.timezone.datetime")
"""The two places that the product reads the time of day from."""


class HeldClock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at: datetime) -> None:
        self.now = at
        clock = self

        class Held(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # arithmetic gives plain ones
                return clock.now.astimezone(tz) if tz else clock.now.astimezone(UTC).replace(tzinfo=None)

        for reader in READERS:
            monkeypatch.setattr(reader, Held)

    def let_pass(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now
