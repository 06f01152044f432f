"""The readings in Prometheus' text format, with the help of the list of metrics."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric as Family

from cdp.operations.metrics.declared import METRICS, Kind
from cdp.operations.metrics.declared import Metric as Declared
from cdp.operations.metrics.read import Reading, read

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "tributary_"


class Undeclared(Exception):
    """This is read and stands in no list. Add it to cdp/operations/metrics/declared.py."""


class _Collected:
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Family]:
        yield from self._families


def text(*, now: datetime) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families(read(now=now))))
    return generate_latest(registry)


def families(readings: Iterable[Reading]) -> list[Family]:
    by_metric: dict[str, list[Reading]] = defaultdict(list)
    for name, labels, value in readings:
        by_metric[_metric_of(f"{PREFIX}{name}")].append((f"{PREFIX}{name}", labels, value))
    return [_family(metric, by_metric[metric.name]) for metric in METRICS if metric.name in by_metric]


def _metric_of(sample: str) -> str:
    for metric in METRICS:
        if sample == metric.name or (metric.kind is Kind.HISTOGRAM and sample.startswith(f"{metric.name}_")):
            return metric.name
    raise Undeclared(sample)


def _family(metric: Declared, readings: list[Reading]) -> Family:
    name = metric.name.removesuffix("_total") if metric.kind is Kind.COUNTER else metric.name
    family = Family(name, metric.help, metric.kind.value)
    for sample, values, value in readings:
        labels = (*metric.labels, "le") if sample.endswith("_bucket") else metric.labels
        family.add_sample(sample, dict(zip(labels, values, strict=True)), value)
    return family
