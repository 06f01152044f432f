"""`manage.py seal_secrets`: what is kept secret, encrypted with the first of the keys."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from campaigns.accounts import save as accounts
from campaigns.feeds import save as feeds
from campaigns.webhooks import save as webhooks
from cdp.common.secrets import SecretLost
from cdp.privacy import erased


class Command(BaseCommand):
    help = "Encrypts what is kept secret with the first of ENCRYPTION_KEYS, so that an older key can go."

    def handle(self, *args: Any, **given: Any) -> None:
        keys = settings.ENCRYPTION_KEYS
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                n_feeds = feeds.seal_anew(secrets=keys)
                n_accounts, n_keys = accounts.seal_anew(keys=keys)
                n_webhooks = webhooks.seal_anew(secrets=keys)
                erased.seal_anew(cursor, keys=keys)
        except SecretLost as error:
            raise CommandError("Something was encrypted with a key that is gone. Nothing was changed.") from error
        self.stdout.write(
            f"Headers of {n_feeds:,} feeds, secrets of {n_accounts:,} accounts and {n_webhooks:,} webhooks and"
            f" {n_keys:,} signing keys are encrypted with the first key."
        )
