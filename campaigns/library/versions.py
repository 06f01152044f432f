"""What a content was: one version for each sitting of work, those somebody named, and what was sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns.content_models import Template, TemplateVersion
from cdp.accounts.models import User

SITTING = timedelta(minutes=30)
Kind = TemplateVersion.Kind


def note_save(template: Template, *, by: User | None, now: datetime) -> TemplateVersion:
    """Call it with every save, in its transaction, the template's row locked. What one person saves within half an hour
    is one version."""
    newest = template.versions.order_by("-number").first()
    if newest is None or not _is_same_sitting(newest, by=by, now=now):
        return _keep(template, Kind.SITTING, by=by, now=now)
    newest.content, newest.at = template.content, now
    newest.save(update_fields=["content", "at"])
    return newest


def keep_named(template: Template, *, note: str, by: User | None, now: datetime) -> TemplateVersion:
    """The content as it is saved, under a name of its own. The version of this sitting takes the name if it says the
    same."""
    with transaction.atomic():
        locked = Template.objects.select_for_update().get(pk=template.pk)
        newest = locked.versions.order_by("-number").first()
        if newest is None or newest.content != locked.content or newest.kind != Kind.SITTING:
            return _keep(locked, Kind.NAMED, by=by, now=now, note=note)
        newest.kind, newest.note, newest.by, newest.at = Kind.NAMED, note[:200], by, now
        newest.save(update_fields=["kind", "note", "by", "at"])
        return newest


def keep_as_it_is(template: Template, *, note: str) -> None:
    """What is saved stays a version of its own, whoever saves next; nothing if it is one already."""
    newest = template.versions.order_by("-number").first()
    if newest is None or newest.content != template.content or newest.kind == Kind.SITTING:
        keep_named(template, note=note, by=template.changed_by, now=template.changed_at)


def keep_sent(template: Template, *, modules: Mapping[int, Any], by: User | None, now: datetime) -> TemplateVersion:
    """What goes out, with the modules as they are now: a module changed later changes nothing of it."""
    made = _keep(template, Kind.SENT, by=by, now=now, note="Sent")
    made.modules = {str(pk): content for pk, content in modules.items()}
    made.save(update_fields=["modules"])
    return made


def sent(template: Template) -> TemplateVersion | None:
    return template.versions.filter(kind=Kind.SENT).order_by("-number").first()


def modules_of_version(version: TemplateVersion) -> dict[int, Any]:
    """Of one that was sent; else nothing is kept and the modules are what they are now."""
    return {int(pk): content for pk, content in version.modules.items()}


def _is_same_sitting(newest: TemplateVersion, *, by: User | None, now: datetime) -> bool:
    return newest.kind == Kind.SITTING and newest.by_id == (by and by.pk) and now - newest.begun_at < SITTING


def _keep(template: Template, kind: str, *, by: User | None, now: datetime, note: str = "") -> TemplateVersion:
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    return TemplateVersion.objects.create(
        template=template,
        number=last + 1,
        kind=kind,
        content=template.content,
        note=note[:200],
        by=by,
        begun_at=now,
        at=now,
    )
