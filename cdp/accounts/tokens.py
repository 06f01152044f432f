"""API tokens: made, revoked, recognised."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from cdp.accounts.audit import record
from cdp.accounts.keys import hash_secret, new_secret
from cdp.accounts.models import ApiToken, User
from cdp.accounts.scopes import known

USED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(
    actor: User | None, *, name: str, scopes: list[str], expires_at: datetime | None, now: datetime
) -> tuple[ApiToken, str]:
    """The token's row, and its text, which is shown once."""
    secret = new_secret("trb")
    token = ApiToken.objects.create(
        name=name,
        hash=secret.hash,
        hint=secret.hint,
        scopes=known(scopes),
        created_by=actor,
        expires_at=expires_at,
    )
    record(actor, verb="created API token", target=name, details={"scopes": token.scopes}, now=now)
    return token, secret.text


@transaction.atomic
def revoke_token(actor: User, *, token: ApiToken, now: datetime) -> None:
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record(actor, verb="revoked API token", target=token.name, now=now)


def token_of(text: str, *, now: datetime) -> ApiToken | None:
    """The living token with this text. Looked up by its SHA-256: no comparison depends on the secret."""
    alive = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    token = ApiToken.objects.filter(alive, hash=hash_secret(text)).first()
    if token and (token.last_used_at is None or token.last_used_at < now - USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
