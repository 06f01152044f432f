"""What a token can mean: kinds of things, their fields, and how names are matched. Knows no table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.text import slugify
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from campaigns.content.sampled import SampledTrait

Path = Sequence[str | int]
ALIKE = 0.82
"""Names at least so like each other (Jaro-Winkler) are offered instead."""


class Kind(StrEnum):
    TRAIT = "trait"
    COMPUTED = "computed"
    SCORE = "score"
    CLUSTER = "cluster"
    SEGMENTS = "segments"
    LAST_PURCHASE = "last_purchase"
    CART = "cart"
    VIEWED = "viewed"
    RECOMMENDED = "recommended"
    OFFER = "offer"
    """`offers.<key>`, by its key."""
    FEED = "feed"
    OFFER_HERE = "offer_here"
    """`offer`, in an offer block."""
    FEED_HERE = "feed_here"
    EVENT = "event"
    """`event`: what triggered the mail."""
    CAMPAIGN = "campaign"
    SENDER = "sender"
    """Who we say we are."""
    TODAY = "today"
    UNSUBSCRIBE = "unsubscribe_url"


ROOTS = {
    "last_purchase": Kind.LAST_PURCHASE,
    "cart": Kind.CART,
    "viewed": Kind.VIEWED,
    "recommended": Kind.RECOMMENDED,
    "segments": Kind.SEGMENTS,
    "offer": Kind.OFFER_HERE,
    "feed": Kind.FEED_HERE,
    "event": Kind.EVENT,
    "campaign": Kind.CAMPAIGN,
    "sender": Kind.SENDER,
    "today": Kind.TODAY,
    "unsubscribe_url": Kind.UNSUBSCRIBE,
}
"""First words that are something themselves; those below lead to names."""
LEADING = ("profile", "computed", "scores", "clusters", "rfm", "offers", "feeds")
RFM = {"recency": "rfm_recency", "frequency": "rfm_frequency", "monetary": "rfm_monetary", "cell": "rfm"}
ITEM = ("id", "name", "url", "image_url", "price", "currency", "category", "brand", "quantity", "reason")
ITEM_LISTS = frozenset({Kind.LAST_PURCHASE, Kind.CART, Kind.VIEWED, Kind.RECOMMENDED})
OFFER = ("name", "code", "value", "unit", "ends_on", "terms", "url")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SCORE: ("value", "percentile", "band", "expected_at"),
    Kind.LAST_PURCHASE: ("date", "value", "currency", "order_id", "items"),
    Kind.CART: ("value", "currency", "items"),
    Kind.OFFER: OFFER,
    Kind.OFFER_HERE: OFFER,
    Kind.CAMPAIGN: ("name",),
    Kind.SENDER: ("company", "address"),
}
TYPES = {"value": "number", "percentile": "number", "date": "date", "expected_at": "date", "ends_on": "date"}


@dataclass(frozen=True)
class Resolved:
    """What a path means. `key` names it within its kind (a trait's path, a computed trait's key, a predictor's name, an
    offer's key), `id` is its row where it has one, `field` what is asked of it."""

    kind: Kind
    key: tuple[str, ...]
    can_be_empty: bool
    label: str
    id: int = 0
    field: str = ""
    type: str = "text"
    """number, text, date, boolean, list or object; any for what a feed answers. Objects show nothing, nor do lists of
    items."""
    empty_share: float | None = None
    """Of people, 0 to 1; None where it is not known."""


@dataclass(frozen=True)
class Unknown:
    message: str
    suggestion: str = ""
    """A path to write instead, or the name of a segment; empty if nothing is alike."""


@dataclass(frozen=True)
class Named:
    """Something that content names: a segment, predictor, clustering, offer or feed."""

    id: int
    name: str
    is_archived: bool
    key: str = ""


def fold(name: str) -> str:
    """Equal for `first_name`, `firstName` and `First name`."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def slug(name: str) -> str:
    """A predictor's or clustering's name as a token says it."""
    return slugify(name).replace("-", "_")


def alike(name: str, names: Iterable[str]) -> str:
    """The name most like it, or an empty text."""
    choices = {one: fold(one) for one in names}
    best = process.extractOne(fold(name), choices, scorer=JaroWinkler.similarity, score_cutoff=ALIKE)
    return str(best[2]) if best else ""


def spellings(name: str) -> set[str]:
    """Ways to write a name that sources commonly use."""
    words = slugify("".join(f" {one}" if one.isupper() else one for one in name).replace("_", " ")).split("-")
    camel = "".join(word.capitalize() for word in words)
    return {name, "_".join(words), "".join(words), camel, camel[:1].lower() + camel[1:], " ".join(words)} - {""}


def written(path: Iterable[str | int]) -> str:
    """A path as it is written in Liquid."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "a").replace("-", "a").isalnum() and not part[:1].isdigit():
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


@dataclass(frozen=True)
class Thing:
    """Something with fields, as `lead` names it."""

    kind: Kind
    label: str
    lead: tuple[str | int, ...]
    key: tuple[str, ...] = ()
    id: int = 0
    empty_share: float | None = None

    @property
    def is_always_there(self) -> bool:
        return self.kind in (Kind.CAMPAIGN, Kind.OFFER_HERE)

    def itself(self) -> Resolved:
        empty = self.empty_share
        return Resolved(self.kind, self.key, not self.is_always_there, self.label, self.id, "", "object", empty)

    def of(self, rest: Path) -> Resolved | Unknown:
        """Itself, one of its fields, or what lies in its list of items."""
        if not rest:
            return self.itself()
        field, *deeper = map(str, rest)
        fields = FIELDS[self.kind]
        if field not in fields:
            return self._without(f"{self.label} has no “{field}”: it has {', '.join(fields)}", alike(field, fields))
        if field == "items":
            return self.items(rest[1:], field="items")
        if deeper:
            return self._without(f"“{field}” is one value: it has no “{deeper[0]}”", field)
        label = f"{self.label}: {field.replace('_', ' ')}"
        kind = TYPES.get(field, "text")
        return Resolved(self.kind, self.key, not self.is_always_there, label, self.id, field, kind, self.empty_share)

    def items(self, rest: Path, *, field: str = "") -> Resolved | Unknown:
        """A list: itself, how many, or its first or last, which may be an item with fields."""
        label, lead = (f"{self.label}: items", (*self.lead, "items")) if field else (self.label, self.lead)
        empty = self.empty_share
        if not rest:
            return Resolved(self.kind, self.key, True, label, self.id, field, "list", empty)
        first, *deeper = rest
        if first == "size":
            return Resolved(self.kind, self.key, False, f"{label}: how many", self.id, field, "number")
        if not isinstance(first, int) and first not in ("first", "last"):
            loop = f"{{% for item in {written(lead)} %}}"
            return Unknown(f"{label} is a list: go through it with {loop}", written((*lead, "first", *deeper)))
        holds_items = self.kind in ITEM_LISTS
        if holds_items and deeper and str(deeper[0]) not in ITEM:
            like = alike(str(deeper[0]), ITEM)
            says = f"an item has no “{deeper[0]}”: it has {', '.join(ITEM)}"
            return Unknown(says, written((*lead, first, like)) if like else "")
        kind = "object" if holds_items and not deeper else "text"
        return Resolved(self.kind, self.key, True, label, self.id, field, kind, empty)

    def _without(self, message: str, field: str) -> Unknown:
        return Unknown(message, written((*self.lead, field)) if field else "")


def of_trait(trait: SampledTrait, rest: Path) -> Resolved | Unknown:
    """`rest` is what is asked of a trait that is an object or a list."""
    label = trait.path[-1].replace("_", " ").strip().capitalize()
    if rest and trait.type not in ("object", "list"):
        return Unknown(f"“{written(trait.path)}” is one value: it has no “{rest[0]}”", written(trait.path))
    empty = 1 - trait.filled
    if rest:
        kind = "number" if rest[0] == "size" and trait.type == "list" else "text"
        return Resolved(Kind.TRAIT, trait.path, True, label, field=written(rest), type=kind)
    return Resolved(Kind.TRAIT, trait.path, empty > 0, label, type=trait.type, empty_share=empty)
