"""Builds a hook request from a chart as an EHR does: by filling the service's own prefetch templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from cds_service.workbench.search import Json, answer

FAILURE: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "timeout", "diagnostics": "The search took too long"}],
}
_TOKEN = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")


def prefetch_of(
    bundle: Mapping[str, Any],
    context: Mapping[str, Any],
    templates: Mapping[str, str],
    known: Collection[str] | None = None,
    failing: Collection[str] = (),
) -> Json:
    """Every template answered from the chart. A key that is not `known` is left out (None: all are known), and so is
    one whose read fails; never null. In place of a failing search stands an OperationOutcome."""
    answers = {
        key: answer(bundle, query_of(template, context))
        for key, template in templates.items()
        if known is None or key in known
    }
    found: Json = {key: value for key, value in answers.items() if value is not None}
    return found | dict.fromkeys(sorted(failing), FAILURE)


def query_of(template: str, context: Mapping[str, Any]) -> str:
    """The template with its context tokens replaced. Raises ValueError for a token that the call cannot fill."""

    def value(token: re.Match[str]) -> str:
        found = context.get(token.group(1))
        if not isinstance(found, str):
            raise ValueError(f"this call has no context.{token.group(1)} for the template {template!r}")
        return found

    query = _TOKEN.sub(value, template)
    if "{{" in query:
        raise ValueError(f"the template {template!r} cannot be filled")
    return query
