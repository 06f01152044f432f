"""`consent`: what a person's addresses said about a purpose or topic, and whether a channel may reach them.

The same as is asked when something is sent: of several words on one thing the newest of each address, of several
addresses the strictest; suppression always counts.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection

from cdp.privacy.told import FACT
from cdp.rules.fields import Fields, RuleError
from cdp.rules.sql import Sql, fill
from cdp.rules.tree import Leaf, Members, Outside, Scope

OPS = {
    "granted": "who said yes to {about}",
    "not_granted": "who have not said yes to {about}",
    "denied": "who said no to {about}",
    "unknown": "who have said nothing about {about}",
    "reachable": "whom we may reach by {channel}",
    "not_reachable": "whom we may not reach by {channel}",
    "suppressed": "whose {channel} address is suppressed",
    "not_suppressed": "whose {channel} address is not suppressed",
}
ABOUT_WORDS = ("granted", "not_granted", "denied", "unknown")
CHANNELS = {
    "email": "case when p.traits ->> 'email' like {shape} then lower(trim(p.traits ->> 'email')) end",
    "phone": "case when length(regexp_replace(p.traits ->> 'phone', '[^0-9]', '', 'g')) >= 7 then"
    " case when starts_with(trim(p.traits ->> 'phone'), '+') then '+' else '' end"
    " || regexp_replace(p.traits ->> 'phone', '[^0-9]', '', 'g') end",
}
"""The address that a channel writes to."""
_NEWEST = "c.last_at desc, c.is_granted"
"""At one instant, no means no."""


@dataclass(frozen=True)
class About:
    """A purpose, or one of its topics."""

    purpose: str
    topic: str
    name: str

    @property
    def topics(self) -> list[str]:
        """A word about the purpose as a whole counts for its topics too."""
        return sorted({"", self.topic})


@dataclass(frozen=True)
class ConsentLeaf(Leaf):
    kind: ClassVar[str] = "consent"
    op: str
    about: About | None = None
    channel: str = ""

    @classmethod
    def parse(cls, fields: Fields) -> "ConsentLeaf":
        op = fields.choice("op", OPS)
        if op in ABOUT_WORDS:
            fields.only("kind", "op", "purpose", "topic")
            return cls(op, _about(fields))
        fields.only("kind", "op", "channel", *(["topic"] if "reachable" in op else []))
        about = _about(fields) if fields.has("topic") else None
        return cls(op, about, fields.choice("channel", CHANNELS))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        key, channel = {"type": "string", "minLength": 1}, {"enum": list(CHANNELS)}
        words = {"enum": list(ABOUT_WORDS)}
        reach, suppressed = (
            {"enum": [op for op in OPS if one in op and op not in ABOUT_WORDS]} for one in ("reachable", "suppressed")
        )
        return {
            "oneOf": [
                {"properties": {"op": words, "purpose": key}, "required": ["op", "purpose"]},
                {"properties": {"op": words, "topic": key}, "required": ["op", "topic"]},
                {"properties": {"op": reach, "channel": channel, "topic": key}, "required": ["op", "channel"]},
                {"properties": {"op": suppressed, "channel": channel}, "required": ["op", "channel"]},
            ]
        }

    def english(self) -> str:
        about = f"“{self.about.name}”" if self.about else ""
        words = OPS[self.op].format(about=about, channel=self.channel)
        return f"{words} about {about}" if self.channel and about else words

    def members(self, scope: Scope) -> Members:
        asked, is_negative = self.op.removeprefix("not_"), self.op.startswith("not_")
        if asked == "unknown":
            return Members(self._who("true", scope), is_complement=True)
        if asked == "reachable":
            return Members(self._reachable(scope), is_negative)
        if asked == "suppressed":
            return Members(self._addressed(_is_suppressed(self.channel), scope), is_negative)
        held = "bool_and(w.is_granted)" if asked == "granted" else "not bool_and(w.is_granted)"
        return Members(self._who(held, scope), is_negative)

    def observed(self, scope: Scope) -> Sql:
        if self.channel:
            return fill(
                "select a.id, a.address || case when {suppressed} then ', suppressed' else '' end"
                " from ({addresses}) a where a.address is not null",
                suppressed=_is_suppressed(self.channel),
                addresses=_addresses(self.channel, scope),
            )
        return fill(
            "select w.profile_id, string_agg(w.namespace || ' ' || w.value || case when w.topic = '' then ''"
            " else ' (' || w.topic || ')' end || case when w.is_granted then ': yes' else ': no' end, ', '"
            " order by w.namespace, w.value, w.topic) from ({words}) w group by w.profile_id",
            words=self._words(scope),
        )

    def depends(self) -> frozenset[str]:
        return frozenset({FACT, f"trait:{self.channel}"} if self.channel else {FACT})

    def outside(self) -> frozenset[Outside]:
        return frozenset({purposes_and_topics} if self.about else ())

    def _who(self, held: str, scope: Scope) -> Sql:
        return fill(
            f"select w.profile_id from ({{words}}) w group by w.profile_id having {held}", words=self._words(scope)
        )

    def _words(self, scope: Scope) -> Sql:
        """The newest word of each identifier of each person."""
        about = _known(self.about)
        return fill(
            "select distinct on (i.profile_id, c.namespace, c.value, c.topic)"
            " i.profile_id, c.namespace, c.value, c.topic, c.is_granted"
            " from profiles_identifier i join privacy_consent c on c.namespace = i.namespace and c.value = i.value"
            " where c.purpose = {purpose} and c.topic = any({topics}){narrowed}"
            f" order by i.profile_id, c.namespace, c.value, c.topic, {_NEWEST}",
            purpose=about.purpose,
            topics=about.topics,
            narrowed=scope.narrowed("i.profile_id"),
        )

    def _reachable(self, scope: Scope) -> Sql:
        free = fill("not {suppressed}", suppressed=_is_suppressed(self.channel))
        if self.about is None:
            return self._addressed(free, scope)
        return fill(
            "select a.id from ({addresses}) a join ({granted}) g on g.value = a.address"
            " left join ({denied}) d on d.profile_id = a.id where d.profile_id is null and {free}",
            addresses=_addresses(self.channel, scope),
            granted=self._granted_addresses(scope),
            denied=self._who("not bool_and(w.is_granted)", scope),
            free=free,
        )

    def _granted_addresses(self, scope: Scope) -> Sql:
        """Those that said yes to the topic or its purpose, and no to neither."""
        about, among = _known(self.about), Sql("")
        if scope.ids is not None:
            addresses = _addresses(self.channel, scope)
            among = fill(" and c.value in (select a.address from ({addresses}) a)", addresses=addresses)
        return fill(
            "select w.value from (select distinct on (c.value, c.topic) c.value, c.is_granted from privacy_consent c"
            " where c.namespace = {channel} and c.purpose = {purpose} and c.topic = any({topics}){among}"
            f" order by c.value, c.topic, {_NEWEST}) w group by w.value having bool_and(w.is_granted)",
            channel=self.channel,
            purpose=about.purpose,
            topics=about.topics,
            among=among,
        )

    def _addressed(self, condition: Sql, scope: Scope) -> Sql:
        return fill(
            "select a.id from ({addresses}) a where a.address is not null and {condition}",
            addresses=_addresses(self.channel, scope),
            condition=condition,
        )


def purposes_and_topics() -> tuple[tuple[str, str, str, str], ...]:
    """(purpose, its name, topic, its name); the topic is empty where the purpose itself is meant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.key, p.name, '', '' from privacy_purpose p union all"
            " select p.key, p.name, t.key, t.name from privacy_topic t join privacy_purpose p on p.id = t.purpose_id"
            " order by 1, 3"
        )
        return tuple(cursor.fetchall())


def _about(fields: Fields) -> About:
    key = "topic" if fields.has("topic") else "purpose"
    if key == "topic" and fields.has("purpose"):
        raise RuleError(fields.at("purpose"), "give a purpose or a topic, not both: a topic has its purpose")
    said = fields.text(key)
    for purpose, purpose_name, topic, topic_name in purposes_and_topics():
        if (topic or purpose) == said and bool(topic) == (key == "topic"):
            return About(purpose, topic, topic_name or purpose_name)
    raise RuleError(fields.at(key), f"there is no {key} “{said}”")


def _addresses(channel: str, scope: Scope) -> Sql:
    return fill(
        f"select p.id, {CHANNELS[channel]} as address from profiles_profile p where p.merged_into is null{{narrowed}}",
        shape="%_@_%",
        narrowed=scope.narrowed("p.id"),
    )


def _is_suppressed(channel: str) -> Sql:
    return fill(
        "exists (select 1 from privacy_suppression s where s.namespace = {channel} and s.value = a.address)",
        channel=channel,
    )


def _known(about: About | None) -> About:
    assert about is not None
    return about
