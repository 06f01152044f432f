"""Whom mails come from: addresses somebody entered, and what is said where a campaign names another."""

from datetime import datetime

from django.db import transaction

from campaigns.accounts.domain_check import Finding, State
from campaigns.channels.signing import domain_of
from campaigns.channels.smtp_letter import envelope_address
from campaigns.mime import parted
from campaigns.models import Account, Sender, SenderDomain
from cdp.accounts.audit import record
from cdp.accounts.models import User


class BadSender(Exception):
    """That is no address a mail can come from: hello@shop.example."""


def choices() -> list[str]:
    """As they stand in From."""
    return [str(one) for one in Sender.objects.order_by("name", "address")]


def refusal(sender: str, account: Account | None) -> str:
    """Why this cannot be the sender; empty if it can. The local mailbox takes any."""
    if account is None:
        return ""
    address = address_in(sender)
    if Sender.objects.filter(address=address).exists():
        return ""
    return (
        f"“{address or sender}” is no sender that was set up. Accounts send for known senders alone: choose one, "
        "or have it added under Senders."
    )


def warnings(sender: str) -> list[str]:
    """What its domain's DNS lacks, as of the last check. Nothing of an unknown one."""
    domain = SenderDomain.objects.filter(name=domain_of(address_in(sender))).first()
    if domain is None:
        return []
    if domain.checked_at is None:
        return [f"{domain.name} was not checked yet: look at it under Senders."]
    return [f"{one.what}: {one.says}" for one in findings(domain) if one.state == State.BAD]


def findings(domain: SenderDomain) -> list[Finding]:
    return [Finding(**one) for one in domain.found]


def address_in(sender: str) -> str:
    """In lower case; empty if there is none."""
    return (envelope_address(parted(sender)[1]) or "").lower()


@transaction.atomic
def add(name: str, *, address: str, by: User, now: datetime) -> Sender:
    """With its domain, where that is new."""
    clean = address_in(address.strip())
    if not clean or not clean.isascii() or "." not in clean.rpartition("@")[2]:
        raise BadSender
    domain, _ = SenderDomain.objects.get_or_create(name=domain_of(clean), defaults={"created_at": now})
    sender, is_new = Sender.objects.update_or_create(
        address=clean,
        defaults={"name": " ".join(name.split())[:100], "domain": domain},
        create_defaults={"name": " ".join(name.split())[:100], "domain": domain, "created_at": now},
    )
    record(by, verb="added sender" if is_new else "changed sender", target=str(sender), now=now)
    return sender


@transaction.atomic
def remove(sender: Sender, *, by: User, now: datetime) -> None:
    """Its domain goes with its last address, but only if no key is bound to it."""
    record(by, verb="removed sender", target=str(sender), now=now)
    domain = sender.domain
    sender.delete()
    if not domain.senders.exists() and not domain.keys.exists():
        domain.delete()
