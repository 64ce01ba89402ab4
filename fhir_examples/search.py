"""A FHIR search over one chart in memory: just enough to answer a CDS service's prefetch templates as an EHR would.

Knows reads (`Patient/123`) and searches by patient or subject, code, category, status and _id; follows `_include`;
ignores `_count` and `_sort`, since a chart here is one short page. Any other parameter is an error, so that no template
is answered wrongly in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fhir_examples.example import Json, resources

_IGNORED = frozenset({"_count", "_sort"})
_CODED = {"code": ("code", "medicationCodeableConcept", "vaccineCode"), "category": ("category",)}


def answer(bundle: Mapping[str, Any], query: str) -> Json | None:
    """What an EHR holding this chart answers to `query`: a resource, or a searchset Bundle; None for a failing read."""
    path, _, parameters = query.partition("?")
    if not parameters:
        return next((item for item in resources(bundle) if _reference(item) == path), None)
    conditions = parse_qsl(parameters, keep_blank_values=True)
    found = [entry for entry in bundle.get("entry", ()) if _matches(entry["resource"], path, conditions)]
    included = [entry for name, value in conditions if name == "_include" for entry in _included(bundle, found, value)]
    entries = [_entry(entry, "match") for entry in found] + [_entry(entry, "include") for entry in included]
    made: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return made | {"entry": entries} if entries else made


def _entry(entry: Mapping[str, Any], mode: str) -> Json:
    return {"fullUrl": entry["fullUrl"], "resource": entry["resource"], "search": {"mode": mode}}


def _reference(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _matches(resource: Json, resource_type: str, conditions: list[tuple[str, str]]) -> bool:
    if resource["resourceType"] != resource_type:
        return False
    return all(_holds(resource, name, value) for name, value in conditions)


def _holds(resource: Json, name: str, value: str) -> bool:
    if name in _IGNORED or name == "_include":
        return True
    if name in ("patient", "subject"):
        owner = resource.get("subject") or resource.get("patient") or {}
        return bool(owner.get("reference") == f"Patient/{value.removeprefix('Patient/')}")
    if name == "status":
        return resource.get("status") in value.split(",")
    if name == "_id":
        return resource["id"] in value.split(",")
    if name in _CODED:
        tokens = _tokens(resource, _CODED[name])
        return any(token in tokens for token in value.split(","))
    raise ValueError(f"the examples' search does not know the parameter {name!r}")


def _tokens(resource: Json, members: tuple[str, ...]) -> set[str]:
    """The codes of the named members as search tokens: "system|code" and "code"."""
    found: set[str] = set()
    for member in members:
        concepts = resource.get(member, [])
        for concept in concepts if isinstance(concepts, list) else [concepts]:
            for coding in concept.get("coding", ()):
                found |= {f"{coding.get('system', '')}|{coding['code']}", coding["code"]}
    return found


def _included(bundle: Mapping[str, Any], found: list[Json], include: str) -> list[Json]:
    """Entries that a match points to by the parameter after the colon (`MedicationRequest:medication`)."""
    parameter = include.split(":")[1]
    targets = {
        value.get("reference")
        for entry in found
        for member, value in entry["resource"].items()
        if member.lower() == f"{parameter}reference" and isinstance(value, dict)
    }
    return [entry for entry in bundle.get("entry", ()) if _reference(entry["resource"]) in targets]
