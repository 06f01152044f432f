"""Small mails, and people to make them for."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from campaigns.content.compose import About, Made, Press, Recipient, Unmade, compose, press_for
from cdp.profiles.models import Profile
from cdp.rules.tree import UTC
from tests.taking_in import NOW

BASE = "https://cdp.example"
NAMES = UUID(int=7)
FOOTER = {"id": "foot", "kind": "footer", "text": "A shop"}
Block = dict[str, Any]


def text(name: str, words: str, **more: Any) -> Block:
    return {"id": name, "kind": "text", "text": words, **more}


def content(*blocks: Block, subject: Any = "Hi", **more: Any) -> dict[str, Any]:
    return {"version": 2, "subject": subject, "preheader": "", "blocks": [*blocks, FOOTER], **more}


def press(*blocks: Block, is_tracked: bool = True, **more: Any) -> Press:
    about = About(BASE, UTC, campaign="C", is_tracked=is_tracked)
    return press_for(content(*blocks, **more), about=about, now=NOW)


def recipient(profile_id: int) -> Recipient:
    return Recipient(profile_id, uuid5(NAMES, str(profile_id)), f"p{profile_id}@x.org")


def everybody() -> list[int]:
    return list(Profile.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))


def made_for(ready: Press, ids: Iterable[int], *, rehearsal: bool = False, **more: Any) -> dict[int, Made]:
    found = list(compose(ready, [recipient(pk) for pk in ids], now=more.pop("now", NOW), rehearsal=rehearsal, **more))
    assert not [one.why for one in found if isinstance(one, Unmade)]
    return {one.recipient.profile_id: one for one in found if isinstance(one, Made)}


def branches(made: Mapping[int, Made], split: str) -> dict[int, int]:
    return {pk: one.rendered.branches[split] for pk, one in made.items()}
