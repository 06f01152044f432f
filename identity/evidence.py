"""The evidence of a candidate, read for people: what each comparison says, and the running sum as a chart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import log2
from typing import Any

from identity.levels import SCALES

PRIOR = "prior"
ROOM = 0.08
"""Part of the chart's width left free on either side."""
SMALLEST = 0.05
"""Bits below which a difference between the sum and the weight is rounding."""
MOST_BITS = 60
"""Odds beyond are not written out."""


class Likeness(StrEnum):
    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    ONE_SIDED = "one-sided"

    @property
    def sign(self) -> str:
        return {"same": "=", "similar": "≈", "different": "≠", "one-sided": "–"}[self.value]

    @property
    def label(self) -> str:
        return {"one-sided": "only one tells"}.get(self.value, self.value)


LOWEST = frozenset(scale.labels[0] for scale in SCALES.values())
HIGHEST = frozenset(scale.labels[-1] for scale in SCALES.values())
"""The words of identity.levels for values that differ, and that are the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison. `bits`: how much it speaks for (above 0) or against one person."""

    field: str
    level: str
    bits: float
    a: str
    b: str

    @property
    def likeness(self) -> Likeness:
        if self.level in HIGHEST:
            return Likeness.SAME
        return Likeness.DIFFERENT if self.level in LOWEST else Likeness.SIMILAR

    @property
    def odds(self) -> str:
        return odds(self.bits)


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of the waterfall. `x` and `width` in percent of the chart."""

    title: str
    words: str
    bits: float
    odds: str
    kind: str
    """start, up, down or sum."""
    x: float
    width: float
    a: str = ""
    b: str = ""

    @property
    def size(self) -> str:
        return f"{abs(self.bits):.1f}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold on the chart."""

    words: str
    x: float
    bits: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    bars: list[Bar]
    marks: list[Mark]
    zero_x: float
    weight: float
    probability: float

    @property
    def percent(self) -> str:
        return percent(self.probability)


def read(evidence: Iterable[Mapping[str, Any]]) -> tuple[float, list[Compared]]:
    """The prior in bits and what was compared; what is no comparison (relatives of a household) is left out."""
    prior, found = 0.0, []
    for one in evidence:
        bits, field = float(one.get("bits") or 0), str(one.get("field") or "")
        words = str(one.get("label") or one.get("level") or "")
        if field == PRIOR:
            prior = bits
        elif words:
            found.append(Compared(field, words, bits, str(one.get("a") or ""), str(one.get("b") or "")))
    return prior, found


def odds(bits: float) -> str:
    """Bits of evidence as odds: 10 bits are 1,024 : 1."""
    if abs(bits) < SMALLEST:
        return "1 : 1"
    times = _rounded(2.0 ** min(abs(bits), MOST_BITS))
    return f"{times} : 1" if bits > 0 else f"1 : {times}"


def _rounded(times: float) -> str:
    """Two figures are as many as the evidence bears."""
    if times < 10:
        return f"{times:.1f}".removesuffix(".0")
    digits = len(str(int(times))) - 2
    return f"{round(times / 10**digits) * 10**digits:,}"


def percent(probability: float) -> str:
    """Never 100 %: no evidence is certain."""
    return f"{min(probability * 100, 99.9):.1f} %"


def bits_of(probability: float) -> float:
    """The weight at which two are one person with this probability (0 < p < 1)."""
    return log2(probability / (1 - probability))


def waterfall(
    evidence: Iterable[Mapping[str, Any]],
    *,
    weight: float,
    probability: float,
    thresholds: Sequence[tuple[str, float]],
) -> Waterfall:
    """`thresholds`: (words, probability). What the comparisons leave unexplained of the weight is a bar of its own."""
    prior, compared = read(evidence)
    rest = weight - prior - sum(one.bits for one in compared)
    at = [(words, bits_of(share)) for words, share in thresholds]
    sums = [prior]
    for one in compared:
        sums.append(sums[-1] + one.bits)
    least = min(0.0, weight, *sums, *(bits for _, bits in at))
    span = max(0.0, weight, *sums, *(bits for _, bits in at)) - least or 1.0

    def x(bits: float) -> float:
        return round(100 * (ROOM + (1 - 2 * ROOM) * (bits - least) / span), 2)

    def bar(title: str, words: str, bits: float, kind: str, ends: tuple[float, float]) -> Bar:
        low, high = sorted(map(x, ends))
        return Bar(title, words, bits, odds(bits), kind, low, round(max(high - low, 0.4), 2))

    bars = [bar("To start with", start_words(prior), prior, "start", (0, prior))]
    for one, before in zip(compared, sums, strict=False):
        made = bar(_title(one.field), one.level, one.bits, _way(one.bits), (before, before + one.bits))
        bars.append(replace(made, a=one.a, b=one.b))
    if abs(rest) > SMALLEST:
        words = "they may be relatives of one household" if rest < 0 else "what else was weighed"
        bars.append(bar("Beyond these", words, rest, _way(rest), (sums[-1], weight)))
    bars.append(bar("Altogether", f"one person with {percent(probability)}", weight, "sum", (0, weight)))
    return Waterfall(bars, [Mark(words, x(bits), bits) for words, bits in at], x(0), weight, probability)


def start_words(prior: float) -> str:
    return f"of {_rounded(1 + 2.0 ** min(-prior, MOST_BITS))} random pairs, one is one person"


def _title(field: str) -> str:
    text = field.replace("_", " ").strip()
    return {"email": "E-mail"}.get(text, text[:1].upper() + text[1:])


def _way(bits: float) -> str:
    return "up" if bits >= 0 else "down"
