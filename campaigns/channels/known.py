"""The channels there are."""

import json

from django.conf import settings

from campaigns.channels.base import Channel
from campaigns.channels.kinds import BadSettings, Kind
from campaigns.channels.mailbox import Mailbox
from campaigns.channels.providers import KINDS as PROVIDERS
from campaigns.channels.signing import signed
from campaigns.channels.smtp_kind import SMTP
from campaigns.models import Account
from cdp.common.secrets import unseal

CHANNELS: dict[str, Kind] = {kind.key: kind for kind in (SMTP, *PROVIDERS)}
"""What an account can be of. The local mailbox needs none."""


def channel_of(account: Account | None) -> Channel:
    """None: the local mailbox. Raises BadSettings or SecretLost."""
    if account is None:
        return signed(Mailbox())
    kind = kind_of(account)
    channel = kind.opens(account.settings, secrets_of(account))
    return channel if kind.signs else signed(channel)


def kind_of(account: Account) -> Kind:
    try:
        return CHANNELS[account.kind]
    except KeyError:
        raise BadSettings(f"Accounts of the kind “{account.kind}” are not known here.") from None


def secrets_of(account: Account) -> dict[str, str]:
    if account.secrets is None:
        return {}
    opened: dict[str, str] = json.loads(unseal(bytes(account.secrets), keys=settings.ENCRYPTION_KEYS))
    return opened
