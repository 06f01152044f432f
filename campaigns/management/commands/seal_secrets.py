"""`manage.py seal_secrets`: what is kept secret, encrypted with the first of the keys."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from campaigns.feeds import save as feeds
from campaigns.webhooks import save as webhooks
from cdp.common.secrets import SecretLost


class Command(BaseCommand):
    help = "Encrypts what is kept secret with the first of ENCRYPTION_KEYS, so that an older key can go."

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            with transaction.atomic():
                n_feeds = feeds.seal_anew(secrets=settings.ENCRYPTION_KEYS)
                n_webhooks = webhooks.seal_anew(secrets=settings.ENCRYPTION_KEYS)
        except SecretLost as error:
            raise CommandError(
                "A feed's headers or a webhook's secret were encrypted with a key that is gone. Nothing was changed."
            ) from error
        self.stdout.write(
            f"Headers of {n_feeds:,} feeds and secrets of {n_webhooks:,} webhooks are encrypted with the first key."
        )
