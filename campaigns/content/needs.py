"""What a mail's tokens need of each person, so that only that is fetched."""

from dataclasses import dataclass

from cdp.analytics.definition import Known

Place = tuple[str, ...]
"""Where a value stands in the context: as the content writes it."""
LISTED = 12
"""Items given to a loop."""


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
    has_cart: bool = False
    viewed: int = 0
    """How many items at most; 0: not used."""
    recommended: int = 0
    offers: frozenset[str] = frozenset()
    """Keys that `offers.<key>` names; those of offer blocks are in Compiled.offers."""
    feeds: frozenset[str] = frozenset()
    currency: str = ""
    """What values of orders and carts are in."""
