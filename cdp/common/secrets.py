"""Secrets of other systems at rest: encrypted with a key that is not in the database.

The first key encrypts, each of them decrypts: a key is replaced by putting the new one before it, and the old one
goes once everything was sealed anew.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SecretLost(Exception):
    """It was encrypted with a key that is gone. Enter it anew."""


def seal(secret: str, *, keys: Sequence[str]) -> bytes:
    return _fernet(keys).encrypt(secret.encode())


def unseal(sealed: bytes, *, keys: Sequence[str]) -> str:
    try:
        return _fernet(keys).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise SecretLost from error


def _fernet(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """Its own key: who learns it from here cannot sign sessions with it. RFC 5869."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tributary secrets at rest")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
