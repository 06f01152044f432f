"""`manage.py simulate`: people shop live, through the public tracking address, until Ctrl-C."""

import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cdp.accounts.models import Source
from cdp.accounts.source_keys import add_key, revoke_key
from cdp.common.clock import utc_now
from cdp.connectors.demo import load
from cdp.connectors.demo.catalogue import make_catalogue
from cdp.connectors.demo.live import Crowd
from cdp.connectors.demo.people import make_people
from cdp.connectors.demo.sender import NobodyAnswers, NotAccepted, Sender
from cdp.connectors.demo.shop import Size
from cdp.connectors.demo.voice import WEB, iso

SEND_EVERY_S = 0.25
SAY_EVERY_S = 5.0
LARGEST_BATCH = 100


class Command(BaseCommand):
    help = "Sends live traffic of the demo shop to the tracking API. Stop it with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where the product answers (%(default)s)")
        parser.add_argument("--key", default="", help="write key; by default one is made, and revoked at the end")
        parser.add_argument("--rate", type=float, default=10.0, help="events per second (%(default)s)")
        parser.add_argument("--seconds", type=float, help="how long (default: until Ctrl-C)")

    def handle(self, *args: object, **options: Any) -> None:
        if options["rate"] <= 0:
            raise CommandError("--rate must be above 0.")
        with key_of(options["key"]) as key:
            sender = None
            try:
                sender = Sender(options["url"], key, time.sleep)
                self.stdout.write(f"Sending {options['rate']:g} events/s to {sender.url}; Ctrl-C stops.")
                self.run(sender, rate=options["rate"], seconds=options["seconds"])
            except (NobodyAnswers, NotAccepted) as problem:
                raise CommandError(str(problem)) from problem
            except KeyboardInterrupt:
                self.stdout.write("")
            finally:
                if sender is not None:
                    sender.close()
                    self.say(sender)

    def run(self, sender: Sender, *, rate: float, seconds: float | None) -> None:
        crowd, started_s, said_s = crowd_of_now(), time.monotonic(), 0.0
        while True:
            elapsed_s = time.monotonic() - started_s
            is_over = seconds is not None and elapsed_s >= seconds
            owed = int((seconds if is_over and seconds is not None else elapsed_s) * rate) - crowd.said
            while owed > 0:
                now = utc_now()
                sender.send(crowd.say(min(owed, LARGEST_BATCH), now=now), sent_at=iso(now))
                owed -= LARGEST_BATCH
            if is_over:
                return
            if elapsed_s - said_s >= SAY_EVERY_S:
                said_s = elapsed_s
                self.say(sender)
            time.sleep(SEND_EVERY_S)

    def say(self, sender: Sender) -> None:
        waited = f", waited {sender.waits} times" if sender.waits else ""
        refused = f", refused {sender.refused:,}" if sender.refused else ""
        self.stdout.write(f"accepted {sender.accepted:,}{refused}{waited}")
        self.stdout.flush()


@contextmanager
def key_of(given: str) -> Iterator[str]:
    """The key given, or one for as long as the command runs."""
    if given:
        yield given
        return
    name, kind, rank = load.SOURCES[WEB]
    source, _ = Source.objects.get_or_create(name=name, defaults={"kind": kind, "trust_rank": rank})
    made = add_key(None, source=source, now=utc_now())
    try:
        yield made.text
    finally:
        revoke_key(None, key=made.key, now=utc_now())


def crowd_of_now() -> Crowd:
    """The people of the seeded shop come back; without one, those it would have."""
    size = load.seeded() or Size(load.PEOPLE, load.SEED, utc_now().replace(minute=0, second=0, microsecond=0))
    people = make_people(size.people, seed=size.seed, until=size.until)
    here = [person for person in people if utc_now() - person.joined_at > timedelta(days=1)]
    run = secrets.token_hex(4)
    return Crowd(here or people, make_catalogue(size.seed), Random(run), run)  # noqa: S311
