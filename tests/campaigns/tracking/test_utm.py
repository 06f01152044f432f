"""UTM parameters: added once, and nothing else of the address changes."""

from typing import Any

import pytest

from campaigns import links
from campaigns.models import Campaign, SendingPolicy
from campaigns.policy import THE_ONE
from campaigns.tracking.named import utm_for
from campaigns.utm import Utm, tagged, utm_of
from tests.campaigns.bulk.mails import BASE, recipient

UTM: Utm = (("utm_source", "shop"), ("utm_medium", "email"))
BOTH = "utm_source=shop&utm_medium=email"


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("https://x.org", f"https://x.org?{BOTH}"),
        ("https://x.org/", f"https://x.org/?{BOTH}"),
        ("https://x.org/?", f"https://x.org/?{BOTH}"),
        ("https://x.org/?a=1", f"https://x.org/?a=1&{BOTH}"),
        ("https://x.org/?a=1&", f"https://x.org/?a=1&{BOTH}"),
        ("https://x.org/?a=1;b=2", f"https://x.org/?a=1;b=2&{BOTH}"),
        ("https://x.org/#top", f"https://x.org/?{BOTH}#top"),
        ("https://x.org/?a=%7B%7B&b#/route?utm_source=x", f"https://x.org/?a=%7B%7B&b&{BOTH}#/route?utm_source=x"),
        ("https://x.org/?utm_source=own", "https://x.org/?utm_source=own&utm_medium=email"),
        ("https://x.org/?UTM_Source=own&utm%5Fmedium=m", "https://x.org/?UTM_Source=own&utm%5Fmedium=m"),
        ("https://x.org/?utm_sourcery=1", f"https://x.org/?utm_sourcery=1&{BOTH}"),
        (f"https://x.org/?{BOTH}", f"https://x.org/?{BOTH}"),
    ],
)
def test_added_once(target: str, wanted: str) -> None:
    assert tagged(target, UTM) == wanted
    assert tagged(wanted, UTM) == wanted


def test_without_any_nothing_changes() -> None:
    assert tagged("https://x.org/?a#b", ()) == "https://x.org/?a#b"


def test_made_of_names_and_of_what_somebody_wrote() -> None:
    made = dict(utm_of({}, source="Großer Laden GmbH", campaign="Spring sale! 2026", content="b"))
    assert made == {
        "utm_source": "gro%C3%9Fer-laden-gmbh",
        "utm_medium": "email",
        "utm_campaign": "spring-sale-2026",
        "utm_content": "b",
    }
    written = dict(utm_of({"source": "A&B {{ name }}", "campaign": " "}, source="x", campaign="C"))
    assert written["utm_source"] == "A%26B%20%7B%7B%20name%20%7D%7D"
    assert written["utm_campaign"] == "c"
    assert "utm_content" not in written


@pytest.mark.django_db
def test_the_companys_name_is_the_source() -> None:
    campaign = Campaign(name="C", adds_utm=True, utm={"medium": "newsletter"})
    assert dict(utm_for(campaign)) == {"utm_source": "tributary", "utm_medium": "newsletter", "utm_campaign": "c"}
    SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults={"company": "My Shop"})
    assert dict(utm_for(campaign, variant="b"))["utm_source"] == "my-shop"
    assert utm_for(Campaign(name="C", adds_utm=False)) == ()


def test_links_carry_them_and_unsubscribing_does_not() -> None:
    addresses = links.Addresses(BASE, utm=UTM)
    ref = recipient(1).ref
    click: Any = links.read_click(addresses.click(ref, "https://x.org/#a", "b1").rstrip("/").rpartition("/")[2])
    assert (click.target, click.block) == (f"https://x.org/?{BOTH}#a", "b1")
    assert addresses.unsubscribe(ref) == links.unsubscribe_url(BASE, ref)
