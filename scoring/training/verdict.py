"""Whether a version is used, and why, in a marketer's words."""

from dataclasses import dataclass
from datetime import datetime

from scoring.quality import Quality
from scoring.training.figures import Compared
from scoring.training.learn import FEWEST
from scoring.training.windows import Source, Window

LUCK = 0.05
CONFIDENT = 0.75


@dataclass(frozen=True)
class Verdict:
    text: str
    is_useful: bool = False
    is_confident: bool = False


def verdict_of(quality: Quality, against_recency: Compared | None, *, days: int) -> Verdict:
    """Useful: better than “who did it last does it next” by more than luck (one-sided, 5 %)."""
    ranked = (
        f"on the latest {_days(days)}, which it had not seen, it put the right one of two people first"
        f" {_times(quality.auc)}; “who did it last does it next” did so {_times(quality.auc_recency)}"
    )
    if against_recency is None or against_recency.by <= 0:
        return Verdict(f"Not used, because a simple rule does as well: {ranked}.")
    if against_recency.chance > LUCK:
        return Verdict(
            f"Not used, because it is not clearly better than a simple rule: {ranked}, and that may be luck."
        )
    text = f"Useful: {ranked}. For use it then learned from those days too."
    return Verdict(text, is_useful=True, is_confident=(quality.auc or 0.0) > CONFIDENT)


def verdict_of_amounts(quality: Quality, *, days: int) -> Verdict:
    """Useful: nearer to what people spent than what they spent before, by more than luck (see `mae_baseline`)."""
    mae, before = quality.mae or 0.0, quality.mae_baseline or 0.0
    measured = (
        f"on the latest {_days(days)}, which it had not seen, it was {mae:,.2f} off a person, on average; taking what"
        f" they spent in the {_days(days)} before, {before:,.2f}"
    )
    if mae >= before:
        return Verdict(f"Not used, because a simple rule does as well: {measured}.")
    return Verdict(f"Useful: {measured}. For use it then learned from those days too.", is_useful=True)


def missing(source: Source, windows: tuple[Window, ...], *, now: datetime, did: str) -> tuple[str, ...]:
    """Sentences: what a full model lacks. `did` completes “people who …”."""
    found = []
    history = 0 if source.first_at is None else max(0, (now - source.first_at).days)
    wanted = 3 * source.days
    if history < wanted:
        found.append(
            f"What happened is known for {_days(history)}. To learn, to choose and to be measured takes three windows"
            f" of {_days(source.days)}: {_days(wanted)}. A shorter window needs less."
        )
    for window in windows[:1]:
        if window.did < FEWEST:
            found.append(f"{window.did:,} people {did} in the latest {_days(source.days)}; {FEWEST} are needed.")
        if window.did_not < FEWEST:
            found.append(
                f"Of {window.did_not:,} people it did not come true in the latest {_days(source.days)};"
                f" {FEWEST} are needed."
            )
    return tuple(found) or ("Too few people were known early enough to learn from.",)


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n:,} days"


def _times(auc: float | None) -> str:
    return "as often as a coin" if auc is None else f"{100 * auc:.0f} times in 100"
