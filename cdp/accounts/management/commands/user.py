"""`manage.py user create EMAIL --role admin`: prints login and password as one JSON line."""

import json
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.accounts.roles import Role, give_role


class Command(BaseCommand):
    help = "Create a person of the team; the password is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["create"], help="what to do")
        parser.add_argument("email", help="the address to sign in with")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role], help="what they may do")
        parser.add_argument("--name", default="", help="what others see")

    @transaction.atomic
    def handle(self, *_: Any, **options: Any) -> None:
        email, role = options["email"].strip().lower(), Role(options["role"])
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no e-mail address.") from error
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} is in the team already.")
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(email, password, name=options["name"])
        give_role(user, role=role)
        record(None, verb="created person", target=email, details={"role": role.label}, now=timezone.now())
        self.stdout.write(json.dumps({"user": email, "role": role.value, "password": password}))
