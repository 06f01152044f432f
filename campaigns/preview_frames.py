"""The HTML of a preview, kept for some minutes under a name nobody guesses, for the one who asked for it."""

import secrets

from django.core.cache import cache

KEPT_S = 20 * 60


def keep(html: str, *, user_id: int) -> str:
    """Returns the token that leads to it."""
    token = secrets.token_urlsafe(24)
    cache.set(_key(token), (user_id, html), KEPT_S)
    return token


def kept(token: str, *, user_id: int) -> str | None:
    """None once it is forgotten, and for anybody else."""
    owner, html = cache.get(_key(token)) or (None, None)
    return html if owner == user_id else None


def _key(token: str) -> str:
    return f"mail-preview:{token}"
