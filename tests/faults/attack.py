"""Proof R1: a crowd's messages are sent while everything is killed in turn; what came of it is compared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.crowd import BATCH, Crowd
from tests.faults.rotation import PAUSE_S, VICTIMS, Rotation, Victim, wait_until_whole
from tests.faults.sdk import Heard, Senders
from tests.faults.tables import Faults, Tables
from tests.product import Product

SEGMENTS: dict[str, dict[str, Any]] = {
    "On plan pro": {"kind": "trait", "name": "plan", "op": "is", "value": "pro"},
    "Adds much": {
        "kind": "event",
        "name": "Product Added",
        "measure": "sum",
        "op": "more_than",
        "value": 450,
        "window": {"kind": "ever"},
    },
    "Added lately": {
        "kind": "event",
        "name": "Product Added",
        "op": "at_least",
        "value": 2,
        "window": {"kind": "last", "amount": 10, "unit": "day"},
    },
}
PREPARE = """
import json
from cdp.accounts.source_keys import create_source
from cdp.common.clock import utc_now
from segments.save import create
from segments.tasks import refresh_stale

for name, root in json.loads({rules!r}).items():
    create(name, rule={{"version": 1, "root": root}}, by=None, now=utc_now())
refresh_stale.delay()
keys = dict()
for name in json.loads({sources!r}):
    keys[name] = create_source(None, name=name, kind="server", trust_rank=50, now=utc_now())[1].text
print(json.dumps(keys))
"""


@dataclass(frozen=True)
class Attacked:
    faults: Faults
    heard: Heard
    kills: list[str]
    caught_up_s: float


def prepare(product: Product, sources: Sequence[str]) -> dict[str, str]:
    """Makes SEGMENTS and the sources; returns the write keys by name."""
    code = PREPARE.format(rules=json.dumps(SEGMENTS), sources=json.dumps(sources))
    keys: dict[str, str] = json.loads(product.manage("shell", "-v0", "-c", code))
    return keys


def a_crowd(tag: str, n_messages: int, n_people: int) -> Crowd:
    return Crowd(tag, n_messages, n_people, until=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))


def members(crowd: Crowd) -> dict[str, set[str]]:
    """Who must be in SEGMENTS."""
    states = {user: person.states.get("Product Added", (0, 0)) for user, person in crowd.people().items()}
    return {
        "On plan pro": {user for user, person in crowd.people().items() if person.traits.get("plan") == "pro"},
        "Adds much": {user for user, state in states.items() if state[1] > 450},
        "Added lately": {user for user, state in states.items() if state[0] >= 2},
    }


def attack(
    product: Product,
    key: str,
    crowd: Crowd,
    *,
    seconds: float,
    victims: Mapping[str, Victim] = VICTIMS,
    url: str = "",
    pause_s: tuple[float, float] = PAUSE_S,
    quiet_within_s: float = 120,
) -> Attacked:
    """Sent over so many seconds, while the victims are killed in turn, each at least once."""
    senders = Senders(url or product.url, key)
    rotation = Rotation(product, victims, pause_s=pause_s)
    with rotation.running():
        heard = senders.send(crowd.batches(), pace_s=seconds * BATCH / crowd.n_messages)
    wait_until_whole(product, within_s=60)
    tables = Tables(product)
    caught_up_s = tables.wait_until_quiet(within_s=quiet_within_s)
    faults = tables.faults(crowd, acknowledged=heard.acknowledged, segments=members(crowd))
    return Attacked(faults, heard, rotation.kills, caught_up_s)
