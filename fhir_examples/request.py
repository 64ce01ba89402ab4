"""Builds the request of an example's call, the way an EHR does: by filling the service's own prefetch templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from cds_service.workbench.requests import prefetch_of, query_of
from fhir_examples.example import Call, Example, Json
from fhir_examples.search import checked
from fhir_examples.shift import shifted

__all__ = ["query_of", "request_of"]


def request_of(example: Example, call: Call, templates: Mapping[str, str], today: date | None = None) -> Json:
    """The whole request body. With `today`, every date in it is moved by the days between the call's `asOf` and today.

    A key that the EHR of this call does not answer is left out, and so is one whose read fails; never null. In place
    of a failing search stands an OperationOutcome.
    """
    days = 0 if today is None else (today - call.as_of).days
    made: Json = {"hook": call.hook, "hookInstance": str(uuid5(NAMESPACE_URL, f"{example.name}/{call.name}"))}
    if call.fhir_server:
        made["fhirServer"] = call.fhir_server
    prefetch = prefetch_of(checked(example.bundle), call.context, templates, call.known, call.failing)
    made |= {"context": dict(call.context), "prefetch": prefetch}
    return shifted(made, days)
