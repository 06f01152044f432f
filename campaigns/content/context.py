"""What Liquid sees of each person: plain values, of thousands in a few statements, however many tokens there are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from campaigns.content.as_items import AsItems
from campaigns.content.bought import carts_of, last_purchases_of
from campaigns.content.needs import Needs, OfCluster, OfComputed, OfScore, OfTrait, Place
from campaigns.content.sampled import is_day
from cdp.analytics.shown import value_now
from cdp.common.copying import numbers
from scoring.recommend.shown import items_for
from scoring.tokens import scores_of

Context = dict[str, Any]
Contexts = dict[int, Context]
MOST_ARGUMENTS = 90
"""PostgreSQL takes 100 arguments."""
VALUE = """nullif(traits #> %s, '""')"""
"""An empty text is nothing."""
_values = msgspec.json.Decoder(list[Any])


def contexts_of(needs: Needs, ids: Collection[int], *, now: datetime, zone: ZoneInfo) -> Contexts:
    """By profile id, one for each of them. What the tokens name of the person stands in it, and `today`; whoever sends
    adds `campaign`, `unsubscribe_url`, `offers`, `feeds` and `lists`.

    A value nobody knows is None. Times are in `zone`. Items in lists are shared between people: contexts are read only.
    """
    found = _traits(needs.traits, ids, zone)
    today = now.astimezone(zone).date()
    for context in found.values():
        context["today"] = today
    for is_needed, add in (
        (needs.computed, partial(_add_computed, needs.computed, now=now, zone=zone)),
        (needs.scores, partial(_add_scores, needs.scores, now=now, zone=zone)),
        (needs.clusters, partial(_add_clusters, needs.clusters)),
        (needs.names_segments, partial(_add_segments, needs)),
        (needs.has_last_purchase, partial(_add_last_purchases, needs, now=now, zone=zone)),
        (needs.has_cart, partial(_add_carts, needs, now=now)),
        (needs.viewed, partial(_add_items, "viewed", needs.viewed, now=now)),
        (needs.recommended, partial(_add_items, "recommended", needs.recommended, now=now)),
    ):
        if is_needed and found:
            add(found)
    return found


def _traits(traits: Sequence[OfTrait], ids: Collection[int], zone: ZoneInfo) -> Contexts:
    """Only what is needed leaves the database: people may have hundreds of traits."""
    bare = [one for one in traits if len(one.place) == 1]
    inner = [one for one in traits if len(one.place) == 2 and one.place[0] == "profile"]
    deep = [one for one in traits if one not in bare and one not in inner]
    ordered = [*bare, *inner, *sorted(deep, key=lambda one: len(one.place))]
    fill = _filler([one.place for one in ordered], n_bare=len(bare), n_inner=len(inner))
    dates = [index for index, one in enumerate(ordered) if one.is_date]
    found: Contexts = {}
    for pk, text in _trait_rows([one.path for one in ordered], ids):
        values = _values.decode(text)
        for index in dates:
            values[index] = _moment(values[index], zone)
        found[pk] = fill(values)
    nothing: list[Any] = [None] * len(ordered)
    return {pk: found.get(pk) or fill(nothing) for pk in ids}


def _filler(places: Sequence[Place], *, n_bare: int, n_inner: int) -> Callable[[Sequence[Any]], Context]:
    """Puts values where they belong; two zips do nearly all of it."""
    bare = [place[0] for place in places[:n_bare]]
    inner = [place[1] for place in places[n_bare : n_bare + n_inner]]
    deep = places[n_bare + n_inner :]

    def fill(values: Sequence[Any]) -> Context:
        context = dict(zip(bare, values, strict=False))
        if inner:
            context["profile"] = dict(zip(inner, values[n_bare:], strict=False))
        for place, value in zip(deep, values[n_bare + n_inner :], strict=True):
            _put(context, place, value)
        return context

    return fill


def _put(context: Context, place: Place, value: Any) -> None:
    """Below a trait that stands there as a whole and that the person has not, there is nothing to put."""
    *way, last = place
    for part in way:
        inner = context.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        context = inner
    context.setdefault(last, value)


def _trait_rows(paths: Sequence[tuple[str, ...]], ids: Collection[int]) -> Iterable[tuple[int, str]]:
    if not paths:
        return []
    parts = [paths[start : start + MOST_ARGUMENTS] for start in range(0, len(paths), MOST_ARGUMENTS)]
    made = " || ".join(f"jsonb_build_array({', '.join([VALUE] * len(part))})" for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id, ({made})::text from profiles_profile where id = any(%s::bigint[])",
            [*map(list, paths), numbers(ids)],
        )
        rows: list[tuple[int, str]] = cursor.fetchall()
    return rows


def _moment(value: Any, zone: ZoneInfo) -> Any:
    """A day or a time; what cannot be read as one stays the text it is."""
    if not isinstance(value, str) or not is_day(value):
        return value
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _add_computed(computed: Sequence[OfComputed], found: Contexts, *, now: datetime, zone: ZoneInfo) -> None:
    by_id: dict[int, list[OfComputed]] = {}
    for one in computed:
        by_id.setdefault(one.trait.id, []).append(one)
        nothing = value_now(one.trait, None, now=now)
        for context in found.values():
            _put(context, one.place, nothing)
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id, trait_id, number, text, at, list::text from analytics_computedvalue"
            " where trait_id = any(%s) and profile_id = any(%s::bigint[])",
            [list(by_id), numbers(found)],
        )
        for pk, trait_id, *columns in cursor.fetchall():
            for one in by_id[trait_id]:
                value = value_now(one.trait, _stored(one, columns), now=now)
                target = found[pk] if len(one.place) == 1 else found[pk][one.place[0]]
                target[one.place[-1]] = value.astimezone(zone) if isinstance(value, datetime) else value


def _stored(one: OfComputed, columns: Sequence[Any]) -> Any:
    number, text, at, listed = columns
    if one.trait.column == "list":
        return None if listed is None else _values.decode(listed)
    return {"number": number, "text": text, "at": at}[one.trait.column]


def _add_scores(scores: Sequence[OfScore], found: Contexts, *, now: datetime, zone: ZoneInfo) -> None:
    told = scores_of(found, now=now, predictor_ids={one.predictor_id for one in scores})
    for pk, context in found.items():
        said = told[pk]
        into = context["scores"] = {}
        for one in scores:
            score = said.get(one.predictor)
            into[one.written] = score and {
                "value": score.value,
                "percentile": score.percentile,
                "band": score.band,
                "expected_at": score.expected_at and score.expected_at.astimezone(zone),
            }


def _add_clusters(clusters: Sequence[OfCluster], found: Contexts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.profile_id, m.clustering_id, c.name from scoring_clustermember m"
            " join scoring_cluster c on c.id = m.cluster_id"
            " where m.clustering_id = any(%s) and m.profile_id = any(%s::bigint[])",
            [[one.clustering_id for one in clusters], numbers(found)],
        )
        names = {(pk, clustering_id): name for pk, clustering_id, name in cursor.fetchall()}
    for pk, context in found.items():
        context["clusters"] = {one.written: names.get((pk, one.clustering_id)) for one in clusters}


def _add_segments(needs: Needs, found: Contexts) -> None:
    """Memberships as they are kept; segments that are used only by name are asked only for those."""
    written: dict[int, list[str]] = {}
    for one in needs.segments:
        written.setdefault(one.segment_id, []).append(one.written)
    for context in found.values():
        context["segments"] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.profile_id, m.segment_id, s.name from segments_membership m"
            " join segments_segment s on s.id = m.segment_id and s.archived_at is null"
            " where m.profile_id = any(%s::bigint[]) and (%s or m.segment_id = any(%s::bigint[])) order by s.name",
            [numbers(found), needs.has_every_segment, numbers(written)],
        )
        for pk, segment_id, name in cursor.fetchall():
            names = [name, *written.get(segment_id, ())] if needs.has_every_segment else written[segment_id]
            found[pk]["segments"].extend(dict.fromkeys(names))


def _add_last_purchases(needs: Needs, found: Contexts, *, now: datetime, zone: ZoneInfo) -> None:
    last = last_purchases_of(found, now=now, zone=zone, currency=needs.currency, with_items=needs.has_purchased_items)
    for pk, context in found.items():
        context["last_purchase"] = last.get(pk)


def _add_carts(needs: Needs, found: Contexts, *, now: datetime) -> None:
    carts = carts_of(found, now=now, currency=needs.currency)
    for pk, context in found.items():
        context["cart"] = carts.get(pk)


def _add_items(kind: str, limit: int, found: Contexts, *, now: datetime) -> None:
    items = AsItems()
    for pk, shown in items_for(found, kind=kind, limit=limit, now=now).items():
        found[pk][kind] = items.of(shown)
