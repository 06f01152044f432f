"""How good a version is, as plain numbers: what training measures, pages draw and the API tells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bin:
    """One step of the calibration chart: people by what was said of them."""

    said: float
    """Mean probability."""
    came: float
    """Share of them who did it."""
    people: int


@dataclass(frozen=True)
class Point:
    """What acting on everybody with at least this score means."""

    threshold: float
    people: int
    happened: int
    """How many of these people did it: precision is happened / people, recall happened / all that happened."""


@dataclass(frozen=True)
class Gain:
    """Of the best `share` of people by score: what part of all that happened is among them. Lift is part / share."""

    share: float
    part: float


@dataclass(frozen=True)
class Importance:
    """How much AUC (for amounts: rank correlation) falls when the feature is shuffled: mean and standard deviation."""

    column: str
    falls: float
    spread: float


@dataclass(frozen=True)
class Group:
    """Quality within one segment or one kind of people."""

    name: str
    people: int
    happened: int
    said: float
    auc: float | None = None
    """None where too few did it, or too few did not."""


@dataclass(frozen=True)
class Tried:
    """A candidate: how it did on the validation window, with which parameters."""

    name: str
    parameters: dict[str, float | int | str]
    auc: float
    log_loss: float
    cross_validated: float
    """Mean AUC of stratified cross-validation within the training windows."""
    cross_spread: float
    took_s: float


@dataclass(frozen=True)
class Quality:
    """On the untouched window. AUC: how often one who did it is ranked above one who did not; 0.5 is guessing."""

    people: int
    happened: int
    window: tuple[str, str] = ("", "")
    """The untouched window: ISO times."""
    auc: float | None = None
    auc_error: float | None = None
    """Standard error (Hanley and McNeil)."""
    auc_recency: float | None = None
    """Of the baseline: who did it last does it next."""
    average_precision: float | None = None
    f1: float | None = None
    """At the threshold where it was best on the validation window."""
    threshold: float | None = None
    brier: float | None = None
    brier_baseline: float | None = None
    """Of saying the base rate of everybody."""
    calibration_error: float | None = None
    """Mean distance of said and came over ten bins of equally many people, weighted by people."""
    calibration: tuple[Bin, ...] = ()
    curve: tuple[Point, ...] = ()
    """By ascending threshold."""
    gains: tuple[Gain, ...] = ()
    """By ascending share, from 0 to 1."""
    importance: tuple[Importance, ...] = ()
    """Strongest first."""
    groups: tuple[Group, ...] = ()
    mae: float | None = None
    """Of amounts, or of days until the next order: mean absolute error."""
    mae_baseline: float | None = None
    """Of saying what each person did in the window before; of next orders: the person's own usual gap."""
    rank_correlation: float | None = None
    """Of amounts: Spearman's."""
    covered: float | None = None
    """Of intervals: the share of truths inside; 0.8 is promised."""
    warnings: tuple[str, ...] = ()
    """Sentences: what is missing, what to mind."""


@dataclass(frozen=True)
class Realised:
    """What came of one run's forecasts: the same measures, of what was said then and what people did since."""

    people: int
    said: float
    came: float
    auc: float | None = None
    brier: float | None = None
    calibration_error: float | None = None
    calibration: tuple[Bin, ...] = ()
    mae: float | None = None
    is_off: bool = False
    """Whether what came differs from what was said by more than luck, and by enough to matter."""
    verdict: str = ""
    """In a sentence."""
