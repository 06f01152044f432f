"""Tokens and conditions of other products become ours, are refused with their place, or were ours all along."""

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.liquid import parse
from campaigns.content.paste import convert

CONVERTED = [
    ("{{ user.first_name }}", "{{ first_name }}"),
    ("{{customer.first_name}}", "{{ first_name }}"),
    ("{{ contact.firstname }}", "{{ firstname }}"),
    ("{{ customer.address.city }}", "{{ address.city }}"),
    ("{{ subscriber['Favourite colour'] }}", '{{ profile["Favourite colour"] }}'),
    ("{{- user.name -}}", "{{- name -}}"),
    # a trait that has the name of something else of ours
    ("{{ customer.cart }}", "{{ profile.cart }}"),
    ("{{ customer.customer.x }}", "{{ profile.customer.x }}"),
    # Klaviyo, Django
    ("{{ person.first_name|default:'there' }}", '{{ first_name | default: "there" }}'),
    ("{{ person|lookup:'City'|default:'your town'|title }}", '{{ City | default: "your town" | titlecase }}'),
    ("{{ name|lower|capfirst }}", "{{ name | downcase | capitalize }}"),
    ("{{ name|safe }}", "{{ name }}"),
    ("{{ born|date:'F j, Y' }}", '{{ born | date: "%B %-d, %Y" }}'),
    ("{{ spent|floatformat:2 }}", "{{ spent | round: 2 }}"),
    ("{{ forloop.counter }}", "{{ forloop.index }}"),
    ("{# a note #}", "{% comment %} a note {% endcomment %}"),
    (
        "{% if person|lookup:'plan' == 'gold' %}a{% elif person.age > 30 %}b{% endif %}",
        "{% if plan == 'gold' %}a{% elsif age > 30 %}b{% endif %}",
    ),
    ("{% if not person.city %}a{% else %}b{% endif %}", "{% unless city %}a{% else %}b{% endunless %}"),
    ("{% if 'vip' in person.tags %}a{% endif %}", "{% if tags contains 'vip' %}a{% endif %}"),
    ("{% if person.tags|length > 2 %}a{% endif %}", "{% if tags.size > 2 %}a{% endif %}"),
    ("{% for t in person.tags %}{{ t }}{% empty %}-{% endfor %}", "{% for t in tags %}{{ t }}{% else %}-{% endfor %}"),
    ("{% unsubscribe_link %}", "{{ unsubscribe_url }}"),
    ("{{ unsubscribe_link }}", "{{ unsubscribe_url }}"),
    ("{% today '%d.%m.%Y' %}", '{{ today | date: "%d.%m.%Y" }}'),
    # Braze
    ("{{${first_name} | default: 'x'}}", '{{ first_name | default: "x" }}'),
    ("Hi {{${first_name}}}!", "Hi {{ first_name }}!"),
    ("{{custom_attribute.${favourite shop}}}", '{{ profile["favourite shop"] }}'),
    ("{{campaign.${name}}}", "{{ campaign.name }}"),
    ("{% if custom_attribute.${plan} == 'gold' %}a{% endif %}", "{% if plan == 'gold' %}a{% endif %}"),
    # Customer.io
    ("{% if customer.x == 'y' and customer.z %}a{% endif %}", "{% if x == 'y' and z %}a{% endif %}"),
    ("{% assign n = customer.name | default: 'a' %}{{ n }}", '{% assign n = name | default: "a" %}{{ n }}'),
    # segments
    (
        '{% if user.segment == "Frequent Buyers" %}a{% endif %}',
        '{% if segments contains "Frequent Buyers" %}a{% endif %}',
    ),
    ("{% if segment == 'New' or x %}a{% endif %}", "{% if segments contains 'New' or x %}a{% endif %}"),
    ("{% if 'New' in customer.segments %}a{% endif %}", "{% if segments contains 'New' %}a{% endif %}"),
    (
        '{% if user.segment != "New" %}a{% else %}b{% endif %}',
        '{% unless segments contains "New" %}a{% else %}b{% endunless %}',
    ),
    # Mailchimp
    ("*|FNAME|*", "{{ first_name }}"),
    ("*|UPPER:LNAME|*", "{{ last_name | upcase }}"),
    ("*|FAVCOLOR|*", "{{ favcolor }}"),
    ("*|UNSUB|*", "{{ unsubscribe_url }}"),
    ("*|CURRENT_YEAR|*", '{{ today | date: "%Y" }}'),
    ("*|DATE:d/m/Y|*", '{{ today | date: "%d/%m/%Y" }}'),
    (
        "*|IF:CITY=Rome|* a *|ELSEIF:AGE>30|* b *|ELSE:|* c *|END:IF|*",
        '{% if city == "Rome" %} a {% elsif age > 30 %} b {% else %} c {% endif %}',
    ),
    ("*|IFNOT:FNAME|*x*|ELSE:|*y*|END:IF|*", "{% unless first_name %}x{% else %}y{% endunless %}"),
    # Mautic
    ("{contactfield=firstname}", "{{ firstname }}"),
    ("{contactfield=firstname|you}", '{{ firstname | default: "you" }}'),
    ("{unsubscribe_url}", "{{ unsubscribe_url }}"),
    # SendGrid, Handlebars
    ('{{insert name "default=you"}}', '{{ name | default: "you" }}'),
    ("{{insert name}}", "{{ name }}"),
    ("{{#if vip}}a{{else}}b{{/if}}", "{% if vip %}a{% else %}b{% endif %}"),
    ('{{#equals plan "gold"}}a{{/equals}}', '{% if plan == "gold" %}a{% endif %}'),
    ("{{{ name }}}", "{{ name }}"),
    # HubSpot
    ("{{ personalization_token('contact.firstname', 'you') }}", '{{ firstname | default: "you" }}'),
    # listmonk
    ("{{ .Subscriber.Name }}", "{{ Name }}"),
    ("{{ .Subscriber.Attribs.city }}", "{{ city }}"),
    (
        '{{ if eq .Subscriber.Attribs.city "Rome" }}a{{ else }}b{{ end }}',
        '{% if city == "Rome" %}a{% else %}b{% endif %}',
    ),
    ('{{ TrackLink "https://x.example/a" . }}', "https://x.example/a"),
    ("{{ UnsubscribeURL }}", "{{ unsubscribe_url }}"),
    # Salesforce
    ("%%FirstName%%", "{{ FirstName }}"),
]  # fmt: skip


@pytest.mark.parametrize(("pasted", "expected"), CONVERTED)
def test_foreign_words_become_ours(pasted: str, expected: str) -> None:
    converted = convert(pasted)
    assert (converted.text, converted.problems) == (expected, ())
    assert converted.notes[0].was in pasted
    parse(converted.text, "text")


REFUSED = [
    ("{% connected_content https://x.example/a :save b %}", "make a data feed"),
    ("{{ event.extra.url }}", "use last_purchase, cart or viewed"),
    ("{{content_blocks.${head}}}", "use a saved module"),
    ("{% include 'footer' %}", "use a saved module"),
    ("{% coupon_code 'SUMMER' %}", "make an offer"),
    ("{% sparkle %}", "there is no tag “sparkle”"),
    ("{{ user.a[user.b] }}", "cannot be read"),
    ("{{ user.segment }}", "ask for one segment"),
    ("{% if not user.a and user.b %}", "put one condition in another"),
    ("{% if user.a|upper == 'B' %}", "cannot hold the filter “upper”"),
    ("{{ born|date:'c' }}", "write it as in %d %B %Y"),
    ("*|MC:SUBJECT|*", "write the subject itself"),
    ("*|LIST:COMPANY|*", "write the company's name"),
    ("*|INTERESTED:Shoes:Running|*", "make a segment"),
    ("*|END:IF|*", "it closes nothing"),
    ("*|IF:FNAME|*a", "is never closed"),
    ('{dynamiccontent="A"}', "block with a condition"),
    ("{{#each items}}", "a loop of Liquid"),
    ("{{ range .Items }}", "a loop of Liquid"),
    ("%%[ SET @a = 1 ]%%", "programs have no counterpart"),
]


@pytest.mark.parametrize(("pasted", "why"), REFUSED)
def test_what_has_no_counterpart_is_refused_with_its_place(pasted: str, why: str) -> None:
    converted = convert(f"one\ntwo {pasted}")
    assert [one.place for one in converted.problems] == ["line 2, column 5"]
    assert why in converted.problems[0].message


OURS = [
    "",
    "Dear {{ first_name | default: 'you' }}, {{FirstName}}",
    '{% if segments contains "Frequent Buyers" %}a{% elsif profile.city == blank %}b{% else %}c{% endif %}',
    "{% for person in recommended limit: 4 %}{{ person.name }} {{ person.price | money }}{% endfor %}",
    "{% unless a %}x{% endunless %}{% case b %}{% when 'c' %}d{% endcase %}",
    '{% assign user = profile.city %}{{ user.size }} {{ today | date: "%d" }} {{ today | date: "long" }}',
    "{% raw %}{{ user.x }} *|FNAME|*{% endraw %}{% comment %}{{ user.x }}{% endcomment %}",
    "{{ 'user.x' }} {{ unsubscribe_url }} {{ last_purchase.items.first.name | default: 'x' }}",
    "{{ profile.user.x }} {{ scores.buys_in_30_days.value | round: 2 | default: 0 }}",
    "50%% off, -name-, a * b | c * d, {not a token}, { x }, [[x]], a }} b {{ c, {% d",
]


@pytest.mark.parametrize("text", OURS)
def test_what_is_ours_stays_as_it_is(text: str) -> None:
    converted = convert(text)
    assert (converted.text, converted.notes, converted.problems) == (text, (), ())


PIECES = st.sampled_from(
    [pasted for pasted, _ in (*CONVERTED, *REFUSED)]
    + OURS
    + ["{{", "}}", "{%", "%}", "*|", "|*", "${", "}", "{", "'", '"', "if", "user.", " ", "\n", "|", "#", "%%", "|x"]
)
SOUP = st.lists(st.one_of(PIECES, st.characters()), max_size=8).map("".join)


@given(SOUP)
def test_what_was_converted_stays_so(text: str) -> None:
    once = convert(text).text
    assert convert(once).text == once


@given(st.text(alphabet=st.characters(exclude_characters="{*%")))
def test_text_without_tokens_stays_as_it_is(text: str) -> None:
    assert convert(text).text == text


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "*|", "{{{", "%%a ", "{a=", "{{'", '{{ x | default: "', "{% if a", "{% x %}"]
)
def test_a_hostile_text_is_read_in_time(piece: str) -> None:
    """A hundred kilobytes of beginnings without an end."""
    started_s = thread_time()
    text = piece * (100_000 // len(piece))
    assert convert(text).text == text
    assert thread_time() - started_s < 3
