"""DKIM signatures (RFC 6376), rsa-sha256, relaxed/relaxed, made with the system's cryptography: some hundred
microseconds a mail, nearly all of it the RSA itself. tests/campaigns/channels/test_dkim.py lets dkimpy verify them.

The header names From once more than it stands there, so that nobody adds a second one that a program might show.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS = 2048
SIGNED = (
    *(b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type"),
    *(b"content-transfer-encoding", b"list-unsubscribe", b"list-unsubscribe-post"),
)
OVERSIGNED = (b"from", b"to", b"subject", b"list-unsubscribe", b"list-unsubscribe-post")
"""Named once more: none can be added later."""
_white = re.compile(rb"[ \t]+")
_trailing = re.compile(rb"[ \t]+(?=\r\n)")
_field = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")


@dataclass(frozen=True)
class Signer:
    """Of one domain."""

    domain: str
    selector: str
    pem: bytes

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return private_key(self.pem)

    def signed(self, source: bytes, *, now: datetime) -> bytes:
        """The message with its signature on top."""
        head, _, body = source.partition(b"\r\n\r\n")
        fields = _fields(head + b"\r\n")
        names = _named(fields)
        body_hash = base64.b64encode(sha256(_relaxed_body(body)).digest()).decode()
        value = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(now.timestamp())}; h={_folded(names)};\r\n bh={body_hash};\r\n b="
        ).encode()
        covered = _covered(fields, names) + b"dkim-signature:" + _relaxed(value)
        signature = base64.b64encode(self._key.sign(covered, padding.PKCS1v15(), hashes.SHA256()))
        lines = b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return b"DKIM-Signature: " + value + lines + b"\r\n" + source


def new_key() -> tuple[bytes, str]:
    """The private half as PEM, the public one as DNS has it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode()


def record_of(public: str) -> str:
    """What stands in DNS."""
    return f"v=DKIM1; k=rsa; p={public}"


@lru_cache(64)
def private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """Reading one takes as long as many signatures."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("A DKIM key is an RSA key here.")
    return key


def _fields(head: bytes) -> Mapping[bytes, Sequence[bytes]]:
    """Name in lower case → values, the first first."""
    found: dict[bytes, list[bytes]] = {}
    for field in _field.finditer(head):
        found.setdefault(field[1].lower(), []).append(field[2])
    return found


def _named(fields: Mapping[bytes, Sequence[bytes]]) -> list[bytes]:
    names = [name for name in SIGNED for _ in fields.get(name, ())]
    return names + [name for name in OVERSIGNED if name in fields or name == b"from"]


def _covered(fields: Mapping[bytes, Sequence[bytes]], names: Sequence[bytes]) -> bytes:
    """From the last to the first of a name; a name too many stands for nothing (RFC 6376, 5.4.2)."""
    left = {name: list(values) for name, values in fields.items()}
    return b"".join(name + b":" + _relaxed(left[name].pop()) + b"\r\n" for name in names if left.get(name))


def _relaxed(value: bytes) -> bytes:
    """RFC 6376, 3.4.2."""
    return _white.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4. Our own mails hold nothing to be changed, which is found out faster than it is changed."""
    if b"  " in body or b"\t" in body or b" \r\n" in body:
        body = _trailing.sub(b"", _white.sub(b" ", body))
    stripped = body.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""


def _folded(names: Sequence[bytes]) -> str:
    lines, line = [], ""
    for name in map(bytes.decode, names):
        if len(line) + len(name) > 64:
            lines.append(line)
            line = ""
        line += f"{name}:"
    return "\r\n ".join([*lines, line]).removesuffix(":")
