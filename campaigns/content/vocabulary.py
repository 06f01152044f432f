"""What a mail may say of a person: the names that tokens can use, and what each of them means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.conf import settings
from django.utils.text import slugify
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from campaigns.content.sampled import Sample, SampledTrait, holding, read_sample, sample_lately
from campaigns.models import Feed, Offer
from cdp.analytics.definition import Known, known_of
from cdp.analytics.models import ComputedTrait
from scoring.models import Clustering, Predictor
from segments.models import Segment

Path = tuple[str | int, ...]
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
    CAMPAIGN = "campaign"
    TODAY = "today"
    UNSUBSCRIBE = "unsubscribe_url"


ITEM = ("id", "name", "url", "image_url", "price", "currency", "category", "brand", "quantity", "reason")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SCORE: ("value", "percentile", "band", "expected_at"),
    Kind.LAST_PURCHASE: ("date", "value", "currency", "order_id", "items"),
    Kind.CART: ("value", "currency", "items"),
    Kind.OFFER: ("name", "code", "value", "unit", "ends_on", "terms", "url"),
    Kind.CAMPAIGN: ("name",),
}
LISTS = frozenset({"items", "viewed", "recommended", "segments"})
OF_LISTS = ("size", "first", "last")
ROOTS = {
    "last_purchase": Kind.LAST_PURCHASE,
    "cart": Kind.CART,
    "viewed": Kind.VIEWED,
    "recommended": Kind.RECOMMENDED,
    "segments": Kind.SEGMENTS,
    "offer": Kind.OFFER_HERE,
    "feed": Kind.FEED_HERE,
    "campaign": Kind.CAMPAIGN,
    "today": Kind.TODAY,
    "unsubscribe_url": Kind.UNSUBSCRIBE,
}
"""Roots that are something themselves; those below lead to names."""
LEADING = ("profile", "computed", "scores", "clusters", "rfm", "offers", "feeds")
RFM = {"recency": "rfm_recency", "frequency": "rfm_frequency", "monetary": "rfm_monetary", "cell": "rfm"}


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
    """number, text, date, boolean, list or object: the last two cannot be printed as they are."""
    empty_share: float | None = None
    """Of people, 0 to 1; None where it is not known."""


@dataclass(frozen=True)
class Unknown:
    message: str
    suggestion: str = ""
    """A path to write instead; empty if nothing is alike."""


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
class Vocabulary:
    sample: Sample
    computed: tuple[Known, ...]
    predictors: tuple[Named, ...]
    clusterings: tuple[Named, ...]
    segments: tuple[Named, ...]
    offers: tuple[Named, ...]
    feeds: tuple[Named, ...]
    currency: str
    """What values of orders and carts are in."""

    @classmethod
    def now(cls) -> "Vocabulary":
        """For what is to be sent: a dozen statements, some 50 ms."""
        return cls.of(read_sample())

    @classmethod
    def lately(cls) -> "Vocabulary":
        """For somebody who types: shares of people may be half a minute old; names are as they are now."""
        return cls.of(sample_lately())

    @classmethod
    def of(cls, sample: Sample) -> "Vocabulary":
        computed = ComputedTrait.objects.filter(is_on=True, is_removed=False).order_by("label")
        return cls(
            sample=sample,
            computed=tuple(map(known_of, computed)),
            predictors=tuple(_named(Predictor.objects.order_by("name").values_list("id", "name", "archived_at"))),
            clusterings=tuple(_named(Clustering.objects.order_by("name").values_list("id", "name", "archived_at"))),
            segments=tuple(_named(Segment.objects.order_by("name").values_list("id", "name", "archived_at"))),
            offers=tuple(_named(Offer.objects.order_by("name").values_list("id", "name", "archived_at", "key"))),
            feeds=tuple(_named(Feed.objects.order_by("name").values_list("id", "name", "archived_at", "key"))),
            currency=settings.REPORTING_CURRENCY,
        )

    def resolve(self, path: Path) -> Resolved | Unknown:
        """What the path means. Names of traits, computed traits, predictors and clusterings are matched whatever their
        case, underscores and spaces; everything else as it is written."""
        root, *rest = path
        if root in ROOTS:
            return self._reserved(ROOTS[str(root)], rest)
        if root == "profile":
            return self._trait(rest) if rest else Unknown("say which trait is meant", "profile.email")
        if root in LEADING:
            return self._led(str(root), rest)
        found = self._trait(path)
        if isinstance(found, Unknown) and len(path) == 1 and (known := self._known.get(fold(str(root)))):
            return self._computed(known)
        return self._instead(str(root), rest) if isinstance(found, Unknown) and not self._has(str(root)) else found

    def segment(self, name: str) -> Named | Unknown:
        return self._by_name(self.segments, name, "segment")

    def offer(self, key: str) -> Named | Unknown:
        return self._by_key(self.offers, key, "offer")

    def feed(self, key: str) -> Named | Unknown:
        return self._by_key(self.feeds, key, "feed")

    @cached_property
    def _traits(self) -> dict[tuple[str, ...], SampledTrait]:
        """By folded path; of those that fold alike, the one most people have, which the sample lists first."""
        found: dict[tuple[str, ...], SampledTrait] = {}
        for trait in self.sample.traits:
            found.setdefault(tuple(map(fold, trait.path)), trait)
        return found

    @cached_property
    def _exactly(self) -> dict[tuple[str, ...], SampledTrait]:
        return {trait.path: trait for trait in self.sample.traits}

    @cached_property
    def _known(self) -> dict[str, Known]:
        return {fold(known.key): known for known in self.computed}

    @cached_property
    def _rare(self) -> dict[str, SampledTrait | None]:
        """Names nobody in the sample has → the trait, if somebody has it after all."""
        return {}

    def _has(self, name: str) -> bool:
        return (name,) in self._exactly or (fold(name),) in self._traits or bool(self._rare.get(name))

    def _trait(self, path: Sequence[str | int]) -> Resolved | Unknown:
        for size in (2, 1):
            head = tuple(str(part) for part in path[:size])
            found = self._exactly.get(head) or self._traits.get(tuple(map(fold, head)))
            if found and len(head) == size:
                return _of_trait(found, path[size:])
        name = str(path[0])
        if name not in self._rare:
            self._rare[name] = self._look_for(name)
        if rare := self._rare[name]:
            return _of_trait(rare, path[1:])
        return self._no_trait(name, path)

    def _look_for(self, name: str) -> SampledTrait | None:
        if self.sample.is_everybody:
            return None
        found = holding(sorted(_spellings(name)))
        return SampledTrait((found[0],), "text", 0.0) if found else None

    def _no_trait(self, name: str, path: Sequence[str | int]) -> Unknown:
        names = [trait.path[0] for trait in self.sample.traits]
        alike = _alike(name, names)
        return Unknown(
            f"nothing called “{name}” is known of anybody", written(("profile", alike, *path[1:])) if alike else ""
        )

    def _instead(self, root: str, rest: Sequence[str | int]) -> Unknown:
        """For a first word that means nothing."""
        traits = [trait.path[0] for trait in self.sample.traits]
        alike = _alike(root, [*traits, *self._names_of_computed, *ROOTS, *LEADING])
        return Unknown(f"there is no “{root}”", written((alike, *rest)) if alike else "")

    @cached_property
    def _names_of_computed(self) -> list[str]:
        return [known.key for known in self.computed]

    def _led(self, root: str, rest: Sequence[str | int]) -> Resolved | Unknown:
        if not rest:
            return Unknown(f"say which of the {root} is meant")
        name, field, deeper = str(rest[0]), rest[1:2], rest[2:]
        if root in ("computed", "rfm"):
            key = RFM.get(name, name) if root == "rfm" else name
            if known := self._known.get(fold(key)):
                return self._computed(known, rest[1:])
            alike = _alike(name, list(RFM) if root == "rfm" else self._names_of_computed)
            return Unknown(f"there is no computed trait “{name}”", written((root, alike)) if alike else "")
        if root == "clusters":
            found = self._by_name(self.clusterings, name, "clustering")
            return found if isinstance(found, Unknown) else self._cluster(found)
        if root == "scores":
            return self._score(name, field, deeper)
        of_key = self.offer(name) if root == "offers" else self.feed(name)
        if isinstance(of_key, Unknown):
            return of_key
        if root == "feeds":
            return Resolved(Kind.FEED, (of_key.key,), True, f"Feed “{of_key.name}”", of_key.id, type="any")
        return _with_field(Kind.OFFER, (of_key.key,), rest[1:], f"Offer “{of_key.name}”", of_key.id)

    def _score(self, name: str, field: Sequence[str | int], deeper: Sequence[str | int]) -> Resolved | Unknown:
        found = self._by_name(self.predictors, name, "predictor")
        if isinstance(found, Unknown):
            tail = field or ("value",)
            return Unknown(found.message, written(("scores", found.suggestion, *tail)) if found.suggestion else "")
        empty = 1 - self.sample.predictors.get(found.id, 0.0)
        said = _with_field(Kind.SCORE, (found.name,), [*field, *deeper], f"“{found.name}”", found.id, empty)
        if isinstance(said, Unknown) and said.suggestion:
            return Unknown(said.message, written(("scores", slug(found.name), said.suggestion)))
        return said

    def _cluster(self, found: Named) -> Resolved:
        empty = 1 - self.sample.clusterings.get(found.id, 0.0)
        return Resolved(Kind.CLUSTER, (found.name,), True, f"Group in “{found.name}”", found.id, empty_share=empty)

    def _computed(self, known: Known, rest: Sequence[str | int] = ()) -> Resolved | Unknown:
        if rest and known.type.value != "list":
            return Unknown(f"“{known.label}” is one value: it has no “{rest[0]}”", f"computed.{known.key}")
        empty = 0.0 if known.is_zero_without else 1 - self.sample.computed.get(known.id, 0.0)
        kind = "number" if known.type.value in ("number", "duration") else known.type.value
        return Resolved(Kind.COMPUTED, (known.key,), empty > 0, known.label, known.id, type=kind, empty_share=empty)

    def _reserved(self, kind: Kind, rest: Sequence[str | int]) -> Resolved | Unknown:
        if kind in (Kind.TODAY, Kind.UNSUBSCRIBE):
            if rest:
                return Unknown(f"“{kind.value}” is one value: it has no “{rest[0]}”", kind.value)
            words = {Kind.TODAY: "Today", Kind.UNSUBSCRIBE: "Address to unsubscribe"}[kind]
            return Resolved(kind, (), False, words, type="date" if kind is Kind.TODAY else "text")
        if kind in (Kind.VIEWED, Kind.RECOMMENDED, Kind.SEGMENTS):
            words = {Kind.VIEWED: "Looked at lately", Kind.RECOMMENDED: "Recommended", Kind.SEGMENTS: "Segments"}[kind]
            return _of_list(kind, rest, words, empty=0.0 if kind is Kind.RECOMMENDED else None)
        if kind is Kind.FEED_HERE:
            return Resolved(kind, (), False, "What the feed answered", type="any")
        if kind is Kind.OFFER_HERE:
            return _with_field(Kind.OFFER_HERE, (), rest, "The offer of this block")
        if kind is Kind.CAMPAIGN:
            return _with_field(kind, (), rest, "Campaign")
        words, share = {
            Kind.LAST_PURCHASE: ("Last purchase", self.sample.buyers),
            Kind.CART: ("Cart", self.sample.carts),
        }[kind]
        return _with_field(kind, (), rest, words, empty=1 - share)

    def _by_name(self, among: Sequence[Named], name: str, noun: str) -> Named | Unknown:
        wanted = fold(name)
        alive = sorted(among, key=lambda one: (one.name != name, one.is_archived))
        for one in alive:
            if fold(one.name) == wanted:
                return Unknown(f"the {noun} “{one.name}” is archived") if one.is_archived else one
        alike = _alike(name, [one.name for one in among if not one.is_archived])
        shown = alike if noun == "segment" else slug(alike)
        return Unknown(f"there is no {noun} “{name}”", shown)

    def _by_key(self, among: Sequence[Named], key: str, noun: str) -> Named | Unknown:
        for one in among:
            if one.key == key:
                return Unknown(f"the {noun} “{one.name}” is archived") if one.is_archived else one
        alike = _alike(key, [one.key for one in among if not one.is_archived])
        return Unknown(f"there is no {noun} “{key}”", written((f"{noun}s", alike)) if alike else "")


def _named(rows: Iterable[tuple[object, ...]]) -> Iterable[Named]:
    for pk, name, archived_at, *key in rows:
        yield Named(int(str(pk)), str(name), archived_at is not None, *map(str, key))


def _alike(name: str, names: Iterable[str]) -> str:
    """The name most like it, or an empty text."""
    choices = {one: fold(one) for one in names}
    best = process.extractOne(fold(name), choices, scorer=JaroWinkler.similarity, score_cutoff=ALIKE)
    return str(best[2]) if best else ""


def _spellings(name: str) -> set[str]:
    """Ways to write a name that sources commonly use."""
    words = slugify("".join(f" {one}" if one.isupper() else one for one in name).replace("_", " ")).split("-")
    camel = "".join(word.capitalize() for word in words)
    return {name, "_".join(words), "".join(words), camel, camel[:1].lower() + camel[1:], " ".join(words)} - {""}


def _of_trait(trait: SampledTrait, rest: Sequence[str | int]) -> Resolved | Unknown:
    label = trait.path[-1].replace("_", " ").strip().capitalize()
    if rest and trait.type not in ("object", "list"):
        return Unknown(f"“{written(trait.path)}” is one value: it has no “{rest[0]}”", written(trait.path))
    kind = "text" if rest else trait.type
    empty = 1 - trait.filled
    return Resolved(
        Kind.TRAIT,
        trait.path,
        bool(rest) or empty > 0,
        label,
        field=written(rest),
        type=kind,
        empty_share=None if rest else empty,
    )


def _with_field(
    kind: Kind, key: tuple[str, ...], rest: Sequence[str | int], label: str, pk: int = 0, empty: float = 0.0
) -> Resolved | Unknown:
    """Of something with fields: itself, one of them, or what lies in its list of items."""
    fields = FIELDS[Kind.OFFER if kind is Kind.OFFER_HERE else kind]
    always = kind in (Kind.CAMPAIGN, Kind.OFFER_HERE)
    if not rest:
        return Resolved(kind, key, not always, label, pk, type="object", empty_share=empty or None)
    field, *deeper = map(str, rest)
    if field not in fields:
        return Unknown(f"{label} has no “{field}”: it has {', '.join(fields)}", _alike(field, fields))
    if field == "items":
        return _of_list(kind, rest[1:], f"{label}: items", empty=empty)
    if deeper:
        return Unknown(f"“{field}” is one value: it has no “{deeper[0]}”", field)
    return Resolved(kind, key, not always, f"{label}: {field.replace('_', ' ')}", pk, field, TYPES.get(field, "text"),
                    empty or None)  # fmt: skip


TYPES = {"value": "number", "percentile": "number", "date": "date", "expected_at": "date", "ends_on": "date"}


def _of_list(kind: Kind, rest: Sequence[str | int], label: str, *, empty: float | None) -> Resolved | Unknown:
    field = "items" if kind in (Kind.LAST_PURCHASE, Kind.CART) else ""
    if not rest:
        return Resolved(kind, (), True, label, field=field, type="list", empty_share=empty)
    first, *deeper = rest
    if first == "size":
        return Resolved(kind, (), False, f"{label}: how many", field=field, type="number")
    if not isinstance(first, int) and first not in OF_LISTS:
        return Unknown(f"{label} is a list: go through it with {{% for item in … %}}")
    if kind is not Kind.SEGMENTS and deeper and str(deeper[0]) not in ITEM:
        return Unknown(f"an item has no “{deeper[0]}”: it has {', '.join(ITEM)}", _alike(str(deeper[0]), ITEM))
    is_whole = kind is not Kind.SEGMENTS and not deeper
    return Resolved(kind, (), True, label, field=field, type="object" if is_whole else "text", empty_share=empty)
