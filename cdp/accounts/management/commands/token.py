"""`manage.py token create NAME --scope profiles:read …`: prints the token as one JSON line."""

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cdp.accounts.scopes import UnknownScope
from cdp.accounts.tokens import create_token


class Command(BaseCommand):
    help = "Create an API token; it is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["create"], help="what to do")
        parser.add_argument("name", help="what it is for")
        parser.add_argument("--scope", action="append", required=True, dest="scopes", help="what it may do")
        parser.add_argument("--days", type=int, help="expires after so many days; never where left out")

    def handle(self, *_: Any, **options: Any) -> None:
        now = timezone.now()
        expires_at = now + timedelta(days=options["days"]) if options["days"] else None
        try:
            _token, text = create_token(
                None, name=options["name"], scopes=options["scopes"], expires_at=expires_at, now=now
            )
        except UnknownScope as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"token": text}))
