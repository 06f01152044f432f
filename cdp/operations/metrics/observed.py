"""What is counted where it happens, in the words of the list of metrics."""

from bisect import bisect_left

from cdp.common import tally
from cdp.operations.metrics.declared import BUCKETS

BUCKET, SUM, COUNT = "http_seconds_bucket", "http_seconds_sum", "http_seconds_count"
_BOUNDS = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")


def http_answered(family: str, status: int, seconds: float) -> None:
    """One bucket each; they are added up when somebody reads them."""
    tally.add("http_answers", family, str(status))
    tally.add(BUCKET, family, _BOUNDS[bisect_left(BUCKETS, seconds)])
    tally.add(SUM, family, n=seconds)
    tally.add(COUNT, family)
