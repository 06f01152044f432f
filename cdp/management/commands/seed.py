"""`manage.py seed`: one believable shop to look at. Safe to run again, and to kill: it goes on where it stopped."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from campaigns import first as mails
from campaigns.feeds.first import lay_out_feed
from cdp import pipeline
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.connectors.demo import load
from cdp.connectors.demo.shop import Size, Told, tell
from cdp.events.models import InboxBatch
from scoring import first as predictions

LOCK = 7_305_011
TRIES = 5
"""Of one claim: beside the workers a deadlock is possible, and PostgreSQL then ends one of the two."""


class Command(BaseCommand):
    help = "Makes a demo shop: people with messy duplicates, a catalogue and a year of behaviour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, help=f"how many (default {load.PEOPLE})")
        parser.add_argument("--seed", type=int, help=f"another number makes another shop (default {load.SEED})")
        parser.add_argument("--until", type=datetime.fromisoformat, help="when the year ends (default: now)")

    def handle(self, *args: object, **options: Any) -> None:
        given = [options[name] for name in ("people", "seed", "until")]
        size = wanted(options, now=utc_now())
        with only_one():
            try:
                job = load.open_job(size, is_default=given == [None, None, None], now=utc_now())
            except load.OtherShopExists as error:
                raise CommandError(str(error)) from error
            if job.state == Job.State.DONE:
                self.stdout.write(f"The demo shop is there: {job.done:,} people until {job.params['until']}.")
                return
            try:
                self.fill(job)
            except Exception as error:
                Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error=str(error), finished_at=utc_now())
                raise

    def fill(self, job: Job) -> None:
        size, started_s = load.size_of(job), time.monotonic()
        sources = load.lay_ground(size, site=settings.PUBLIC_URL, now=utc_now())
        truth = settings.PLACES.var / "demo" / "truth.jsonl"
        truth.parent.mkdir(parents=True, exist_ok=True)
        with truth.with_suffix(".part").open("w", encoding="utf-8") as lines:
            for told in load.chunks(tell(size)):
                lines.writelines(load.truth_lines(told))
                if told[-1].person.number >= job.done:
                    if not self.take_in(job, told, sources):
                        return
                    self.progress(job, started_s)
        wait_until_empty()
        truth.with_suffix(".part").rename(truth)
        job.state, job.finished_at = Job.State.DONE, utc_now()
        job.save(update_fields=["state", "finished_at"])
        predictions.lay_out(now=utc_now(), zone=deployment_zone())
        mails.lay_out(now=utc_now())
        lay_out_feed(site=settings.PUBLIC_URL, now=utc_now())
        self.stdout.write(f"The demo shop is complete after {time.monotonic() - started_s:.0f} s; truth in {truth}.")

    def take_in(self, job: Job, told: list[Told], sources: dict[str, int]) -> bool:
        """False if somebody cancelled the job."""
        load.put_people(job, told, sources, now=utc_now())
        drain()
        if not Job.objects.filter(pk=job.pk, is_cancel_requested=True).exists():
            return True
        Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED, finished_at=utc_now())
        self.stdout.write("Cancelled. The next run goes on from here.")
        return False

    def progress(self, job: Job, started_s: float) -> None:
        elapsed_s = time.monotonic() - started_s
        self.stdout.write(f"{job.done:,} of {job.total:,} people after {elapsed_s:.0f} s")
        self.stdout.flush()


def wanted(options: dict[str, Any], *, now: datetime) -> Size:
    until = options["until"] or now
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    until = until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    people = load.PEOPLE if options["people"] is None else options["people"]
    if people < 1:
        raise CommandError("--people must be at least 1.")
    return Size(people, load.SEED if options["seed"] is None else options["seed"], until)


@contextmanager
def only_one() -> Iterator[None]:
    """Two at once would write the same truth file."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise CommandError("Another `manage.py seed` is running; wait for it.")
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def drain() -> None:
    """Takes in what waits, beside workers that may do the same."""
    for turn in range(TRIES):
        try:
            while pipeline.drain(InboxBatch.Lane.BULK, now=utc_now()).rows:
                pass
            return
        except OperationalError:
            if turn == TRIES - 1:
                raise


def wait_until_empty() -> None:
    """Rows that workers hold are gone when they commit."""
    while InboxBatch.objects.filter(lane=InboxBatch.Lane.BULK).exists():
        drain()
        time.sleep(0.1)
