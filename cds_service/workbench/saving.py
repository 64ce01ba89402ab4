"""What is on the screen as a folder in the form of the example patients: a disagreement becomes a test.

The expected cards are those that the service gives; whoever disagrees changes them by hand, and tells the story.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import msgspec

from cds_service.protocol.response import without_uuids
from cds_service.workbench.case import Case, Outcome
from cds_service.workbench.patient import Patient
from cds_service.workbench.search import entries_of, reference

FOLDER = "my_patient"
_WRITE = msgspec.json.Encoder(decimal_format="number")
_STORY = """# {title}

Write here who this is and what happens, in a few sentences.

| call | expected card | rests on |
| --- | --- | --- |
{rows}

Change expected-{call}.json where you expect something else, and say in "rests_on" what it rests on. Then:

    cds-service assure {folder}
"""


def saved(patient: Patient) -> bytes:
    """The folder as a zip archive."""
    outcome = patient.replayed()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(patient, outcome).items():
            archive.writestr(f"{FOLDER}/{name}", content)
    return held.getvalue()


def _files(patient: Patient, outcome: Outcome) -> dict[str, bytes]:
    call = _file_name(patient.call)
    expected = [_expected(outcome, card) for card in outcome.cards]
    rows = (
        "\n".join(f"| {call} | `{card['topic']}`, {card['indicator']} | |" for card in expected)
        or f"| {call} | none | |"
    )
    story = _STORY.format(title=" ".join(patient.title.split()), rows=rows, call=call, folder=FOLDER)
    return {
        "story.md": story.encode(),
        "bundle.json": _json(_whole(outcome.case)),
        "calls.json": _json([_call(call, outcome.case)]),
        f"{call}.json": msgspec.json.format(outcome.sent or b"{}", indent=2),
        f"expected-{call}.json": _json(expected),
        f"cards-{call}.json": _json([without_uuids(card) for card in outcome.cards]),
    }


def _file_name(call: str) -> str:
    return "".join(letter for letter in call if letter.isalnum() or letter in "-_") or "call"


def _whole(case: Case) -> dict[str, Any]:
    """The chart, each entry with an address, as an example has it."""
    entries = [{"fullUrl": f"urn:example:{reference(entry['resource'])}", **entry} for entry in entries_of(case.bundle)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _call(name: str, case: Case) -> dict[str, Any]:
    made = {
        "name": name,
        "hook": case.offer.hook.name,
        "asOf": case.day.isoformat(),
        "context": dict(case.context),
        "known": "all" if case.known is None else sorted(case.known),
    }
    return made | ({"failing": sorted(case.failing)} if case.failing else {})


def _expected(outcome: Outcome, card: dict[str, Any]) -> dict[str, Any]:
    explanation = card["extension"][outcome.case.offer.knowledge.extension]
    rules = [{"logic": note["logic"], "truth": note["truth"]} for note in explanation["findings"]]
    return {"topic": card["source"]["topic"]["code"], "indicator": card["indicator"], "rules": rules, "rests_on": ""}


def _json(value: object) -> bytes:
    return msgspec.json.format(_WRITE.encode(value), indent=2) + b"\n"
