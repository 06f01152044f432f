"""How soon a triggered mail arrives: from the 200 to a sign-up until the welcome stands in the local mailbox, through
the collector, the inbox, Celery workers and the sending loop, beside other traffic. The last line is JSON.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
from django.core.management import call_command

from bench.parts import accept, ground, through, triggered

QUICK = bool(os.environ.get("QUICK"))
PROFILES = 2_000 if QUICK else 200_000
EVENTS = 20_000 if QUICK else 2_000_000
PER_S, SECONDS = (50, 10) if QUICK else (200, 120)
LIMIT_S = 5.0


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    with ground.own_servers() as places:
        django.setup()
        call_command("migrate", verbosity=0)
        from cdp.common.clock import utc_now

        say(f"{PROFILES:,} people with {EVENTS:,} events from the past …")
        source_id = ground.preload(profiles=PROFILES, events=EVENTS, now=utc_now())
        key = _key_of(source_id)
        campaign_id = _started()
        url = places.database_url
        environment = through.environment_of(url)
        with accept.uvicorn("cdp.asgi:application", environment) as port, through.workers(environment, 2):
            through.warm_up(port, key, url=url)
            one = triggered.measure(port, key, campaign_id, url=url, per_s=PER_S, seconds=SECONDS, people=PROFILES)
    say(
        f"{one.signed_up:,} sign-ups among {one.requests:,} requests at {PER_S}/s: the welcome is there after"
        f" {one.at(0.5):.2f} s (99 of 100 within {one.at(0.99):.2f}), {one.mails:,} mails"
    )
    if one.mails != one.signed_up:
        sys.exit(f"{one.signed_up:,} signed up, and {one.mails:,} mails were sent")
    found = {"p50_s": round(one.at(0.5), 3), "p99_s": round(one.at(0.99), 3), "limit_s": LIMIT_S}
    say(json.dumps({**found, "mails": one.mails, "per_s": PER_S, "profiles": PROFILES, "quick": QUICK}))


def _key_of(source_id: int) -> str:
    from cdp.accounts.keys import new_secret
    from cdp.accounts.models import Source, WriteKey

    secret = new_secret("wk")
    WriteKey.objects.create(source=Source.objects.get(pk=source_id), hash=secret.hash, hint=secret.hint)
    return secret.text


def _started() -> int:
    """The ready-made welcome, on."""
    from campaigns import audience
    from campaigns.triggers import ready_made
    from campaigns.triggers.set_up import Flow, set_up
    from cdp.common.clock import utc_now

    campaign = ready_made.create("welcome", by=None, now=utc_now())
    set_up(campaign, Flow({"kind": "event", "event": triggered.SIGNED_UP}))
    audience.start(campaign, now=utc_now())
    return int(campaign.pk)


if __name__ == "__main__":
    main()
