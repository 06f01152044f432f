"""DKIM keys of a domain: made here, sealed, and replaced without a mail that cannot be verified."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from campaigns.channels.dkim import new_key
from campaigns.models import DomainKey, SenderDomain
from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.common.secrets import seal


@transaction.atomic
def make(domain: SenderDomain, *, by: User, now: datetime) -> DomainKey:
    """It signs nothing yet: first its record must stand in DNS."""
    private, public = new_key()
    SenderDomain.objects.select_for_update().get(pk=domain.pk)
    taken = set(domain.keys.values_list("selector", flat=True))
    selector = next(name for n in range(1, 1_000) if (name := f"tributary{n}") not in taken)
    key = DomainKey.objects.create(
        domain=domain,
        selector=selector,
        private=seal(private.decode(), keys=settings.ENCRYPTION_KEYS),
        public=public,
        created_at=now,
    )
    record(by, verb="made signing key", target=str(key), now=now)
    return key


@transaction.atomic
def use(key: DomainKey, *, by: User, now: datetime) -> None:
    """From the next batch on mails are signed with it, and with no other of its domain."""
    DomainKey.objects.filter(domain=key.domain).exclude(pk=key.pk).update(signs_since=None)
    if DomainKey.objects.filter(pk=key.pk, signs_since=None).update(signs_since=now):
        record(by, verb="signs mails with", target=str(key), now=now)


@transaction.atomic
def remove(key: DomainKey, *, by: User, now: datetime) -> None:
    record(by, verb="removed signing key", target=str(key), now=now)
    key.delete()
