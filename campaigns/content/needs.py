"""What a mail's tokens need of each person, so that only that is fetched."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.content.compile import Compiled
from campaigns.content.tokens import Token
from campaigns.content.vocabulary import LEADING, Kind, Named, Resolved, Unknown, Vocabulary
from cdp.analytics.definition import Known

Place = tuple[str, ...]
"""Where a value stands in the context: as the content writes it."""
LISTED = 12
"""Items given to a loop that names no limit."""
MOST_LISTED = 50


@dataclass(frozen=True)
class OfTrait:
    place: Place
    path: tuple[str, ...]
    """The trait, and perhaps a member of it."""
    is_date: bool = False


@dataclass(frozen=True)
class OfComputed:
    place: Place
    trait: Known


@dataclass(frozen=True)
class OfScore:
    """`scores.<written>`: value, percentile, band, expected_at; None for people without one."""

    written: str
    predictor_id: int
    predictor: str


@dataclass(frozen=True)
class OfCluster:
    written: str
    clustering_id: int


@dataclass(frozen=True)
class OfSegment:
    """Stands in `segments`, as it is written, where the person is a member."""

    written: str
    segment_id: int


Need = OfTrait | OfComputed | OfScore | OfCluster | OfSegment


@dataclass(frozen=True)
class Needs:
    """Everything by default empty: a mail without tokens needs nothing."""

    traits: tuple[OfTrait, ...] = ()
    computed: tuple[OfComputed, ...] = ()
    scores: tuple[OfScore, ...] = ()
    clusters: tuple[OfCluster, ...] = ()
    segments: tuple[OfSegment, ...] = ()
    names_segments: bool = False
    """`segments` is used at all: it is there, perhaps empty."""
    has_every_segment: bool = False
    """`segments` is used other than by a name: all of them are asked."""
    has_last_purchase: bool = False
    has_purchased_items: bool = False
    has_cart: bool = False
    viewed: int = 0
    """How many items at most; 0: not used."""
    recommended: int = 0
    offers: frozenset[str] = frozenset()
    """Keys that `offers.<key>` names; those of offer blocks are in Compiled.offers."""
    feeds: frozenset[str] = frozenset()
    currency: str = ""
    """What values of orders and carts are in."""


def needs_of(compiled: Compiled, vocabulary: Vocabulary, *, more: Iterable[Token] = ()) -> Needs:
    """Of all tokens of the mail and of `more`, such as those in the addresses of its feeds. What cannot be resolved
    is a problem that `problems_of` tells; here it stays empty."""
    return needs_of_tokens((*compiled.tokens, *more), vocabulary)


def needs_of_tokens(tokens: Iterable[Token], vocabulary: Vocabulary) -> Needs:
    finder = _Finder(vocabulary)
    for token in dict.fromkeys(tokens):
        finder.add(token)
    return finder.needs()


class _Finder:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.known = {known.key: known for known in vocabulary.computed}
        self.found: list[Need] = []
        self.kinds: set[Kind] = set()
        self.limits: dict[Kind, int] = {}
        self.names_segments = self.has_every_segment = self.has_purchased_items = False
        self.offers: set[str] = set()
        self.feeds: set[str] = set()

    def add(self, token: Token) -> None:
        if token.path[0] == "segments":
            self._segment(token)
            return
        resolved = self.vocabulary.resolve(token.path)
        if isinstance(resolved, Unknown):
            return
        self.kinds.add(resolved.kind)
        if resolved.kind in (Kind.VIEWED, Kind.RECOMMENDED):
            wanted = min(token.limit or LISTED, MOST_LISTED)
            self.limits[resolved.kind] = max(self.limits.get(resolved.kind, 0), wanted)
        elif resolved.kind is Kind.LAST_PURCHASE:
            self.has_purchased_items |= resolved.field == "items"
        elif resolved.kind is Kind.OFFER:
            self.offers.add(resolved.key[0])
        elif resolved.kind is Kind.FEED:
            self.feeds.add(resolved.key[0])
        elif need := self._need(token, resolved):
            self.found.append(need)

    def _segment(self, token: Token) -> None:
        self.names_segments = True
        if token.sought is None or len(token.path) > 1:
            self.has_every_segment = True
        elif isinstance(found := self.vocabulary.segment(token.sought), Named):
            self.found.append(OfSegment(token.sought, found.id))

    def _need(self, token: Token, resolved: Resolved) -> Need | None:
        path = token.path
        if resolved.kind is Kind.TRAIT:
            place = path[: len(resolved.key) + (path[0] == "profile")]
            return OfTrait(place, resolved.key, resolved.type == "date" and not resolved.field)
        if resolved.kind is Kind.COMPUTED:
            return OfComputed(path[: 1 + (path[0] in LEADING)], self.known[resolved.key[0]])
        if resolved.kind is Kind.SCORE:
            return OfScore(path[1], resolved.id, resolved.key[0])
        return OfCluster(path[1], resolved.id) if resolved.kind is Kind.CLUSTER else None

    def needs(self) -> Needs:
        found = tuple(dict.fromkeys(self.found))
        return Needs(
            traits=tuple(one for one in found if isinstance(one, OfTrait)),
            computed=tuple(one for one in found if isinstance(one, OfComputed)),
            scores=tuple(one for one in found if isinstance(one, OfScore)),
            clusters=tuple(one for one in found if isinstance(one, OfCluster)),
            segments=tuple(one for one in found if isinstance(one, OfSegment)),
            names_segments=self.names_segments,
            has_every_segment=self.has_every_segment,
            has_purchased_items=self.has_purchased_items,
            has_last_purchase=Kind.LAST_PURCHASE in self.kinds,
            has_cart=Kind.CART in self.kinds,
            viewed=self.limits.get(Kind.VIEWED, 0),
            recommended=self.limits.get(Kind.RECOMMENDED, 0),
            offers=frozenset(self.offers),
            feeds=frozenset(self.feeds),
            currency=self.vocabulary.currency,
        )
