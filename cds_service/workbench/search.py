"""A FHIR search over one chart in memory: just enough to answer a CDS service's prefetch templates as an EHR would.

Knows reads (`Patient/123`) and searches by patient or subject, code, category, status and _id; follows `_include`;
ignores `_count` and `_sort`, since a chart here is one short page. Medications that a match names by reference come
along unasked, since the service looks them up itself where an EHR does not send them. Any other parameter is an error,
so that no template is answered wrongly in silence. Whatever stands in the chart, an answer comes: a resource that is
not formed as it should be is found by what can be read of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]

_IGNORED = frozenset({"_count", "_sort", "_include"})
_CODED = {"code": ("code", "medicationCodeableConcept", "vaccineCode"), "category": ("category",)}


def answer(bundle: Mapping[str, Any], query: str) -> Json | None:
    """What an EHR holding this chart answers to `query`: a resource, or a searchset Bundle; None for a failing read."""
    path, _, parameters = query.partition("?")
    entries = list(entries_of(bundle))
    if not parameters:
        return next((entry["resource"] for entry in entries if reference(entry["resource"]) == path), None)
    asked = parse_qsl(parameters, keep_blank_values=True)
    conditions = [_condition(name, value) for name, value in asked if name not in _IGNORED]
    found = [
        entry
        for entry in entries
        if entry["resource"].get("resourceType") == path and all(holds(entry["resource"]) for holds in conditions)
    ]
    wanted = [value for name, value in asked if name == "_include"]
    wanted += [f"{path}:medication"] if path.startswith("Medication") else []
    included = [entry for include in dict.fromkeys(wanted) for entry in _included(entries, found, include)]
    sent = [_entry(entry, "match") for entry in found] + [_entry(entry, "include") for entry in included]
    made: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return made | {"entry": sent} if sent else made


def entries_of(bundle: Mapping[str, Any]) -> Iterator[Json]:
    """The entries of a Bundle that hold a resource."""
    listed = bundle.get("entry")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry


def reference(resource: Mapping[str, Any]) -> str:
    """`Type/id` of a resource."""
    return f"{resource.get('resourceType', '')}/{resource.get('id', '')}"


def _entry(entry: Json, mode: str) -> Json:
    address = {"fullUrl": entry["fullUrl"]} if "fullUrl" in entry else {}
    return address | {"resource": entry["resource"], "search": {"mode": mode}}


def _condition(name: str, value: str) -> Callable[[Json], bool]:
    """Whether a resource is what a parameter asks for."""
    wanted = frozenset(value.split(","))
    if name in ("patient", "subject"):
        owner = f"Patient/{value.removeprefix('Patient/')}"
        return lambda resource: _owner(resource) == owner
    if name == "status":
        return lambda resource: resource.get("status") in wanted
    if name == "_id":
        return lambda resource: resource.get("id") in wanted
    if name in _CODED:
        return lambda resource: not wanted.isdisjoint(_tokens(resource, _CODED[name]))
    raise ValueError(f"the search in memory does not know the parameter {name!r}")


def _owner(resource: Json) -> object:
    """The reference to whom the resource is about; one to a Patient by an absolute address as a relative one."""
    named = resource.get("subject") or resource.get("patient")
    said = named.get("reference") if isinstance(named, dict) else None
    return "/".join(said.split("/")[-2:]) if isinstance(said, str) else None


def _tokens(resource: Json, members: tuple[str, ...]) -> set[str]:
    """The codes of the named members as search tokens: "system|code" and "code"."""
    found: set[str] = set()
    for coding in (coding for member in members for coding in _codings(resource.get(member))):
        found |= {f"{coding.get('system', '')}|{coding.get('code', '')}", str(coding.get("code", ""))}
    return found


def _codings(concepts: object) -> Iterator[Json]:
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        listed = concept.get("coding") if isinstance(concept, dict) else None
        yield from (coding for coding in (listed if isinstance(listed, list) else ()) if isinstance(coding, dict))


def _included(entries: Iterable[Json], found: Iterable[Json], include: str) -> list[Json]:
    """Entries that a match points to by the parameter after the colon (`MedicationRequest:medication`)."""
    member = f"{include.partition(':')[2]}reference".lower()
    pointers = [value for entry in found for name, value in entry["resource"].items() if name.lower() == member]
    targets = {str(value.get("reference")) for value in pointers if isinstance(value, dict)}
    return [entry for entry in entries if reference(entry["resource"]) in targets]
