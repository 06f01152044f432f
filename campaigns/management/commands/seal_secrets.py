"""`manage.py seal_secrets`: what is kept secret, encrypted with the first of the keys."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns.feeds.save import seal_anew
from cdp.common.secrets import SecretLost


class Command(BaseCommand):
    help = "Encrypts headers of feeds with the first of ENCRYPTION_KEYS, so that an older key can go."

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            n = seal_anew(secrets=settings.ENCRYPTION_KEYS)
        except SecretLost as error:
            raise CommandError(
                "A feed's headers were encrypted with a key that is gone. Nothing was changed."
            ) from error
        self.stdout.write(f"Headers of {n:,} feeds are encrypted with the first key.")
