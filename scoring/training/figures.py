"""Measures of probabilities against what happened. Arrays are (people,); `happened` is 0 or 1."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata
from sklearn.metrics import average_precision_score

from scoring.quality import Bin, Gain, Point

Numbers = NDArray[np.float64]
BINS = 10
POINTS = 101
SHARES = 20


def auc(happened: Numbers, said: Numbers) -> float | None:
    """How often one who did it is ranked above one who did not, ties counting half; None without both."""
    did = int(happened.sum())
    if not 0 < did < len(happened):
        return None
    ranks = rankdata(said)
    return float((ranks[happened > 0].sum() - did * (did + 1) / 2) / (did * (len(happened) - did)))


def auc_error(auc: float, *, did: int, did_not: int) -> float:
    """Standard error of an AUC: Hanley and McNeil, Radiology 143 (1982), 29–36, equation 1."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (did - 1) * (q1 - auc**2) + (did_not - 1) * (q2 - auc**2)
    return math.sqrt(max(spread, 0.0) / (did * did_not))


@dataclass(frozen=True)
class Compared:
    by: float
    """How much larger the first AUC is."""
    chance: float
    """How probable so much or more is where the two rank equally well (one-sided)."""


def compared(happened: Numbers, first: Numbers, second: Numbers) -> Compared | None:
    """Two AUCs of the same people: DeLong, DeLong, Clarke-Pearson, Biometrics 44 (1988), 837–845; by ranks as in Sun
    and Xu, IEEE Signal Processing Letters 21 (2014). None with fewer than two of either kind."""
    is_did = happened > 0
    did, did_not = int(is_did.sum()), int((~is_did).sum())
    if min(did, did_not) < 2:
        return None
    placed = [_placements(is_did, said) for said in (first, second)]
    by = float(placed[0][0].mean() - placed[1][0].mean())
    spread = sum(float(np.var(a - b, ddof=1)) / len(a) for a, b in zip(*placed, strict=True))
    if spread <= 0:
        return Compared(by, 0.0 if by > 0 else 1.0)
    return Compared(by, float(norm.sf(by / math.sqrt(spread))))


def _placements(is_did: NDArray[np.bool_], said: Numbers) -> tuple[Numbers, Numbers]:
    """Of each who did: the share of those who did not that are below; of each who did not: of those above."""
    ranks, did, did_not = rankdata(said), said[is_did], said[~is_did]
    return (
        (ranks[is_did] - rankdata(did)) / len(did_not),
        1 - (ranks[~is_did] - rankdata(did_not)) / len(did),
    )


def average_precision(happened: Numbers, said: Numbers) -> float | None:
    return float(average_precision_score(happened, said)) if happened.any() else None


def brier(happened: Numbers, said: Numbers | float) -> float:
    return float(np.mean((said - happened) ** 2))


def log_losses(happened: Numbers, said: Numbers) -> Numbers:
    """(people,)"""
    held = np.clip(said, 1e-7, 1 - 1e-7)
    found: Numbers = -(happened * np.log(held) + (1 - happened) * np.log1p(-held))
    return found


def calibration(happened: Numbers, said: Numbers) -> tuple[Bin, ...]:
    """Ten bins of equally many people, by what was said of them."""
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(Bin(float(said[part].mean()), float(happened[part].mean()), len(part)) for part in parts)


def calibration_error(bins: tuple[Bin, ...]) -> float | None:
    people = sum(one.people for one in bins)
    return sum(one.people * abs(one.said - one.came) for one in bins) / people if people else None


def curve(happened: Numbers, said: Numbers) -> tuple[Point, ...]:
    """At a hundred quantiles of what was said."""
    order = np.argsort(said, kind="stable")
    ranked, did = said[order], np.cumsum(happened[order][::-1])[::-1]
    cuts = np.unique(np.quantile(ranked, np.linspace(0, 1, POINTS))) if len(ranked) else ranked
    starts = np.searchsorted(ranked, cuts, side="left")
    return tuple(
        Point(float(cut), len(ranked) - int(start), round(float(did[start])))
        for cut, start in zip(cuts, starts, strict=True)
        if start < len(ranked)
    )


def gains(happened: Numbers, said: Numbers) -> tuple[Gain, ...]:
    total = float(happened.sum())
    if total <= 0:
        return ()
    ranked = np.concatenate([[0.0], np.cumsum(happened[np.argsort(-said, kind="stable")])])
    shares = np.linspace(0, 1, SHARES + 1)
    return tuple(Gain(float(share), float(ranked[round(share * len(said))] / total)) for share in shares)


def f1_at(happened: Numbers, said: Numbers, threshold: float) -> float:
    chosen = said >= threshold
    right = float(happened[chosen].sum())
    found = float(chosen.sum()) + float(happened.sum())
    return 2 * right / found if found else 0.0


def best_threshold(happened: Numbers, said: Numbers) -> float:
    """Where F1 is best."""
    points = curve(happened, said)
    total = float(happened.sum())
    best = max(points, key=lambda one: 2 * one.happened / (one.people + total) if one.people + total else 0.0)
    return best.threshold
