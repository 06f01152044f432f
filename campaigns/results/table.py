"""The results of campaigns as rows of a table, for spreadsheets."""

from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.results.over_all import Line

NUMBERS = (
    "sent",
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "converted",
    "orders",
    "revenue",
    "unsubscribed",
    "complained",
)


def rows_of(lines: Sequence[Line]) -> Iterator[Sequence[Any]]:
    yield ("campaign", "topic", "account", *NUMBERS)
    for one in lines:
        campaign = one.campaign
        topic, account = campaign.topic, campaign.account
        names = (campaign.name, topic.name if topic else "", account.name if account else "Local mailbox")
        yield (*names, *(getattr(one.counts, name) for name in NUMBERS))
