"""What the service counts, by the names that Prometheus knows, for what asks Prometheus for it."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from cds_service import metrics


def labels_by_series() -> dict[str, set[str]]:
    """The labels of each series."""
    labels: dict[str, set[str]] = {}
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Histogram):
            (family,) = metric.describe()
            for ending in ("_total",) if family.type == "counter" else ("_count", "_bucket"):
                labels[family.name + ending] = {*metric._labelnames, *(["le"] if ending == "_bucket" else [])}
    return labels
