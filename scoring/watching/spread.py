"""How features and scores are spread over bins: when a version was trained (its reference), and in each run.

A reference is plain JSON: {"bins": {name: {"edges": [...]} or {"words": [...]}}, "moments": [{"at": ISO time,
"people": n, "shares": {name: [...]}}]}. The last bin of each is “unknown”. The scores go by the name `score`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FeatureTable, Numbers

SCORE = "score"
STEPS = 10
MOST_WORDS = 10
"""More categories than these are one bin, “other”: a long tail moves all the time."""

Spread = dict[str, list[float]]
Counts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Moment:
    """What the people looked like as of `at`, and what the version said of them then."""

    at: datetime
    table: FeatureTable
    scores: Numbers


def reference_of(moments: Sequence[Moment]) -> dict[str, Any]:
    """Bins of equally many people over all moments together, and the shares in them at each."""
    bins = _bins(moments)
    kept = [{"at": one.at.isoformat(), "people": len(one.table), "shares": _shares(one, bins)} for one in moments]
    return {"bins": bins, "moments": kept}


def counts_of(table: FeatureTable, scores: Numbers, reference: Mapping[str, Any]) -> Counts:
    """People by bin. Counts of chunks add up: see `added`."""
    bins, found = reference.get("bins", {}), {}
    for index, column in enumerate(table.numeric):
        if column.name in bins:
            found[column.name] = _numbers_in(table.values[:, index], bins[column.name]["edges"])
    for index, column in enumerate(table.categories):
        if column.name in bins and table.words is not None:
            found[column.name] = _words_in(table.words[:, index], bins[column.name]["words"])
    if SCORE in bins:
        found[SCORE] = _numbers_in(scores, bins[SCORE]["edges"])
    return found


def added(many: Sequence[Counts]) -> Counts:
    total: Counts = {}
    for counts in many:
        for name, n in counts.items():
            total[name] = total[name] + n if name in total else n
    return total


def shares_of(counts: Counts) -> Spread:
    return {name: (n / max(int(n.sum()), 1)).round(6).tolist() for name, n in counts.items()}


def spread_of(table: FeatureTable, scores: Numbers, reference: Mapping[str, Any]) -> Spread:
    """What a run keeps, where its people are at hand all at once."""
    return shares_of(counts_of(table, scores, reference))


def _shares(moment: Moment, bins: dict[str, Any]) -> Spread:
    return spread_of(moment.table, moment.scores, {"bins": bins})


def _bins(moments: Sequence[Moment]) -> dict[str, Any]:
    bins: dict[str, Any] = {}
    first = moments[0].table
    for index, column in enumerate(first.numeric):
        bins[column.name] = {"edges": _edges(np.concatenate([one.table.values[:, index] for one in moments]))}
    for index, column in enumerate(first.categories):
        words = [one.table.words[:, index] for one in moments if one.table.words is not None]
        bins[column.name] = {"words": _most_used(np.concatenate(words) if words else np.empty(0, dtype=object))}
    bins[SCORE] = {"edges": _edges(np.concatenate([one.scores for one in moments]))}
    return bins


def _edges(values: Numbers) -> list[float]:
    """A value that many share is a bin of its own: bin i holds (edge i-1, edge i]."""
    known = values[np.isfinite(values)]
    if not len(known):
        return []
    return np.unique(np.quantile(known, np.arange(1, STEPS) / STEPS, method="inverted_cdf")).tolist()  # type: ignore[no-any-return]


def _most_used(words: NDArray[np.object_]) -> list[str]:
    known = np.array([word for word in words if word is not None], dtype=str)
    names, counts = np.unique(known, return_counts=True)
    return [str(name) for name in names[np.argsort(-counts, kind="stable")[:MOST_WORDS]]]


def _numbers_in(values: Numbers, edges: Sequence[float]) -> NDArray[np.int64]:
    unknown = ~np.isfinite(values)
    where = np.where(unknown, len(edges) + 1, np.searchsorted(np.asarray(edges), values, side="left"))
    return np.bincount(where, minlength=len(edges) + 2)


def _words_in(words: NDArray[np.object_], known: Sequence[str]) -> NDArray[np.int64]:
    place = {word: index for index, word in enumerate(known)}
    where = [len(known) + 1 if word is None else place.get(word, len(known)) for word in words]
    return np.bincount(np.asarray(where, dtype=np.int64), minlength=len(known) + 2)
