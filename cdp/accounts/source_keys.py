"""Sources and the keys they send with."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cdp.accounts.audit import record
from cdp.accounts.keys import new_secret
from cdp.accounts.models import Source, User, WriteKey


@dataclass(frozen=True)
class NewKey:
    """The text is shown once; only its hash is kept."""

    key: WriteKey
    text: str


@transaction.atomic
def create_source(actor: User | None, *, name: str, kind: str, trust_rank: int, now: datetime) -> tuple[Source, NewKey]:
    source = Source.objects.create(name=name, kind=kind, trust_rank=trust_rank)
    record(actor, verb="created source", target=name, details={"kind": kind}, now=now)
    return source, add_key(actor, source=source, now=now)


@transaction.atomic
def add_key(actor: User | None, *, source: Source, now: datetime) -> NewKey:
    """To rotate: add a key, put it where the old one is used, and revoke the old one when it falls silent."""
    secret = new_secret("wk")
    key = WriteKey.objects.create(source=source, hash=secret.hash, hint=secret.hint)
    record(actor, verb="created write key", target=f"{source.name} …{key.hint}", now=now)
    return NewKey(key=key, text=secret.text)


@transaction.atomic
def revoke_key(actor: User | None, *, key: WriteKey, now: datetime) -> None:
    if WriteKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        record(actor, verb="revoked write key", target=f"{key.source.name} …{key.hint}", now=now)


@transaction.atomic
def save_source(actor: User, *, source: Source, changed: list[str], now: datetime) -> None:
    source.save(update_fields=changed)
    details = {field: getattr(source, field) for field in changed}
    record(actor, verb="changed source", target=source.name, details=details, now=now)
