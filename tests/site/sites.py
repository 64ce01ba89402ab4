"""Sites in a few words, the knowledge built for them, and the cards that example patients then get."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import msgspec

from cds_service.cards import Card
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.rows import DataFile
from cds_service.protocol.offer import offers_of
from cds_service.site import Site, SiteBroken, SiteFault, read_site
from fhir_examples.example import Example, Json, load
from fhir_examples.request import request_of
from hooks.anti_mag.knowledge import build


def read(text: str) -> tuple[Site, tuple[SiteFault, ...]]:
    return read_site(DataFile("site.toml", text))


def site(text: str) -> Site:
    """The site of a text in which the reader finds no fault."""
    made, faults = read(text)
    assert faults == ()
    return made


def knowledge(text: str = "") -> Knowledge:
    return build(site(text))


def refused(text: str) -> list[SiteFault]:
    """What the package says against a site whose file is well-formed."""
    try:
        build(site(text))
    except SiteBroken as broken:
        return list(broken.faults)
    return []


def cards(built: Knowledge, patient: Example | str, call_name: str = "patient-view") -> tuple[Card, ...]:
    """The cards of an example patient's call under the given knowledge."""
    example = load(patient) if isinstance(patient, str) else patient
    call = next(call for call in example.calls if call.name == call_name)
    offer = next(offer for offer in offers_of([built]).values() if offer.hook.name == call.hook)
    request = request_of(example, call, offer.service.prefetch)
    return offer.cards(msgspec.json.encode(request), today=call.as_of, zone=UTC)


def topics(shown: tuple[Card, ...]) -> list[str]:
    return [card.topic for card in shown]


def recoded(patient: str, old: str, system: str, code: str, **value: object) -> Example:
    """An example patient whose laboratory writes a code of its own in place of `old`, and other members of results."""
    example = load(patient)
    raw = msgspec.json.encode(example.bundle)
    bundle: Json = msgspec.json.decode(raw)
    changed = 0
    for entry in bundle["entry"]:
        for coding in entry["resource"].get("code", {}).get("coding", ()):
            if coding["code"] == old:
                coding.update(system=system, code=code)
                entry["resource"].update(value)
                changed += 1
    assert changed
    return replace(example, bundle=bundle)
