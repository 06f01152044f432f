"""Sets a test up, while the campaign is a draft."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction

from campaigns.changes import Lost, changed, value_at
from campaigns.experiments.places import Place
from campaigns.models import Campaign, Template, Variant
from campaigns.variants import mail_of_its_own
from cdp.accounts.models import User

MOST = 6
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SUBJECT = ["subject"]


class NotADraft(Exception):
    """This campaign was started; its test can no longer be changed."""


class TooMany(Exception):
    """A test has at most six variants."""


class NoSuchVariant(Exception):
    """There is no such variant any more."""


@dataclass(frozen=True)
class Said:
    """What somebody says of a variant."""

    name: str
    weight: int
    subject: str
    """Empty: the mail's."""
    sender: str
    local_time: time | None
    values: Mapping[str, int | float | str]
    """By place, as JSON text: the value it has in this variant."""


@dataclass(frozen=True)
class Settings:
    test_percent: int
    """100: everybody is in the test, and nobody waits for a winner."""
    decide_after_h: int
    decides_on: str


def add(campaign: Campaign) -> None:
    """One more, or the first two. Raises TooMany."""
    with _draft(campaign) as locked:
        there = list(locked.variants.order_by("number"))
        if len(there) >= MOST:
            raise TooMany(str(TooMany.__doc__))
        for number in range(len(there) + 1, max(len(there) + 1, 2) + 1):
            name = next(one for one in LETTERS if one not in {variant.name for variant in there})
            changes = [_same_as_mail(locked, one) for one in _varied(there)]
            there.append(locked.variants.create(number=number, name=name, changes=[one for one in changes if one]))


def remove(campaign: Campaign, *, number: int) -> None:
    """Its own mail goes, too. Of two none is left: a test of one is none."""
    with _draft(campaign) as locked:
        _one(locked, number)
        there = list(locked.variants.order_by("number"))
        gone = there if len(there) == 2 else [one for one in there if one.number == number]
        for one in gone:
            _drop(one)
        for place, one in enumerate([one for one in there if one not in gone], start=1):
            Variant.objects.filter(pk=one.pk).update(number=place)


def save(campaign: Campaign, *, said: Mapping[int, Said], settings: Settings, places: Sequence[Place]) -> None:
    """`places` are those of the campaign's mail as it is."""
    known = {key_of(one.path): one for one in places}
    with _draft(campaign) as locked:
        for variant in locked.variants.all():
            if (one := said.get(variant.number)) is None:
                continue
            variant.name, variant.weight, variant.sender = one.name, one.weight, one.sender
            variant.local_time = one.local_time
            if variant.template_id is None:
                variant.changes = [*_kept(variant, one, known), *_subject(one)]
            variant.save()
        for name in ("test_percent", "decide_after_h", "decides_on"):
            setattr(locked, name, getattr(settings, name))
        locked.save(update_fields=["test_percent", "decide_after_h", "decides_on"])


def vary(campaign: Campaign, *, place: Place) -> None:
    """Each variant gets the value that stands there now, to be changed."""
    with _draft(campaign) as locked:
        for variant in locked.variants.filter(template=None):
            if all(one["place"] != list(place.path) for one in variant.changes):
                variant.changes = [_change(place, place.value), *variant.changes]
                variant.save(update_fields=["changes"])


def unvary(campaign: Campaign, *, key: str) -> None:
    with _draft(campaign) as locked:
        for variant in locked.variants.all():
            variant.changes = [one for one in variant.changes if key_of(one["place"]) != key]
            variant.save(update_fields=["changes"])


def own_mail(campaign: Campaign, *, number: int, by: User | None, now: datetime) -> Template:
    """A copy of the campaign's mail with what the variant changed, to be written anew. Raises changes.Lost."""
    with _draft(campaign) as locked:
        variant = _one(locked, number)
        if variant.template is None:
            said = changed(locked.template.content, variant.changes)
            variant.template = mail_of_its_own(f"{locked.name}: {variant.name}", content=said, by=by, now=now)
            variant.changes = []
            variant.save(update_fields=["template", "changes"])
        return variant.template


def shared_mail(campaign: Campaign, *, number: int) -> None:
    """Back to the campaign's mail; its own is deleted."""
    with _draft(campaign) as locked:
        variant = _one(locked, number)
        others = [one for one in locked.variants.all() if one.pk != variant.pk]
        mail, variant.template = variant.template, None
        variant.changes = [one for one in (_same_as_mail(locked, place) for place in _varied(others)) if one]
        variant.save(update_fields=["template", "changes"])
        if mail:
            mail.delete()


def key_of(path: Sequence[Any]) -> str:
    """Names a place in forms."""
    return "/".join(f"#{one}" if isinstance(one, int) else str(one) for one in path)


def varied(variants: Sequence[Variant]) -> list[list[Any]]:
    """Places, beside the subject, in which variants differ."""
    return [one["place"] for one in _varied(variants)]


@contextmanager
def _draft(campaign: Campaign) -> Iterator[Campaign]:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).select_related("template").get(pk=campaign.pk)
        if locked.state != Campaign.State.DRAFT:
            raise NotADraft(str(NotADraft.__doc__))
        yield locked


def _one(campaign: Campaign, number: int) -> Variant:
    found = campaign.variants.select_related("template").filter(number=number).first()
    if found is None:
        raise NoSuchVariant(str(NoSuchVariant.__doc__))
    return found


def _drop(variant: Variant) -> None:
    mail = variant.template
    variant.delete()
    if mail:
        mail.delete()


def _varied(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    found = {key_of(one["place"]): one for variant in variants for one in variant.changes if one["place"] != SUBJECT}
    return list(found.values())


def _same_as_mail(campaign: Campaign, one: Mapping[str, Any]) -> dict[str, Any] | None:
    """The change without a change: for a variant that joins those that differ there."""
    try:
        return {**one, "value": value_at(campaign.template.content, one["place"])}
    except Lost:
        return None


def _kept(variant: Variant, said: Said, known: Mapping[str, Place]) -> list[dict[str, Any]]:
    """With the new values; a place that is gone keeps what it had, and is a mistake until it is taken out."""
    kept = []
    for one in variant.changes:
        key = key_of(one["place"])
        is_there = key in known and known[key].about == one.get("about")
        if one["place"] != SUBJECT:
            kept.append({**one, "value": said.values.get(key, one["value"])} if is_there else one)
    return kept


def _subject(said: Said) -> list[dict[str, Any]]:
    return [{"place": SUBJECT, "value": said.subject}] if said.subject else []


def _change(place: Place, value: int | float | str) -> dict[str, Any]:
    return {"place": list(place.path), "value": value, "about": place.about}
