"""What a check says is wrong, for whom and why; each number leads to the people."""

from typing import Any

import pytest

from campaigns.check.lots import first_of
from campaigns.check.points import tried
from campaigns.check.result import result_of
from campaigns.models import Delivery, Offer
from cdp.privacy.models import Suppression
from tests.campaigns.check.making import a_campaign, button, checked, content, points, text, viewers, words
from tests.campaigns.offers.making import an_offer, with_codes
from tests.campaigns.test_send import a_topic, says
from tests.cdp.rules.test_rules import rule, trait

pytestmark = pytest.mark.django_db
Reason = Delivery.Reason
ROME, OSLO = rule(trait("city", "is", "Rome")), rule(trait("city", "is", "Oslo"))
SET = rule(trait("city", "is_set"))
ONE, TWO = rule(trait("n", "is", 1)), rule(trait("n", "is", 2))


def test_who_gets_it_and_who_does_not_is_what_sending_would_do() -> None:
    topic = a_topic()
    who = viewers(ann={}, bob={}, cat={"email": None}, dan={}, eve={}, fay={"email": "Ann@x.org"})
    for name in ("ann", "bob", "dan"):
        says(name, topic, yes=True)
    says("eve", topic, yes=False)
    Suppression.objects.create(namespace="email", value="bob@x.org", reason="manual", at="2026-01-01T00:00Z")
    check = checked(a_campaign(content(text("a", "x")), topic=topic))
    assert len(who) == check.people == 6
    expected = {
        "gets": ["ann", "dan"],
        "none:no_address": ["cat"],
        "none:suppressed": ["bob"],
        "none:no_consent": ["eve"],
        "none:same_address": ["fay"],
    }
    found = {key: first_of(check, [key], most=9) for key in expected}
    assert found == {key: sorted(who[name] for name in names) for key, names in expected.items()}
    assert check.reached == 2


def test_a_token_that_some_would_see_empty_is_to_be_fixed_and_names_them() -> None:
    who = viewers(**{f"p{n}": {"nick": f"N{n}"} for n in range(7)}, empty={"nick": ""})
    check = checked(a_campaign(content(text("a", "Hello {{ nick }}!"), subject="For {{ nick | default: 'you' }}")))
    (point,) = [one for one in points(check).errors if one.keys]
    assert point.words == "{{ nick }} shows nothing to 1 person (12.5 % of those who get it): give it a default."
    assert point.place == "blocks.a.text"
    assert first_of(check, point.keys, most=9) == [who["empty"]]
    subject = next(n for n, one in enumerate(result_of(check).tokens) if one.place == "subject")
    assert check.counts[f"token:{subject}:fallback"] == 1
    assert "nothing to fix" not in check.result


def test_a_default_of_nothing_is_meant_so() -> None:
    viewers(ann={"nick": "A"}, bob={})
    check = checked(a_campaign(content(text("a", "Hello {{ nick | default: '' }}"))))
    assert check.errors == 0
    assert check.counts["token:0:nothing"] == 1


def branch(name: str, when: Any, instead: Any = None) -> dict[str, Any]:
    return text(name, f"for {name}", when=when, **({"else": instead} if instead else {}))


@pytest.mark.parametrize(
    ("block", "empty", "why"),
    [
        (branch("a", SET, branch("b", ROME)), "“Text “for b””", "The first condition already takes everybody."),
        (branch("a", ROME, branch("b", OSLO)), "“Text “for b””", "It holds for nobody who gets so far: “People whose"),
        (branch("a", ROME, branch("b", ROME)), "“Text “for b””", "The same condition stands before it."),
        (branch("a", SET), "“Nothing”", "The first condition already takes everybody."),
        (
            branch("a", ONE, branch("b", TWO, branch("c", SET))),
            "“Nothing”",
            "The conditions before it take everybody.",
        ),
        (
            branch("a", ONE, branch("b", TWO, branch("c", rule(trait("n", "less_than", 3))))),
            "“Text “for c””",
            "It holds for 3 people, but conditions before it take all of them.",
        ),
    ],
)  # fmt: skip
def test_a_branch_nobody_gets_says_why(block: Any, empty: str, why: str) -> None:
    viewers(ann={"city": "Rome", "n": 1}, bob={"city": "Rome", "n": 2}, cat={"city": "Rome", "n": 2})
    check = checked(a_campaign(content(block)))
    said = [one.words for one in points(check).warnings if "nobody gets" in one.words]
    assert any(empty in one and why in one for one in said), said


def test_an_inner_branch_is_counted_among_those_who_come_to_it() -> None:
    who = viewers(ann={"city": "Rome", "n": 1}, bob={"city": "Rome", "n": 2}, cat={"city": "Oslo", "n": 1})
    inner = text("in", "one", when=rule(trait("n", "is", 1)), **{"else": text("not", "other")})
    outer = {"id": "out", "kind": "columns", "columns": [[inner], [text("t", "x")]], "when": ROME}
    check = checked(a_campaign(content(outer)))
    assert (check.counts["branch:out:0"], check.counts["branch:out:1"]) == (2, 1)
    assert first_of(check, ["branch:in:0"], most=9) == [who["ann"]]
    assert first_of(check, ["branch:in:1"], most=9) == [who["bob"]]


def test_codes_that_run_out_refuse_the_last() -> None:
    who = viewers(**{f"p{n}": {} for n in range(5)})
    with_codes(an_offer(codes=Offer.Codes.UPLOADED), "A1", "A2", "A3")
    offer = {"id": "o", "kind": "offer", "offer": "spring", "title": "{{ offer.name }}", "text": "{{ offer.code }}"}
    check = checked(a_campaign(content({**offer, "button": "", "without": "Nothing left"})))
    assert check.counts["offer:spring:given"] == 3
    (point,) = [one for one in points(check).warnings if one.keys]
    assert "2 people would not get it and see the words for that case. No code is left." in point.words
    assert first_of(check, point.keys, most=9) == sorted(who.values())[3:]
    token = next(n for n, one in enumerate(result_of(check).tokens) if "code" in one.source)
    assert check.counts[f"token:{token}:value"] == 3
    assert Offer.objects.get().n_given == 0


def test_a_mail_that_cannot_be_made_for_some_says_for_whom() -> None:
    who = viewers(ann={"shop": "http://10.0.0.1/"}, bob={"shop": "nowhere"})  # private: nobody is asked
    check = checked(a_campaign(content(button("b", "{{ shop | default: 'http://10.0.0.2/' }}"))))
    assert check.reached == 1
    (point,) = [one for one in points(check).errors if one.place == "blocks.b.url"]
    assert "cannot be made for 1 person: for one of them, “nowhere” is no web address" in point.words
    assert first_of(check, point.keys, most=9) == [who["bob"]]


def test_mistakes_of_the_content_stand_first() -> None:
    viewers(ann={})
    check = checked(a_campaign(content(text("a", "{{ nobody_has_this }}"))))
    assert points(check).errors[0].place == "blocks.a.text"
    broken = checked(a_campaign(content(text("a", "{% if %}")), segment=check.campaign.included.get()))
    assert broken.errors
    assert broken.reached == 0
    assert result_of(broken).why_not


def test_a_mail_with_a_topic_needs_a_way_out() -> None:
    viewers(ann={})
    topic = a_topic()
    held = content(text("a", "x"))
    held["blocks"] = held["blocks"][:1]
    assert any("unsubscribe" in one for one in words(checked(a_campaign(held, topic=topic))))


def test_an_empty_segment_is_said() -> None:
    check = checked(a_campaign(content(text("a", "x"))))
    assert words(check) == ["Nobody is in the audience."]


def test_mails_that_gmail_would_cut_are_counted_in_the_sample() -> None:
    who = viewers(ann={"tale": "word " * 1_500}, bob={"tale": "x"})
    check = checked(a_campaign(content(text("a", " ".join(["{{ tale }}"] * 16)))))
    (point,) = [one for one in points(check).warnings if "Gmail" in one.words]
    assert "cut off 1 of 2 mails" in point.words
    assert tried(result_of(check), point.keys[0]) == [who["ann"]]
