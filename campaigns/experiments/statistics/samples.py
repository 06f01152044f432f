"""What is known of a group of people, as the mean of one number for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from statsmodels.stats.proportion import proportion_confint


@dataclass(frozen=True)
class Sample:
    n: int
    """People."""
    mean: float
    variance: float
    """Of one person; the mean's is that over n."""

    @property
    def spread(self) -> float:
        """Variance of the mean."""
        return self.variance / self.n if self.n else 0.0


@dataclass(frozen=True)
class Sums:
    """Over the people of a group, of two numbers for each: y, and x that stands under or beside it."""

    n: int
    y: float
    x: float
    yy: float
    xx: float
    xy: float


def of_share(n: int, hits: int) -> Sample:
    """How many of them did it. The variance of a yes or no, p (1 − p)."""
    mean = hits / n if n else 0.0
    return Sample(n, mean, mean * (1 - mean))


def of_values(n: int, total: float, squares: float) -> Sample:
    """Of a number of each, given the sum and the sum of squares over all of them, also those with 0."""
    if n < 2:
        return Sample(n, total / n if n else 0.0, 0.0)
    return Sample(n, total / n, max(squares - total**2 / n, 0.0) / (n - 1))


def moments(sums: Sums) -> tuple[float, float, float]:
    """Variance of y and of x, and their covariance, with n − 1 below."""
    n = sums.n
    return (
        (sums.yy - sums.y**2 / n) / (n - 1),
        (sums.xx - sums.x**2 / n) / (n - 1),
        (sums.xy - sums.x * sums.y / n) / (n - 1),
    )


def share_interval(n: int, hits: int, *, alpha: float = 0.05) -> tuple[float, float]:
    """Wilson's, which stays between 0 and 1 and is right also for few."""
    low, high = proportion_confint(hits, n, alpha=alpha, method="wilson")
    return float(low), float(high)


def adjusted(groups: Sequence[Sums]) -> list[Sample]:
    """Means of y freed from what x foretold: x is the same number from before (CUPED; Deng, Xu, Kohavi, Walker, WSDM
    2013). y − θ (x − x̄) with the one θ = cov(y, x) / var(x) within the groups; what it expects is the same, its
    variance smaller by the square of their correlation."""
    n = sum(one.n for one in groups)
    if not n or any(one.n < 2 for one in groups):
        return [of_values(one.n, one.y, one.yy) for one in groups]
    found = [moments(one) for one in groups]
    within = sum((one.n - 1) * xx for one, (_, xx, _) in zip(groups, found, strict=True))
    shared = sum((one.n - 1) * xy for one, (_, _, xy) in zip(groups, found, strict=True))
    theta, centre = (shared / within if within > 0 else 0.0), sum(one.x for one in groups) / n
    return [
        Sample(one.n, one.y / one.n - theta * (one.x / one.n - centre), max(yy - 2 * theta * xy + theta**2 * xx, 0.0))
        for one, (yy, xx, xy) in zip(groups, found, strict=True)
    ]
