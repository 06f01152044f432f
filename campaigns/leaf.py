"""`message`: what a person did with our mails, or with those of one campaign: by the events that we tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from cdp.rules.fields import Fields, RuleError
from cdp.rules.happenings import Happening
from cdp.rules.leaves.event import EventLeaf
from cdp.rules.limit import Limit
from cdp.rules.numbers import EventNumber
from cdp.rules.references import Filter, Reference
from cdp.rules.sql import Sql
from cdp.rules.testing import Test
from cdp.rules.tree import Leaf, Members, Outside, Scope
from cdp.rules.windows import EVER, Window, parse_window

NOT = "not_"
EVENTS = {
    "sent": "Email Delivered",
    "opened": "Email Opened",
    "clicked": "Email Link Clicked",
    "bounced": "Email Bounced",
    "complained": "Email Marked as Spam",
    "unsubscribed": "Unsubscribed",
}
OPS = (*EVENTS, *(NOT + one for one in EVENTS))
WORDS = {
    "sent": ("were sent {mail}", "were not sent {mail}"),
    "opened": ("opened {mail}", "did not open {mail}"),
    "clicked": ("clicked in {mail}", "did not click in {mail}"),
    "bounced": ("could not be reached by {mail}", "were not missed by {mail}"),
    "complained": ("marked {mail} as spam", "did not mark {mail} as spam"),
    "unsubscribed": ("unsubscribed in {mail}", "did not unsubscribe in {mail}"),
}
BY_PEOPLE = Filter(Reference(key="is_machine"), Test("is_not", value=True))
"""What mail programs and scanners did of themselves counts for nothing."""
ID = {"type": "integer", "minimum": 1, "maximum": 2**53}


def names() -> tuple[tuple[int, str], ...]:
    """Ids and names of all campaigns: rules can name each."""
    return tuple(Campaign.objects.order_by("id").values_list("id", "name"))


@dataclass(frozen=True)
class MessageLeaf(Leaf):
    kind: ClassVar[str] = "message"
    op: str
    window: Window = EVER
    campaign_id: int = 0
    """0: any."""
    name: str = ""

    @classmethod
    def parse(cls, fields: Fields) -> "MessageLeaf":
        fields.only("kind", "op", "campaign", "window")
        op = fields.choice("op", OPS)
        window = parse_window(fields.inner("window")) if fields.has("window") else EVER
        if not fields.has("campaign"):
            return cls(op, window)
        campaign_id = fields.whole("campaign", least=1, most=2**53)
        name = Campaign.objects.filter(pk=campaign_id).values_list("name", flat=True).first()
        if name is None:
            raise RuleError(fields.at("campaign"), f"there is no campaign {campaign_id}")
        return cls(op, window, campaign_id, name)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "properties": {"op": {"enum": list(OPS)}, "campaign": ID, "window": {"$ref": "#/$defs/window"}},
            "required": ["op"],
        }

    def english(self) -> str:
        words = WORDS[self.op.removeprefix(NOT)][self.op.startswith(NOT)]
        mail = f"“{self.name}”" if self.campaign_id else "a mail of ours"
        return f"who {words.format(mail=mail)} {self.window.words}"

    @property
    def events(self) -> EventLeaf:
        """The same, said of events."""
        of = Filter(Reference(key="campaign_id"), Test("is", value=self.campaign_id))
        where = (of, BY_PEOPLE) if self.campaign_id else (BY_PEOPLE,)
        happening = Happening(EVENTS[self.op.removeprefix(NOT)], self.window, where)
        limit = Limit("exactly", 0) if self.op.startswith(NOT) else Limit("at_least", 1)
        return EventLeaf(EventNumber(happening), limit)

    def members(self, scope: Scope) -> Members:
        return self.events.members(scope)

    def observed(self, scope: Scope) -> Sql:
        return self.events.observed(scope)

    def behind(self, scope: Scope) -> Sql:
        return self.events.behind(scope)

    def depends(self) -> frozenset[str]:
        return self.events.depends()

    def reads(self, scope: Scope) -> Mapping[str, datetime | None]:
        return self.events.reads(scope)

    def outside(self) -> frozenset[Outside]:
        return frozenset({names}) if self.campaign_id else frozenset()

    def crossings(self, since: datetime, scope: Scope) -> tuple[Sql, ...]:
        return self.events.crossings(since, scope)

    def moments(self, scope: Scope, own: ZoneInfo) -> tuple[Sql, ...]:
        return self.events.moments(scope, own)


def choices() -> list[dict[str, Any]]:
    """What the rule builder offers: the newest first."""
    rows = Campaign.objects.order_by("-id").values_list("id", "name", "state")
    labels = dict(Campaign.State.choices)
    return [{"id": pk, "name": name, "note": str(labels[state])} for pk, name, state in rows]
