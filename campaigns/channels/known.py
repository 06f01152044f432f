"""The channels there are."""

from campaigns.channels.base import Channel
from campaigns.channels.mailbox import Mailbox
from campaigns.models import Account


def channel_of(account: Account | None) -> Channel:
    """None: the local mailbox."""
    return Mailbox()
