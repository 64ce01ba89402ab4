"""Builds a hook request from a chart as an EHR does: by filling the service's own prefetch templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cds_service.workbench.search import Json, answer, entries_of

FAILURE: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "timeout", "diagnostics": "The search took too long"}],
}
CUT: Json = {"relation": "next", "url": ""}
"""The link of a list that goes on, and does not say where."""
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


def completed(
    sent: Mapping[str, Json], added: Mapping[str, Any], context: Mapping[str, Any], templates: Mapping[str, str]
) -> Json:
    """What a server gave, by key, with what was `added` since. What stands under other keys are Medications, which
    support those who name them. A key that the server did not give stays absent, or holds what was added and is cut."""
    made: Json = {key: value for key, value in sent.items() if key in templates}
    medications = [entry for key, value in sent.items() if key not in templates for entry in entries_of(value)]
    for key, template in templates.items():
        found = answer(added, query_of(template, context)) if "?" in template else None
        more = list(entries_of(found)) if found is not None else []
        if key in sent and template.startswith("Medication"):
            more += [entry | {"search": {"mode": "include"}} for entry in medications]
        if more:
            made[key] = _joined(made.get(key), more)
    return made


def _joined(value: Json | None, more: Sequence[Json]) -> Json:
    """The list with `more` in it; what is wrong with its own entries stays as it is."""
    made = {"resourceType": "Bundle", "type": "searchset", "link": [CUT]} if value is None else value
    listed = made.get("entry")
    entries = [*(listed if isinstance(listed, list) else ()), *more]
    return made | {"total": sum(not _is_included(entry) for entry in entries), "entry": entries}


def _is_included(entry: object) -> bool:
    found = entry.get("search") if isinstance(entry, dict) else None
    return isinstance(found, dict) and found.get("mode") == "include"


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
