"""Saves content that somebody works on, unless somebody else saved it since."""

from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.content_models import Template
from campaigns.library import versions
from campaigns.models import Campaign
from cdp.accounts.models import User


class ChangedMeanwhile(Exception):
    """Somebody saved this since you opened it."""

    def __init__(self, template: Template) -> None:
        who = template.changed_by.name or template.changed_by.email if template.changed_by else "Somebody"
        super().__init__(f"{who} saved this since you opened it.")
        self.by = who
        self.at = template.changed_at


class NotADraft(Exception):
    """This campaign was started; its mail can no longer be changed."""


def save_content(template: Template, content: Any, *, revision: int, by: User | None, now: datetime) -> Template:
    """`revision` is the one that was changed. Mistakes in the content are kept too: a draft may hold them."""
    with transaction.atomic():
        locked = Template.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=template.pk)
        if locked.revision != revision:
            raise ChangedMeanwhile(locked)
        refuse_started(locked)
        return write(locked, content, by=by, now=now)


def write(locked: Template, content: Any, *, by: User | None, now: datetime) -> Template:
    """Of a template whose row is locked."""
    if locked.content != content:
        locked.content, locked.revision = content, locked.revision + 1
        locked.changed_by, locked.changed_at = by, now
        locked.save(update_fields=["content", "revision", "changed_by", "changed_at"])
        versions.note_save(locked, by=by, now=now)
    return locked


def refuse_started(template: Template) -> None:
    if template.campaigns.exclude(state=Campaign.State.DRAFT).exists():
        raise NotADraft(NotADraft.__doc__)
