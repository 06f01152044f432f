"""How good the lists are: made as of some weeks ago from what was known then, held against what people did since."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.recommend.blend import BUCKETS, Asked, Listed, Weights, rank
from scoring.recommend.components import Because, Components, components, left_out
from scoring.recommend.interactions import DAY_S, Did, Floats, Interactions, Ints, of_people
from scoring.recommend.knowledge import Catalogue, Knowledge, learn
from scoring.recommend.pairs import place_within
from scoring.recommend.weights import Went, learn_weights, went

WINDOW_DAYS = 28.0
SHORTEST_DAYS = 3.0
FEWEST = 50
"""People with a history who did something with an item in the window: below it recall says little."""
MOST = 6_000
"""People measured, drawn by the generator given."""
STEPS_BACK = 0.7
"""Tried for variety; used where it costs nothing."""
BINS = 5


@dataclass(frozen=True)
class Score:
    """Of one way to make lists. Recall: the part of what people came to that stood in their list of k; hit rate: the
    part of the people who came to something in it."""

    recall_4: float
    recall_10: float
    hit_4: float
    hit_10: float
    bought_10: float
    """Recall at 10 of what they bought."""
    coverage: float
    """Part of the catalogue that stood in some list of 10."""
    novelty: float
    """Mean of -log2 of an item's share of all interest: how little known what is shown is."""


@dataclass(frozen=True)
class Said:
    """Entries by what was said of them."""

    said: float
    came: float
    entries: int


@dataclass(frozen=True)
class Quality:
    people: int = 0
    items: int = 0
    """Different (person, item) pairs that came about in the window."""
    since_s: float = 0.0
    until_s: float = 0.0
    personal: Score | None = None
    popular: Score | None = None
    viewed: Score | None = None
    better_by: float = 0.0
    """Recall at 10 above that of what is popular."""
    error: float = 0.0
    """Standard error of that difference, over people."""
    is_varied: bool = False
    said: tuple[Said, ...] = ()
    missing: str = ""
    """A sentence: why nothing was measured."""

    @property
    def is_better(self) -> bool:
        """Above what is popular by more than luck explains (one-sided, 5 %)."""
        return self.personal is not None and self.better_by > 1.645 * self.error


@dataclass(frozen=True)
class Measured:
    quality: Quality
    weights: Weights


@dataclass(frozen=True)
class Then:
    """What was known at a moment, and what came in the window after it."""

    known: Knowledge
    found: Components
    came: Went
    bought: Went
    left_out: Ints


def measure(
    rows: Interactions,
    catalogue: Catalogue,
    *,
    now_s: float,
    left_out_days: float,
    random: np.random.Generator,
    report: Callable[[], None] = lambda: None,
) -> Measured:
    """Learns the mix on the window before the last, measures it on the last, and learns it anew there for use."""
    span_days = (now_s - float(rows.at_s.min())) / DAY_S if len(rows) else 0.0
    window = min(WINDOW_DAYS, span_days / 4)
    if window < SHORTEST_DAYS:
        days = SHORTEST_DAYS * 4
        return Measured(Quality(missing=f"There are fewer than {days:.0f} days of views and orders so far."), Weights())
    n = len(rows.people)
    chosen = rows if n <= MOST else of_people(rows, np.sort(random.choice(n, MOST, replace=False)))
    first_s, last_s = now_s - 2 * window * DAY_S, now_s - window * DAY_S
    first = _then(rows, chosen, catalogue, at_s=first_s, window=window, left_out_days=left_out_days)
    report()
    last = _then(rows, chosen, catalogue, at_s=last_s, window=window, left_out_days=left_out_days)
    report()
    if min(_people(first.came), _people(last.came)) < FEWEST:
        few = f"Fewer than {FEWEST} people came back to items in each of the last two periods of {window:.0f} days."
        return Measured(Quality(missing=few), Weights())
    weights = _with_variety(first, _fit(first, window))
    quality = _quality(last, weights)
    used = replace(_fit(last, window), steps_back=weights.steps_back)
    return Measured(replace(quality, since_s=last_s, until_s=now_s), used)


def only(one: Because) -> Weights:
    """A mix of one component: what is popular, what was viewed, what is like it."""
    mix = tuple(1.0 if because is one else 0.0 for because in Because)
    return Weights((mix,) * len(BUCKETS))


def _then(
    rows: Interactions,
    chosen: Interactions,
    catalogue: Catalogue,
    *,
    at_s: float,
    window: float,
    left_out_days: float,
) -> Then:
    known = learn(rows, catalogue, now_s=at_s)
    out = left_out(chosen, known, now_s=at_s, days=left_out_days)
    span = {"after_s": at_s, "until_s": at_s + window * DAY_S}
    orders = chosen.only((chosen.did == Did.ORDER) | (chosen.at_s <= at_s))
    return Then(
        known=known,
        found=components(chosen, known, now_s=at_s),
        came=went(chosen, **span, n_items=len(catalogue), left_out=out),
        bought=went(orders, **span, n_items=len(catalogue), left_out=out),
        left_out=out,
    )


def _people(came: Went) -> int:
    return len(np.unique(came.person))


def _fit(then: Then, window: float) -> Weights:
    weights = learn_weights(then.found, then.known, then.came, window_days=window)
    listed = _lists(then, weights)
    known = then.found.items_lately[listed.person] > 0
    said = float((listed.confidence[known] * window / WINDOW_DAYS).sum())
    came = float(_hits(listed, then.came, len(then.known.catalogue))[known].sum())
    return replace(weights, scale=float(np.clip((came + 1.0) / (said + 1.0), 0.2, 5.0)))


def _with_variety(then: Then, weights: Weights) -> Weights:
    varied = replace(weights, steps_back=STEPS_BACK)
    plain, other = (_recalls(_lists(then, one), then.came, then.known, 4) for one in (weights, varied))
    loss = plain - other
    error = float(loss.std() / np.sqrt(len(loss)))
    return varied if float(loss.mean()) <= error else weights


def _lists(then: Then, weights: Weights, most: int = 10) -> Listed:
    everything = np.ones(len(then.known.catalogue), dtype=bool)
    return rank(then.found, then.known, weights, Asked(everything, then.left_out, most))


def _quality(then: Then, weights: Weights) -> Quality:
    ways = {
        "personal": _lists(then, weights),
        "popular": _lists(then, only(Because.POPULAR)),
        "viewed": _lists(then, only(Because.OWN)),
    }
    recalls = [_recalls(ways[way], then.came, then.known, 10) for way in ("personal", "popular")]
    gain = recalls[0] - recalls[1]
    return Quality(
        people=_people(then.came),
        items=len(then.came.item),
        personal=_score(ways["personal"], then),
        popular=_score(ways["popular"], then),
        viewed=_score(ways["viewed"], then),
        better_by=float(gain.mean()),
        error=float(gain.std() / np.sqrt(len(gain))),
        is_varied=weights.steps_back < 1,
        said=_said(ways["personal"], then),
    )


def _score(listed: Listed, then: Then) -> Score:
    by_4, by_10 = (_recalls(listed, then.came, then.known, most) for most in (4, 10))
    bought = _recalls(listed, then.bought, then.known, 10)
    share = np.maximum(then.known.figures.share[listed.item], 1e-9)
    return Score(
        recall_4=float(by_4.mean()),
        recall_10=float(by_10.mean()),
        hit_4=float((by_4 > 0).mean()),
        hit_10=float((by_10 > 0).mean()),
        bought_10=float(bought.mean()) if len(bought) else 0.0,
        coverage=len(np.unique(listed.item)) / max(len(then.known.catalogue), 1),
        novelty=float(-np.log2(share).mean()) if len(share) else 0.0,
    )


def _recalls(listed: Listed, came: Went, known: Knowledge, most: int) -> Floats:
    """Per person who came to something: the part of it that stood in the first `most` of the list."""
    top = place_within(listed.person) < most
    cut = Listed(**{name: column[top] for name, column in vars(listed).items()})
    hits = _hits(cut, came, len(known.catalogue))
    n = int(came.person.max(initial=-1)) + 1
    whole = np.bincount(came.person, minlength=n)
    found = np.bincount(cut.person[hits], minlength=n)[:n]
    return found[whole > 0] / whole[whole > 0]


def _hits(listed: Listed, came: Went, n_items: int) -> NDArray[np.bool_]:
    return np.isin(listed.person * n_items + listed.item, came.person * n_items + came.item)


def _said(listed: Listed, then: Then) -> tuple[Said, ...]:
    """Entries of people with a history in equal parts by confidence, and what came of them."""
    known = np.flatnonzero(then.found.items_lately[listed.person] > 0)
    hits = _hits(listed, then.came, len(then.known.catalogue))
    parts = np.array_split(known[np.argsort(listed.confidence[known], kind="stable")], BINS)
    return tuple(
        Said(float(listed.confidence[part].mean()), float(hits[part].mean()), len(part)) for part in parts if len(part)
    )
