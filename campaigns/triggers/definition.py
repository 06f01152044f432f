"""What starts a campaign, and who then has no need of it any more, read from JSON. Errors name the place."""

from dataclasses import dataclass
from enum import StrEnum

from campaigns.models import Campaign
from cdp.rules.fields import Fields, RuleError
from cdp.rules.happenings import parse_where, said_where
from cdp.rules.parse import parse
from cdp.rules.references import Filter
from cdp.rules.tree import Node
from segments.models import Segment

ACCEPTED = "Email Delivered"
"""The event that we tell of a mail of ours once it was accepted; of a follow-up it is what starts it."""
MOST_EVENTS = 10
LARGEST = 2**53


class Kind(StrEnum):
    EVENT = "event"
    ENTERS = "enters"
    LEAVES = "leaves"
    MESSAGE = "message"


DID = {
    "clicked": "clicked in it",
    "opened": "opened it",
    "converted": "ordered because of it",
    "nothing": "neither opened it, nor clicked, nor ordered because of it",
}
"""What somebody did with the message that is followed up, as it stands in the ledger."""


@dataclass(frozen=True)
class Trigger:
    kind: Kind
    event: str = ""
    """Its name; of a follow-up the one that tells that the first message was accepted."""
    where: tuple[Filter, ...] = ()
    segment_id: int = 0
    campaign_id: int = 0
    """Of a follow-up: the campaign of the first message."""
    did: str = ""
    name: str = ""
    """Of the segment or the campaign."""

    def english(self) -> str:
        """Follows “when”."""
        if self.kind is Kind.EVENT:
            return f"somebody does {self.event}{said_where(self.where)}"
        if self.kind is Kind.MESSAGE:
            return f"somebody got “{self.name}”"
        return f"somebody {'comes into' if self.kind is Kind.ENTERS else 'leaves'} “{self.name}”"


@dataclass(frozen=True)
class Exit:
    """Either is enough."""

    since_trigger: tuple[str, ...] = ()
    """Names of events: one of them happened after what triggered it."""
    rule: Node | None = None
    """It holds at the moment of sending, whenever what it asks for happened."""


def parse_trigger(document: object, *, of: int | None = None) -> Trigger:
    """`of` is the campaign it belongs to, where there is one already. Raises RuleError."""
    fields = Fields.of(document, "trigger")
    kind = Kind(fields.choice("kind", [one.value for one in Kind]))
    if kind is Kind.EVENT:
        fields.only("kind", "event", "where")
        return Trigger(kind, event=fields.text("event"), where=parse_where(fields))
    if kind is Kind.MESSAGE:
        return _follow_up(fields, of)
    fields.only("kind", "segment")
    segment_id = fields.whole("segment", least=1, most=LARGEST)
    name = Segment.objects.filter(pk=segment_id, archived_at=None).values_list("name", flat=True).first()
    if name is None:
        raise RuleError(fields.at("segment"), f"there is no segment {segment_id}, or it is archived")
    return Trigger(kind, segment_id=segment_id, name=name)


def _follow_up(fields: Fields, of: int | None) -> Trigger:
    fields.only("kind", "campaign", "did")
    campaign_id = fields.whole("campaign", least=1, most=LARGEST)
    did = fields.choice("did", DID)
    name = Campaign.objects.filter(pk=campaign_id).values_list("name", flat=True).first()
    if name is None:
        raise RuleError(fields.at("campaign"), f"there is no campaign {campaign_id}")
    if of is not None and of in _followed(campaign_id):
        raise RuleError(fields.at("campaign"), f"“{name}” follows up this campaign: they would write in turn for ever")
    return Trigger(Kind.MESSAGE, event=ACCEPTED, campaign_id=campaign_id, did=did, name=name)


def _followed(campaign_id: int) -> set[int]:
    """The campaign itself, the one that it follows up, and so on."""
    found: set[int] = set()
    while campaign_id and campaign_id not in found:
        found.add(campaign_id)
        said = Campaign.objects.filter(pk=campaign_id).values_list("trigger", flat=True).first() or {}
        campaign_id = int(said.get("campaign") or 0) if said.get("kind") == Kind.MESSAGE else 0
    return found


def parse_condition(document: object) -> Node | None:
    """Raises RuleError; None where there is no condition."""
    return parse(document) if document else None


def parse_exit(document: object) -> Exit:
    """Raises RuleError."""
    if not document:
        return Exit()
    fields = Fields.of(document, "exit")
    fields.only("since_trigger", "rule")
    events = fields.texts("since_trigger", most=MOST_EVENTS) if fields.data.get("since_trigger") else ()
    return Exit(tuple(dict.fromkeys(events)), parse_condition(fields.data.get("rule")))
