"""Bare python-liquid beside ours: the same HTML as one template, and contexts made ready for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from liquid import BoundTemplate, Environment

from bench.parts.mail import AsLiquid
from campaigns.content.compile import Compiled
from campaigns.content.compose import Press, Recipient, prepare
from campaigns.content.filters import money


def template_of(compiled: Compiled) -> BoundTemplate:
    environment = Environment()
    environment.filters["money"] = money
    return environment.from_string(AsLiquid(compiled).source())


def contexts_of(press: Press, ids: range, *, now: datetime) -> list[dict[str, Any]]:
    """With the answers of the conditions as c0, c1 …, and the items of the grid."""
    ready = prepare(press, [Recipient(pk, UUID(int=pk)) for pk in ids], now=now, rehearsed=None)
    return [
        {
            **one.context,
            **{f"c{number}": holds for number, holds in enumerate(one.choice.holds)},
            "items": [
                {**item, "image": item["image_url"], "button": "Look at it"} for item in one.context["lists"]["grid"]
            ],
        }
        for one in ready
    ]
