"""`python -m tests.faults.send_on 3`: three processes that plan and send all the time, a new one at once for each that
dies. Each says its pid when it is through with a round. In small lots, so that few mails live through many deaths.

A second argument names a negative control: what is broken in them.
"""

import os
import sys
import time
from datetime import datetime

import django
from django.db import connection

django.setup()

from campaigns import ledger, send, tasks  # noqa: E402
from campaigns.channels.known import channel_of  # noqa: E402
from campaigns.models import Campaign, Delivery  # noqa: E402
from cdp.common.clock import deployment_zone, utc_now  # noqa: E402
from tests.faults.senders import BATCH, LOT  # noqa: E402

PAUSE_S = 0.03


def repeating() -> None:
    """What was being handed over is taken for not sent."""

    def recover(campaign_ids: list[int], *, now: datetime) -> None:
        expired = Delivery.objects.filter(campaign_id__in=campaign_ids, lease_until__lt=now)
        expired.update(state="planned", lease_until=None, claimed_at=None)

    ledger.recover = recover  # type: ignore[assignment]


def rounds() -> None:
    """What the beat asks for, as fast as that goes."""
    while True:
        tasks.plan_due()
        tasks.settle_unknown()
        tasks.send()
        os.write(1, f"{os.getpid()}\n".encode())
        time.sleep(PAUSE_S)


def warm_up() -> None:
    """The first mail of a process takes a second to compile: what is forked from one that did so begins at once."""
    for campaign in Campaign.objects.select_related("template", "account"):
        send.sending_of(
            campaign, channel=channel_of(campaign.account), base_url="", zone=deployment_zone(), now=utc_now()
        )
    connection.close()


def keep_up(n: int) -> None:
    alive: set[int] = set()
    while True:
        while len(alive) < n:
            pid = os.fork()
            if not pid:
                rounds()
            alive.add(pid)
        alive.discard(os.wait()[0])


if __name__ == "__main__":
    send.BATCH, send.LOT = BATCH, LOT
    if "repeating" in sys.argv:
        repeating()
    warm_up()
    keep_up(int(sys.argv[1]))
