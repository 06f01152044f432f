"""What endpoints can be told: kinds to choose from, and the `type` of each message."""

from dataclasses import dataclass

MEMBERSHIP, SCORE, MERGE, CONSENT, DELIVERY = "membership", "score", "merge", "consent", "delivery"
KINDS = {
    MEMBERSHIP: "People who enter or leave segments",
    SCORE: "People whose score changes its band",
    MERGE: "People who are merged or parted",
    CONSENT: "Consent that is given or taken back",
    DELIVERY: "What becomes of messages to people",
}
DELIVERIES = {
    "accepted": "delivered",
    "failed": "failed",
    "bounced": "bounced",
    "opened": "opened",
    "clicked": "clicked",
    "complained": "marked as spam",
    "unsubscribed": "unsubscribed",
}
MAILS = {
    "Email Delivered": "accepted",
    "Email Bounced": "bounced",
    "Email Opened": "opened",
    "Email Link Clicked": "clicked",
    "Email Marked as Spam": "complained",
    "Unsubscribed": "unsubscribed",
}
"""Our own events about messages → what happened."""
TEST = "webhook.test"
MERGES = {
    "merged": "profile.merged",
    "unmerged": "profile.unmerged",
    "split": "profile.split",
    "moved": "profile.records_moved",
}


@dataclass(frozen=True)
class Wants:
    """What of it an endpoint is told. An empty choice means all."""

    kinds: frozenset[str] = frozenset()
    segments: frozenset[int] = frozenset()
    predictors: frozenset[int] = frozenset()
    campaigns: frozenset[int] = frozenset()
    deliveries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: dict[str, list[int] | list[str]]) -> "Wants":
        return cls(**{name: frozenset(document.get(name, ())) for name in cls.__dataclass_fields__})  # type: ignore[arg-type]

    @property
    def document(self) -> dict[str, list[int] | list[str]]:
        return {name: sorted(getattr(self, name)) for name in self.__dataclass_fields__ if getattr(self, name)}

    def takes(self, kind: str, *, about: int | None, what: str = "") -> bool:
        """`about` is the segment, predictor or campaign; `what` what became of a message."""
        if kind not in self.kinds:
            return False
        chosen = {MEMBERSHIP: self.segments, SCORE: self.predictors, DELIVERY: self.campaigns}.get(kind, frozenset())
        return (not chosen or about in chosen) and (not what or not self.deliveries or what in self.deliveries)
