"""Hook calls made of pieces of the example patients, by a short program of bytes that a fuzzer can change.

Each step of a program takes a resource of some example, changes up to three of its nodes, and puts it under the
prefetch key that asks for its type, or another, or into the user's hands. Bytes that are not there count as zero.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from cds_service.protocol.offer import Offer
from tests.fuzz.mutation import VALUES, at, paths, removed, replaced

EXAMPLES = Path(__file__).parents[2] / "fhir_examples"
PATIENT = "pt-1"
_MOST_STEPS = 24
_IN_HAND = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "medication-refill": "medications",
    "appointment-book": "appointments",
    "problem-list-item-create": "conditions",
    "allergyintolerance-create": "allergyIntolerance",
}


class Program:
    """Reads bytes as numbers."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    @property
    def is_over(self) -> bool:
        return self._place >= len(self._data)

    def number(self, below: int) -> int:
        """The next byte, or two where `below` needs them."""
        length = 1 if below <= 256 else 2
        taken = self._data[self._place : self._place + length]
        self._place += length
        return int.from_bytes(taken, "big") % below


@cache
def pool() -> tuple[tuple[dict[str, Any], tuple[tuple[Any, ...], ...]], ...]:
    """Every resource of the examples, all of them of one patient, with the places of its nodes."""
    found = (resource for folder in _folders() for resource in _resources(folder))
    return tuple((resource, tuple(paths(resource))) for resource in found)


def _folders() -> list[Path]:
    return sorted(path.parent for path in EXAMPLES.glob("*/bundle.json"))


def _resources(folder: Path) -> Iterator[dict[str, Any]]:
    text = (folder / "bundle.json").read_text(encoding="utf-8")
    entries = [entry["resource"] for entry in json.loads(text)["entry"]]
    id = next(resource["id"] for resource in entries if resource["resourceType"] == "Patient")
    ours = text.replace(f'"Patient/{id}"', f'"Patient/{PATIENT}"').replace(f'"{id}"', f'"{PATIENT}"')
    return (entry["resource"] for entry in json.loads(ours)["entry"])


def seeds(services: int) -> Iterator[bytes]:
    """A program for each example and some hook: its first resources as they are."""
    place = 0
    for turn, folder in enumerate(_folders()):
        count = sum(1 for _ in _resources(folder))
        steps = [place.to_bytes(2, "big") + b"\0\0" for place in range(place, place + min(count, _MOST_STEPS))]
        yield bytes([turn % services, 0]) + b"".join(steps)
        place += count


def call_of(data: bytes, offers: list[Offer]) -> tuple[Offer, bytes]:
    """The service that is called, and the body of the call."""
    program = Program(data)
    offer = offers[program.number(len(offers))]
    is_read_whole = program.number(4) == 0
    keys = _keys(offer.service.prefetch)
    held: dict[str, list[Any]] = (
        {key: [] for key in offer.service.prefetch if key != "patient"} if is_read_whole else {}
    )
    in_hand: list[Any] = []
    patient: Any = {"resourceType": "Patient", "id": PATIENT, "birthDate": "1955-05-05", "gender": "male"}
    for _ in range(_MOST_STEPS):
        if program.is_over:
            break
        resource = _piece(program)
        where = program.number(16)
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        natural = keys.get(kind, ()) if isinstance(kind, str) else ()
        if kind == "Patient":
            patient = resource
        elif where in (14, 15):
            in_hand.append(resource)
        elif natural:
            held.setdefault(natural[where % len(natural)], []).append(resource)
        else:
            names = list(offer.service.prefetch)
            held.setdefault(names[where % len(names)], []).append(resource)
    return offer, _body(offer, patient, held, in_hand)


def _keys(prefetch: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The keys by the type that they ask for."""
    types = {key: template.split("?")[0].split("/")[0] for key, template in prefetch.items()}
    return {kind: tuple(key for key, of in types.items() if of == kind) for kind in types.values()}


def _piece(program: Program) -> Any:
    resource, places = pool()[program.number(len(pool()))]
    changes = program.number(16)
    made: Any = resource
    for _ in range(max(0, changes - 12) if changes > 12 else int(changes > 6)):
        path = places[program.number(len(places))]
        try:
            made = _changed(made, path, program)
        except (LookupError, TypeError):  # An earlier change took the place away.
            continue
    return made


def _changed(resource: Any, path: tuple[Any, ...], program: Program) -> Any:
    at(resource, path)
    match program.number(4):
        case 0 if path:
            return removed(resource, path)
        case 1:
            other, places = pool()[program.number(len(pool()))]
            return replaced(resource, path, at(other, places[program.number(len(places))]))
        case _:
            return replaced(resource, path, VALUES[program.number(len(VALUES))])


def _body(offer: Offer, patient: Any, held: Mapping[str, list[Any]], in_hand: list[Any]) -> bytes:
    hook = offer.hook.name
    context: dict[str, Any] = {
        "patientId": PATIENT,
        "userId": "Practitioner/dr-1",
        "encounterId": "enc-1",
        "performer": "Organization/1",
        "selections": [f"{r.get('resourceType')}/{r.get('id')}" for r in in_hand if isinstance(r, dict)],
        "dispatchedOrders": [f"{r.get('resourceType')}/{r.get('id')}" for r in in_hand if isinstance(r, dict)],
    }
    if hook in _IN_HAND:
        context[_IN_HAND[hook]] = _bundle(in_hand)
    prefetch = {"patient": patient} | {key: _bundle(resources) for key, resources in held.items()}
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return msgspec.json.encode({"hook": hook, "hookInstance": instance, "context": context, "prefetch": prefetch})


def _bundle(resources: list[Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource} for resource in resources]}
