"""Builds the request of an example's call, the way an EHR does: by filling the service's own prefetch templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from fhir_examples.example import Call, Example, Json
from fhir_examples.search import answer
from fhir_examples.shift import shifted

_FAILURE: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "timeout", "diagnostics": "The search took too long"}],
}
_TOKEN = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")


def request_of(example: Example, call: Call, templates: Mapping[str, str], today: date | None = None) -> Json:
    """The whole request body. With `today`, every date in it is moved by the days between the call's `asOf` and today.

    A key that the EHR of this call does not answer is left out, and so is one whose read fails; never null. In place
    of a failing search stands an OperationOutcome.
    """
    days = 0 if today is None else (today - call.as_of).days
    made: Json = {"hook": call.hook, "hookInstance": str(uuid5(NAMESPACE_URL, f"{example.name}/{call.name}"))}
    if call.fhir_server:
        made["fhirServer"] = call.fhir_server
    made |= {"context": dict(call.context), "prefetch": _filled(example, call, templates)}
    return shifted(made, days)


def _filled(example: Example, call: Call, templates: Mapping[str, str]) -> Json:
    answers = {
        key: answer(example.bundle, query_of(template, call.context))
        for key, template in templates.items()
        if call.known is None or key in call.known
    }
    found = {key: value for key, value in answers.items() if value is not None}
    return found | dict.fromkeys(sorted(call.failing), _FAILURE)


def query_of(template: str, context: Mapping[str, Any]) -> str:
    """The template with its context tokens replaced. Raises ValueError for a token that the call cannot fill."""

    def value(token: re.Match[str]) -> str:
        found = context.get(token.group(1))
        if not isinstance(found, str):
            raise ValueError(f"this call has no context.{token.group(1)} for the template {template!r}")
        return found

    query = _TOKEN.sub(value, template)
    if "{{" in query:
        raise ValueError(f"the examples cannot fill the template {template!r}")
    return query
