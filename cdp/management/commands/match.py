"""`manage.py match`: everybody compared by likeness anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.common.clock import utc_now
from cdp.common.models import Job
from identity import full_pass
from identity.tasks import ring_match


class Command(BaseCommand):
    help = "Compares all records by likeness: links, asks, and learns the weights anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="store_true", help="leave it to a worker and do not wait")

    def handle(self, *args: Any, **given: Any) -> None:
        job = full_pass.start_full_pass(None, now=utc_now())
        if given["queue"]:
            ring_match(job.pk)
            self.stdout.write(f"Job {job.pk} waits for a worker.")
            return
        full_pass.run(job.pk, clock=utc_now)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise CommandError(job.error or f"The job is {job.state}: another worker has it, or it was stopped.")
        found = job.result
        self.stdout.write(
            f"{found['records']:,} records, {found['links']:,} links ({found['linked']:,} new,"
            f" {found['unlinked']:,} gone), {found['to_review']:,} pairs wait for a steward."
        )
