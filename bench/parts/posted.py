"""A campaign to everybody in the bench's shop, and where its mails go: a mail server that takes and forgets them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

BACKLOG = "64"


@contextmanager
def sink() -> Iterator[tuple[str, int]]:
    """Its name and port, in a process of its own: Postfix's smtp-sink if it is on the PATH or named by SMTP_SINK."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tool = os.environ.get("SMTP_SINK") or shutil.which("smtp-sink")
    own = [sys.executable, "-m", "bench.parts.posted", str(port)]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [tool, *user, f"127.0.0.1:{port}", BACKLOG] if tool else own
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield "smtp-sink" if tool else "aiosmtpd", port
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the mail server of the bench did not start")


def campaign_to_all(content: dict[str, Any], *, port: int, now: datetime) -> int:
    """Planned for everybody, due for nobody yet (`release`). Returns its id."""
    from django.db import connection

    from campaigns.models import Account, Campaign, Template

    account = Account.objects.create(
        name="Sink",
        kind="smtp",
        settings={"host": "127.0.0.1", "port": port, "security": "none"},
        created_at=now,
        changed_at=now,
    )
    template = Template.objects.create(name="Bench", content=content, created_at=now, changed_at=now)
    campaign = Campaign.objects.create(
        name="Bench",
        template=template,
        sender="Shop <news@shop.example>",
        account=account,
        state=Campaign.State.SENDING,
        created_at=now,
        started_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(PLANNED, [campaign.pk, now])
        cursor.execute("vacuum analyze campaigns_delivery")
    return int(campaign.pk)


PLANNED = (
    "insert into campaigns_delivery (profile_id, campaign_id, occurrence, ref, address, record_id, state, reason,"
    " error, variant, arm, context, branches, fence, planned_at, due_at) select id, %s, 'once', gen_random_uuid(),"
    " traits ->> 'email', id, 'planned', '', '', 0, '', '{}', '{}', 0, %s, null from profiles_profile"
)


def release(ids: range, *, now: datetime) -> None:
    from campaigns.models import Delivery

    Delivery.objects.filter(profile_id__gte=ids.start, profile_id__lt=ids.stop).update(due_at=now)


def forgetful(port: int) -> None:
    """A mail server in Python, where there is no smtp-sink."""
    from aiosmtpd.controller import Controller

    class Taking:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            return "250 taken"

    controller = Controller(Taking(), hostname="127.0.0.1", port=port, data_size_limit=None)
    controller.start()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    forgetful(int(sys.argv[1]))
