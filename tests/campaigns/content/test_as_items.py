"""Reasons of items, as the mail says them."""

import pytest

from campaigns.content.as_items import to_you


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("because they bought Mugs they love", "because you bought Mugs they love"),
        ("like what they looked at", "like what you looked at"),
        ("goes with what they bought", "goes with what you bought"),
        ("popular of Solid, which they have chosen before", "popular of Solid, which you have chosen before"),
        ("popular in Tea, where they have looked", "popular in Tea, where you have looked"),
        ("often bought together with What they wore", "often bought together with What they wore"),
        ("popular now", "popular now"),
    ],
)
def test_a_mail_speaks_to_its_reader(told: str, said: str) -> None:
    assert to_you(told) == said
