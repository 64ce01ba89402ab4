"""The search of `cds_service.workbench.search` over an example's chart, whose resources all have a type and an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.workbench import search
from fhir_examples.example import Json, resources


def answer(bundle: Mapping[str, Any], query: str) -> Json | None:
    """What an EHR holding this chart answers to `query`. Raises KeyError for a resource without type or id."""
    return search.answer(checked(bundle), query)


def checked(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same chart. Raises KeyError for a resource without type or id."""
    for resource in resources(bundle):
        _ = resource["resourceType"], resource["id"]
    return bundle
