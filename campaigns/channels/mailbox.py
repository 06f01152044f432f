"""The local mailbox: keeps every message for its page, so that nothing leaves the machine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from campaigns.channels.base import EMAIL, Accepted, Message, Receipt
from campaigns.models import MailboxMessage


class Mailbox:
    namespace = EMAIL

    def hand(self, messages: Sequence[Message], *, now: datetime) -> Mapping[UUID, Receipt]:
        MailboxMessage.objects.bulk_create(
            [
                MailboxMessage(
                    ref=one.ref,
                    profile_id=one.profile_id,
                    record_id=one.record_id,
                    recipient=one.recipient,
                    subject=one.subject,
                    source=one.source,
                    campaign_id=one.campaign_id,
                    is_test=bool(one.test_note),
                    note=one.test_note[:200],
                    at=now,
                )
                for one in messages
            ],
            ignore_conflicts=True,
        )
        return {one.ref: Accepted() for one in messages}
