"""Proofs R2 and R3 over HTTP: repeated and broken messages, in the middle of good ones."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.faults.attack import a_crowd
from tests.faults.bad import bad
from tests.faults.crowd import CANARY
from tests.faults.sdk import Heard, Sdk
from tests.faults.tables import Tables
from tests.product import Product

GOOD, EVERY = 20_000, 200
AT_ONCE = 10
QUARANTINE = (
    "select code, reason, state from events_rejectedmessage q join accounts_source s on s.id = q.source_id"
    " where s.name = %s"
)
STORED = "select message_id, count(*) from events_event where message_id like %s group by 1"
REPLAY = r"""
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from cdp.common.clock import utc_now
from cdp.events.models import RejectedMessage
from cdp.events.quarantine import replay

NUL = rb"\u0000"
broken = RejectedMessage.objects.filter(code="characters", state="waiting")
waiting = [(one.pk, bytes(one.body).replace(NUL, b"")) for one in broken if NUL in bytes(one.body)]

def all_of_it(_):
    done = [replay(pk, body=body, now=utc_now()) for pk, body in waiting]
    connection.close()
    return done

with ThreadPoolExecutor(2) as pool:
    done = sum(pool.map(all_of_it, range(2)), [])
print(sum(done), len(done))
"""


def once(index: int, **more: Any) -> dict[str, Any]:
    event = {"type": "track", "event": "Once", "userId": "once", "timestamp": "2026-01-02T03:04:05Z"}
    return {**event, "messageId": f"once-{index}", **more}


def test_r2_a_message_sent_ten_times_at_once_has_one_effect(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    key = keys["once"]

    def send(messages: list[dict[str, Any]]) -> int:
        return Sdk(hardened.url, key, Heard()).post("/v1/batch", Sdk.body(messages))[0]

    same = [[once(index)] for index in range(20) for _ in range(AT_ONCE)]
    other = [[once(100, properties={"n": n})] for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(send, same + other)) == {200}
    tables.wait_until_quiet(within_s=60)
    assert tables.ask(STORED, "once-%") == [(f"once-{index}", 1) for index in sorted((*range(20), 100), key=str)]
    conflicts = tables.ask(QUARANTINE, "once")
    assert [code for code, *_ in conflicts] == ["duplicate"] * (AT_ONCE - 1)
    assert tables.ask("select n from events_eventstate where name = 'Once'") == [(21,)]


def test_r3_bad_messages_stand_in_quarantine_and_the_good_ones_go_on(
    hardened: Product, tables: Tables, keys: dict[str, str]
) -> None:
    crowd = a_crowd("good", GOOD, 500)
    sdk = Sdk(hardened.url, keys["bad"], Heard())
    statuses: Counter[int] = Counter()
    n_refused = 0
    for index, batch in enumerate(crowd.batches()):
        messages = [json.dumps(message).encode() for message in batch]
        if index * len(batch) % EVERY == 0:
            messages.insert(index % len(messages), bad(index * len(batch) // EVERY))
        status, answer, _ = sdk.post("/v1/batch", b'{"batch":[' + b",".join(messages) + b"]}")
        statuses[status] += 1
        n_refused += len(json.loads(answer)["refused"])
    assert statuses == {200: GOOD // 100}
    tables.wait_until_quiet(within_s=60)
    faults = tables.faults(crowd, acknowledged=crowd.event_ids(), segments={})
    assert faults.found == {}
    quarantined = tables.ask(QUARANTINE, "bad")
    assert len(quarantined) == GOOD // EVERY
    assert 0 < n_refused < len(quarantined), "some are refused by the collector, some found by the pipeline"
    assert {code for code, *_ in quarantined} >= {"shape", "size", "characters", "depth", "identity"}
    assert all(reason.endswith(".") and CANARY not in reason for _, reason, _ in quarantined)

    broken = sum("NUL" in reason for _, reason, _ in quarantined)
    assert broken >= 20
    assert hardened.manage("shell", "-v0", "-c", REPLAY).split() == [str(broken), str(2 * broken)]
    tables.wait_until_quiet(within_s=60)
    states = Counter((code, state) for code, _, state in tables.ask(QUARANTINE, "bad"))
    assert states["characters", "replayed"] == broken
    stored = dict(tables.ask(STORED, "bad-%"))
    assert len(stored) >= broken / 2
    assert set(stored.values()) == {1}
