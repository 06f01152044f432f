"""What a mail may say of a person: the names that tokens can use, and what each of them means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from campaigns.content.meanings import (
    LEADING,
    RFM,
    ROOTS,
    Kind,
    Named,
    Path,
    Resolved,
    Thing,
    Unknown,
    alike,
    fold,
    of_trait,
    slug,
    spellings,
    written,
)
from campaigns.content.sampled import Sample, SampledTrait, rare, read_sample, sample_lately
from campaigns.models import Feed, Offer
from cdp.analytics.definition import Known, known_of
from cdp.analytics.models import ComputedTrait
from scoring.models import Clustering, Predictor
from segments.models import Segment

__all__ = ["LEADING", "Kind", "Named", "Resolved", "Unknown", "Vocabulary", "fold", "slug", "written"]


@dataclass(frozen=True)
class Vocabulary:
    sample: Sample
    computed: tuple[Known, ...]
    predictors: tuple[Named, ...]
    clusterings: tuple[Named, ...]
    segments: tuple[Named, ...]
    offers: tuple[Named, ...]
    feeds: tuple[Named, ...]
    given: Mapping[str, frozenset[str]]
    """Key of an offer → which of its fields always say something."""
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
        offers = list(Offer.objects.order_by("name"))
        return cls(
            sample=sample,
            computed=tuple(map(known_of, computed)),
            predictors=tuple(_named(Predictor.objects.order_by("name").values_list("id", "name", "archived_at"))),
            clusterings=tuple(_named(Clustering.objects.order_by("name").values_list("id", "name", "archived_at"))),
            segments=tuple(_named(Segment.objects.order_by("name").values_list("id", "name", "archived_at"))),
            offers=tuple(_named((one.pk, one.name, one.archived_at, one.key) for one in offers)),
            feeds=tuple(_named(Feed.objects.order_by("name").values_list("id", "name", "archived_at", "key"))),
            given={one.key: _always(one) for one in offers},
            currency=settings.REPORTING_CURRENCY,
        )

    def resolve(self, path: Path) -> Resolved | Unknown:
        """What the path means. Names of traits, computed traits, predictors and clusterings are matched whatever their
        case, underscores and spaces; everything else as it is written."""
        root, *rest = path
        if root in ROOTS:
            return self._reserved(str(root), rest)
        if root in LEADING:
            return self._led(str(root), rest)
        found = self._trait(path)
        if found is None and not rest and (known := self._known.get(fold(str(root)))):
            return self._computed(known)
        return found or self._nothing(str(root), rest)

    def segment(self, name: str) -> Named | Unknown:
        return _by_name(self.segments, name, "segment")

    def offer(self, key: str) -> Named | Unknown:
        return _by_key(self.offers, key, "offer")

    def feed(self, key: str) -> Named | Unknown:
        return _by_key(self.feeds, key, "feed")

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

    def _trait(self, path: Path) -> Resolved | Unknown | None:
        for size in (2, 1):
            head = tuple(str(part) for part in path[:size])
            found = self._exactly.get(head) or self._traits.get(tuple(map(fold, head)))
            if found and len(head) == size:
                return of_trait(found, path[size:])
        seldom = self._looked_for(str(path[0]))
        return of_trait(seldom, path[1:]) if seldom else None

    def _looked_for(self, name: str) -> SampledTrait | None:
        """One statement over all people, only for a name that nothing else has."""
        if self.sample.is_everybody or fold(name) in self._known:
            return None
        known = self.sample.rare
        if name not in known:
            known[name] = rare(sorted(spellings(name)))
        return known[name]

    def _nothing(self, root: str, rest: Path) -> Unknown:
        traits = [trait.path[0] for trait in self.sample.traits]
        like = alike(root, [*traits, *(known.key for known in self.computed), *ROOTS, *LEADING])
        return Unknown(f"there is no “{root}”", written((like, *rest)) if like else "")

    def _led(self, root: str, rest: Path) -> Resolved | Unknown:
        if not rest:
            return Unknown(f"say which of the {root} is meant" if root != "profile" else "say which trait is meant")
        if root == "profile":
            return self._trait(rest) or self._no_trait(rest)
        if root in ("computed", "rfm"):
            return self._led_to_computed(root, rest)
        if root in ("scores", "clusters"):
            return self._led_to_figures(root, rest)
        found = self.offer(str(rest[0])) if root == "offers" else self.feed(str(rest[0]))
        if isinstance(found, Unknown):
            return found
        if root == "feeds":
            return Resolved(Kind.FEED, (found.key,), True, f"Feed “{found.name}”", found.id, type="any")
        return Thing(Kind.OFFER, f"Offer “{found.name}”", (root, rest[0]), (found.key,), found.id).of(rest[1:])

    def _no_trait(self, path: Path) -> Unknown:
        like = alike(str(path[0]), [trait.path[0] for trait in self.sample.traits])
        suggestion = written(("profile", like, *path[1:])) if like else ""
        return Unknown(f"nothing called “{path[0]}” is known of anybody", suggestion)

    def _led_to_computed(self, root: str, rest: Path) -> Resolved | Unknown:
        name = str(rest[0])
        if known := self._known.get(fold(RFM.get(name, name) if root == "rfm" else name)):
            return self._computed(known, rest[1:])
        like = alike(name, list(RFM) if root == "rfm" else [known.key for known in self.computed])
        return Unknown(f"there is no computed trait “{name}”", written((root, like)) if like else "")

    def _led_to_figures(self, root: str, rest: Path) -> Resolved | Unknown:
        among, noun = (self.predictors, "predictor") if root == "scores" else (self.clusterings, "clustering")
        found = _by_name(among, str(rest[0]), noun)
        if isinstance(found, Unknown):
            tail = rest[1:] or (("value",) if root == "scores" else ())
            like = slug(found.suggestion)
            return Unknown(found.message, written((root, like, *tail)) if like else "")
        shares = self.sample.predictors if root == "scores" else self.sample.clusterings
        empty = 1 - shares.get(found.id, 0.0)
        if root == "scores":
            return Thing(Kind.SCORE, f"“{found.name}”", (root, rest[0]), (found.name,), found.id, empty).of(rest[1:])
        return Resolved(Kind.CLUSTER, (found.name,), True, f"Group in “{found.name}”", found.id, empty_share=empty)

    def _computed(self, known: Known, rest: Path = ()) -> Resolved | Unknown:
        if rest and known.type.value != "list":
            return Unknown(f"“{known.label}” is one value: it has no “{rest[0]}”", f"computed.{known.key}")
        empty = 0.0 if known.is_zero_without else 1 - self.sample.computed.get(known.id, 0.0)
        kind = "number" if known.type.value in ("number", "duration") else known.type.value
        return Resolved(Kind.COMPUTED, (known.key,), empty > 0, known.label, known.id, type=kind, empty_share=empty)

    def _reserved(self, root: str, rest: Path) -> Resolved | Unknown:
        kind = ROOTS[root]
        if kind is Kind.FEED_HERE:
            return Resolved(kind, (), False, "What the feed answered", type="any")
        if kind is Kind.EVENT:
            return _of_event(rest)
        label, empty = {
            Kind.LAST_PURCHASE: ("Last purchase", 1 - self.sample.buyers),
            Kind.CART: ("Cart", 1 - self.sample.carts),
            Kind.VIEWED: ("Looked at lately", None),
            Kind.RECOMMENDED: ("Recommended", None),
            Kind.SEGMENTS: ("Segments", None),
            Kind.OFFER_HERE: ("The offer of this block", None),
            Kind.CAMPAIGN: ("Campaign", None),
            Kind.SENDER: ("Sender", None),
            Kind.TODAY: ("Today", None),
            Kind.UNSUBSCRIBE: ("Address to unsubscribe", None),
        }[kind]
        if kind in (Kind.TODAY, Kind.UNSUBSCRIBE):
            if rest:
                return Unknown(f"“{root}” is one value: it has no “{rest[0]}”", root)
            return Resolved(kind, (), False, label, type="date" if kind is Kind.TODAY else "text")
        thing = Thing(kind, label, (root,), empty_share=empty)
        return thing.items(rest) if kind in (Kind.VIEWED, Kind.RECOMMENDED, Kind.SEGMENTS) else thing.of(rest)


def _of_event(rest: Path) -> Resolved:
    """Whatever what triggers it says of itself: no two events need have the same properties."""
    key = tuple(map(str, rest))
    if not rest:
        return Resolved(Kind.EVENT, (), True, "What triggered the mail", type="object")
    return Resolved(Kind.EVENT, key, True, f"What triggered the mail: {written(rest)}", type="any")


def _named(rows: Iterable[tuple[object, ...]]) -> Iterable[Named]:
    for pk, name, archived_at, *key in rows:
        yield Named(int(str(pk)), str(name), archived_at is not None, *map(str, key))


def _always(offer: Offer) -> frozenset[str]:
    """What the offer says to everybody who gets it."""
    said = {
        "name": True,
        "code": offer.codes != Offer.Codes.NONE,
        "value": offer.value is not None,
        "unit": offer.value is not None,
        "ends_on": bool(offer.ends_at or offer.days_valid),
        "terms": bool(offer.terms),
        "url": bool(offer.url),
    }
    return frozenset(field for field, is_said in said.items() if is_said)


def _by_name(among: Sequence[Named], name: str, noun: str) -> Named | Unknown:
    """By its name or whatever folds like it; the living and the exact first."""
    wanted = fold(name)
    for one in sorted(among, key=lambda one: (one.is_archived, one.name != name)):
        if fold(one.name) == wanted:
            return Unknown(f"the {noun} “{one.name}” is archived") if one.is_archived else one
    like = alike(name, [one.name for one in among if not one.is_archived])
    return Unknown(f"there is no {noun} “{name}”", like)


def _by_key(among: Sequence[Named], key: str, noun: str) -> Named | Unknown:
    for one in among:
        if one.key == key:
            return Unknown(f"the {noun} “{one.name}” is archived") if one.is_archived else one
    like = alike(key, [one.key for one in among if not one.is_archived])
    return Unknown(f"there is no {noun} “{key}”", written((f"{noun}s", like)) if like else "")
