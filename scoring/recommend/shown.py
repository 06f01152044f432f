"""What to show to people, ready for a page, a message or the API: many people in few queries."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec
from django.db import connection

from scoring.item_models import Recommending
from scoring.recommend import kept
from scoring.recommend.blend import Weights
from scoring.recommend.components import Because
from scoring.recommend.interactions import EVENTS
from scoring.recommend.lists import Entry, Why, Wish, latest_views, lists_of, usual
from scoring.recommend.measure import only
from scoring.recommend.reading import LOOKS_BACK, of_people, with_history
from scoring.recommend.words import reason

AT_ONCE = 5_000
"""People whose lists are made in one go."""
MOST = 50
SPARE = 200
"""Popular and new items looked at: some are out of stock, or were bought already."""
NEW_FOR = timedelta(days=60)
LATE = timedelta(minutes=10)
"""Events of so long before a run may have come in after it: whoever did something then gets a list made now."""


class Show(StrEnum):
    VIEWED = "viewed"
    RECOMMENDED = "recommended"
    SIMILAR = "similar"
    TOGETHER = "together"
    POPULAR = "popular"
    NEW = "new"


@dataclass(frozen=True)
class Filters:
    in_stock: bool = True
    category: str = ""
    brand: str = ""
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    leaves_out_seen: bool = False
    """Nothing that the person already looked at."""
    but_bought: bool = True
    """Of what was viewed: not what was bought since."""
    segment_id: int | None = None
    """Popular in this segment."""
    has_fallback: bool = True
    """Lists too short, or below the floor, are filled up with what is popular."""

    @property
    def is_narrow(self) -> bool:
        """Whether lists made ahead may run out."""
        return bool(self.category or self.brand or self.leaves_out_seen) or (self.price_from, self.price_to) != (
            None,
            None,
        )


@dataclass(frozen=True, slots=True)
class Card:
    """An item as the catalogue describes it."""

    id: str
    name: str
    category: str
    brand: str
    price: Decimal | None
    currency: str
    url: str
    image_url: str
    is_in_stock: bool


@dataclass(frozen=True, slots=True)
class Shown:
    item: Card
    reason: str
    why: str
    source: str | None
    """The id of the item that led to it."""
    confidence: float
    is_fallback: bool


NO_FILTERS = Filters()
_kept_lists = msgspec.json.Decoder(list[Entry])
_counted = msgspec.json.Decoder(list[tuple[str, int]])
_KEPT = """
select r.profile_id, r.items::text from scoring_recommendation r
 where r.profile_id = any(%(ids)s) and r.computed_at >= %(ran_at)s
   and not exists (select from events_eventstate s where s.profile_id = r.profile_id and s.name = any(%(names)s)
                      and s.last_at > r.computed_at - make_interval(secs => %(late_s)s))"""


def items_for(
    profile_ids: Iterable[int], *, kind: str, limit: int, now: datetime, filters: Filters = NO_FILTERS
) -> dict[int, list[Shown]]:
    """By profile id, for each of them. Ids are of living profiles; somebody unknown is shown what is popular."""
    ids, show = list(dict.fromkeys(profile_ids)), Show(kind)
    recommending = Recommending.objects.filter(pk=1).first() or Recommending()
    entries = _entries(ids, show, recommending, now=now, filters=filters)
    wanted = {part for one in entries.values() for entry in one for part in (entry.item_id, entry.source) if part}
    choice = _Choice(cards_of(wanted), filters, limit)
    floor = recommending.floor if show is Show.RECOMMENDED else 0.0
    found = {who: choice.best(entries.get(who, []), floor) for who in ids}
    _fill(found, show, recommending, now=now, filters=filters, limit=limit)
    return found


def items_like(item_id: str, *, kind: str, limit: int, filters: Filters = NO_FILTERS) -> list[Shown]:
    """What goes with an item: `similar`, `together` or `after`; filled up with what is popular in its category."""
    item = cards_of([item_id]).get(item_id)
    why = Why.SIMILAR if kind == kept.Kind.SIMILAR else Why.TOGETHER
    entries = [Entry(other, pull, why.value) for other, pull, _ in kept.neighbours_of(item_id, kind)]
    category = item.category if item and kind == kept.Kind.SIMILAR else ""
    more = [Entry(other, share, Why.POPULAR.value) for other, share in kept.popular(category=category, most=SPARE)]
    choice = _Choice(cards_of({entry.item_id for entry in (*entries, *more)} - {item_id}), filters, limit)
    found = [replace(one, reason=LIKE[kept.Kind(kind)]) for one in choice.best(entries, 0.0)]
    if filters.has_fallback and len(found) < limit:
        found += _more(list(choice.show(more, is_fallback=True)), found, set(), limit)
    return found


LIKE = {
    kept.Kind.SIMILAR: "looked at by the same people",
    kept.Kind.TOGETHER: "often bought together",
    kept.Kind.AFTER: "often bought next",
}


def cards_of(item_ids: Iterable[str]) -> dict[str, Card]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, name, category, brand, price, currency, url, image_url, is_in_stock"
            " from events_item where id = any(%s)",
            [sorted(item_ids)],
        )
        return {row[0]: Card(*row) for row in cursor.fetchall()}


@dataclass(frozen=True)
class _Choice:
    """Picks what may be shown; an item that is not in the catalogue may not."""

    cards: dict[str, Card]
    filters: Filters
    limit: int

    def best(self, entries: Sequence[Entry], floor: float) -> list[Shown]:
        found: list[Shown] = []
        names: set[str] = set()
        for shown in self.show([entry for entry in entries if entry.confidence >= floor], is_fallback=False):
            name = shown.item.name.casefold()
            if not name or name not in names:  # variants of one thing say nothing new
                names.add(name)
                found.append(shown)
                if len(found) == self.limit:
                    break
        return found

    def show(self, entries: Sequence[Entry], *, is_fallback: bool) -> Iterator[Shown]:
        for entry in entries:
            card = self.cards.get(entry.item_id)
            if card is not None and fits(card, self.filters):
                source = self.cards.get(entry.source) if entry.source else None
                words = reason(
                    entry, category=card.category, brand=card.brand, source=source.name or source.id if source else ""
                )
                yield Shown(card, words, entry.why, entry.source, entry.confidence, is_fallback)


def fits(card: Card, filters: Filters) -> bool:
    if filters.in_stock and not card.is_in_stock:
        return False
    if (filters.category and card.category != filters.category) or (filters.brand and card.brand != filters.brand):
        return False
    if filters.price_from is None and filters.price_to is None:
        return True
    low, high = filters.price_from, filters.price_to
    return card.price is not None and (low is None or card.price >= low) and (high is None or card.price <= high)


def _entries(
    ids: list[int], kind: Show, recommending: Recommending, *, now: datetime, filters: Filters
) -> dict[int, list[Entry]]:
    if kind in (Show.POPULAR, Show.NEW):
        return {}
    found: dict[int, list[Entry]] = {}
    if kind is Show.RECOMMENDED and not filters.is_narrow and recommending.ran_at:
        found = _kept(ids, recommending.ran_at)
    others = sorted(with_history([who for who in ids if who not in found], until=now))
    for start in range(0, len(others), AT_ONCE):
        some = others[start : start + AT_ONCE]
        if kind is Show.VIEWED:
            found |= latest_views(of_people(some, until=now), but_bought=filters.but_bought)
        else:
            wish = _wish(kind, usual(recommending), filters)
            found |= lists_of(some, wish, known=kept.read, now=now)
    return found


def _wish(kind: Show, wish: Wish, filters: Filters) -> Wish:
    if kind is not Show.RECOMMENDED:
        one = only(Because.RECENT if kind is Show.SIMILAR else Because.TOGETHER)
        wish = replace(wish, weights=replace(one, base=wish.weights.base, slope=wish.weights.slope))
    wish = replace(wish, leaves_out_seen=filters.leaves_out_seen)
    return replace(wish, allowed=lambda ids: _fitting(ids, filters)) if filters.is_narrow else wish


def _fitting(ids: Sequence[str], filters: Filters) -> set[str]:
    return {item for item, card in cards_of(ids).items() if fits(card, filters)}


def _kept(ids: list[int], ran_at: datetime) -> dict[int, list[Entry]]:
    """Lists made ahead, of those who did nothing since."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"ids": ids, "ran_at": ran_at, "names": list(EVENTS), "late_s": LATE.total_seconds()})
        return {who: _kept_lists.decode(text) for who, text in cursor.fetchall()}


def _fill(
    found: dict[int, list[Shown]],
    show: Show,
    recommending: Recommending,
    *,
    now: datetime,
    filters: Filters,
    limit: int,
) -> None:
    """Lists that are too short are filled up with what everybody may be shown, but for what they bought."""
    short = [who for who, shown in found.items() if len(shown) < limit]
    if not short or not (spare := _spare(show, now, filters)):
        return
    weights, is_own = usual(recommending).weights, show in (Show.POPULAR, Show.NEW)
    choice = _Choice(cards_of(entry.item_id for entry in spare), filters, limit)
    ready = [
        shown
        for entry in spare
        for shown in choice.show(
            [entry._replace(confidence=_expected(entry, weights))], is_fallback=entry.why != show.value
        )
    ]
    known: dict[int, set[str]] = {}
    if filters.leaves_out_seen:
        known = _seen(short, now=now)
    elif not is_own:
        known = _bought(short, recommending.leaves_out_bought_days, now=now)
    for who in short:
        found[who] += _more(ready, found[who], known.get(who, set()), limit)


def _expected(entry: Entry, weights: Weights) -> float:
    """Of somebody of whom nothing is known: from the item's share of all interest."""
    return round(-math.expm1(-weights.scale * weights.base * entry.confidence), 4)


def _spare(kind: Show, now: datetime, filters: Filters) -> list[Entry]:
    """What everybody may be shown, best first, with its share of all interest."""
    if kind is Show.NEW:
        newest = [Entry(item, 0.0, Why.NEW.value) for item in _newest(now, filters)]
        return newest + (_popular(filters) if filters.has_fallback else [])
    if kind is Show.POPULAR or filters.has_fallback:
        return _popular(filters)
    return []


def _popular(filters: Filters) -> list[Entry]:
    if filters.segment_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select items::text, people from scoring_segmentfavourites where segment_id = %s", [filters.segment_id]
            )
            row = cursor.fetchone()
        counted = _counted.decode(row[0]) if row else []
        return [Entry(item, round(n / max(row[1], 1), 4), Why.POPULAR.value) for item, n in counted]
    return [
        Entry(item, round(share, 4), Why.POPULAR.value)
        for item, share in kept.popular(category=filters.category, most=SPARE)
    ]


def _newest(now: datetime, filters: Filters) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from events_item where created_at > %s and created_at <= %s and (%s = '' or category = %s)"
            " order by created_at desc, id limit %s",
            [now - NEW_FOR, now, filters.category, filters.category, SPARE],
        )
        return [row[0] for row in cursor.fetchall()]


def _bought(ids: list[int], days: float, *, now: datetime) -> dict[int, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id, item_id from events_eventitem where profile_id = any(%s) and name = 'Order Completed'"
            " and occurred_at > %s and occurred_at <= %s",
            [ids, max(now - timedelta(days=days), now - LOOKS_BACK), now],
        )
        found: dict[int, set[str]] = {}
        for who, item in cursor.fetchall():
            found.setdefault(who, set()).add(item)
        return found


def _seen(ids: list[int], *, now: datetime) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for who, item, _, _ in of_people(ids, until=now):
        found.setdefault(who, set()).add(item)
    return found


def _more(ready: Sequence[Shown], found: Sequence[Shown], known: set[str], limit: int) -> list[Shown]:
    """As many as are missing, of what is neither there nor known to the person."""
    there = {shown.item.id for shown in found} | known
    names = {shown.item.name.casefold() for shown in found} - {""}
    left = (one for one in ready if one.item.id not in there and one.item.name.casefold() not in names)
    return [shown for shown, _ in zip(left, range(limit - len(found)), strict=False)]
