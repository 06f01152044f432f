"""Keeps what the editor holds. A draft may hold mistakes; only what cannot be kept at all is refused."""

import json
import math
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.content.blocks import VERSION
from campaigns.library import versions
from campaigns.models import Campaign, Template
from campaigns.variants import campaigns_saying
from cdp.accounts.models import User

LARGEST_BYTES = 500_000
DEEPEST = 120
"""Levels of JSON: a chain of else in a column with a rule of eight nested groups has far fewer."""


class NotKeepable(Exception):
    """This is no content of a mail."""


class Started(Exception):
    """This campaign was started; its mail can no longer be changed."""


class Changed(Exception):
    """Somebody else saved meanwhile."""

    def __init__(self, template: Template) -> None:
        super().__init__(f"{template.changed_by or 'Somebody'} changed this meanwhile.")
        self.template = template


def save(template: Template, *, content: Any, revision: int, by: User | None, now: datetime) -> Template:
    """`revision` is the one that was opened. What is the same already counts as saved: an answer may have been lost."""
    kept = keepable(content)
    with transaction.atomic():
        if campaigns_saying(template).select_for_update().exclude(state=Campaign.State.DRAFT).exists():
            raise Started(str(Started.__doc__))
        locked = Template.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=template.pk)
        if locked.content == kept:
            return locked
        if locked.revision != revision:
            raise Changed(locked)
        locked.content, locked.revision = kept, revision + 1
        locked.changed_by, locked.changed_at = by, now
        locked.save(update_fields=["content", "revision", "changed_by", "changed_at"])
        versions.note_save(locked, by=by, now=now)
        return locked


def keepable(content: Any) -> dict[str, Any]:
    """The content as it can be stored, or NotKeepable."""
    if (
        not isinstance(content, dict)
        or content.get("version") != VERSION
        or not isinstance(content.get("blocks"), list)
    ):
        raise NotKeepable(f"A mail is a JSON object of version {VERSION} with a list of blocks.")
    kept: dict[str, Any] = _storable(content, DEEPEST)
    if len(json.dumps(kept, ensure_ascii=False).encode()) > LARGEST_BYTES:
        raise NotKeepable(f"This mail is too large to be kept: at most {LARGEST_BYTES // 1000} KB.")
    return kept


def _storable(value: Any, levels: int) -> Any:
    """Characters that PostgreSQL cannot hold are made visible."""
    if levels == 0:
        raise NotKeepable("This mail is nested too deeply to be kept.")
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key, 1): _storable(one, levels - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one, levels - 1) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise NotKeepable("This mail holds a number that cannot be kept.")
    return value
