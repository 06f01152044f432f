"""The optional second factor: a code from an authenticator app (TOTP, RFC 6238), and recovery codes."""

import base64
import hmac
import secrets
from datetime import datetime
from math import ceil

import django_otp
import segno
from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from cdp.accounts.models import User

RECOVERY_CODES = 10


class NotEnrolled(Exception):
    """There is no second factor to confirm. Begin again from Sign-in and security."""


def is_on(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


@transaction.atomic
def begin(user: User) -> TOTPDevice:
    """The device to be confirmed; the same one while the page is open, so that a reload keeps the code."""
    User.objects.select_for_update().get(pk=user.pk)
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "Authenticator"})
    return device


@transaction.atomic
def confirm(user: User, *, code: str) -> list[str] | None:
    """Turns the second factor on if the code is right; returns the recovery codes, shown only now."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None:
        raise NotEnrolled
    if not device.verify_token(_digits(code)):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes")
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:12], code[12:])) for code in codes]


def codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def turn_off(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def verify(user: User, *, code: str) -> django_otp.models.Device | None:
    """The device that accepts the code: six digits of the app, or a recovery code, which is spent by it."""
    digits = _digits(code)
    if len(digits) == 6 and digits.isdecimal():
        devices, token = TOTPDevice.objects.filter(user=user, confirmed=True), digits
    else:
        devices, token = StaticDevice.objects.filter(user=user, confirmed=True), _kept(digits)
    device = devices.first()
    return django_otp.verify_token(user, device.persistent_id, token) if device else None


def waits_s(user: User, *, now: datetime) -> int:
    """Seconds until a code is looked at again, after wrong ones; they double with each."""
    waits = [0]
    for model in (TOTPDevice, StaticDevice):
        device = model.objects.filter(user=user, confirmed=True).first()
        allowed, why = device.verify_is_allowed() if device else (True, None)
        if not allowed and why:
            waits.append(ceil((why["locked_until"] - now).total_seconds()))
    return max(waits)


def picture(device: TOTPDevice) -> str:
    """The QR code as a data URI, which the Content-Security-Policy allows for images."""
    return str(segno.make(device.config_url, micro=False).svg_data_uri(scale=5, border=2, dark="#000", light="#fff"))


def typed_key(device: TOTPDevice) -> str:
    key = base64.b32encode(device.bin_key).decode()
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _digits(code: str) -> str:
    return code.replace(" ", "").replace("-", "").strip().lower()[:40]


def _kept(code: str) -> str:
    """Only this much of a keyed hash is stored (the column holds 16 characters: 64 bits)."""
    return hmac.new(settings.SECRET_KEY.encode(), f"recovery:{code}".encode(), "sha256").hexdigest()[:16]
