"""Makes one chart of what somebody pastes or drops: Bundles, single resources, lists of them, or one resource a line.

References within a Bundle by `fullUrl` ("urn:uuid:…") are turned into "Type/id", as a server does that takes such a
Bundle in. Nothing here fails: what cannot be used is told in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import msgspec

from cds_service.workbench.search import Json, reference
from cds_service.workbench.server import KeyRead

_DEEPEST = 60
"""Levels of a resource; no kind of resource needs as many."""
_READ = msgspec.json.Decoder(float_hook=Decimal)
_WRITE = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as one Bundle, whose it is, and what of it was left out, in words."""

    bundle: Json
    patient_id: str
    left_out: tuple[str, ...] = ()
    read: tuple[KeyRead, ...] = ()
    """How each key was read, where the chart comes from a FHIR server."""

    @property
    def sent(self) -> dict[str, Json] | None:
        """What the FHIR server gave, by key; None for a chart that comes from no server."""
        return {one.key: one.value for one in self.read if one.value is not None} if self.read else None

    @property
    def size(self) -> int:
        """How many resources it has."""
        return len(self.bundle["entry"])

    @property
    def text(self) -> str:
        """The chart as it travels in a form."""
        return _WRITE.encode(self.bundle).decode()


@dataclass(frozen=True, slots=True)
class ChartUnusable:
    """Why no chart could be made, in words."""

    reason: str


def chart_of(texts: Iterable[str]) -> Chart | ChartUnusable:
    """The chart of all `texts` together."""
    entries: list[Json] = []
    left_out: list[str] = []
    for text in texts:
        for value in _values(text, left_out):
            entries += _entries(value, left_out)
    patients = [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Patient"]
    if not entries:
        reason = "This holds no FHIR resource. Paste a Bundle, or drop the files of one patient's resources."
        return ChartUnusable("; ".join([reason, *left_out[:3]]))
    if not patients:
        return ChartUnusable("There is no Patient among these resources, and every call is about one.")
    owner = patients[0]["id"]
    if len({patient["id"] for patient in patients}) > 1:
        left_out.append(f"There is more than one Patient; this is about the first, {owner}.")
    turned = {entry["fullUrl"]: reference(entry["resource"]) for entry in entries if "fullUrl" in entry}
    try:
        made = [entry | {"resource": _turned(entry["resource"], turned, _DEEPEST)} for entry in entries]
    except RecursionError:
        return ChartUnusable("A resource is nested too deep.")
    return Chart({"resourceType": "Bundle", "type": "collection", "entry": made}, owner, tuple(left_out))


def chart_read(read: Iterable[KeyRead]) -> Chart | ChartUnusable:
    """The chart of what a FHIR server gave: each resource once, though several keys may bring it."""
    kept = tuple(read)
    made = chart_of(one.text for one in kept if one.value is not None)
    if isinstance(made, ChartUnusable):
        return made
    once = {reference(entry["resource"]): entry for entry in made.bundle["entry"]}
    return replace(made, bundle=made.bundle | {"entry": list(once.values())}, read=kept)


def _values(text: str, left_out: list[str]) -> Iterator[Any]:
    """The JSON of a text: one value, or one a line (as bulk exports have it)."""
    text = text.lstrip("\ufeff")
    if not text.strip():
        return
    try:
        yield _READ.decode(text)
        return
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        lines = [line for line in text.splitlines() if line.strip()]
    try:
        found = [_READ.decode(line) for line in lines] if len(lines) > 1 else []
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        found = []
    if not found:
        left_out.append("A text was not JSON")
    yield from found


def _entries(value: object, left_out: list[str]) -> Iterator[Json]:
    """The resources within a value as entries of a Bundle."""
    if isinstance(value, list):
        for item in value:
            yield from _entries(item, left_out) if isinstance(item, dict) else ()
        return
    if not isinstance(value, dict):
        left_out.append("A value was no FHIR resource")
    elif value.get("resourceType") == "Bundle":
        listed = value.get("entry")
        for entry in listed if isinstance(listed, list) else ():
            resource = entry.get("resource") if isinstance(entry, dict) else None
            address = entry.get("fullUrl") if isinstance(entry, dict) else None
            if isinstance(resource, dict):
                yield from _entry(resource, address, left_out)
    else:
        yield from _entry(value, None, left_out)


def _entry(resource: Json, address: object, left_out: list[str]) -> Iterator[Json]:
    kind, id = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not kind:
        left_out.append("A resource without resourceType was left out")
        return
    if not isinstance(id, str) or not id:
        id = address.rpartition("/")[2].rpartition(":")[2] if isinstance(address, str) else ""
        if not id:
            left_out.append(f"A {kind} without id was left out")
            return
    named = {"fullUrl": address} if isinstance(address, str) and address else {}
    yield named | {"resource": {**resource, "id": id}}


def _turned(value: Any, addresses: Mapping[str, str], levels: int) -> Any:  # noqa: ANN401 - any JSON
    """The value with each reference to an entry's address turned to the resource's type and id."""
    if levels == 0:
        raise RecursionError
    if isinstance(value, dict):
        return {
            key: addresses.get(item, item)
            if key == "reference" and isinstance(item, str)
            else _turned(item, addresses, levels - 1)
            for key, item in value.items()
        }
    return [_turned(item, addresses, levels - 1) for item in value] if isinstance(value, list) else value
