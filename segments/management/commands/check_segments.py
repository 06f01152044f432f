"""`manage.py check_segments`: are memberships what the rules give? Faults are put right and noted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.common.clock import deployment_zone, utc_now
from cdp.rules.fields import RuleError
from segments import verify
from segments.models import Segment


class Command(BaseCommand):
    help = "Compares memberships with the rules; exits with an error if any were wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("segments", nargs="*", type=int, metavar="ID", help="only these segments")

    def handle(self, *args: Any, **given: Any) -> None:
        ids = given["segments"] or verify.checkable()
        faults = sum(self._check(segment_id) for segment_id in ids)
        if faults:
            raise CommandError(f"{faults:,} memberships were wrong. They are being put right.")

    def _check(self, segment_id: int) -> int:
        name = Segment.objects.filter(pk=segment_id).values_list("name", flat=True).first()
        if name is None:
            raise CommandError(f"There is no segment {segment_id}.")
        try:
            found = verify.check(segment_id, now=utc_now(), zone=deployment_zone())
        except (verify.NotChecked, RuleError) as error:
            said = " ".join(str(error.__doc__).split()) if isinstance(error, verify.NotChecked) else str(error)
            self.stdout.write(f"{segment_id} {name}: not checked. {said}")
            return 0
        self.stdout.write(f"{segment_id} {name}: {len(found.missing):,} missing, {len(found.extra):,} too many")
        return found.faults
