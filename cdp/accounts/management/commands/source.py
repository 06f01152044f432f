"""`manage.py source create NAME --kind server`: prints the source and its write key as one JSON line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cdp.accounts.models import Source
from cdp.accounts.source_keys import create_source


class Command(BaseCommand):
    help = "Create a source; its write key is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["create"], help="what to do")
        parser.add_argument("name", help="what people call it")
        parser.add_argument("--kind", default=Source.Kind.SERVER, choices=Source.Kind.values, help="what sends")
        parser.add_argument("--trust-rank", type=int, default=50, help="whose word counts more; a smaller one does")

    def handle(self, *_: Any, **options: Any) -> None:
        name, kind, rank = options["name"], options["kind"], options["trust_rank"]
        if Source.objects.filter(name=name).exists():
            raise CommandError(f"There is a source {name!r} already. Choose another name.")
        source, key = create_source(None, name=name, kind=kind, trust_rank=rank, now=timezone.now())
        self.stdout.write(json.dumps({"source": source.name, "write_key": key.text}))
