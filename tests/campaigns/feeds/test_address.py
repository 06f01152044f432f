"""Addresses of feeds: a value is part of an address, and never changes where it leads."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.feeds.address import BadAddress, read_address
from cdp.common.outbound_target import read_target

HOSTILE = (
    "@127.0.0.1/",
    "/../../admin",
    "..",
    "../..",
    "?admin=1",
    "&admin=1",
    "#x",
    ":8080/",
    "\r\nHost: 127.0.0.1",
    "\x00",
    "%2e%2e%2f",
    "\\..\\..",
    "{{ 7 | times: 7 }}",
    "http://127.0.0.1/",
    "ü€😀",
    "\ud800",
)


@pytest.mark.parametrize(
    ("source", "context", "url"),
    [
        ("https://a.test/x", {}, "https://a.test/x"),
        ("https://a.test/?c={{ city }}", {"city": "São Paulo"}, "https://a.test/?c=S%C3%A3o%20Paulo"),
        ("https://a.test/?c={{ city | url_encode }}", {"city": "São Paulo"}, "https://a.test/?c=S%C3%A3o%20Paulo"),
        ("https://a.test/?c={{ city | downcase | url_encode }}", {"city": "A&B"}, "https://a.test/?c=a%26b"),
        ("https://a.test/{{ city }}/now", {"city": "a/b?c#d"}, "https://a.test/a%2Fb%3Fc%23d/now"),
        ("https://a.test/?c={{ city | default: 'Berlin' }}", {"city": None}, "https://a.test/?c=Berlin"),
        ("https://a.test/?c={{ city }}", {}, "https://a.test/?c="),
        ("https://a.test/?n={{ n | plus: 1 }}&b={{ b }}", {"n": 2, "b": True}, "https://a.test/?n=3&b=true"),
        ("https://a.test/{% if vip %}gold{% else %}all{% endif %}.json", {"vip": True}, "https://a.test/gold.json"),
        ("https://a.test/{% assign c = city | upcase %}{{ c }}", {"city": "a b"}, "https://a.test/A%20B"),
        ("https://a.test?c={{ city }}", {"city": "x"}, "https://a.test?c=x"),
        # What was encoded and then changed is encoded again: it may hold anything.
        ("https://a.test/?c={{ city | url_encode | append: '&x' }}", {"city": "a b"}, "https://a.test/?c=a%2520b%26x"),
    ],
)
def test_values_are_encoded(source: str, context: dict[str, object], url: str) -> None:
    assert read_address(source).url_for(context) == url


@pytest.mark.parametrize(
    "place", ["https://a.test/{{ x }}", "https://a.test/w?c={{ x }}", "https://a.test/a/{{ x }}/b"]
)
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_no_value_leads_elsewhere(place: str, value: str) -> None:
    address = read_address(place)
    try:
        target = read_target(address.url_for({"x": value}))
    except BadAddress as error:
        assert "upwards" in str(error)
        return
    assert target.origin == ("https", "a.test", 443)
    before, _, after = place.removeprefix("https://a.test").partition("{{ x }}")
    assert target.path.startswith(before)
    assert target.path.endswith(after)
    middle = target.path.removeprefix(before)
    assert not set(middle[: len(middle) - len(after)]) & set("/?#&@:\\ \r\n")


@given(st.text())
def test_the_value_arrives_as_it_is(value: str) -> None:
    url = read_address("https://a.test/w?c={{ x }}&d=1").url_for({"x": value})
    asked = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert asked == {"c": [value], "d": ["1"]}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ x }}", "after the host only"),
        ("https://{{ x }}.a.test/", "after the host only"),
        ("https://a.test{{ x }}", "after the host only"),
        ("https://a.test:{{ x }}/", "after the host only"),
        ("{% if x %}https{% endif %}://a.test/", "after the host only"),
        ("https://u:p@a.test/{{ x }}", "user name"),
        ("ftp://a.test/", "begin with http"),
        ("a.test/x", "begin with http"),
        ("", "begin with http"),
        ("https://0x7f.1/{{ x }}", "number"),
        ("https://a.test/a b", "space"),
        ("https://a.test/../x", "upwards"),
        ("https://a.test/{{ x", "cannot be read"),
        ("https://a.test/{{ x | nothing }}", "cannot be read"),
        ("https://a.test/{{ x | safe }}", "cannot be read"),
        ("https://a.test/{% for a in b %}{{ a }}{% endfor %}", "cannot be read"),
        ("https://a.test/{% include 'x' %}", "cannot be read"),
        ("https://a.test/{% render 'x' %}", "cannot be read"),
        ("https://a.test/{% echo x %}", "cannot be read"),
        ("https://a.test/{% capture y %}/{% endcapture %}", "cannot be read"),
        ("https://a.test/" + "x" * 3000, "longer"),
    ],
)
def test_what_is_refused(source: str, message: str) -> None:
    with pytest.raises(BadAddress, match=message):
        read_address(source)


def test_what_it_asks_of_a_person() -> None:
    address = read_address("https://a.test/{{ profile.city }}?s={{ scores['Next purchase'].band }}&l={{ a[b] }}")
    paths = {token.path for token in address.tokens}
    assert paths == {("profile", "city"), ("scores", "Next purchase", "band"), ("a",), ("b",)}
    assert address.is_personal
    assert not read_address("https://a.test/x").is_personal


def test_an_address_that_takes_long_ends() -> None:
    greedy = "{% assign a = x | append: x | append: x | append: x %}" * 30
    with pytest.raises(BadAddress, match="known of this person"):
        read_address(f"https://a.test/{greedy}{{{{ a }}}}").url_for({"x": "x" * 9_000})
