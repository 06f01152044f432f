"""What providers tell is believed with proof alone, and only of messages that went over their account."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse

from campaigns.accounts.save import Plan, create
from campaigns.models import Account, Bounce, Campaign, Delivery, Hit
from cdp.privacy.models import Suppression
from tests.campaigns.test_send import delivered
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
ECDSA = ec.generate_private_key(ec.SECP256R1())
SENDGRID_KEY = base64.b64encode(
    ECDSA.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
BASIC = "hook:a-long-password"
STAMP = 1_780_000_000


@dataclass(frozen=True)
class Post:
    body: bytes | dict[str, str]
    headers: Mapping[str, str]
    content_type: str = "application/json"


def _basic(body: object) -> Post:
    word = base64.b64encode(BASIC.encode()).decode()
    return Post(json.dumps(body).encode(), {"Authorization": f"Basic {word}"})


def postmark(kind: str, ref: UUID, url: str) -> Post:
    types = {
        "hard": {"RecordType": "Bounce", "Type": "HardBounce", "Details": "550 gone"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce", "Details": "452 full"},
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
        "delivered": {"RecordType": "Delivery", "DeliveredAt": "2026-03-01T00:00:00Z"},
    }
    return _basic({**types[kind], "Metadata": {"ref": str(ref)}, "Email": "ann@x.org"})


def brevo(kind: str, ref: UUID, url: str) -> Post:
    names = {"hard": "hard_bounce", "soft": "soft_bounce", "complained": "spam", "delivered": "delivered"}
    about = {"event": names[kind], "email": "ann@x.org", "X-Mailin-custom": json.dumps({"ref": str(ref)})}
    return _basic({**about, "ts_epoch": STAMP * 1000, "reason": "550 gone"})


def sparkpost(kind: str, ref: UUID, url: str) -> Post:
    types: dict[str, dict[str, str]] = {
        "hard": {"type": "bounce", "bounce_class": "10", "raw_reason": "550 gone"},
        "soft": {"type": "bounce", "bounce_class": "22", "raw_reason": "452 full"},
        "complained": {"type": "spam_complaint"},
        "delivered": {"type": "delivery"},
    }
    event = {**types[kind], "rcpt_meta": {"ref": str(ref)}, "timestamp": str(STAMP), "raw_rcpt_to": "ann@x.org"}
    return _basic([{"msys": {"message_event": event}}])


def mailgun(kind: str, ref: UUID, url: str) -> Post:
    types = {
        "hard": {"event": "failed", "severity": "permanent", "reason": "bounce"},
        "soft": {"event": "failed", "severity": "temporary"},
        "complained": {"event": "complained"},
        "delivered": {"event": "delivered"},
    }
    signature = hmac.new(b"k3y", f"{STAMP}t0ken".encode(), hashlib.sha256).hexdigest()
    data = {**types[kind], "timestamp": STAMP, "recipient": "ann@x.org", "user-variables": {"ref": str(ref)}}
    signed = {"timestamp": str(STAMP), "token": "t0ken", "signature": signature}
    return Post(json.dumps({"signature": signed, "event-data": {**data, "id": "1"}}).encode(), {})


def sendgrid(kind: str, ref: UUID, url: str) -> Post:
    types = {
        "hard": {"event": "bounce", "type": "bounce", "reason": "550 gone"},
        "soft": {"event": "bounce", "type": "blocked", "reason": "452 full"},
        "complained": {"event": "spamreport"},
        "delivered": {"event": "delivered"},
    }
    body = json.dumps([{**types[kind], "email": "ann@x.org", "timestamp": STAMP, "ref": str(ref)}]).encode()
    signature = ECDSA.sign(str(STAMP).encode() + body, ec.ECDSA(hashes.SHA256()))
    lead = "X-Twilio-Email-Event-Webhook"
    return Post(body, {f"{lead}-Signature": base64.b64encode(signature).decode(), f"{lead}-Timestamp": str(STAMP)})


def mandrill(kind: str, ref: UUID, url: str) -> Post:
    names = {"hard": "hard_bounce", "soft": "soft_bounce", "complained": "spam", "delivered": "delivered"}
    events = [{"event": names[kind], "ts": STAMP, "msg": {"email": "ann@x.org", "metadata": {"ref": str(ref)}}}]
    body = json.dumps(events)
    signature = hmac.new(b"k3y", f"{url}mandrill_events{body}".encode(), hashlib.sha1).digest()
    headers = {"X-Mandrill-Signature": base64.b64encode(signature).decode()}
    return Post({"mandrill_events": body}, headers, "multipart/form-data")


Told = Callable[[str, UUID, str], Post]
TELLING: dict[str, tuple[Told, str]] = {
    "postmark": (postmark, BASIC),
    "brevo": (brevo, BASIC),
    "sparkpost": (sparkpost, BASIC),
    "mailgun": (mailgun, "k3y"),
    "sendgrid": (sendgrid, SENDGRID_KEY),
    "mandrill": (mandrill, "k3y"),
}
each = pytest.mark.parametrize("kind", TELLING)


def an_account(kind: str, *, secret: str = "") -> Account:
    secrets = {"api_key": "key", "hook_secret": secret}
    return create(Plan(f"{kind} {uuid4().hex[:6]}", {"sender_domain": "x.org"}, secrets), kind=kind, by=None, now=NOW)


def sent_over(account: Account) -> Delivery:
    delivery = delivered()
    Campaign.objects.filter(pk=delivery.campaign_id).update(account=account)
    return delivery


def post(account: Account, given: Post) -> int:
    url = reverse("campaigns:hook", args=[account.hook])
    headers: dict[str, Any] = dict(given.headers)
    if isinstance(given.body, dict):
        return Client().post(url, given.body, headers=headers).status_code
    return Client().post(url, given.body, content_type=given.content_type, headers=headers).status_code


def url_of(account: Account, settings: Any) -> str:
    return f"{settings.PUBLIC_URL}{reverse('campaigns:hook', args=[account.hook])}"


def nothing_happened() -> bool:
    quiet = not (Bounce.objects.exists() or Suppression.objects.exists() or Hit.objects.exists())
    return quiet and not Delivery.objects.exclude(bounced_at=None, complained_at=None, delivered_at=None).exists()


@each
def test_bounces_complaints_and_deliveries_reach_their_message(kind: str, settings: Any) -> None:
    tell, secret = TELLING[kind]
    account = an_account(kind, secret=secret)
    one, url = sent_over(account), url_of(account, settings)
    assert post(account, tell("delivered", one.ref, url)) == 200
    assert (Delivery.objects.get().delivered_at is not None) == (kind != "mandrill")  # anymail does not read its word
    assert post(account, tell("soft", one.ref, url)) == 200
    assert not Suppression.objects.exists()
    for _ in range(2):
        assert post(account, tell("hard", one.ref, url)) == 200
    assert Suppression.objects.get().reason == "bounce"
    assert Bounce.objects.filter(is_hard=True).count() == 1
    Suppression.objects.all().delete()
    assert post(account, tell("complained", one.ref, url)) == 200
    assert Delivery.objects.get().complained_at is not None
    assert Suppression.objects.get().reason == "complaint"


@each
def test_without_proof_nothing_happens(kind: str, settings: Any) -> None:
    """Unsigned, signed with another key, changed on the way, and of an account that has nothing to prove it by."""
    tell, secret = TELLING[kind]
    account, bare = an_account(kind, secret=secret), an_account(kind)
    one = sent_over(account)
    good = tell("hard", one.ref, url_of(account, settings))
    forged = []
    if good.headers:
        forged.append(Post(good.body, {}, good.content_type))
        forged.append(
            Post(good.body, {key: value[:-6] + "AAAAA=" for key, value in good.headers.items()}, good.content_type)
        )
        forged.append(Post(good.body, dict.fromkeys(good.headers, "é"), good.content_type))
    else:  # the signature stands in the body
        assert isinstance(good.body, bytes)
        forged.append(Post(good.body.replace(b'"token": "t0ken"', b'"token": "other"'), {}))
        forged.append(Post(good.body.replace(b'"signature": "', b'"signature": "0'), {}))
        forged.append(Post(b"{}", {}))
    for one_forged in forged:
        assert post(account, one_forged) in (400, 403)
    assert post(bare, tell("hard", one.ref, url_of(bare, settings))) == 403
    assert nothing_happened()


@each
def test_an_account_speaks_of_its_own_messages_alone(kind: str, settings: Any) -> None:
    tell, secret = TELLING[kind]
    account = an_account(kind, secret=secret)
    others = sent_over(an_account(kind, secret=secret))
    url = url_of(account, settings)
    assert post(account, tell("hard", others.ref, url)) == 200
    assert post(account, tell("hard", uuid4(), url)) == 200
    assert nothing_happened()


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    account = an_account("postmark", secret=BASIC)
    sent_over(account)
    for body in (b"", b"[", b"[]", b'{"RecordType": 5}', b'"x"', b'{"RecordType": "Bounce", "Metadata": [1]}'):
        assert post(account, Post(body, _basic({}).headers)) in (200, 400)
    assert nothing_happened()


def test_nobody_is_at_another_address() -> None:
    assert Client().post(reverse("campaigns:hook", args=["x"])).status_code == 404
    account = an_account("postmark", secret=BASIC)
    url = reverse("campaigns:hook", args=[account.hook])
    assert Client().head(url).status_code == 200
    assert Client().get(url).status_code == 405


def test_a_click_on_our_own_link_is_not_counted_twice(settings: Any) -> None:
    account = an_account("postmark", secret=BASIC)
    one = sent_over(account)
    about = {"RecordType": "Click", "Metadata": {"ref": str(one.ref)}, "UserAgent": "x", "Geo": {"IP": "1.2.3.4"}}
    assert post(account, _basic({**about, "OriginalLink": f"{settings.PUBLIC_URL}/campaigns/c/abc/"})) == 200
    assert not Hit.objects.exists()
    assert post(account, _basic({**about, "OriginalLink": "https://shop.example/"})) == 200
    assert Hit.objects.get().target == "https://shop.example/"


def test_times_ahead_of_ours_are_set_to_now() -> None:
    account = an_account("postmark", secret=BASIC)
    one = sent_over(account)
    about = {"RecordType": "Delivery", "DeliveredAt": "2999-01-01T00:00:00Z", "Metadata": {"ref": str(one.ref)}}
    assert post(account, _basic(about)) == 200
    at = Delivery.objects.get().delivered_at
    assert at is not None and at < datetime(2999, 1, 1, tzinfo=UTC)
