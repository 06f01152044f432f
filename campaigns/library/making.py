"""Makes, copies, renames and archives what stands in the library: templates and modules."""

from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from campaigns.content.blocks import VERSION
from campaigns.content_models import Template
from campaigns.library import versions
from cdp.accounts.models import User

Kind = Template.Kind
LONGEST = Template._meta.get_field("name").max_length or 0
WORDS = {Kind.SAVED: "template", Kind.MODULE: "module", Kind.MAIL: "mail"}


class BadName(Exception):
    """It needs a name of its own, of at most 120 characters."""


class NotReusable(Exception):
    """This cannot be a module."""


def create(name: str, *, kind: str, content: Any, by: User | None, now: datetime) -> Template:
    """Of a template or a module. Raises BadName."""
    with transaction.atomic():
        made = Template.objects.create(
            name=_own_name(name, kind=kind),
            kind=kind,
            content=content,
            created_by=by,
            changed_by=by,
            created_at=now,
            changed_at=now,
        )
        versions.note_save(made, by=by, now=now)
        return made


def duplicate(template: Template, *, by: User | None, now: datetime) -> Template:
    """A copy to change without touching the first; of a campaign's mail it is a template."""
    kind = Kind.SAVED if template.kind == Kind.MAIL else template.kind
    name = free_name(template.name, kind=kind, start="Copy of ")
    return create(name, kind=kind, content=template.content, by=by, now=now)


def rename(template: Template, name: str) -> None:
    template.name = _own_name(name, kind=template.kind, but=template.pk)
    template.save(update_fields=["name"])


def archive(template: Template, *, now: datetime) -> None:
    """It leaves the library. Mails that hold a module keep it."""
    Template.objects.filter(pk=template.pk, archived_at=None).update(archived_at=now)


def restore(template: Template) -> None:
    """Under another name if its own was taken meanwhile."""
    with transaction.atomic():
        template.name = free_name(template.name, kind=template.kind, but=template.pk)
        template.archived_at = None
        template.save(update_fields=["name", "archived_at"])


def as_module(block: Any) -> dict[str, Any]:
    """A block of a mail as the content of a module."""
    if not isinstance(block, dict) or not isinstance(block.get("kind"), str):
        raise NotReusable("Choose the block to save.")
    if holds_module(block):
        raise NotReusable("Modules cannot hold modules.")
    return {"version": VERSION, "subject": "", "preheader": "", "blocks": [block]}


def holds_module(document: Any) -> bool:
    if isinstance(document, dict):
        return document.get("kind") == "module" or any(map(holds_module, document.values()))
    return isinstance(document, list) and any(map(holds_module, document))


def free_name(name: str, *, kind: str, start: str = "", but: int = 0) -> str:
    """The name, or one like it that nothing of the kind has."""
    for number in count(1):
        more = "" if number == 1 else f" ({number})"
        found = f"{start}{name}"[: LONGEST - len(more)] + more
        if not _named(found, kind=kind, but=but):
            return found
    raise AssertionError("counting does not end")


def _own_name(name: str, *, kind: str, but: int = 0) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BadName(f"A {WORDS[Kind(kind)]} needs a name of at most {LONGEST} characters.")
    if kind != Kind.MAIL and _named(name, kind=kind, but=but):
        raise BadName(f"Another {WORDS[Kind(kind)]} is called “{name}”.")
    return name


def _named(name: str, *, kind: str, but: int) -> bool:
    return Template.objects.filter(kind=kind, name=name, archived_at=None).exclude(pk=but).exists()
