"""A version's quality in plain words: what its numbers mean to who has to trust them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from scoring.features import Wanted, columns
from scoring.models import Predictor, TrainedModel
from scoring.quality import Bin, Gain, Group, Importance, Point, Quality, Tried
from scoring.words import did, money

PARTS = {"calibration": Bin, "curve": Point, "gains": Gain, "importance": Importance, "groups": Group}
MANY_PAIRS = 100
SHOWN = 5


def quality_of(version: TrainedModel) -> Quality:
    """What is stored, as it was measured. Parts a former release did not know are left out."""
    stored: dict[str, Any] = version.quality
    known = {one.name for one in fields(Quality)}
    found: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
    for name, kind in PARTS.items():
        found[name] = tuple(kind(**one) for one in stored.get(name) or ())
    for name in ("window", "warnings"):
        if name in found:
            found[name] = tuple(found[name])
    return Quality(**found)


@dataclass(frozen=True)
class Candidates:
    """Those that were tried, the best first, each with whether it was chosen."""

    shown: Sequence[tuple[Tried, bool]]
    more: Sequence[tuple[Tried, bool]]


def tried_of(version: TrainedModel) -> Candidates | None:
    """Of one name several may have been tried, with other parameters: the best of the name was chosen."""
    tried = [Tried(**one) for one in version.candidates]
    chosen = next((index for index, one in enumerate(tried) if one.name == version.estimator), None)
    rows = [(one, index == chosen) for index, one in enumerate(tried)]
    return Candidates(rows[:SHOWN], rows[SHOWN:]) if rows else None


@dataclass(frozen=True)
class Fact:
    """One number of the quality card, with what it means."""

    label: str
    number: str
    text: str


def plain(predictor: Predictor, quality: Quality, *, currency: str) -> Sequence[Fact]:
    found = [_pairs(predictor, quality), _base(predictor, quality), _calibrated(quality)]
    found += [_amounts_off(predictor, quality, currency), _ranked(quality), _covered(quality)]
    return [fact for fact in found if fact]


def _pairs(predictor: Predictor, quality: Quality) -> Fact | None:
    """What AUC says."""
    if quality.auc is None:
        return None
    rightly = round(MANY_PAIRS * quality.auc)
    text = f"Of {MANY_PAIRS} pairs of one who {did(predictor)} and one who did not, it ranks {rightly} rightly"
    if quality.auc_recency is not None:
        text += f"; knowing only when they were last active, {round(MANY_PAIRS * quality.auc_recency)}"
    return Fact("Ranks rightly", f"{rightly} of {MANY_PAIRS}", f"{text}; guessing, 50. (AUC {quality.auc:.3f})")


def _base(predictor: Predictor, quality: Quality) -> Fact | None:
    if not quality.people or quality.auc is None:
        return None
    share = 100 * quality.happened / quality.people
    text = f"{quality.happened:,} of {quality.people:,} people {did(predictor)} in the days it was tested on"
    return Fact("Came true", f"{share:.1f} %", f"{text}, which it had not seen while it learned.")


def _calibrated(quality: Quality) -> Fact | None:
    if quality.calibration_error is None:
        return None
    points = 100 * quality.calibration_error
    text = "When it says 30 %, how far from 30 in 100 it really is, on average over all it says."
    if quality.brier is not None and quality.brier_baseline is not None:
        text += f" Brier score {quality.brier:.3f}; saying the average of everybody, {quality.brier_baseline:.3f}."
    return Fact("Off by", f"{points:.1f} points", text)


def _amounts_off(predictor: Predictor, quality: Quality, currency: str) -> Fact | None:
    if quality.mae is None:
        return None
    if predictor.kind == Predictor.Kind.NEXT_ORDER:
        number, usual, guess = f"{quality.mae:.1f} days", "each person’s own usual gap", "{:.1f} days"
    else:
        number, usual, guess = money(quality.mae, currency), "saying what they spent in the days before", ""
    text = "How far from the truth it is per person, on average"
    if quality.mae_baseline is not None:
        other = guess.format(quality.mae_baseline) if guess else money(quality.mae_baseline, currency)
        text += f"; {usual} is off by {other}"
    return Fact("Off by", number, f"{text}.")


def _ranked(quality: Quality) -> Fact | None:
    if quality.rank_correlation is None:
        return None
    text = "How well the order of people as predicted follows the order as it came: 1 is the same, 0 is chance."
    return Fact("Order of people", f"{quality.rank_correlation:.2f}", f"{text} (Spearman’s rank correlation)")


def _covered(quality: Quality) -> Fact | None:
    if quality.covered is None:
        return None
    return Fact(
        "Inside the time said", f"{100 * quality.covered:.0f} %", "So many orders fell into it; 80 % are promised."
    )


def column_words(predictor: Predictor) -> dict[str, str]:
    """Feature → what it says."""
    events = (predictor.event_name,) if predictor.event_name else ()
    wanted = Wanted(events=events, traits=tuple(predictor.traits))
    return {one.name: one.says for one in columns(wanted)}
