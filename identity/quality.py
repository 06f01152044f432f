"""How good matching by likeness is, as far as it can be told without knowing the truth.

Precision: the share of pairs linked by themselves that are one person. The model's own probabilities say what to
expect; a steward's answers on a random sample of such links say what is so (Wilson 1927, "Probable inference", JASA
22). Recall: the share of pairs of one person that were found, by a link or by a steward, among all pairs that were
compared; other pairs count by their probability. Probabilities are calibrated by all answers: the log odds are taken
as a + b times the model's (Platt 1999, "Probabilistic outputs for support vector machines"), a and b being near 0 and
1 before anybody answered. Intervals hold 95 of 100 draws of a and b (Laplace's approximation) and of the outcomes.
Pairs that share an identifier are left out: they are together anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from cdp.common.copying import Cursor
from identity.models import Candidate, MatchModel
from identity.rule_sets import current

Floats = NDArray[np.float64]
BANDS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.01)
DOUBT = np.array([0.5, 0.25])
"""Standard deviations of a and b before anybody answered: how far the model's word may be off."""
ROUNDS = 50
DRAWS = 4_000
Z = 1.959964
"""Standard errors around 95 of 100."""


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs of one band of probability: how many, and the sum of their probabilities; answers that stewards gave."""

    linked: int = 0
    linked_mass: float = 0.0
    other: int = 0
    other_mass: float = 0.0
    same: int = 0
    different: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """An estimate with its interval, all from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    """None where there is nothing to estimate it from."""

    linked: int
    waiting: int
    decisions: int
    audited: int
    precision_expected: Share | None
    """By the model, corrected by all answers."""
    precision_audited: Share | None
    """By answers on a random sample of links."""
    recall: Share | None
    missed: float
    """Pairs of one person that are expected among those not linked."""


def estimate(
    bands: Sequence[Band], *, below_floor: float = 0.0, audit: tuple[int, int] = (0, 0), seed: int = 0
) -> Quality:
    """`below_floor`: expected doubles among pairs too improbable to be kept; `audit`: (right, wrong) links."""
    linked, other = _column(bands, "linked"), _column(bands, "other")
    same, different = _column(bands, "same"), _column(bands, "different")
    mass = _column(bands, "linked_mass") + _column(bands, "other_mass")
    believed = np.clip(mass / np.maximum(linked + other, 1), 1e-5, 1 - 1e-5)
    middles = (np.array(BANDS[:-1]) + np.array(BANDS[1:])) / 2
    odds = logit(np.where(linked + other > 0, believed, np.clip(middles[: len(bands)], 1e-3, 1 - 1e-3)))
    best, spread = _calibrated(odds, same, different)
    random = np.random.default_rng(seed)
    draws = random.multivariate_normal(best, spread, DRAWS)
    rates = expit(draws[:, :1] + draws[:, 1:] * odds)
    right = random.binomial(linked.astype(int), rates).sum(axis=1).astype(float)
    missed = random.binomial(other.astype(int), rates).sum(axis=1) + below_floor
    found = right + same.sum()
    decided = int(same.sum() + different.sum())
    return Quality(
        linked=int(linked.sum()),
        waiting=int(other.sum()),
        decisions=decided,
        audited=sum(audit),
        precision_expected=_share(right / max(linked.sum(), 1)) if linked.sum() else None,
        precision_audited=wilson(*audit) if sum(audit) else None,
        recall=_share(found / np.maximum(found + missed, 1e-9)) if linked.sum() + other.sum() else None,
        missed=float(missed.mean()),
    )


def _calibrated(odds: Floats, same: Floats, different: Floats) -> tuple[Floats, Floats]:
    """The likeliest (a, b) given the answers, and their covariance, by Newton's method."""
    x = np.stack([np.ones_like(odds), odds], axis=1)
    start, ridge = np.array([0.0, 1.0]), np.diag(DOUBT**-2)
    best = start.copy()
    for _ in range(ROUNDS):
        rate = expit(x @ best)
        slope = x.T @ (same - (same + different) * rate) - ridge @ (best - start)
        bend = (x * ((same + different) * rate * (1 - rate))[:, None]).T @ x + ridge
        step = np.linalg.solve(bend, slope)
        best += step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-9:
            break
    return best, np.linalg.inv(bend)


def wilson(right: int, wrong: int) -> Share:
    """The score interval of a share."""
    n = right + wrong
    share = right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * float(np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)))
    return Share(share, max(middle - half, 0.0), min(middle + half, 1.0))


def measure(cursor: Cursor) -> Quality:
    """Of what stands in the tables now. Left alone though likely are pairs that two user ids or a separation keep
    apart, or that are together by other records: nobody misses them."""
    cursor.execute(
        "select width_bucket(probability, %s::float8[]) - 1, state, is_audit and decided_at is not null, count(*),"
        " sum(probability) from identity_candidate where not is_exact"
        " and not (state = %s and probability >= %s) group by 1, 2, 3",
        [list(BANDS), Candidate.State.LEFT.value, current(cursor).fuzzy.review],
    )
    counts: list[dict[str, float]] = [{} for _ in BANDS[1:]]
    audit = {"same": 0, "different": 0}
    for band, state, is_audited, n, mass in cursor.fetchall():
        if is_audited and state in audit:
            audit[state] += n
        of = counts[band]
        if state in audit:
            of[state] = of.get(state, 0) + n
        else:
            side = "linked" if state == Candidate.State.LINKED else "other"
            of[side] = of.get(side, 0) + n
            of[f"{side}_mass"] = of.get(f"{side}_mass", 0.0) + mass
    newest = MatchModel.objects.filter(is_active=True).order_by("-id").first()
    below = float(newest.quality.get("below_floor", 0.0)) if newest else 0.0
    return estimate([_band(of) for of in counts], below_floor=below, audit=(audit["same"], audit["different"]))


def sample_for_audit(n: int, *, seed: int) -> int:
    """Puts randomly chosen links before a steward; returns how many. They stay linked unless the steward disagrees."""
    links = Candidate.objects.filter(state=Candidate.State.LINKED, is_exact=False, is_audit=False)
    ids = np.array(links.order_by("id").values_list("id", flat=True), np.int64)
    chosen = np.random.default_rng(seed).choice(ids, size=min(n, len(ids)), replace=False)
    return Candidate.objects.filter(id__in=chosen.tolist()).update(is_audit=True)


def _band(of: dict[str, float]) -> Band:
    whole = {name: int(of.get(name, 0)) for name in ("linked", "other", "same", "different")}
    return Band(**whole, linked_mass=of.get("linked_mass", 0.0), other_mass=of.get("other_mass", 0.0))


def _column(bands: Sequence[Band], name: str) -> Floats:
    return np.array([getattr(band, name) for band in bands], np.float64)


def _share(draws: Floats) -> Share:
    low, high = np.quantile(draws, (0.025, 0.975)).tolist()
    return Share(float(draws.mean()), low, high)
