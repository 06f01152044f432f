"""Test mails: to addresses of our own, as one person or as one for each branch. They leave nothing but what arrives:
no row in the ledger, no code given, nothing counted, and links lead straight to their targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from campaigns.channels.base import Accepted, Channel, Message
from campaigns.content.compose import Made, Press, Recipient, Unmade, compose
from campaigns.covering import Way
from campaigns.mime import mime
from campaigns.models import Campaign, Template
from campaigns.triggers import sampled
from cdp.privacy.suppression import suppressed
from cdp.profiles.models import Record

MOST_ADDRESSES = 10
SENDER = "Test <test@example.com>"
"""Of what belongs to no campaign."""
LEAD = "[Test] "


@dataclass(frozen=True)
class Tried:
    """`ref` leads to the mailbox; None where nothing was sent: `why` says so."""

    address: str
    note: str
    ref: UUID | None = None
    why: str = ""


@dataclass(frozen=True)
class Trial:
    """A mail that is tried out. `campaign` is None for templates and modules."""

    template: Template
    campaign: Campaign | None
    press: Press
    channel: Channel

    @property
    def sender(self) -> str:
        return self.campaign.sender if self.campaign else SENDER


def send_tests(trial: Trial, ways: Sequence[Way], *, to: Sequence[str], now: datetime) -> list[Tried]:
    """Each way to each address, the suppressed left out."""
    refused = suppressed("email", to)
    addresses = [one for one in to if one not in refused]
    tried = [
        Tried(one, "", why="This address is suppressed: nothing may be sent to it.") for one in to if one in refused
    ]
    for way in ways:
        tried += _send(trial, way, addresses, now=now)
    return tried


def _send(trial: Trial, way: Way, addresses: Sequence[str], *, now: datetime) -> list[Tried]:
    record_id = Record.objects.filter(profile_id=way.profile_id).order_by("pk").values_list("pk", flat=True).first()
    context = sampled.context_for(trial.campaign, way.profile_id)
    recipients = [Recipient(way.profile_id, uuid4(), address, record_id, context) for address in addresses]
    made = list(compose(trial.press, recipients, now=now, rehearsal=True, forced=way.forced))
    messages = [_message(trial, one, way, now=now) for one in made if isinstance(one, Made)]
    receipts = trial.channel.hand(messages, now=now)
    tried = [Tried(one.recipient.address, way.note, why=one.why) for one in made if isinstance(one, Unmade)]
    for one in messages:
        receipt = receipts.get(one.ref)
        why = "" if isinstance(receipt, Accepted) else receipt.why if receipt else "The channel did not answer."
        tried.append(Tried(one.recipient, way.note, None if why else one.ref, why))
    return tried


def _message(trial: Trial, made: Made, way: Way, *, now: datetime) -> Message:
    to = made.recipient
    rendered = made.rendered._replace(subject=LEAD + made.rendered.subject)
    source = mime(
        rendered,
        ref=to.ref,
        sender=trial.sender,
        recipient=to.address,
        unsubscribe_url=trial.press.addresses.unsubscribe(to.ref),
        now=now,
    )
    campaign_id = trial.campaign.pk if trial.campaign else None
    return Message(
        to.ref, to.profile_id, to.record_id, to.address, rendered.subject, source, campaign_id, test_note=way.note
    )
