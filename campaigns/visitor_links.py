"""Signed addresses of the pages where people choose: of one delivery, or of an address that is to be confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.urls import reverse

from campaigns.links import BadLink
from cdp.privacy.consent import Address

_CONFIRM = "campaigns.confirm"
VALID_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Asked:
    """What the mail asked, and when."""

    address: Address
    topics: tuple[str, ...]
    at: datetime


def confirm_url(base: str, address: Address, topics: Sequence[str], *, now: datetime) -> str:
    token = signing.dumps([*address, list(topics), now.isoformat()], salt=_CONFIRM, compress=True)
    return base + reverse("campaigns:confirm", args=[token])


def read_confirm(token: str, *, now: datetime) -> Asked:
    """Raises BadLink, also for one that is too old."""
    try:
        namespace, value, topics, at = signing.loads(token, salt=_CONFIRM)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error
    asked = Asked((namespace, value), tuple(topics), datetime.fromisoformat(at))
    if now - asked.at > VALID_FOR:
        raise BadLink
    return asked
