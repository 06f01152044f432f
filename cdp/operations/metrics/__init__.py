"""What Prometheus reads at /metrics."""

from cdp.operations.metrics.declared import METRICS, NAMES, Kind, Metric

__all__ = ["METRICS", "NAMES", "Kind", "Metric"]
