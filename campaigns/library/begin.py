"""What a new mail, template or module begins with: nothing, a starter, or a template of one's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from campaigns.content.blocks import VERSION
from campaigns.content_models import Template
from campaigns.starters.all import STARTERS
from campaigns.starters.parts import footer, heading, mail, text
from campaigns.starters.shop import read_shop

BLANK = "blank"
OWN = "template-"
"""Leads the id of a template of one's own."""
MOST_OWN = 24
Kind = Template.Kind


class NoSuchBeginning(Exception):
    """There is no such starter or template."""


@dataclass(frozen=True)
class Beginning:
    key: str
    """What the form sends as `starter`."""
    title: str
    says: str
    card_url: str
    """The picture of it, for a frame."""


def beginnings(*, now: datetime) -> list[Beginning]:
    """An empty mail, the newest templates of one's own, the starters."""
    own = Template.objects.filter(kind=Kind.SAVED, archived_at=None).order_by("-changed_at", "-id")[:MOST_OWN]
    return [
        Beginning(BLANK, "Empty mail", "A heading, a text and the footer.", _starter_card(BLANK)),
        *(
            Beginning(f"{OWN}{one.pk}", one.name, "Your template", reverse("campaigns:mail_card", args=[one.pk]))
            for one in own
        ),
        *(Beginning(key, one.title, one.says, _starter_card(key)) for key, one in STARTERS.items()),
    ]


def begun_from(*, starter: str, now: datetime, kind: str = Kind.MAIL) -> dict[str, Any]:
    """The content to begin with. Raises NoSuchBeginning."""
    if kind == Kind.MODULE:
        return {"version": VERSION, "subject": "", "preheader": "", "blocks": [{"id": "b1", **text("Write here.")}]}
    if starter.startswith(OWN) and (number := starter.removeprefix(OWN)).isascii() and number.isdigit():
        return _own(int(number[:18]))
    if starter == BLANK:
        return _blank(now)
    if starter not in STARTERS:
        raise NoSuchBeginning(NoSuchBeginning.__doc__)
    return STARTERS[starter].make(read_shop(now=now))


def _own(pk: int) -> dict[str, Any]:
    found = Template.objects.filter(pk=pk, kind=Kind.SAVED, archived_at=None).first()
    if found is None:
        raise NoSuchBeginning(NoSuchBeginning.__doc__)
    content: dict[str, Any] = found.content
    return content


def _blank(now: datetime) -> dict[str, Any]:
    shop = read_shop(now=now)
    return mail(
        "",
        "",
        heading("A heading"),
        text(f"Hello {shop.named('there')},\n\nWrite here."),
        footer("You get this because you are a customer of ours."),
    )


def _starter_card(key: str) -> str:
    return reverse("campaigns:starter_card", args=[key])
