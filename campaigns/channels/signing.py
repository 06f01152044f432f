"""Signs mails of domains that have a key, on their way to whatever takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from campaigns.channels.base import Channel, Message, Receipt
from campaigns.channels.dkim import Signer
from campaigns.channels.smtp_letter import envelope_address, sender_in
from campaigns.models import DomainKey
from cdp.common.secrets import unseal


@dataclass(frozen=True)
class Signed:
    """A channel before which mails are signed."""

    channel: Channel
    signers: Mapping[str, Signer]
    """By domain of the sender."""

    @property
    def namespace(self) -> str:
        return self.channel.namespace

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        return self.channel.hand([self._signed(one, now) for one in messages], now=now)

    def _signed(self, message: Message, now: datetime) -> Message:
        signer = self.signers.get(domain_of(sender_in(message.source)))
        return message._replace(source=signer.signed(message.source, now=now)) if signer else message


def signed(channel: Channel) -> Channel:
    """The channel itself where no domain has a key. Raises SecretLost."""
    signers = signers_now()
    return Signed(channel, signers) if signers else channel


def signers_now() -> dict[str, Signer]:
    keys = DomainKey.objects.filter(signs_since__isnull=False).select_related("domain")
    return {
        key.domain.name: Signer(
            key.domain.name, key.selector, unseal(bytes(key.private), keys=settings.ENCRYPTION_KEYS).encode()
        )
        for key in keys
    }


def domain_of(address: str) -> str:
    return (envelope_address(address) or "").rpartition("@")[2].lower()
