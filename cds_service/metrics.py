"""What the service counts, for Prometheus: decisions, gaps, times, reads from FHIR servers, refusals, failures.

Labels are words of the program (services, topics, reasons) and of the site's file (issuers), never anything that a
client sent. With several workers the counts are kept in the folder that PROMETHEUS_MULTIPROC_DIR names, which the
server's configuration sets.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST

DECISIONS = Counter("cds_decisions", "Calls answered, by service and the topics of cards shown", ["service", "topic"])
GAPS = Counter("cds_gaps", "Data that could not be used, by reason", ["reason"])
SECONDS = Histogram(
    "cds_request_seconds",
    "Time for a call, by service and status",
    ["service", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5),
)
FHIR_QUERIES = Counter("cds_fhir_queries", "Queries to FHIR servers, by how they ended", ["outcome"])
TRUST_FAILURES = Counter(
    "cds_trust_failures", "Calls whose token was not accepted, by reason and client", ["reason", "issuer"]
)
FAILURES = Counter("cds_failures", "Parts of the knowledge that failed", ["part"])
UNAVAILABLE = Counter("cds_unavailable", "Writes that were lost because their place did not answer", ["place"])
SHED = Counter("cds_shed", "Calls turned away because too many were under way")
FEEDBACK = Counter("cds_feedback", "Feedback taken, by outcome", ["outcome"])
REPEATS = Counter("cds_repeats", "Cards not shown again", ["topic"])


def exposition() -> bytes:
    """The counts of all workers, in the text format of Prometheus."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
