"""Signatures as Standard Webhooks wants them: HMAC-SHA-256 over id, time and body, with a shared secret.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
N_BYTES = 32
"""The specification asks for 24 to 64."""


class BadSecret(Exception):
    """The secret must be whsec_ and 24 to 64 bytes in base64."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(N_BYTES)).decode()


def checked_secret(text: str) -> str:
    """One that somebody else made."""
    try:
        key = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise BadSecret(BadSecret.__doc__) from error
    if not 24 <= len(key) <= 64:
        raise BadSecret(BadSecret.__doc__)
    return text.strip()


def signature(secret: str, *, webhook_id: str, at: datetime, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{webhook_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(valid: Iterable[str], *, webhook_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """`valid`: the secret, and while it is being replaced the one before it as well."""
    signatures = (signature(one, webhook_id=webhook_id, at=at, body=body) for one in valid)
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
