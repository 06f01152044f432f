"""Which mails, templates and modules name an offer, and how many people the campaigns among them go to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.models import Campaign, Offer, Template
from campaigns.target import known_size

State = Campaign.State


@dataclass(frozen=True)
class OfferUse:
    kind: str
    name: str
    url: str
    state: str = ""
    audience: int | None = None
    """Of a campaign that was not sent yet: how many people it is for, where that is known without counting."""
    is_sending: bool = False


def uses_of(offer: Offer) -> list[OfferUse]:
    """Campaigns first. A module that names it counts for the mails that hold the module."""
    naming = _naming(offer.key)
    campaigns = (
        Campaign.objects.filter(template_id__in=naming).order_by("-created_at").prefetch_related("included", "excluded")
    )
    others = Template.objects.filter(pk__in=naming, archived_at=None).exclude(kind=Template.Kind.MAIL).order_by("name")
    return [*map(_campaign, campaigns), *map(_template, others)]


def _campaign(one: Campaign) -> OfferUse:
    is_open = one.state not in (State.SENT, State.CANCELLED)
    url = reverse("campaigns:campaign", args=[one.pk])
    size = known_size(one) if is_open else None
    return OfferUse("Campaign", one.name, url, one.get_state_display(), size, one.state == State.SENDING)


def _template(one: Template) -> OfferUse:
    return OfferUse(one.get_kind_display(), one.name, reverse("campaigns:editor", args=[one.pk]))


def _naming(key: str) -> set[int]:
    """Contents are large: only those that hold the word are read."""
    found = _templates(key, lambda content: names(content, key))
    modules = set(Template.objects.filter(pk__in=found, kind=Template.Kind.MODULE).values_list("pk", flat=True))
    return found | (
        _templates('"module"', lambda content: bool(modules & set(_modules(content)))) if modules else set()
    )


def _templates(word: str, holds: Any) -> set[int]:
    texts = Template.objects.annotate(text=Cast("content", TextField())).filter(text__contains=word)
    return {pk for pk, content in texts.values_list("pk", "content") if holds(content)}


def names(content: Any, key: str) -> bool:
    """Whether an offer block of the content, or Liquid in it, names the offer."""
    liquid = re.compile(rf"""\boffers(\.{re.escape(key)}(?![\w-])|\[\s*['"]{re.escape(key)}['"]\s*\])""")
    return any(found == key for found in _blocks(content)) or any(liquid.search(text) for text in _texts(content))


def _blocks(document: Any) -> Iterator[str]:
    """Keys that offer blocks have, also where they vary."""
    if isinstance(document, dict):
        if document.get("kind") == "offer":
            yield from _values(document.get("offer"))
        for value in document.values():
            yield from _blocks(value)
    elif isinstance(document, list):
        for value in document:
            yield from _blocks(value)


def _values(text: Any) -> Iterator[str]:
    if isinstance(text, str):
        yield text
    elif isinstance(text, dict):
        cases = text.get("cases")
        for case in cases if isinstance(cases, list) else []:
            yield from _values(case.get("then") if isinstance(case, dict) else None)
        yield from _values(text.get("else"))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _texts(value)


def _modules(document: Any) -> Iterator[int]:
    if isinstance(document, dict):
        if document.get("kind") == "module" and isinstance(document.get("module"), int):
            yield document["module"]
        for value in document.values():
            yield from _modules(value)
    elif isinstance(document, list):
        for value in document:
            yield from _modules(value)
