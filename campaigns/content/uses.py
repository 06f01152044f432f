"""What blocks need beside the context: lists of items, offers, answers of feeds."""

from dataclasses import dataclass

from campaigns.content.blocks import ItemSource
from campaigns.content.tokens import Branch


@dataclass(frozen=True)
class ListUse:
    """A product block."""

    block: str
    source: ItemSource
    limit: int
    inside: tuple[Branch, ...]


@dataclass(frozen=True)
class OfferUse:
    """An offer block: the key of its offer by the branch of `split`, or of all where there is none."""

    block: str
    split: str | None
    keys: tuple[str, ...]
    inside: tuple[Branch, ...]


@dataclass(frozen=True)
class FeedUse:
    block: str
    key: str
    inside: tuple[Branch, ...]


Use = ListUse | OfferUse | FeedUse
