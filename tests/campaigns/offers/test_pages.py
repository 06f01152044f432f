"""The pages of offers, by role: setting up, what it answers, its people, and codes that not everybody sees."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Offer, OfferCode, OfferRedemption, Template
from cdp.accounts.models import AuditEntry
from cdp.common.models import Job
from cdp.profiles.models import Profile
from tests.campaigns.offers.making import an_offer, with_codes
from tests.cast import Cast
from tests.cdp.rules.test_rules import VIEW, event
from tests.taking_in import NOW, identify, take_in

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Spring sale",
    "kind": "percent",
    "value": "10",
    "audience": "all",
    "codes": "generated",
    "code_prefix": "spr-",
    "code_length": "9",
    "most_per_person": "1",
}


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def test_set_up_changed_archived_and_back(cast: Cast) -> None:
    mara = cast.client("mara")
    rule = json.dumps({"version": 1, "root": event(VIEW)})
    more = {"starts_on": "2026-03-01", "ends_on": "2026-03-31", "audience": "rule", "rule": rule, "days_valid": "7"}
    answer = mara.post(url("offer_new"), SAID | more)
    made = Offer.objects.get()
    assert answer["Location"] == url("offer", made.pk)
    assert (made.key, made.code_prefix, made.code_length, made.days_valid) == ("spring-sale", "SPR-", 9, 7)
    assert made.rule == json.loads(rule)
    assert made.ends_at and made.starts_at and (made.ends_at - made.starts_at).days == 31
    page = mara.get(url("offer", made.pk)).content.decode()
    assert "10 % off" in page and "until 31 March 2026" in page
    form = mara.get(url("offer_edit", made.pk)).context["form"]
    changed = {**{k: v for k, v in form.initial.items() if v is not None}, "rule": rule, "value": "15", "key": "other"}
    assert mara.post(url("offer_edit", made.pk), changed).status_code == 302
    again = Offer.objects.get()
    assert (str(again.value), again.key, again.ends_at) == ("15.00", "spring-sale", made.ends_at)
    mara.post(url("offer_archive", made.pk))
    assert not mara.get(url("offers")).context["lines"]
    mara.post(url("offer_restore", made.pk))
    assert Offer.objects.get().archived_at is None
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["created offer", "changed offer", "archived offer", "restored offer"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": "101"}, "value"),
        ({"value": ""}, "value"),
        ({"kind": "amount", "currency": "XX"}, "currency"),
        ({"key": "best"}, "key"),
        ({"key": "Old One"}, "key"),
        ({"key": "taken"}, "key"),
        ({"ends_on": "2026-01-01", "starts_on": "2026-02-01"}, "ends_on"),
        ({"codes": "shared", "shared_code": "a,b"}, "shared_code"),
        ({"codes": "shared", "shared_code": "used1"}, "shared_code"),
        ({"code_prefix": "=HYPER"}, "code_prefix"),
        ({"code_length": "4"}, "code_length"),
        ({"audience": "rule", "rule": '{"version": 1, "root": {"kind": "nonsense"}}'}, "rule"),
        ({"audience": "rule"}, "rule"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast: Cast, wrong: dict[str, str], field: str) -> None:
    with_codes(an_offer("taken", codes="uploaded"), "USED1")
    answer = cast.client("mara").post(url("offer_new"), SAID | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_how_codes_are_given_stays_once_some_are_out(cast: Cast) -> None:
    offer = an_offer(codes="shared", shared_code="ONE", n_given=1)
    mara = cast.client("mara")
    said = SAID | {"codes": "none", "shared_code": "TWO"}
    assert mara.post(url("offer_edit", offer.pk), said).status_code == 302
    offer.refresh_from_db()
    assert (offer.codes, offer.shared_code, offer.name) == ("shared", "ONE", "Spring sale")


def used(offer: Offer) -> OfferRedemption:
    take_in([identify("ann", traits={"name": "<b>Ann</b>"})])
    person = take_first()
    given = OfferCode.objects.create(
        offer=offer, code="SECRET-77", is_own=True, delivery="7" * 32, profile_id=person, given_at=NOW
    )
    return OfferRedemption.objects.create(
        offer=offer, code="SECRET-77", given=given, profile_id=person, order_id="<i>7", at=NOW, value=90, discount=10
    )


def take_first() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select min(id) from profiles_profile")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(("who", "sees"), [("mara", True), ("vic", False), ("stew", False)])
def test_codes_are_for_those_who_write_campaigns(cast: Cast, who: str, sees: bool) -> None:
    offer = an_offer(codes="generated", n_given=1)
    used(offer)
    client = cast.client(who)
    for name in ("offer", "offer_given", "offer_used"):
        page = client.get(url(name, offer.pk)).content.decode()
        assert ("SECRET-77" in page) == sees
        assert "&lt;b&gt;Ann&lt;/b&gt;" in page and "<i>7" not in page


@pytest.mark.parametrize(("who", "may"), [("mara", 200), ("vic", 403)])
def test_codes_leave_the_house_with_permission_only(cast: Cast, who: str, may: int) -> None:
    offer = an_offer(codes="generated")
    used(offer)
    answer = cast.client(who).get(url("offer_export", offer.pk))
    assert answer.status_code == may
    if may == 200:
        lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert lines[1].startswith("SECRET-77,") and "<i>7" in lines[1]
        assert AuditEntry.objects.filter(verb="exported codes of offer").exists()


def test_what_it_came_to(cast: Cast) -> None:
    offer = an_offer(codes="generated", n_given=4)
    one = used(offer)
    more = {"offer": offer, "profile_id": one.profile_id, "at": NOW, "value": 50}
    OfferRedemption.objects.create(code="A", order_id="8", **more)
    OfferRedemption.objects.create(code="B", order_id="8", **more)
    OfferRedemption.objects.create(code="C", order_id="9", is_taken_back=True, discount=5, **more)
    figures = cast.client("vic").get(url("offer", offer.pk)).context["figures"]
    assert (figures.used, figures.used_of_given, figures.orders, figures.taken_back) == (3, 1, 2, 1)
    assert (figures.revenue, figures.spent, figures.unsaid) == (140, 10, 2)


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"kind": "offer", "offer": "spring"}, True),
        ({"kind": "offer", "offer": {"cases": [{"then": "spring"}], "else": "x"}}, True),
        ({"kind": "text", "text": "{{ offers.spring.code }}"}, True),
        ({"kind": "text", "text": "{{ offers['spring'].code }}"}, True),
        ({"kind": "text", "text": "{{ offers.spring-sale.code }} spring"}, False),
        ({"kind": "offer", "offer": "spring-sale"}, False),
    ],
)
def test_which_templates_name_it(cast: Cast, block: dict[str, Any], named: bool) -> None:
    offer = an_offer()
    Template.objects.create(name="T", kind="module", content={"blocks": [block]}, created_at=NOW, changed_at=NOW)
    uses = cast.client("vic").get(url("offer", offer.pk)).context["uses"]
    assert [use.name for use in uses] == (["T"] if named else [])


def test_a_list_of_codes_pasted_or_uploaded_says_what_became_of_each(cast: Cast) -> None:
    offer = an_offer(codes="uploaded")
    with_codes(an_offer("other", codes="uploaded"), "THEIRS")
    an_offer("shared", codes="shared", shared_code="EVERYBODY")
    mara = cast.client("mara")
    answer = mara.post(url("offer_codes", offer.pk), {"pasted": "A1; B2,a1\nTHEIRS\neverybody"})
    page = mara.get(answer["Location"])
    assert {k: v for k, v in page.context["result"].items() if k != "problems"} == {
        "added": 2,
        "twice": 1,
        "elsewhere": 2,
    }
    hostile = "Name,Code\nx,C3\nx,=cmd|' /C calc'!A0\nx,<script>alert(1)</script>\nx,b2\nx,c 4\nx,\nx,É5\n"
    file = SimpleUploadedFile("codes.csv", hostile.encode())
    answer = mara.post(url("offer_codes", offer.pk), {"file": file})
    page = mara.get(answer["Location"])
    assert {k: v for k, v in page.context["result"].items() if k != "problems"} == {"added": 1, "invalid": 4, "here": 1}
    assert "<script>alert" not in page.content.decode()
    job = Job.objects.latest("pk")
    wrong = mara.get(url("offer_not_taken", offer.pk, job.pk))
    assert "'=cmd" in b"".join(wrong.streaming_content).decode()  # type: ignore[attr-defined]
    assert list(OfferCode.objects.free(offer).values_list("code", flat=True)) == ["A1", "B2", "C3"]
    assert cast.client("vic").get(answer["Location"]).status_code == 403


def test_a_file_that_is_none_is_told(cast: Cast) -> None:
    offer = an_offer(codes="uploaded")
    file = SimpleUploadedFile("codes.csv", b"A\0\0B")
    mara = cast.client("mara")
    answer = mara.post(url("offer_codes", offer.pk), {"file": file})
    assert "not a text file" in mara.get(answer["Location"]).content.decode()


def test_the_list_asks_few_questions(cast: Cast) -> None:
    vic = cast.client("vic")
    for n in range(3):
        with_codes(an_offer(f"o{n}", codes="uploaded"), f"C{n}")
    with CaptureQueriesContext(connection) as few:
        vic.get(url("offers"))
    for n in range(3, 9):
        with_codes(an_offer(f"o{n}", codes="uploaded"), f"C{n}")
    with CaptureQueriesContext(connection) as more:
        answer = vic.get(url("offers"))
    assert len(few) == len(more)
    assert [line["left"] for line in answer.context["lines"]] == [1] * 9


def test_the_profile_shows_what_was_given_and_used(cast: Cast) -> None:
    offer = an_offer(codes="generated")
    one = used(offer)
    OfferRedemption.objects.create(
        offer=offer, code="BORROWED", profile_id=one.profile_id, order_id="8", at=NOW, value=1, is_taken_back=True
    )
    uuid = Profile.objects.get(pk=one.profile_id).uuid
    lines = cast.client("vic").get(url("offers_of_person", uuid)).context["lines"]
    assert {(line.code, line.order_id, line.given_at is None, line.is_taken_back) for line in lines} == {
        ("SE…", "<i>7", False, False),
        ("BO…", "8", True, True),
    }
