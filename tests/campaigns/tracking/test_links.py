"""Signed links: a hundred thousand forgeries lead nowhere, and neither does what we would never link to (S11)."""

import random
import string
from base64 import urlsafe_b64encode
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.conf import settings as product
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from campaigns import links

REF = UUID(int=5)
SHOP = "https://shop.example/a?b=1#c"
LETTERS = string.ascii_letters + string.digits + "-_:.=%~+/ \n\0é"
UNSAFE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example/", "/\\evil.example", "\\\\evil",
    "https:\\\\evil.example", "https://shop.example\\@evil.example/", "https://", "https:///evil.example", "http:evil",
    "ftp://evil.example/", "file:///etc/passwd", "mailto:a@b.example", "vbscript:x", "", " https://evil.example/",
    "https://evil.example/\r\nSet-Cookie: a=b", "https://evil.example/\nX: y", "https://evil.example/\tx", "\x00https://e",
    "https://[evil", "intent://evil#Intent;end", "blob:https://evil.example/x",
]  # fmt: skip


def token(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def mutated(chance: random.Random, one: str, other: str) -> str:
    at, till = sorted(chance.sample(range(len(one) + 1), 2))
    kind = chance.randrange(8)
    if kind == 0:
        return one[:at] + chance.choice(LETTERS) + one[at + 1 :]
    if kind == 1:
        return one[:at] + one[till:]
    if kind == 2:
        return one[:at] + "".join(chance.choices(LETTERS, k=chance.randint(1, 8))) + one[at:]
    if kind == 3:
        return one[:at] + one[at:till].swapcase() + one[till:]
    if kind == 4:
        return other.partition(":")[0] + ":" + one.partition(":")[2]
    if kind == 5:
        return one.partition(":")[0] + ":" + other.partition(":")[2]
    if kind == 6:
        body = urlsafe_b64encode(f'["{REF.hex}","https://evil.example/"]'.encode()).decode().rstrip("=")
        return body + ":" + one.partition(":")[2]
    return one[:at] + one[at:till][::-1] + one[till:]


def test_a_hundred_thousand_mutations_lead_nowhere(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = ["an earlier secret"]
    chance = random.Random(11)
    addresses = links.Addresses("https://cdp.example")
    sound = [token(addresses.click(uuid4(), f"{SHOP}{n}", "b1" if n % 2 else "")) for n in range(50)]
    others = [token(addresses.unsubscribe(uuid4())), token(links.pixel_url("", uuid4()))]
    led, tried = [], 0
    while tried < 100_000:
        one = chance.choice(sound)
        changed = mutated(chance, one, chance.choice([*sound, *others]))
        if changed in sound:
            continue
        tried += 1
        for read in (links.read_click, links.read_mail) if tried % 10 == 0 else (links.read_click,):
            try:
                led.append(read(changed))
            except links.BadLink:
                continue
    assert led == []


def test_each_kind_of_link_opens_only_its_own_door() -> None:
    click, leave = token(links.click_url("", REF, SHOP)), token(links.unsubscribe_url("", REF))
    mail = token(links.pixel_url("", REF))
    assert mail == token(links.trap_url("", REF))
    assert (links.read_click(click).target, links.read_unsubscribe(leave), links.read_mail(mail)) == (SHOP, REF, REF)
    for read, strangers in (
        (links.read_click, (leave, mail)),
        (links.read_unsubscribe, (click, mail)),
        (links.read_mail, (click, leave)),
    ):
        for stranger in strangers:
            with pytest.raises(links.BadLink):
                read(stranger)


@pytest.mark.parametrize("target", UNSAFE)
def test_what_we_would_never_link_to_is_not_followed_even_if_signed(target: str) -> None:
    signed = Signer(salt="campaigns.click").sign_object([REF.hex, target])
    with pytest.raises(links.BadLink):
        links.read_click(signed)
    answer = Client().get(reverse("campaigns:click", args=[signed]))
    assert answer.status_code == 404 and "Location" not in answer


def test_links_of_an_earlier_secret_work_until_it_is_forgotten(settings: Any) -> None:
    old = product.SECRET_KEY
    made = [
        token(links.click_url("", REF, SHOP, "b1")),
        token(links.unsubscribe_url("", REF)),
        token(links.pixel_url("", REF)),
    ]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new secret", [old]
    assert links.read_click(made[0]) == (REF, SHOP, "b1")
    assert links.read_unsubscribe(made[1]) == links.read_mail(made[2]) == REF
    assert links.read_click(token(links.click_url("", REF, SHOP))) == (REF, SHOP, "")
    assert token(links.click_url("", REF, SHOP, "b1")) != made[0]
    settings.SECRET_KEY_FALLBACKS = []
    for read, one in zip((links.read_click, links.read_unsubscribe, links.read_mail), made, strict=True):
        with pytest.raises(links.BadLink):
            read(one)


@pytest.mark.parametrize("more", ["?url=https://evil.example", "?next=//evil.example", "?target=x&target=y"])
def test_nothing_of_the_request_says_where_a_link_leads(more: str) -> None:
    headers = {"host": "evil.example", "referer": "https://evil.example", "x-forwarded-host": "evil.example"}
    with patch("campaigns.tracking.hits.keep"):
        answer = Client().get(links.click_url("", REF, SHOP) + more, headers=headers)
    assert answer["Location"] == SHOP
