"""The channels there are."""

from campaigns.channels.base import Channel
from campaigns.channels.mailbox import Mailbox

CHANNELS = {"mailbox": Mailbox}


def channel_of(key: str) -> Channel:
    return CHANNELS[key]()
