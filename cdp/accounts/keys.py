"""Write keys, API tokens and invitations are random strings of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Secret:
    text: str
    hash: str
    hint: str


def new_secret(prefix: str) -> Secret:
    """24 random bytes (192 bits), so that a plain SHA-256 suffices: there is nothing to guess."""
    text = f"{prefix}_{secrets.token_urlsafe(24)}"
    return Secret(text=text, hash=hash_secret(text), hint=text[-4:])


def hash_secret(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
