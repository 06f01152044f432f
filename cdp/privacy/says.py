"""What each of a person's identifiers last said about each purpose and topic."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cdp.common.api_schema import TEXT, TIME, listed, obj
from cdp.profiles.known import Part
from cdp.profiles.models import Profile

NEWEST = """
select distinct on (c.purpose, c.topic, c.namespace, c.value)
       c.purpose, coalesce(p.name, c.purpose), c.topic, coalesce(t.name, c.topic),
       c.namespace, c.value, c.is_granted, c.last_at, c.how
  from (select distinct namespace, value from profiles_identifier where profile_id = %s) i
  join privacy_consent c using (namespace, value)
  left join privacy_purpose p on p.key = c.purpose
  left join privacy_topic t on t.key = c.topic
 order by c.purpose, c.topic, c.namespace, c.value, c.last_at desc, c.is_granted
"""
SUPPRESSED = """
select distinct s.namespace, s.value, s.reason, s.at from profiles_identifier i
  join privacy_suppression s using (namespace, value) where i.profile_id = %s order by 1, 2
"""


@dataclass(frozen=True)
class Said:
    purpose: str
    purpose_name: str
    topic: str
    topic_name: str
    namespace: str
    value: str
    is_granted: bool
    at: datetime
    how: str

    @property
    def about(self) -> str:
        return f"{self.purpose_name}: {self.topic_name}" if self.topic else self.purpose_name


@dataclass(frozen=True)
class Suppressed:
    namespace: str
    value: str
    reason: str
    at: datetime


def said_by(profile: Profile) -> list[Said]:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [profile.pk])
        return [Said(*row) for row in cursor.fetchall()]


def suppressed(profile: Profile) -> list[Suppressed]:
    with connection.cursor() as cursor:
        cursor.execute(SUPPRESSED, [profile.pk])
        return [Suppressed(*row) for row in cursor.fetchall()]


def _consent(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "purpose": one.purpose,
            "topic": one.topic,
            "namespace": one.namespace,
            "value": one.value,
            "is_granted": one.is_granted,
            "at": one.at,
            "how": one.how,
        }
        for one in said_by(profile)
    ]


def _suppressions(profile: Profile) -> list[dict[str, Any]]:
    return [
        {"namespace": one.namespace, "value": one.value, "reason": one.reason, "at": one.at}
        for one in suppressed(profile)
    ]


PARTS = (
    Part(
        "consent",
        _consent,
        listed(
            obj(purpose=TEXT, topic=TEXT, namespace=TEXT, value=TEXT, is_granted={"type": "boolean"}, at=TIME, how=TEXT)
        ),
    ),
    Part("suppressions", _suppressions, listed(obj(namespace=TEXT, value=TEXT, reason=TEXT, at=TIME))),
)
