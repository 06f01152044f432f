"""The API of offers: what it makes, refuses and tells; codes only to who may spend them."""

from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers.give import Asked, give
from cdp.accounts.models import AuditEntry
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.campaigns.offers.making import an_offer, with_codes
from tests.cdp.rules.test_rules import VIEW, event
from tests.segments.test_segments_api import Api
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
SAID = {"key": "spring", "name": "Spring", "kind": "percent", "value": "10", "codes": "uploaded"}


@pytest.fixture
def api() -> Api:
    return Api("campaigns:read", "campaigns:write")


def test_made_read_changed_archived_restored(api: Api) -> None:
    made = api.call("post", "offers", SAID | {"rule": {"version": 1, "root": event(VIEW)}}, expect=201)
    assert (made["key"], made["value"], made["given"], made["archived_at"]) == ("spring", 10, 0, None)
    changed = api.call("patch", "offers/spring", {"value": 12.5, "rule": None, "most_given": 7})
    assert (changed["value"], changed["rule"], changed["most_given"], changed["name"]) == (12.5, None, 7, "Spring")
    assert api.get("offers/spring")["figures"]["left"] == 0
    api.call("delete", "offers/spring", expect=204)
    api.call("delete", "offers/spring", expect=404)
    api.call("patch", "offers/spring", {"name": "x"}, expect=409)
    assert api.get("offers")["results"] == []
    assert [one["key"] for one in api.get("offers", state="archived")["results"]] == ["spring"]
    assert api.call("post", "offers/spring/restore")["archived_at"] is None
    api.call("post", "offers/spring/restore", expect=409)
    assert AuditEntry.objects.filter(target="Spring").count() == 4


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"value": "1e9999"}, "value"),
        ({"value": True}, "value"),
        ({"value": 101}, "value"),
        ({"most_given": "7"}, "most_given"),
        ({"kind": "cash"}, "kind"),
        ({"colour": "red"}, "colour"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"rule": {"version": 1, "root": {"kind": "no"}}}, "rule.root.kind"),
        ({"codes": "shared", "shared_code": "a b"}, "shared_code"),
        ({"key": "best"}, "key"),
        ({"key": "taken"}, "key"),
        ({"ends_at": "yesterday"}, "ends_at"),
    ],
)
def test_what_is_wrong_names_its_place(api: Api, body: dict[str, Any], place: str) -> None:
    an_offer("taken")
    said = api.call("post", "offers", SAID | body, expect=400)
    assert [one["place"] for one in said["errors"]] == [place]


def test_codes_are_added_once_and_counted(api: Api) -> None:
    with_codes(an_offer("other", codes="uploaded"), "THEIRS")
    an_offer(codes="uploaded")
    said = {"codes": ["A", "a", "B", "=X", "theirs"]}
    assert api.call("post", "offers/spring/codes", said) == {
        "added": 2,
        "twice": 1,
        "here": 0,
        "elsewhere": 1,
        "invalid": 1,
    }
    assert api.call("post", "offers/spring/codes", said)["here"] == 2
    assert api.get("offers/spring/codes") == {"left": 2, "given": 0}
    refused: list[Any] = [{"codes": []}, {"codes": [1]}, {"codes": ["A\0"]}, ["A"], {"codes": ["A"], "more": 1}]
    for wrong in refused:
        api.call("post", "offers/spring/codes", wrong, expect=400)
    an_offer("none")
    api.call("post", "offers/none/codes", {"codes": ["A"]}, expect=409)
    api.call("post", "offers/gone/codes", {"codes": ["A"]}, expect=404)


def test_codes_are_told_to_who_may_write_and_uses_to_who_may_read(api: Api) -> None:
    take_in([identify("ann")])
    person = Profile.objects.get()
    an_offer(codes="generated")
    give([Asked(uuid4(), person.pk, None, "spring")], now=NOW, zone=UTC)
    given, code = OfferCode.objects.get(), OfferCode.objects.get().code
    OfferRedemption.objects.create(
        offer=Offer.objects.get(), code=code, given=given, profile_id=person.pk, order_id="7", at=NOW, value=90
    )
    (told,) = api.get("offers/spring/given")["results"]
    assert (told["code"], told["profile"]) == (code, str(person.uuid))
    reader = Api("campaigns:read")
    reader.get("offers/spring/given", expect=403)
    reader.call("post", "offers/spring/codes", {"codes": ["A"]}, expect=403)
    (used,) = reader.get("offers/spring/redemptions")["results"]
    assert used == {
        "order_id": "7",
        "profile": str(person.uuid),
        "given_to": str(person.uuid),
        "at": used["at"],
        "value": 90,
        "discount": None,
        "is_taken_back": False,
    }
    assert code not in str(reader.get("offers/spring"))
