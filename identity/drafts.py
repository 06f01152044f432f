"""Versions of the rules: saved as a draft, tried, applied, thrown away, and gone back to."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cdp.common.copying import Cursor
from identity.locks import lock_identity
from identity.models import RuleSet
from identity.rule_sets import current, parsed
from identity.rules import ANY, DEFAULTS, MOST_RECORDS, Blocked, Namespace, Rules, parse, to_json


class NothingChanged(Exception):
    """These rules are the ones in force."""


class NotADraft(Exception):
    """These rules were applied already."""


class Outdated(Exception):
    """Newer rules were applied since this draft was saved. Save it again, to see what it changes now."""


class NoSuchVersion(Exception):
    """There are no rules of this version."""


def in_force() -> Rules:
    with connection.cursor() as cursor:
        return current(cursor)


def rules_of(version: int) -> Rules:
    """0 stands for the rules the product comes with. Raises NoSuchVersion."""
    if not version:
        return DEFAULTS
    with connection.cursor() as cursor:
        if not RuleSet.objects.filter(pk=version).exists():
            raise NoSuchVersion
        return parsed(cursor, version)


def save(raw: Any, *, note: str = "", by: str, now: datetime) -> RuleSet:
    """A draft: nothing follows it yet. Raises RulesError and NothingChanged."""
    rules = parse(raw)
    if to_json(rules) == to_json(in_force()):
        raise NothingChanged
    return RuleSet.objects.create(rules=to_json(rules), note=note[:300], by=by, at=now)


def apply(version: int, *, now: datetime) -> RuleSet:
    """From now on what arrives follows it; the groups that exist are settled by a job. Raises NotADraft, Outdated."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_identity(cursor)
        draft = RuleSet.objects.select_for_update().filter(pk=version).first()
        if draft is None:
            raise NoSuchVersion
        if draft.applied_at is not None:
            raise NotADraft
        if current(cursor).version > version:
            raise Outdated
        draft.applied_at = now
        draft.save(update_fields=["applied_at"])
        return draft


def discard(version: int) -> None:
    if not RuleSet.objects.filter(pk=version, applied_at=None).delete()[0]:
        raise NotADraft


def go_back(version: int, *, by: str, now: datetime) -> RuleSet:
    """A new draft with the rules of an earlier version. Raises NoSuchVersion, NothingChanged."""
    name = f"version {version}" if version else "the rules the product comes with"
    return save(to_json(rules_of(version)), note=f"Back to {name}", by=by, now=now)


def open_draft() -> RuleSet | None:
    """The newest draft that could still be applied."""
    drafts = RuleSet.objects.filter(applied_at=None, pk__gt=in_force().version)
    return drafts.order_by("-id").first()


def block(namespace: str, value: str, *, by: str, now: datetime) -> RuleSet:
    """A draft that blocks the value for good, on top of the open one. Raises RulesError, NothingChanged."""
    base = _base()
    note = "Names nobody: too many records have it"
    rules = replace(base, blocked=(*base.blocked, Blocked(namespace, literally(value), note)))
    return save(to_json(rules), note=f"Blocks {namespace} {value}", by=by, now=now)


def raise_limit(namespace: str, most_records: int, *, by: str, now: datetime) -> RuleSet:
    """A draft by which a value of this kind may touch so many records, on top of the open one."""
    base = _base()
    most = min(max(most_records, 1), MOST_RECORDS)
    own: Namespace = replace(base.of(namespace), most_records=most)
    rules = replace(base, namespaces={**base.namespaces, namespace: own})
    return save(to_json(rules), note=f"Up to {most:,} records may share a {namespace}", by=by, now=now)


def _base() -> Rules:
    draft = open_draft()
    return rules_of(draft.pk) if draft else in_force()


def literally(value: str) -> str:
    """In a blocked value `*` and `?` stand for others; `?` also stands for itself and for a star."""
    return value.replace("*", "?")


def known_namespaces(cursor: Cursor) -> list[str]:
    """Kinds of identifiers that the data has. Jumps along the index from one to the next."""
    cursor.execute(
        "with recursive found as ((select namespace from profiles_identifier order by namespace limit 1)"
        " union all select (select i.namespace from profiles_identifier i where i.namespace > found.namespace"
        " order by i.namespace limit 1) from found where found.namespace is not null)"
        " select namespace from found where namespace is not null"
    )
    return [name for (name,) in cursor.fetchall() if name != ANY]
