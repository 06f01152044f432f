"""Sets an offer up, changes it, puts it away and takes it out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from campaigns.models import Offer, OfferCode
from campaigns.offers.codes import LEAST_LENGTH
from campaigns.offers.redeem import read_again
from cdp.accounts.models import User

Codes = Offer.Codes
FIXED = ("codes", "shared_code")
"""What stays once the first was given or the first code is kept: codes that are out must go on to count."""


class KeyTaken(Exception):
    """Another offer has this key."""


class CodesFixed(Exception):
    """Codes are out or on their list: how people get a code can no longer be changed. Set up another offer."""


class Archived(Exception):
    """It is archived. Restore it first."""


@dataclass(frozen=True)
class Draft:
    """What one says of an offer, checked before."""

    name: str
    kind: str
    value: Decimal | None = None
    currency: str = ""
    terms: str = ""
    url: str = ""
    rule: Any = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days_valid: int | None = None
    codes: str = Codes.NONE
    shared_code: str = ""
    code_prefix: str = ""
    code_length: int = LEAST_LENGTH + 2
    most_given: int | None = None
    most_per_person: int | None = None
    most_spent: Decimal | None = None

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def create(draft: Draft, *, key: str, by: User | None, now: datetime) -> Offer:
    try:
        with transaction.atomic():
            made = Offer.objects.create(key=key, created_by=by, created_at=now, changed_at=now, **draft.values())
            read_again(made, now=now)
            return made
    except IntegrityError as error:
        raise KeyTaken from error


@transaction.atomic
def change(offer: Offer, draft: Draft, *, now: datetime) -> Mapping[str, tuple[Any, Any]]:
    """Field → before and after, of what differs; the key stays, since content names it. Who was given it has what was
    said then. Raises Archived, CodesFixed."""
    locked = Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    if locked.archived_at:
        raise Archived
    changes = {
        name: (getattr(locked, name), value) for name, value in draft.values().items() if getattr(locked, name) != value
    }
    if changes.keys() & set(FIXED) and is_fixed(locked):
        raise CodesFixed
    for name, (_, value) in changes.items():
        setattr(locked, name, value)
    locked.changed_at = now
    locked.save(update_fields=[*changes, "changed_at"])
    if changes.keys() & {*FIXED, "starts_at"}:
        read_again(locked, now=now)
    return changes


def is_fixed(offer: Offer) -> bool:
    return offer.n_given > 0 or OfferCode.objects.filter(offer=offer).exists()


def archive(offer: Offer, *, now: datetime) -> None:
    """Nobody is given it any more. What was given counts on."""
    Offer.objects.filter(pk=offer.pk, archived_at=None).update(archived_at=now, changed_at=now)


def restore(offer: Offer, *, now: datetime) -> None:
    Offer.objects.filter(pk=offer.pk).exclude(archived_at=None).update(archived_at=None, changed_at=now)
