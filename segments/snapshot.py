"""Fixed lists of people: from those whom a segment holds or a rule means now, or from given records."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cdp.accounts.models import User
from cdp.common.copying import numbers
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.sql import Sql, fill
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import Scope
from segments import save, versions
from segments.listed_leaf import rule_of
from segments.listing import first_records, put
from segments.models import Segment


def of_segment(segment_id: int) -> Sql:
    """The records of those who are in it."""
    return first_records(
        fill("select profile_id from segments_membership where segment_id = {segment}", segment=segment_id)
    )


def of_rule(rule: Any, *, now: datetime, zone: ZoneInfo) -> Sql:
    """The records of those whom the rule means at this moment. Raises RuleError."""
    node = save.readable(rule)
    return first_records(members_sql(node, Scope(now, zone=zone, cuts=cuts_for(node, now=now, zone=zone))))


def of_people(profile_ids: Collection[int]) -> Sql:
    return first_records(fill("select unnest({ids}::bigint[])", ids=numbers(profile_ids)))


def of_records(record_ids: Collection[int]) -> Sql:
    return fill("select unnest({ids}::bigint[])", ids=numbers(record_ids))


def static_from(records: Sql, *, name: str, by: User | None, now: datetime) -> Segment:
    """A static segment with these people, who are its members after its first refresh. Raises NameTaken."""
    with transaction.atomic(), connection.cursor() as cursor:
        save.lock_rules()
        save.refuse_name(name)
        segment = Segment.objects.create(
            name=name, kind=Segment.Kind.STATIC, rule={}, created_by=by, created_at=now, changed_at=now
        )
        segment.rule = rule_of(segment.pk)
        segment.save(update_fields=["rule"])
        put(cursor, segment.pk, records, now=now)
        versions.note(segment, by=by, now=now)
    return segment
