"""Proof R4 over HTTP: senders' clocks are wrong by years, and what they say still lies where it happened."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.sdk import Heard, Sdk
from tests.faults.tables import Tables
from tests.product import Product

YEARS_OFF = (-10, -1, 0, 1, 10)
BERLIN = ZoneInfo("Europe/Berlin")
TRANSIT = timedelta(seconds=60)
"""What may lie between sending and receiving on a busy machine."""
FIXED = {
    # Berlin's clocks say 02:30 twice on this day; only the offset tells which.
    "fold-0": ("2025-10-26T02:30:00+02:00", "2025-10-26T00:30:00+00:00"),
    "fold-1": ("2025-10-26T02:30:00+01:00", "2025-10-26T01:30:00+00:00"),
    "gap": (datetime(2025, 3, 30, 3, 30, tzinfo=BERLIN).isoformat(), "2025-03-30T01:30:00+00:00"),
    "leap": ("2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999000+00:00"),
    "leap-zone": ("2024-02-29T23:30:00-05:00", "2024-03-01T04:30:00+00:00"),
    "no-offset": ("2025-06-01T12:00:00", "2025-06-01T12:00:00+00:00"),
    "long-ago": ("2016-02-29T12:00:00Z", "2016-02-29T12:00:00+00:00"),
}
OCCURRED = "select message_id, occurred_at from events_event where message_id like 'clock-%'"
STATE = "select n, sum, first_at, last_at from events_eventstate where name = 'Clocked'"


def clocked(name: str, timestamp: str, **more: Any) -> dict[str, Any]:
    event = {"type": "track", "event": "Clocked", "userId": "clocked", "properties": {"value": 1}}
    return {**event, "messageId": f"clock-{name}", "timestamp": timestamp, **more}


def test_r4_wrong_clocks_odd_days_and_any_order(hardened: Product, tables: Tables, keys: dict[str, str]) -> None:
    sdk = Sdk(hardened.url, keys["clocks"], Heard())
    now = datetime.now(UTC)
    draw = random.Random(4)
    wrong, expected = [], {}
    for years in YEARS_OFF:
        off = timedelta(days=365.2425 * years)
        for ago in (timedelta(0), timedelta(hours=5), timedelta(days=400)):
            name = f"{years}-{ago.days}-{ago.seconds}"
            said, sent = now + off - ago, now + off
            wrong.append(clocked(name, said.isoformat(), sentAt=sent.isoformat()))
            expected[f"clock-{name}"] = now - ago
    wrong.append(clocked("tomorrow", (now + timedelta(days=1)).isoformat()))
    expected["clock-tomorrow"] = now
    messages = wrong + [clocked(name, said) for name, (said, _) in FIXED.items()]
    draw.shuffle(messages)
    for message in messages:
        assert sdk.post("/v1/batch", Sdk.body([message]))[0] == 200
    tables.wait_until_quiet(within_s=60)
    occurred = dict(tables.ask(OCCURRED))
    assert len(occurred) == len(messages)
    for message_id, at in expected.items():
        assert timedelta(0) <= occurred[message_id] - at <= TRANSIT, message_id
    for name, (_, meant) in FIXED.items():
        assert occurred[f"clock-{name}"] == datetime.fromisoformat(meant), name
    times = sorted(occurred.values())
    assert tables.ask(STATE) == [(len(times), Decimal(len(times)), times[0], times[-1])]
