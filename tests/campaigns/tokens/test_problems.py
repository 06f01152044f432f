"""What is wrong with content, in words that say what to write instead. No table is read."""

from typing import Any

import pytest

from campaigns.content.blocks import Problem
from campaigns.content.problems import problems_of
from tests.campaigns.tokens.known import VOCABULARY


def content(*blocks: dict[str, Any], subject: Any = "Hi") -> dict[str, Any]:
    return {"version": 2, "subject": subject, "blocks": list(blocks) or [text("Hello")]}


def text(words: str, *, id: str = "b1") -> dict[str, Any]:
    return {"id": id, "kind": "text", "text": words}


def found(words: str) -> list[str]:
    problems = problems_of(content(text(words)), vocabulary=VOCABULARY)
    assert {one.place for one in problems} <= {"blocks.b1.text"}
    return [one.message for one in problems]


WRONG = [
    # a value that some lack
    ("{{ first_name }}", "empty in the mail of 12 % of people: write {{ first_name | default: \"there\" }}"),
    ("{{ profile.city }}", "of 50 % of people: write {{ profile.city | default: \"your town\" }}"),
    ("{{ birthday | date: 'long' }}", "of 60 % of people: end it with | default: \"lately\""),
    ("{{ computed.favourite_category }}", "of 40 % of people"),
    ("{{ scores.buys_in_30_days.value }}", "of 10 % of people: write {{ scores.buys_in_30_days.value | default: 0 }}"),
    ("{{ last_purchase.date }}", "of 60 % of people"),
    ("{{ cart.value | money }}", "of 80 % of people: end it with | default: 0"),
    ("{{ clusters.how_they_shop }}", "of 30 % of people"),
    ("{{ address.zip_code }}", "of 95 % of people"),
    ("{{ tags.first }}", "can be empty"),
    ("{{ recommended.first.name }}", "can be empty"),
    ("{{ recommended[0].name }}", "can be empty"),
    ("{{ offers.spring.code }}", "can be empty"),
    ("{{ feeds.weather.today.sky }}", "can be empty"),
    ("{% assign town = city %}{{ town }}", "of 50 % of people"),
    ("{% if birthday %}{{ city }}{% endif %}", "of 50 % of people"),
    ("{% if city %}a{% else %}{{ city }}{% endif %}", "of 50 % of people"),
    ("{{ city | default: first_name }}", "12 % of people"),
    # a name nobody knows
    ("{{ fist_name }}", "there is no “fist_name”. Did you mean {{ firstName }}?"),
    ("{{ profile.citty }}", "nothing called “citty” is known of anybody. Did you mean {{ profile.city }}?"),
    ("{{ computed.orderz }}", "no computed trait “orderz”. Did you mean {{ computed.orders }}?"),
    ("{{ scores.buy_in_30_days.band }}", "Did you mean {{ scores.buys_in_30_days.band }}?"),
    ("{{ scores.buys_in_30_days.vallue }}", "Did you mean {{ scores.buys_in_30_days.value }}?"),
    ("{{ scores.old_one.value }}", "the predictor “Old one” is archived"),
    ("{{ last_purchase.dat }}", "Did you mean {{ last_purchase.date }}?"),
    ("{{ last_purchase.items.first.prize }}", "Did you mean {{ last_purchase.items.first.price }}?"),
    ("{{ offers.sprong.code }}", "there is no offer “sprong”. Did you mean {{ offers.spring }}?"),
    ("{{ offers.winter.code }}", "the offer “Winter sale” is archived"),
    ("{{ feeds.wether.x }}", "there is no feed “wether”. Did you mean {{ feeds.weather }}?"),
    ("{{ city.size }}", "“city” is one value"),
    ("{{ LastPurchase.date }}", "Did you mean {{ last_purchase.date }}?"),
    ("{% if segments contains 'Frequent Byers' %}a{% endif %}", "Did you mean “Frequent Buyers”?"),
    ("{% if segments contains 'Gone' %}a{% endif %}", "the segment “Gone” is archived"),
    ("{% if citty == 'Rome' %}a{% endif %}", "there is no “citty”"),
    ("{% for item in recomended %}a{% endfor %}", "Did you mean {{ recommended }}?"),
    # what has no single value
    ("{{ recommended }}", "go through it with {% for item in recommended %}"),
    ("{{ last_purchase }}", "has several parts"),
    ("{{ profile.address }}", "has several parts"),
    ("{{ offer.code }}", "“offer” means the offer of an offer block"),
    ("{{ feed.sky }}", "“feed” means the answer of a feed block"),
    # names that are only known when the mail is made
    ("{{ profile[city] }}", "only known when the mail is made"),
    ("{{ scores[city].value }}", "only known when the mail is made"),
    # what the Liquid itself gets wrong
    ("{{ email | sparkle }}", "there is no filter “sparkle”"),
    ("{% if email %}a", "if"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "says"), WRONG)
def test_what_is_wrong_is_told_with_what_to_write(words: str, says: str) -> None:
    messages = found(words)
    assert any(says in message for message in messages), messages


RIGHT = [
    "{{ email }} {{ Email }} {{ profile.e_mail }}",
    "{{ first_name | default: 'you' }} {{FirstName|default:'you'}} {{ profile.firstname | upcase | default: 'you' }}",
    '{{ profile["Favourite colour"] | default: "blue" }}',
    "{{ orders }} {{ computed.Orders }} {{ computed.interest | round: 1 }}",
    "{{ rfm.recency | default: 1 }} {{ rfm_recency | default: 1 }} {{ computed.rfm_recency | default: 1 }}",
    "{% if city %}{{ city }}{% endif %}{% if city == 'Rome' and first_name %}{{ first_name }}{{ city }}{% endif %}",
    "{% unless city == blank %}{{ city }}{% endunless %}{% if city != blank %}{{ city }}{% endif %}",
    "{% if last_purchase %}{{ last_purchase.date }} {{ last_purchase.items.size }}{% endif %}",
    "{% for item in last_purchase.items %}{{ item.name }}, {{ forloop.index }}{% else %}nothing{% endfor %}",
    "{% for item in recommended limit: 4 %}{{ item.name }} {{ item.price | money: item.currency }}{% endfor %}",
    "{{ tags | join: ', ' | default: '-' }}{{ tags.size | default: 0 }}{{ recommended.size }}",
    "{% if segments contains 'Frequent Buyers' %}a{% elsif segments contains 'frequent buyers' %}b{% endif %}",
    "{% if segments.size > 2 %}{{ segments | join: ', ' | default: '-' }}{% endif %}",
    "{% if scores.buys_in_30_days.value > 0.5 %}{{ scores.buys_in_30_days.value }}{% endif %}",
    '{{ scores["Buys in 30 days"].band | default: "low" }}',
    "{{ city | default: first_name | default: 'you' }}",
    "{{ today | date: '%Y' }} {{ campaign.name }} [off]({{ unsubscribe_url }})",
    "{% assign town = city | default: 'Rome' %}{{ town }}{% capture x %}y{% endcapture %}{{ x }}",
]


@pytest.mark.parametrize("words", RIGHT)
def test_what_is_right_is_left_alone(words: str) -> None:
    assert found(words) == []


def test_an_offer_block_may_speak_of_what_its_offer_always_says() -> None:
    block = {"id": "b1", "kind": "offer", "offer": "spring", "title": "{{ offer.name }}", "button": "", "without": ""}
    assert problems_of(content({**block, "text": "{{ offer.code }}"}), vocabulary=VOCABULARY) == []
    (problem,) = problems_of(content({**block, "text": "until {{ offer.ends_on }}"}), vocabulary=VOCABULARY)
    assert problem.place == "blocks.b1.text"
    assert "can be empty" in problem.message


def test_blocks_name_offers_and_feeds_that_are_there() -> None:
    offer = {"id": "b1", "kind": "offer", "offer": "winter", "title": "a", "text": "b", "button": "", "without": ""}
    feed = {"id": "b2", "kind": "feed", "feed": "wether", "text": "{{ feed.sky }}", "without": ""}
    assert problems_of(content(offer, feed), vocabulary=VOCABULARY) == [
        Problem("blocks.b1.offer", "the offer “Winter sale” is archived"),
        Problem("blocks.b2.feed", "there is no feed “wether”. Did you mean “weather”?"),
    ]


def test_a_mail_that_people_can_withdraw_from_says_where() -> None:
    (problem,) = problems_of(content(), vocabulary=VOCABULARY, has_topic=True)
    assert "nobody could unsubscribe" in problem.message
    footer = {"id": "b2", "kind": "footer", "text": "Example Ltd"}
    link = text("[off]({{ unsubscribe_url }})")
    for one in (content(text("a"), footer), content(link)):
        assert problems_of(one, vocabulary=VOCABULARY, has_topic=True) == []
    assert problems_of(content(), vocabulary=VOCABULARY, is_module=True, has_topic=True) == []


def test_all_is_found_at_once_each_thing_once() -> None:
    mail = content(text("{{ citty }} {{ citty }}"), text("{{ city }}", id="b2"), subject="{{ first_name }}")
    problems = problems_of(mail, vocabulary=VOCABULARY)
    assert [one.place for one in problems] == ["subject", "blocks.b1.text", "blocks.b2.text"]
    assert any(one.is_error for one in problems)


def test_content_that_cannot_be_read_says_so() -> None:
    (problem,) = problems_of("nothing", vocabulary=VOCABULARY)
    assert problem.is_error
