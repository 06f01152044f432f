"""Posting beside the worker's tasks: waiting for somebody's server must not keep events or mails waiting.

A worker process that is killed in the middle loses its leases, and another posts the messages once they ran out.
"""

import random
import threading

from django.conf import settings
from django.db import connection

from campaigns.webhooks.claims import is_due
from campaigns.webhooks.deliver import MOST_THREADS, With, deliver
from cdp.common.clock import utc_now
from cdp.common.outbound import open_client

_one_at_a_time = threading.Lock()


def start() -> None:
    """Returns at once. While this process is at it already, nothing happens."""
    if is_due(now=utc_now()) and _one_at_a_time.acquire(blocking=False):
        threading.Thread(target=_run, name="webhooks", daemon=True).start()


def _run() -> None:
    try:
        with open_client(most_connections=MOST_THREADS) as client:
            deliver(With(client, settings.ENCRYPTION_KEYS, utc_now, random.Random()))  # noqa: S311
    finally:
        connection.close()
        _one_at_a_time.release()
