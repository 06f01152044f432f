"""Signed addresses in mails: nothing but what we signed is ever followed."""

from urllib.parse import urlsplit
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

_CLICK, _UNSUBSCRIBE = "campaigns.click", "campaigns.unsubscribe"


class BadLink(Exception):
    """This link is damaged, or was not made by us."""


def click_url(base: str, ref: UUID, target: str) -> str:
    token = Signer(salt=_CLICK).sign_object([ref.hex, target])
    return base + reverse("campaigns:click", args=[token])


def read_click(token: str) -> tuple[UUID, str]:
    ref, target = _read(token, _CLICK)
    if urlsplit(target).scheme not in ("http", "https"):
        raise BadLink
    return UUID(hex=ref), target


def unsubscribe_url(base: str, ref: UUID) -> str:
    return base + reverse("campaigns:unsubscribe", args=[Signer(salt=_UNSUBSCRIBE).sign_object([ref.hex])])


def read_unsubscribe(token: str) -> UUID:
    return UUID(hex=_read(token, _UNSUBSCRIBE)[0])


def _read(token: str, salt: str) -> list[str]:
    try:
        found: list[str] = Signer(salt=salt).unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise BadLink from error
    return found
