"""Setting accounts up: every change is in the audit log, with the names of secrets and never their values."""

import json
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns.channels.known import kind_of
from campaigns.models import Account, Campaign, DomainKey
from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.common.secrets import seal, unseal

State = Campaign.State


class InUse(Exception):
    """Campaigns that are under way send over this account. Stop them, or give them another one, first."""


@dataclass(frozen=True)
class Plan:
    """What somebody wants an account to be; checked by the form."""

    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    """All of them, the kept ones too."""
    per_second: int | None = None
    per_domain: Mapping[str, int] | None = None
    message_cost: Decimal | None = None


@transaction.atomic
def create(plan: Plan, *, kind: str, by: User | None, now: datetime) -> Account:
    account = Account(kind=kind, created_by=by, created_at=now)
    if kind_of(account).has_hooks:
        account.hook = randomness.token_urlsafe(32)
    _write(account, plan, now)
    record(by, verb="created sending account", target=account.name, details=_told(account, plan), now=now)
    return account


@transaction.atomic
def change(account: Account, *, plan: Plan, by: User, now: datetime) -> None:
    _write(account, plan, now)
    record(by, verb="changed sending account", target=account.name, details=_told(account, plan), now=now)


@transaction.atomic
def archive(account: Account, *, by: User, now: datetime) -> None:
    under_way = (State.SENDING, State.SCHEDULED, State.WAITING, State.PAUSED)
    if Campaign.objects.filter(account=account, state__in=under_way).exists():
        raise InUse
    if Account.objects.filter(pk=account.pk, archived_at=None).update(archived_at=now):
        record(by, verb="archived sending account", target=account.name, now=now)


@transaction.atomic
def restore(account: Account, *, by: User, now: datetime) -> None:
    if Account.objects.filter(pk=account.pk, archived_at__isnull=False).update(archived_at=None):
        record(by, verb="restored sending account", target=account.name, now=now)


@transaction.atomic
def seal_anew(*, keys: Sequence[str]) -> tuple[int, int]:
    """Encrypts the secrets of accounts and the keys of domains with the first key. Raises SecretLost, and then nothing
    was changed. Returns how many of each."""
    accounts = [one for one in Account.objects.select_for_update().order_by("pk") if one.secrets is not None]
    for account in accounts:
        account.secrets = seal(unseal(bytes(account.secrets or b""), keys=keys), keys=keys)
        account.save(update_fields=["secrets"])
    of_domains = list(DomainKey.objects.select_for_update().order_by("pk"))
    for key in of_domains:
        key.private = seal(unseal(bytes(key.private), keys=keys), keys=keys)
        key.save(update_fields=["private"])
    return len(accounts), len(of_domains)


def _write(account: Account, plan: Plan, now: datetime) -> None:
    account.name, account.settings, account.changed_at = plan.name, dict(plan.settings), now
    account.per_second, account.per_domain = plan.per_second, dict(plan.per_domain or {})
    account.message_cost = plan.message_cost
    kept = {key: value for key, value in plan.secrets.items() if value}
    account.secrets = seal(json.dumps(kept), keys=settings.ENCRYPTION_KEYS) if kept else None
    account.save()


def _told(account: Account, plan: Plan) -> dict[str, Any]:
    kept = sorted(key for key, value in plan.secrets.items() if value)
    return {"kind": account.kind, "settings": dict(plan.settings), "secrets": kept}
