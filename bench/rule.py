"""The one hand-picked rule that the floor and the peers apply: plain dicts, no FHIR library, one fixed card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

IGM = "2472-9"
RAISED = 230
"""mg/dL; every patient of the benchmark is above it."""
PROBLEMS = frozenset({"G62.89", "D47.2"})
CARD: dict[str, Any] = {
    "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "summary": "IgM is raised",
    "indicator": "warning",
    "detail": "A patient with a neuropathy or gammopathy has a serum IgM above its range.",
    "source": {"label": "Benchmark", "url": "https://example.org/"},
}


def cards(prefetch: dict[str, Any]) -> list[dict[str, Any]]:
    """The card, where one of the problems is on record and a final IgM is raised."""
    has_problem = has_igm = False
    for resource in _resources(prefetch):
        match resource.get("resourceType"):
            case "Condition":
                has_problem = has_problem or not _codes(resource).isdisjoint(PROBLEMS)
            case "Observation" if IGM in _codes(resource) and resource.get("status") == "final":
                quantity = resource.get("valueQuantity") or {}
                has_igm = has_igm or (quantity.get("code") == "mg/dL" and quantity.get("value", 0) > RAISED)
    return [CARD] if has_problem and has_igm else []


def _resources(prefetch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for value in prefetch.values():
        if value.get("resourceType") == "Bundle":
            yield from (entry["resource"] for entry in value.get("entry", ()))
        else:
            yield value


def _codes(resource: dict[str, Any]) -> set[str]:
    return {coding.get("code", "") for coding in (resource.get("code") or {}).get("coding", ())}
