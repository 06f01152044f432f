"""Which mails, templates and modules name a feed: in a feed block, as the source of a grid, or in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from campaigns.models import Campaign, Feed, Template


@dataclass(frozen=True)
class Use:
    template: Template
    campaign: Campaign | None
    """The campaign whose mail it is; None for templates and modules."""


def uses_of(feed: Feed) -> list[Use]:
    """Contents are large: only those that hold the key at all are read."""
    holding = (
        Template.objects.annotate(text=Cast("content", TextField()))
        .filter(text__contains=feed.key, archived_at=None)
        .prefetch_related("campaigns")
        .order_by("name", "pk")
    )
    found = [template for template in holding if feed.key in feeds_in(template.content)]
    return [use for one in found for use in _each(one)]


def _each(template: Template) -> list[Use]:
    return [Use(template, campaign) for campaign in template.campaigns.all()] or [Use(template, None)]


def feeds_in(content: Any) -> set[str]:
    """Keys of the feeds that content names."""
    return set(_named(content))


_in_text = re.compile(r"""\bfeeds(?:\.([A-Za-z0-9_-]+)|\[\s*["']([^"']+)["']\s*\])""")


def _named(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        for dotted, quoted in _in_text.findall(content):
            yield dotted or quoted
    elif isinstance(content, dict):
        if isinstance(content.get("feed"), str) and content["feed"]:
            yield content["feed"]
        for inner in content.values():
            yield from _named(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _named(inner)
