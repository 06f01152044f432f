"""What came of forecasts, and whether that is more than bad luck. Plain Python: no database here."""

import math
from dataclasses import replace

import numpy as np
from scipy.stats import chi2
from sklearn.metrics import brier_score_loss, roc_auc_score

from scoring.columns import Numbers
from scoring.quality import Bin, Realised

FEWEST = 100
"""People: fewer cannot tell a bad forecast from bad luck."""
FEWEST_EACH = 20
"""Who did it, and who did not, before ranking is measured."""
BINS = 10
LUCK = 3.0
"""Standard errors: luck goes so far once in 370 times."""
MATTERS = 0.15
"""Of what was said: a smaller miss is not worth an alarm, however certain."""
MATTERS_LEAST = 0.02
"""And, of probabilities, so many points of a hundred."""
CALIBRATION = 0.05
AUC_FALLS = 0.07
AS_SAID, NOT_AS_SAID = "As said: ", "Not as said: "


def of_probabilities(said: Numbers, came: Numbers, *, auc_measured: float | None) -> Realised:
    """`said`: probabilities; `came`: 0 or 1; (people,) each. `auc_measured`: when the version was trained."""
    bins = _bins(said, came)
    happened = int(came.sum())
    is_ranked = min(happened, len(came) - happened) >= FEWEST_EACH
    error = sum(one.people * abs(one.said - one.came) for one in bins) / max(len(said), 1)
    found = Realised(
        people=len(said),
        said=_mean(said),
        came=_mean(came),
        auc=float(roc_auc_score(came, said)) if is_ranked else None,
        brier=float(brier_score_loss(came, said)) if len(said) else None,
        calibration_error=error if len(said) else None,
        calibration=bins,
    )
    if len(said) < FEWEST:
        return replace(found, verdict=_too_few(found))
    faults = [*_missed(found, said), *_uncalibrated(found, said), *_ranks_worse(found, happened, auc_measured)]
    return replace(found, is_off=bool(faults), verdict=faults[0] if faults else _held(found, said))


def of_amounts(said: Numbers, came: Numbers, *, unit: str) -> Realised:
    """Money, or days until the order within the window; (people,) each."""
    found = Realised(
        people=len(said),
        said=_mean(said),
        came=_mean(came),
        calibration=_bins(said, came),
        mae=_mean(np.abs(came - said)) if len(said) else None,
    )
    if len(said) < FEWEST:
        return replace(found, verdict=_too_few(found))
    off = came - said
    luck = LUCK * float(off.std(ddof=1)) / math.sqrt(len(off))
    is_off = abs(found.came - found.said) > max(luck, MATTERS * abs(found.said))
    words = f"{found.said:,.1f} {unit} each were said, {found.came:,.1f} {unit} came; luck explains ±{luck:,.1f}"
    return replace(found, is_off=is_off, verdict=f"{NOT_AS_SAID if is_off else AS_SAID}{words}.")


def _mean(values: Numbers) -> float:
    return float(values.mean()) if len(values) else 0.0


def _bins(said: Numbers, came: Numbers) -> tuple[Bin, ...]:
    """Ten of equally many people, by what was said of them."""
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(Bin(float(said[part].mean()), float(came[part].mean()), len(part)) for part in parts)


def _luck(said: Numbers) -> float:
    """So far the share may miss the mean probability by chance."""
    return LUCK * math.sqrt(float(np.sum(said * (1 - said)))) / len(said)


def _missed(found: Realised, said: Numbers) -> list[str]:
    if abs(found.came - found.said) <= max(_luck(said), MATTERS * found.said, MATTERS_LEAST):
        return []
    return [f"{NOT_AS_SAID}{_shares(found, said)}."]


def _uncalibrated(found: Realised, said: Numbers) -> list[str]:
    """D. Hosmer, S. Lemeshow, Goodness of fit tests for the multiple logistic regression model, 1980."""
    if (found.calibration_error or 0.0) <= CALIBRATION:
        return []
    spread = [max(one.said * (1 - one.said), 1e-9) / one.people for one in found.calibration]
    off = sum((one.came - one.said) ** 2 / v for one, v in zip(found.calibration, spread, strict=True))
    if off <= float(chi2.ppf(math.erf(LUCK / math.sqrt(2)), len(found.calibration))):
        return []
    worst = max(found.calibration, key=lambda one: abs(one.came - one.said))
    return [
        f"{NOT_AS_SAID}right on average, but of people given {100 * worst.said:.0f} % it came true for"
        f" {100 * worst.came:.0f} %."
    ]


def _ranks_worse(found: Realised, happened: int, measured: float | None) -> list[str]:
    if found.auc is None or measured is None:
        return []
    error = _auc_error(found.auc, happened, found.people - happened)
    if measured - found.auc <= max(LUCK * error, AUC_FALLS):
        return []
    return [
        f"It ranks people worse than when it was trained: AUC {found.auc:.2f}, measured was {measured:.2f};"
        f" luck explains ±{LUCK * error:.2f}."
    ]


def _auc_error(auc: float, happened: int, not_happened: int) -> float:
    """J. Hanley, B. McNeil, Radiology 143 (1982), equation 1."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (happened - 1) * (q1 - auc**2) + (not_happened - 1) * (q2 - auc**2)
    return math.sqrt(spread / (happened * not_happened))


def _held(found: Realised, said: Numbers) -> str:
    return f"{AS_SAID}{_shares(found, said)}."


def _shares(found: Realised, said: Numbers) -> str:
    return (
        f"{100 * found.said:.1f} % were expected to, {100 * found.came:.1f} % did, of {found.people:,} people;"
        f" luck explains ±{100 * _luck(said):.1f} points"
    )


def _too_few(found: Realised) -> str:
    return f"Only {found.people:,} people: too few to tell a bad forecast from bad luck."
