"""One run of a clustering: groups are learned, everybody is placed, and what came of it is told and kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from scoring.cluster import picture, stability
from scoring.cluster.learn import Learned, again, gather, grouping_of, learn
from scoring.cluster.methods import Centred, Grouping, Labels
from scoring.cluster.naming import proposals, sentence
from scoring.cluster.pool import Pool
from scoring.cluster.profile import Tally
from scoring.cluster.store import Group, Stored, store
from scoring.cluster.themes import THEME_OF
from scoring.columns import Numbers
from scoring.models import Cluster, Clustering

FEWEST = 50
READ, LEARNED, CHECKED, ALL = 50, 70, 85, 100
"""Per cent of the work that is done then."""


class TooFewPeople(ValueError):
    """There are too few people to tell groups apart: at least 50 are needed of whom enough is known."""


def run(
    clustering: Clustering, *, now: datetime, zone: ZoneInfo, report: Callable[[int], None] = lambda done: None
) -> Stored:
    """Raises TooFewPeople, choosing.TooAlike, and RuleError where the population's rule cannot be read any more."""
    with Pool() as pool:
        gather(pool, clustering, now=now, zone=zone, report=lambda share: report(min(READ, round(READ * share))))
        if pool.n < FEWEST:
            raise TooFewPeople(TooFewPeople.__doc__)
        learned = learn(pool, clustering)
        report(LEARNED)
        grouping = grouping_of(pool, learned, clustering)
        steady = stability.bootstrap(learned.sample, grouping, again(clustering, learned), seed=clustering.seed)
        report(CHECKED)
        tally, labels = _placed(pool, learned, grouping)
        stored = store(
            clustering,
            [_group(tally, at) for at in range(len(grouping.centres))],
            ((ids, found) for (ids, _), found in zip(pool.chunks(), labels, strict=True)),
            centres=(grouping.centres, _centres_before(clustering, learned)),
            now=now,
        )
        quality = _quality(learned, grouping, steady, stored, {one.name: one for one in pool.columns})
        centres = {str(pk): one.tolist() for pk, one in zip(stored.cluster_ids, grouping.centres, strict=True)}
        Clustering.objects.filter(pk=clustering.pk).update(
            parameters={**clustering.parameters, "axes": learned.scaling.to_plain(), "centres": centres},
            quality=quality | {"alone": sum(int((one < 0).sum()) for one in labels)},
            people=pool.n,
            ran_at=now,
            problem="",
        )
    report(ALL)
    return stored


def _placed(pool: Pool, learned: Learned, grouping: Grouping) -> tuple[Tally, list[Labels]]:
    tally, labels = Tally(pool.columns, len(grouping.centres)), []
    for _, values in pool.chunks():
        found = grouping.place(learned.scaling.apply(values, pool.names))
        tally.add(values, found)
        labels.append(found)
    return tally, labels


def _group(tally: Tally, at: int) -> Group:
    figures = tally.figures(at, theme_of=THEME_OF)
    apart = {column.name: float(one) for column, one in zip(tally.columns, tally.apart[at], strict=True)}
    return Group(
        int(tally.sizes[at]), proposals(apart, figures), sentence(figures), [one.to_plain() for one in figures]
    )


def _centres_before(clustering: Clustering, learned: Learned) -> Numbers | None:
    """Of the living clusters by id, in the axes of this run; None where the features were others."""
    before = clustering.parameters
    axes = [(one.name, one.shape) for one in learned.scaling.axes]
    if [(one["name"], one["shape"]) for one in before.get("axes", [])] != axes:
        return None
    living = list(
        Cluster.objects.filter(clustering=clustering, is_gone=False).order_by("id").values_list("id", flat=True)
    )
    centres: Mapping[str, Sequence[float]] = before.get("centres", {})
    if not living or any(str(pk) not in centres for pk in living):
        return None
    old = np.array([[one["middle"], one["spread"], one["weight"]] for one in before["axes"]])
    new = np.array([[one.middle, one.spread, one.weight] for one in learned.scaling.axes])
    plain = np.array([centres[str(pk)] for pk in living]) / old[:, 2] * old[:, 1] + old[:, 0]
    found: Numbers = (plain - new[:, 0]) / new[:, 1] * new[:, 2]
    return found


def _quality(
    learned: Learned, grouping: Grouping, steady: Sequence[float], stored: Stored, columns: Mapping[str, Any]
) -> dict[str, Any]:
    """What the page shows beside the clusters; those are named by their ids."""
    choice, aligned = learned.choice, stored.aligned
    found: dict[str, Any] = {
        "order": stored.cluster_ids,
        "tried": [_finite(asdict(one)) for one in choice.tried],
        "chosen": choice.chosen,
        "bootstrap": {str(pk): round(one, 3) for pk, one in zip(stored.cluster_ids, steady, strict=True)},
        "map": picture.map_of(learned.sample, grouping.labels, learned.scaling.axes, columns, seed=1),
        "left_out": learned.left_out,
    }
    if aligned is not None:
        alike = {str(stored.cluster_ids[group]): round(one, 3) for group, one in aligned.alike.items()}
        found["before"] = {"index": aligned.index, "alike": alike, "fresh": stored.fresh, "gone": stored.gone}
    if learned.tree is not None and isinstance(grouping, Centred):
        found["tree"] = picture.tree_of(learned.tree, grouping)
    return found


def _finite(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value if np.isfinite(value) else None for name, value in one.items()}
