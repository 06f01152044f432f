"""Sending: a campaign's whole way (claim, ask, make, hand over, settle, tell) beside a bare sender in the same run.

Ours: two processes run the product's own task on one campaign; mails of some 20 KB with 15 tokens, four conditional
blocks and a grid of four items, to a mail server that forgets them. The peer: two processes hand over ready-made
messages of the same kind with Python's smtplib, one kept connection each. They take turns, so that a busy machine slows
both. The sink is Postfix's smtp-sink if it is on the PATH (or named by SMTP_SINK), else aiosmtpd, which is far slower
than either. The last line is JSON: `send_ratio` is ours / the peer in mails a second, `peak_mb` of a sending process,
`growth` how much larger it was in the end than after the first turn. PEOPLE sets how many.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.core.management import call_command

from bench.parts import ground, posted

QUICK = bool(os.environ.get("QUICK"))
PEOPLE = int(os.environ.get("PEOPLE") or (6_000 if QUICK else 100_000))
TURNS = 3 if QUICK else 10
PROCESSES = 2
SAMPLES = 500
"""Ready-made messages that the peer sends again and again."""
WARM = 1_200
"""People whose mails are sent before the clock runs: each process loads what it needs, as it does once in its life."""
ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    os.environ["SEND_PROCESSES"] = str(PROCESSES)
    with ground.own_servers(), posted.sink() as (tool, port):
        django.setup()
        call_command("migrate", verbosity=0)
        from bench.parts import mail, mailed
        from cdp.common.clock import utc_now

        now = utc_now()
        say(f"{20 * PEOPLE:,} events of {PEOPLE:,} people from the past; {tool} takes the mails …")
        mailed.preload(profiles=PEOPLE, now=now)
        campaign_id = posted.campaign_to_all(mail.content(), port=port, now=now)
        found = figures(campaign_id, port)
    say(json.dumps({**found, "people": PEOPLE, "sink": tool, "processes": PROCESSES, "quick": QUICK}))


def figures(campaign_id: int, port: int) -> dict[str, float]:
    from cdp.common.clock import utc_now

    ours_s, peer_s, peaks = 0.0, 0.0, [0.0]
    with ready_made(campaign_id, now=utc_now()) as file, ExitStack() as stack:
        ours = [stack.enter_context(sender("ours")) for _ in range(PROCESSES)]
        peers = [stack.enter_context(sender("bare", str(port), file)) for _ in range(PROCESSES)]
        posted.release(range(1, WARM + 1), now=utc_now())
        run(ours, WARM)
        run(peers, WARM)
        for ids in turns():
            posted.release(ids, now=utc_now())
            took_s, peak = run(ours, len(ids))
            ours_s += took_s
            peaks.append(peak)
            bare_s = run(peers, len(ids))[0]
            peer_s += bare_s
            say(f"  {len(ids):,} mails: {len(ids) / took_s:,.0f}/s, the bare sender {len(ids) / bare_s:,.0f}/s")
    say(f"Ours: {(PEOPLE - WARM) / ours_s:,.0f} mails/s; the bare sender: {(PEOPLE - WARM) / peer_s:,.0f} mails/s")
    check(campaign_id)
    return {
        "send_ratio": round(peer_s / ours_s, 3),
        "send_per_s": round((PEOPLE - WARM) / ours_s),
        "peer_per_s": round((PEOPLE - WARM) / peer_s),
        "peak_mb": round(max(peaks), 1),
        "growth": round(max(peaks) / peaks[1], 3),
    }


def turns() -> Iterator[range]:
    size = -(-(PEOPLE - WARM) // TURNS)
    for start in range(WARM + 1, PEOPLE + 1, size):
        yield range(start, min(start + size, PEOPLE + 1))


def run(senders: "list[subprocess.Popen[str]]", n: int) -> tuple[float, float]:
    """Seconds until all have done their part of n, and the highest peak."""
    started = time.perf_counter()
    for one in senders:
        assert one.stdin
        one.stdin.write(f"{n // len(senders)}\n")
        one.stdin.flush()
    answers = [json.loads(heard(one)) for one in senders]
    return time.perf_counter() - started, max(answer["peak_mb"] for answer in answers)


@contextmanager
def sender(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bench.parts.sender", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        heard(process)
        yield process
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait()


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        sys.exit("a sending process of the bench died")
    return line


@contextmanager
def ready_made(campaign_id: int, *, now: datetime) -> Iterator[str]:
    """A file of complete messages, as ours are."""
    made = pickle.dumps(samples(campaign_id, now=now))
    with tempfile.NamedTemporaryFile() as file:
        file.write(made)
        file.flush()
        yield file.name


def samples(campaign_id: int, *, now: datetime) -> list[tuple[str, bytes]]:
    from campaigns.channels.mailbox import Mailbox
    from campaigns.content.compose import Made, Recipient, compose
    from campaigns.mime import mime
    from campaigns.models import Campaign
    from campaigns.send import sending_of
    from cdp.rules.tree import UTC

    campaign = Campaign.objects.select_related("template", "version").get(pk=campaign_id)
    sending = sending_of(campaign, channel=Mailbox(), base_url="https://mail.shop.example", zone=UTC, now=now)
    way = sending.ways[0]
    ids = range(1, min(SAMPLES, PEOPLE) + 1)
    people = [Recipient(pk, UUID(int=pk), f"user{pk}@example.com") for pk in ids]
    found = []
    for one in compose(way.press, people, now=now, rehearsal=True):
        if not isinstance(one, Made):
            sys.exit(f"A mail could not be made: {one.why}")
        to = one.recipient
        stop = way.press.addresses.unsubscribe(to.ref)
        source = mime(one.rendered, ref=to.ref, sender=way.sender, recipient=to.address, unsubscribe_url=stop, now=now)
        found.append((to.address, source))
    say(f"{sum(len(source) for _, source in found) / len(found) / 1024:.1f} KB a message on the wire")
    return found


def check(campaign_id: int) -> None:
    from django.db.models import Count

    from campaigns.models import Delivery

    rows: Any = Delivery.objects.filter(campaign_id=campaign_id).values_list("state", "reason")
    states = {tuple(key): n for *key, n in rows.annotate(n=Count("profile_id"))}
    if states != {("accepted", ""): PEOPLE}:
        sys.exit(f"not everybody was sent their mail: {states}")


if __name__ == "__main__":
    main()
