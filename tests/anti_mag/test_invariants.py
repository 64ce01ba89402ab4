"""What must hold for every chart: the order of entries, other resources, units and failed reads change no decision.

Each property runs over the calls of all example patients but the decades-long ones, whose charts would take minutes.
That all dates and today may be moved together is shown beside the stored cards.
"""

from __future__ import annotations

import copy
import random
from decimal import Decimal

import pytest

from cds_service.commands.explaining import traced
from cds_service.knowledge.contract import Truth
from cds_service.main import KNOWLEDGE
from cds_service.protocol.offer import offers_of
from fhir_examples.build import every_call
from fhir_examples.example import Call, Example, Json
from fhir_examples.replay import cards_for

OFFERS = offers_of([KNOWLEDGE])
CALLS = [(example, call) for example, call in every_call() if not example.is_long]

ASK_FOR_WHAT_IS_MISSING = {
    *("DX-1", "DX-2", "WU-1", "WU-5", "SC-1", "MO-1", "MO-2", "RE-1", "RE-3", "RE-4", "FL-0", "PL-1", "PL-2"),
    *("G1", "G4b", "G8b", "G13", "WU-6", "supportiveCare", "C5"),
}
"""These ask for a result, a score or a referral that the chart does not hold: with less in it, they ask for more."""

FIRE_WITHOUT_HISTORY = {
    "TX-1": "unreadable earlier rituximab, hepatitis B or pregnancy never block it; the card says so (rulings 3 and 4)",
    "TX-2": "as TX-1: exchange or immunoglobulin where rituximab is not the choice",
    "TX-4": "speaks of the order in hand; whether the flare window is open cannot be told without the infusions",
}


OLDER_ONE_COUNTS = {
    ("flare_above_4000_dose_due", "igm-3"): {"G4c"},
    ("two_laboratories", "igm-serum-1"): {"G4c", "PL-2"},
    ("hepatitis_b_of_2018", "hbsag-1"): {"G2"},
}
"""Results without which another one counts: an older IgM that is lower, one that they contradict, an HBsAg that was
positive before."""


def every_example_call() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{ex.name}-{call.name}" for ex, call in CALLS])


def held(request: Json, call: Call) -> set[str]:
    """The logic ids of the rules that answer YES, heard at this hook or not."""
    trace = traced(OFFERS, request, call.as_of)
    verdicts = trace.verdicts if trace else ()
    return {verdict.rule.logic for verdict in verdicts if verdict.finding.truth is Truth.YES}


def bundles(request: Json) -> list[Json]:
    return [item for item in request["prefetch"].values() if item and item["resourceType"] == "Bundle"]


@every_example_call()
def test_the_order_of_entries_never_matters(example: Example, call: Call) -> None:
    request = copy.deepcopy(example.request(call))
    for seed, bundle in enumerate(bundles(request)):
        random.Random(seed).shuffle(bundle.get("entry", []))
    assert cards_for(request, call.as_of) == example.cards(call)


@every_example_call()
def test_unrelated_resources_never_change_a_card(example: Example, call: Call) -> None:
    request = copy.deepcopy(example.request(call))
    for key, bundle in request["prefetch"].items():
        if bundle and bundle["resourceType"] == "Bundle":
            bundle.setdefault("entry", []).insert(0, {"resource": unrelated(key, example.patient["id"])})
            bundle["total"] = len(bundle["entry"])
    assert cards_for(request, call.as_of) == example.cards(call)


def unrelated(key: str, patient: str) -> Json:
    """Something of general medicine such as this key may hold."""
    type, name, members = {
        "conditions": ("Condition", "code", {"clinicalStatus": coded("active", "condition-clinical")}),
        "allergies": ("AllergyIntolerance", "code", {"clinicalStatus": coded("active", "allergyintolerance-clinical")}),
        "procedures": ("Procedure", "code", {"status": "completed", "performedDateTime": "2019-05-02"}),
        "serviceRequests": ("ServiceRequest", "code", {"status": "active", "intent": "order"}),
        "immunizations": ("Immunization", "vaccineCode", {"status": "completed", "occurrenceDateTime": "2019-05-02"}),
        "goals": ("Goal", "description", {"lifecycleStatus": "active"}),
        "medicationRequests": (
            "MedicationRequest",
            "medicationCodeableConcept",
            {"status": "active", "intent": "order"},
        ),
        "medicationStatements": ("MedicationStatement", "medicationCodeableConcept", {"status": "active"}),
        "medicationDispenses": ("MedicationDispense", "medicationCodeableConcept", {"status": "completed"}),
        "medicationAdministrations": (
            "MedicationAdministration",
            "medicationCodeableConcept",
            {"status": "completed", "effectiveDateTime": "2019-05-02"},
        ),
    }.get(key, ("Observation", "code", {"status": "final", "effectiveDateTime": "2019-05-02", "valueString": "normal"}))
    who = "patient" if type in ("AllergyIntolerance", "Immunization") else "subject"
    made = {"resourceType": type, "id": "unrelated-1", who: {"reference": f"Patient/{patient}"}, **members}
    return made | {name: {"text": "Seasonal hay fever, loratadine, eye examination"}}


def coded(code: str, system: str) -> Json:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


@every_example_call()
def test_data_that_could_not_be_read_never_add_a_yes(example: Example, call: Call) -> None:
    request = example.request(call)
    before = held(request, call)
    # A list of infusions not read makes no test unneeded; an order being dispatched that is not had is named (C5b).
    may_ask = {"C5", "C5b", "DX-1", "SC-1", "WU-1"}
    for key in request["prefetch"]:
        if key != "patient":
            rest = {name: value for name, value in request["prefetch"].items() if name != key}
            more = held({**request, "prefetch": rest}, call) - before
            assert more <= may_ask | set(FIRE_WITHOUT_HISTORY), key


@every_example_call()
def test_results_taken_out_of_the_chart_add_no_yes_but_to_ask_for_them(example: Example, call: Call) -> None:
    request = example.request(call)
    before = held(request, call)
    for key in ("laboratory", "paraproteinTests", "hepatitisB", "pregnancyTests", "assessments", "vitalSigns"):
        bundle = request["prefetch"].get(key) or {}
        for entry in bundle.get("entry", ()):
            kept = [other for other in bundle["entry"] if other is not entry]
            fewer = {**bundle, "entry": kept, "total": len(kept)}
            more = held({**request, "prefetch": {**request["prefetch"], key: fewer}}, call) - before
            result = (example.name, entry["resource"]["id"])
            assert more <= ASK_FOR_WHAT_IS_MISSING | OLDER_ONE_COUNTS.get(result, set()), result


TO_OTHER_UNIT = {"mg/dL": ("g/L", Decimal("0.01")), "g/L": ("mg/dL", Decimal(100)), "mg/L": ("g/L", Decimal("0.001"))}


@every_example_call()
def test_the_same_value_in_another_unit_gives_the_same_decisions(example: Example, call: Call) -> None:
    request = copy.deepcopy(example.request(call))
    for entry in (request["prefetch"].get("laboratory") or {}).get("entry", ()):
        ranges = entry["resource"].get("referenceRange", ())
        quantities = [
            entry["resource"].get("valueQuantity"),
            *(item.get(end) for item in ranges for end in ("low", "high")),
        ]
        for quantity in filter(None, quantities):
            write_in_other_unit(quantity)
    shown = [(card["source"]["topic"]["code"], card["indicator"]) for card in cards_for(request, call.as_of)]
    stored = [(card["source"]["topic"]["code"], card["indicator"]) for card in example.cards(call)]
    assert shown == stored
    assert held(request, call) == held(example.request(call), call)


def write_in_other_unit(quantity: Json) -> None:
    """Write mg/dL in g/L, g/L in mg/dL and mg/L in g/L, the same value to the last digit; leave other units alone."""
    unit, factor = TO_OTHER_UNIT.get(quantity.get("code", ""), (None, None))
    if unit and factor:
        value = Decimal(str(quantity["value"])) * factor
        quantity.update(value=float(value), unit=unit, code=unit)
