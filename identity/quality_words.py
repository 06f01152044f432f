"""Estimates as a steward reads them."""

from dataclasses import dataclass

from identity.quality import Quality, Share

SURE = 0.999
"""No estimate from probabilities is written as more than this."""


@dataclass(frozen=True, slots=True)
class Told:
    """An estimate: "98 %", and its interval, "95–99 %"."""

    about: str
    between: str


@dataclass(frozen=True, slots=True)
class QualityTold:
    linked: int
    """Links of the matching's own that nobody has checked."""
    precision: Told | None
    recall: Told | None
    missed: int
    audited: int
    right: int
    by_audit: Told | None


def told(found: Quality) -> QualityTold:
    audited = found.precision_audited
    return QualityTold(
        linked=found.linked,
        precision=_estimated(found.precision_expected),
        recall=_estimated(found.recall),
        missed=round(found.missed),
        audited=found.audited,
        right=round(audited.value * found.audited) if audited else 0,
        by_audit=share_told(audited) if audited else None,
    )


def share_told(share: Share) -> Told:
    return Told(f"{_digits(share.value)} %", f"{_digits(share.low)}–{_digits(share.high)} %")


def _estimated(share: Share | None) -> Told | None:
    if share is None:
        return None
    return share_told(Share(min(share.value, SURE), min(share.low, SURE), min(share.high, SURE)))


def _digits(share: float) -> str:
    """Whole percents; near 0 and 100, where a tenth makes a difference, tenths."""
    of_100 = round(share * 100, 1)
    return f"{of_100:.1f}".removesuffix(".0") if of_100 <= 1 or of_100 >= 99 else f"{of_100:.0f}"
