"""Two workers on the same people wait for each other in one order."""

import time
from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

from identity.locks import IDENTITY_LOCK
from tests.taking_in import ago, identify, rows, take_in

DEADLINE_S = 10.0


@pytest.mark.django_db(transaction=True)
def test_an_older_message_dates_identifiers_back_only_when_its_turn_has_come() -> None:
    """It once did so before it waited for the identity lock, and met those who came from the other side."""
    take_in([identify("ada", anonymousId="d1", at=ago(days=1))])
    results: list[int] = []

    def takes_in_an_older_one() -> None:
        older = identify("ada", anonymousId="d1", at=ago(days=3))
        results.append(take_in([older, identify("bob", anonymousId="d2")]).messages)
        connection.close()

    worker = Thread(target=takes_in_an_older_one)
    with transaction.atomic():
        rows("select pg_advisory_xact_lock(%s)", IDENTITY_LOCK)
        worker.start()
        wait_for(lambda: rows("select count(*) from pg_locks where locktype = 'advisory' and not granted") == [(1,)])
        with connection.cursor() as cursor:
            cursor.execute("update profiles_identifier set first_seen_at = %s", [ago(days=2)])
    worker.join(DEADLINE_S)
    assert results == [2]
    assert rows("select distinct first_seen_at from profiles_identifier where value in ('ada', 'd1')") == [
        (ago(days=3),)
    ]


def wait_for(condition: Callable[[], bool]) -> None:
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < DEADLINE_S
        time.sleep(0.02)
