"""A sending process of the bench. It waits for a line on its input, works, and answers with one line of JSON.

python -m bench.parts.sender ours             the product's own task, until nothing is due
python -m bench.parts.sender bare PORT FILE   ready-made messages from FILE, MAIL, RCPT, DATA over one kept
                                              connection; the line says how many
"""

import json
import pickle
import resource
import smtplib
import sys
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

SENDER = "news@shop.example"
Ready = tuple[str, bytes]


def serve(work: Callable[[int], int]) -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        n = work(int(line))
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"sent": n, "peak_mb": peak_mb}), flush=True)


def ours() -> Callable[[int], int]:
    import django

    django.setup()
    from campaigns.models import Campaign
    from campaigns.send import due_campaigns
    from campaigns.tasks import send
    from cdp.celery import leave_out_what_is_loaded
    from cdp.common.clock import utc_now

    def work(n: int) -> int:
        while due_campaigns(now=utc_now()):
            send()
        return n

    Campaign.objects.exists()
    leave_out_what_is_loaded()
    return work


def bare(port: int, messages: list[Ready]) -> Callable[[int], int]:
    server = smtplib.SMTP("127.0.0.1", port)
    server.ehlo()
    endless: Iterator[Ready] = cycle(messages)

    def work(n: int) -> int:
        for recipient, source in islice(endless, n):
            server.mail(SENDER)
            server.rcpt(recipient)
            code, said = server.data(source)
            if code != 250:
                raise SystemExit(f"the sink refused a message: {said!r}")
        return n

    return work


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    serve(ours() if kind == "ours" else bare(int(rest[0]), pickle.loads(Path(rest[1]).read_bytes())))
