"""Each rule on three patients: one who fires it, a near miss that differs in one fact, and one whose data are missing.

The patients are the example charts, edited in one place. Boundaries of numbers are tested beside each rule's own cases.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cds_service.commands.explaining import traced
from cds_service.knowledge.contract import Finding, Truth
from cds_service.main import KNOWLEDGE
from cds_service.protocol.offer import offers_of
from fhir_examples.example import Json, load
from hooks.anti_mag import rules

OFFERS = offers_of([KNOWLEDGE])
LABORATORY = ("laboratory", "paraproteinTests")
ANSWERS = Path(__file__).with_name("answers.json")
Edit = Callable[[Json], None]


HBA1C = {
    "resourceType": "Observation",
    "id": "hba1c-1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
    "effectiveDateTime": "2026-01-08",
    "valueQuantity": {"value": 5.4, "unit": "%"},
}


class Proof(NamedTuple):
    """A call that fires a rule, an edit by which it does not hold, one by which it cannot be told, and the answer then.

    Where nothing can be missing, or another rule speaks of what is missing, the answer is NO, or YES for rules that ask
    for what is missing.
    """

    patient: str
    call: str
    near_miss: Edit
    missing: Edit
    then: str = "UNKNOWN"
    first: Edit | None = None
    """What is done to the call before all else, where no example fires the rule as it stands."""


def found(request: Json, id: str) -> list[Json]:
    """The resources of that id, wherever they are in the request."""
    context, prefetch = request["context"], request["prefetch"]
    places = [*context.values(), *prefetch.values()]
    entries = [entry["resource"] for place in places if isinstance(place, dict) for entry in place.get("entry", ())]
    return [item for item in (*places, *entries) if isinstance(item, dict) and item.get("id") == id]


def unread(*keys: str) -> Edit:
    """The EHR does not answer these keys."""

    def edit(request: Json) -> None:
        for key in keys:
            del request["prefetch"][key]

    return edit


def cut(*keys: str) -> Edit:
    """The EHR sends these lists as a first page: what is there counts, and nothing follows from what is not."""

    def edit(request: Json) -> None:
        for key in keys:
            bundle = request["prefetch"][key]
            bundle["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]

    return edit


def added(key: str, **resource: Any) -> Edit:
    """Another resource in the chart."""

    def edit(request: Json) -> None:
        bundle = request["prefetch"][key]
        bundle.setdefault("entry", []).append({"resource": resource})
        bundle["total"] = len(bundle["entry"])

    return edit


def without(*ids: str) -> Edit:
    """These resources are not in the chart."""

    def edit(request: Json) -> None:
        for bundle in (*request["prefetch"].values(), request["context"].get("draftOrders", {})):
            if bundle and "entry" in bundle:
                bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["id"] not in ids]
                if "total" in bundle:
                    bundle["total"] = len(bundle["entry"])

    return edit


def having(id: str, **members: Any) -> Edit:
    """This resource has other members; None takes one away."""

    def edit(request: Json) -> None:
        items = found(request, id)
        assert items, id
        for item in items:
            item.update(members)
            for name in [name for name, value in members.items() if value is None]:
                del item[name]

    return edit


def having_each(ids: tuple[str, ...], **members: Any) -> Edit:
    return both(*(having(id, **members) for id in ids))


def number(id: str, value: float) -> Edit:
    """This result has another number in the same unit."""

    def edit(request: Json) -> None:
        items = found(request, id)
        assert items, id
        for item in items:
            item["valueQuantity"]["value"] = value
            item.pop("interpretation", None)

    return edit


def in_mg_per_dl(id: str, value: int) -> Edit:
    """This result has a number with its unit."""
    unit = {"value": value, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
    return having(id, valueQuantity=unit, referenceRange=[{"high": {**unit, "value": 230}}])


def both(*edits: Edit) -> Edit:
    def edit(request: Json) -> None:
        for one in edits:
            one(request)

    return edit


MEDICINES = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")


def text(words: str) -> Json:
    return {"text": words}


NOT_NOW, SIGN, VIEW, SELECT = "not_a_good_day_for_rituximab", "order-sign", "patient-view", "order-select"
PROOFS: dict[str, Proof] = {
    "SA-1": Proof("pneumonia_and_antiviral_stopped", VIEW, without("pneumonia-1"), unread("conditions")),
    "RE-3": Proof("pneumonia_and_antiviral_stopped", VIEW, without("anti-hbc-total-1"), unread("hepatitisB")),
    "RE-4": Proof(
        "pneumonia_and_antiviral_stopped",
        VIEW,
        having_each(("igg-1", "platelets-1"), effectiveDateTime="2026-11-01"),
        unread(*LABORATORY),
    ),
    "RE-4b": Proof("low_igg_after_rituximab", VIEW, number("igg-2", 400), unread(*LABORATORY)),
    "AL-1": Proof(
        "rituximab_on_the_allergy_list",
        "allergyintolerance-create",
        having("reaction-new", code=text("Penicillin")),
        having("reaction-new", code=None),
        "NO",
    ),
    "G4": Proof("flare_above_4000_dose_due", SIGN, number("igm-3", 3999), unread(*LABORATORY), "NO"),
    "G4b": Proof("igm_without_unit", SIGN, in_mg_per_dl("igm-i-s-1", 900), unread(*LABORATORY)),
    "G4c": Proof("rituximab_without_a_reason", SELECT, number("igm-1", 2999), unread(*LABORATORY), "NO"),
    "C5": Proof(
        "safety_data_unavailable", SIGN, without("draft-rituximab"), having("draft-rituximab", status="cancelled"), "NO"
    ),
    "C5b": Proof(
        "order_with_everything_in_place",
        SIGN,
        having("draft-rituximab", medicationReference={"reference": "Medication/not-sent", "display": "rituximab"}),
        unread("conditions", *LABORATORY),
        "NO",
        first=having(
            "draft-rituximab",
            medicationCodeableConcept=None,
            medicationReference={"reference": "Medication/not-sent"},
        ),
    ),
    "TX-1": Proof("european_units_and_titres", VIEW, without("neuropathy-1"), unread("assessments")),
    "DX-1": Proof("cidp_with_igm_before_ivig", SELECT, without("cidp-1"), unread(*LABORATORY)),
    "DX-2": Proof("labs_and_a_problem_only", VIEW, without("anti-mag-1"), unread(*LABORATORY), "NO"),
    "WU-1": Proof("cidp_with_igm_before_ivig", SELECT, without("cidp-1"), unread(*LABORATORY)),
    "WU-3": Proof("weak_anti_mag_titre", VIEW, number("anti-mag-antibody-1", 9000), unread(*LABORATORY)),
    "WU-4": Proof(
        "strong_titre_without_paraprotein", VIEW, without("immunofixation-serum-1"), unread(*LABORATORY), "NO"
    ),
    "WU-6": Proof(
        "anti_mag_awaited",
        VIEW,
        both(having("vitamin-b12-1", effectiveDateTime="2025-11-03"), added("otherCauses", **HBA1C)),
        unread("otherCauses"),
    ),
    "SC-1": Proof("labs_and_a_problem_only", VIEW, without("neuropathy-1"), unread("assessments")),
    "MO-1": Proof("mild_stable", VIEW, without("neuropathy-1"), unread(*LABORATORY), "NO"),
    "G6": Proof(NOT_NOW, SIGN, without("community-acquired-pneumonia-1"), unread("conditions")),
    "G12": Proof(
        NOT_NOW, SIGN, both(number("platelets-1", 100), number("immunoglobulin-g-1", 700)), unread(*LABORATORY)
    ),
    "G13": Proof("igm_without_unit", SIGN, having("anti-mag-igm-1", method=text("Immunoblot")), unread("assessments")),
    "G15": Proof("subcutaneous_rituximab_first", SIGN, without("heart-failure-with-1"), unread("conditions")),
    "G1": Proof(
        "order_dispatched_without_hepatitis_b", "order-dispatch", without("rituximab-10-mg-1"), unread("hepatitisB")
    ),
    "G2": Proof("active_hepatitis_b", SIGN, without("hbsag-1", "hbv-dna-1"), unread("hepatitisB"), "NO"),
    "G3": Proof("newer_preliminary_igm", SIGN, without("anti-hbc-total-1"), unread("hepatitisB"), "NO"),
    "G10": Proof(
        "dose_error", "order-sign-doubled", both(number("weight-1", 140), number("height-1", 330)), unread("vitalSigns")
    ),
    "G10b": Proof(NOT_NOW, SIGN, without("draft-rituximab"), having("draft-rituximab", dosageInstruction=None)),
    "G17": Proof(
        "subcutaneous_rituximab_first", SIGN, without("draft-rituximab"), unread("medicationAdministrations"), "YES"
    ),
    "G11": Proof("several_gates_at_once", SIGN, without("obinutuzumab-1"), unread("medicationAdministrations")),
    "HV-1": Proof("hyperviscosity", SIGN, without("epistaxis-1", "blurred-vision-1"), unread("conditions")),
    "WU-5": Proof("flare_above_4000_dose_due", SIGN, number("igm-3", 2999), unread(*LABORATORY)),
    "G5": Proof("hyperviscosity", SIGN, without("epistaxis-1", "blurred-vision-1"), unread("conditions"), "NO"),
    "G8": Proof("pregnancy", SIGN, without("pregnancy-1", "hcg-1"), both(without("hcg-1"), unread("conditions"))),
    "G8b": Proof(NOT_NOW, SIGN, having("pt-not-now", gender="male"), unread("pregnancyTests")),
    "G9": Proof("several_gates_at_once", SIGN, without("rituximab-reaction-1"), unread("allergies")),
    "G14": Proof("leukoencephalopathy_in_history", SIGN, without("pml-1"), unread("conditions")),
    "G7": Proof(NOT_NOW, SIGN, without("mmr-vaccine-1"), unread("immunizations")),
    "G16": Proof(
        "orders_soon_after_rituximab",
        "order-sign-exchange",
        without("rituximab-10-mg-4"),
        unread("medicationAdministrations"),
        "NO",
    ),
    "RE-1": Proof(
        "follow_up_due",
        VIEW,
        without("rituximab-1", "rituximab-2", "rituximab-3", "rituximab-4"),
        unread("assessments"),
    ),
    "RE-2": Proof("worse_after_rituximab", VIEW, without("incat-2", "incat-leg-2", "i-rods-2"), unread("assessments")),
    "RT-1": Proof("relapse_after_response", VIEW, without("anti-mag-neuropathy-1"), unread("assessments")),
    "RT-2": Proof("new_course_too_soon", SELECT, without("draft-rituximab"), unread("medicationAdministrations"), "NO"),
    "RF-1": Proof("rituximab_failed", VIEW, without("anti-mag-neuropathy-1"), unread("assessments"), "NO"),
    "PL-1": Proof("hyperviscosity", SIGN, without("draft-rituximab"), unread(*LABORATORY)),
    "PL-2": Proof("rituximab_without_a_reason", SELECT, without("igm-1"), unread(*LABORATORY)),
    "MO-2": Proof("hyperviscosity", SIGN, without("neuropathy-1"), unread("assessments")),
    "FL-0": Proof(
        "igm_check_overdue",
        VIEW,
        without("rituximab-4", "rituximab-3", "rituximab-2", "rituximab-1"),
        unread(*LABORATORY),
    ),
    "FL-1": Proof("flare_below_4000", VIEW, without("igm-1"), unread(*LABORATORY)),
    "FL-2": Proof(
        "worsening_with_low_igm",
        SIGN,
        both(
            number("onls-2", 3),
            number("onls-leg-2", 2),
            number("i-rods-2", 61),
            having("clinical-course-1", valueCodeableConcept=text("stable")),
        ),
        unread("assessments"),
    ),
    "FL-3": Proof("flare_above_4000_dose_due", SIGN, number("igm-3", 3999), unread(*LABORATORY)),
    "FL-4": Proof("igm_raised_five_months_after_rituximab", VIEW, without("igm-4"), unread(*LABORATORY)),
    "WU-2": Proof("amyloid_suspected", VIEW, without("polyneuropathy-1"), unread("conditions"), "NO"),
    "TX-2": Proof("amyloid_suspected", VIEW, without("polyneuropathy-1"), unread("assessments")),
    "supportiveCare": Proof(
        "discharged_after_the_first_dose",
        "encounter-discharge",
        without("incat-disability-score-1"),
        unread("procedures"),
    ),
    "TX-3": Proof(
        "neurotoxic_drug_ordered",
        SELECT,
        having("draft-bortezomib", medicationCodeableConcept=text("Paracetamol")),
        unread("conditions"),
        "YES",
    ),
    "TX-4": Proof("ivig_and_prednisone_ordered", SELECT, without("neuropathy-1"), unread(*LABORATORY), "NO"),
    "DX-3": Proof("cidp_with_igm_before_ivig", SELECT, without("cidp-1"), unread(*LABORATORY)),
}


DOSES = tuple(f"rituximab-infusion-{number}" for number in (1, 2, 3, 4))
SOON_AFTER = "orders_soon_after_rituximab"
PAIN = {
    "resourceType": "Condition",
    "id": "pain-1",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "247398009"}]},
    "clinicalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
    },
}
VISCOSITY = {
    "resourceType": "Observation",
    "id": "viscosity-9",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "3128-6"}]},
    "effectiveDateTime": "2026-03-30",
    "valueQuantity": {"value": 5.1, "unit": "cP", "system": "http://unitsofmeasure.org", "code": "cP"},
}
NEWEST_SCORES = ("incat-2", "incat-leg-2", "i-rods-2", "grip-2")


def igm_of_march(value: int) -> Edit:
    """An IgM some weeks before the one on record, in mg/dL."""
    mg_dl = {"unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
    return added(
        "laboratory",
        resourceType="Observation",
        id="igm-0",
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": "2472-9"}]},
        effectiveDateTime="2026-03-11",
        valueQuantity={"value": value, **mg_dl},
    )


GOAL_OF_CARE = "palliative_care_as_a_goal"
ANTIBODY, ANTIGEN, ORDERED = "obinutuzumab_ordered", "hepatitis_b_of_2018", "efgartigimod_ordered"
NO_DISEASE = both(
    without("anti-mag-neuropathy-1", "igm-mgus-1", "anti-mag-antibody-1", "immunofixation-serum-1", "igm-1"),
    without("nerve-conduction-study-1", "incat-1"),
)


def for_days(days: int) -> Edit:
    """The steroid runs for so many days."""
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": {"value": days, "unit": "d"}}
    return having("draft-prednisone", dosageInstruction=[{"timing": {"repeat": repeat}}])


ALSO: dict[str, tuple[str, str, str, Edit]] = {
    "IgM fallen from the caution limit": (
        "PL-2",
        "rituximab_without_a_reason",
        SELECT,
        both(number("igm-1", 2900), igm_of_march(3000)),
    ),
    "palliative care is a goal": ("TX-1", GOAL_OF_CARE, VIEW, both()),
    "palliative care is a goal that is only proposed": (
        "TX-1",
        GOAL_OF_CARE,
        VIEW,
        having("palliative-goal-1", lifecycleStatus="proposed"),
    ),
    "goals unread": ("TX-1", GOAL_OF_CARE, VIEW, unread("goals")),
    "IgM fallen from just below it": (
        "PL-2",
        "rituximab_without_a_reason",
        SELECT,
        both(number("igm-1", 2900), igm_of_march(2999)),
    ),
    "IgM at the caution limit": ("PL-2", "rituximab_without_a_reason", SELECT, number("igm-1", 3000)),
    "worse on the first day that counts": (
        "RE-2",
        "worse_after_rituximab",
        VIEW,
        having_each(NEWEST_SCORES, effectiveDateTime="2026-04-03"),
    ),
    "worse on the day before": (
        "RE-2",
        "worse_after_rituximab",
        VIEW,
        having_each(NEWEST_SCORES, effectiveDateTime="2026-04-02"),
    ),
    "two IgM, neither with a unit": (
        "G4b",
        "igm_without_unit",
        SIGN,
        both(igm_of_march(2200), having_each(("igm-0", "igm-i-s-1"), valueQuantity={"value": 45})),
    ),
    "a study alone unread": ("DX-1", "labs_and_a_problem_only", VIEW, unread("assessments", "procedures")),
    "immunofixation may be on another page": ("DX-2", "labs_and_a_problem_only", VIEW, cut("paraproteinTests")),
    "a review may be on another page": ("MO-1", "mild_stable", VIEW, cut("assessments", "laboratory")),
    "a second method may be on another page": ("WU-3", "weak_anti_mag_titre", VIEW, cut("laboratory")),
    "subcutaneous in mg, medicines unread": (
        "G17",
        "subcutaneous_rituximab_first",
        SIGN,
        both(having("draft-rituximab", dosageInstruction=[{"text": "1400 mg"}]), unread(*MEDICINES)),
    ),
    "pain, medicines unread": (
        "supportiveCare",
        "mild_stable",
        VIEW,
        both(added("conditions", **PAIN), unread("medicationRequests")),
    ),
    "rituximab on unknown days, exchange ordered": (
        "G16",
        SOON_AFTER,
        "order-sign-exchange",
        having_each(tuple(f"rituximab-10-mg-{number}" for number in (1, 2, 3, 4)), effectiveDateTime=None),
    ),
    "rituximab on unknown days, a new course ordered": (
        "RT-2",
        "new_course_too_soon",
        SELECT,
        having_each(DOSES, effectiveDateTime=None),
    ),
    "vaccine ordered, medicines unread": ("G7", SOON_AFTER, "order-sign-vaccine", unread(*MEDICINES)),
    "hyperviscosity with its viscosity": ("HV-1", "hyperviscosity", SIGN, added("laboratory", **VISCOSITY)),
    "hyperviscosity, laboratory unread, no gammopathy listed": (
        "HV-1",
        "hyperviscosity",
        SIGN,
        both(without("waldenstrom-1"), unread(*LABORATORY)),
    ),
    "hyperviscosity with a raised IgM that may be polyclonal": (
        "HV-1",
        "hyperviscosity",
        SIGN,
        both(without("waldenstrom-1", "immunofixation-1", "igm-1", "anti-mag-1"), number("igm-2", 2900)),
    ),
    "scores are old, medicines unread": (
        "TX-1",
        "european_units_and_titres",
        VIEW,
        both(
            having_each(("onls-1", "onls-2", "onls-leg-1", "onls-leg-2", "i-rods-1"), effectiveDateTime="2023-01-09"),
            without("i-rods-2", "walk-10m-1", "walk-10m-2"),
            unread(*MEDICINES),
        ),
    ),
    "severity unknown, medicines unread": (
        "TX-1",
        "european_units_and_titres",
        VIEW,
        unread("assessments", *MEDICINES),
    ),
    "pneumonia, day of rituximab unknown": (
        "SA-1",
        "pneumonia_and_antiviral_stopped",
        VIEW,
        having_each(DOSES, effectiveDateTime=None),
    ),
    "hepatitis B, day of rituximab unknown": (
        "RE-3",
        "pneumonia_and_antiviral_stopped",
        VIEW,
        having_each(DOSES, effectiveDateTime=None),
    ),
    "allergy list unread while another is entered": (
        "AL-1",
        "rituximab_on_the_allergy_list",
        "allergyintolerance-create",
        unread("conditions"),
    ),
    "conduction study unread": ("DX-1", "cidp_with_igm_before_ivig", SELECT, unread("assessments", "procedures")),
    "a lower IgM after the gate": ("PL-2", "rituximab_without_a_reason", SELECT, number("igm-1", 3999)),
    # What leaves a rule open that another patient of it does not
    "reaction entered, problem list unread, nothing else of the disease": (
        "AL-1",
        "rituximab_on_the_allergy_list",
        "allergyintolerance-create",
        both(without("igm-serum-1", "igm-serum-2"), unread("conditions")),
    ),
    "strong titre, immunofixation unread": (
        "WU-4",
        "strong_titre_without_paraprotein",
        VIEW,
        both(without("immunofixation-serum-1"), cut("paraproteinTests")),
    ),
    "no symptom, and a viscosity without a unit": (
        "G5",
        "hyperviscosity",
        SIGN,
        both(
            without("epistaxis-1", "blurred-vision-1"),
            added("laboratory", **{**VISCOSITY, "valueQuantity": {"value": 5.1}}),
        ),
    ),
    "failed, day of rituximab unknown": (
        "RF-1",
        "rituximab_failed",
        VIEW,
        having_each(tuple(f"rituximab-{number}" for number in (1, 2, 3, 4)), effectiveDateTime=None),
    ),
    "no red flag on the first page of the problem list": (
        "WU-2",
        "amyloid_suspected",
        VIEW,
        both(without("amyloidosis-under-evaluation-1", "nerve-conduction-study-1"), cut("conditions")),
    ),
    # Another anti-CD20 antibody (ruling 31)
    "obinutuzumab without serology": ("G1", ANTIBODY, SIGN, number("igm-1", 4000)),
    "obinutuzumab at the limit of IgM": ("G4", ANTIBODY, SIGN, number("igm-1", 4000)),
    "obinutuzumab below the limit of IgM": ("G4", ANTIBODY, SIGN, number("igm-1", 3999)),
    "obinutuzumab for a lymphoma": ("G4", ANTIBODY, "order-sign-lymphoma", number("igm-1", 4000)),
    "obinutuzumab in a patient who is none of ours": ("G1", ANTIBODY, SIGN, NO_DISEASE),
    "obinutuzumab where serology was not answered": ("G1", ANTIBODY, SIGN, unread("hepatitisB")),
    # Hepatitis B past or active (ruling 35)
    "HBsAg positive before a negative one": ("G2", ANTIGEN, SIGN, without("lamivudine-1")),
    "HBsAg positive and not negative since": ("G2", ANTIGEN, SIGN, without("hbsag-1")),
    "HBsAg positive, serology not answered": ("G2", ANTIGEN, SIGN, unread("hepatitisB")),
    "HBsAg positive before, and no antiviral": ("G3", ANTIGEN, SIGN, without("lamivudine-1")),
    # A low IgG (ruling 36)
    "IgG low, infections not answered": ("RE-4b", "low_igg_after_rituximab", VIEW, unread("conditions")),
    # Immunotherapies for the neuropathy, short steroids, nitrofurantoin (ruling 38)
    "efgartigimod without a reason": ("TX-4", ORDERED, SELECT, having("draft-efgartigimod", reasonReference=None)),
    "efgartigimod for myasthenia": ("TX-4", ORDERED, "order-select-myasthenia", without("igg-1")),
    "efgartigimod, the laboratory not answered": ("TX-4", ORDERED, SELECT, unread(*LABORATORY)),
    "a steroid for 14 days": ("TX-4", ORDERED, "order-select-short-steroid", for_days(14)),
    "a steroid for 15 days": ("TX-4", ORDERED, "order-select-short-steroid", for_days(15)),
    "nitrofurantoin": ("TX-3", ORDERED, "order-select-nitrofurantoin", without("igg-1")),
    "nitrofurantoin in a patient who is none of ours": ("TX-3", ORDERED, "order-select-nitrofurantoin", NO_DISEASE),
}
"""Cases beside the three of each rule: its logic id, an example's call, an edit. The answers stand in the file."""


def edited(proof: Proof, *edits: Edit) -> tuple[Json, date]:
    """The request of a proof after its edits, and its day."""
    example = load(proof.patient)
    call = next(call for call in example.calls if call.name == proof.call)
    request = copy.deepcopy(example.request(call))
    for edit in (proof.first, *edits):
        if edit is not None:
            edit(request)
    return request, call.as_of


def requests_of(case: str) -> list[tuple[Json, date]]:
    """Every request of a rule, or of a case beside them."""
    if case in ALSO:
        _, patient, call, edit = ALSO[case]
        return [edited(Proof(patient, call, edit, edit), edit)]
    proof = PROOFS[case]
    return [edited(proof), edited(proof, proof.near_miss), edited(proof, proof.missing)]


def finding(logic: str, proof: Proof, *edits: Edit) -> Finding:
    trace = traced(OFFERS, *edited(proof, *edits))
    assert trace is not None
    return next(verdict.finding for verdict in trace.verdicts if verdict.rule.logic == logic)


def truth(logic: str, proof: Proof, *edits: Edit) -> str:
    return finding(logic, proof, *edits).truth.value


def told(finding: Finding) -> list[str]:
    """A finding in lines: the answer, the facts that it rests on, what would settle it."""
    facts = [f"{fact.what}: {fact.value}, {fact.date}, {fact.reference}" for fact in finding.facts]
    return [finding.truth.value, *facts, *(f"missing: {item}" for item in finding.missing)]


def answer(case: str) -> Any:
    """What a rule answers in a case, or on its three patients, as `answers.json` holds it."""
    if case in ALSO:
        logic, patient, call, edit = ALSO[case]
        return told(finding(logic, Proof(patient, call, edit, edit), edit))
    proof = PROOFS[case]
    return {
        "fires": told(finding(case, proof)),
        "near miss": told(finding(case, proof, proof.near_miss)),
        "missing": told(finding(case, proof, proof.missing)),
    }


CASES = (*ALSO, *PROOFS)


@functools.cache
def stored() -> Json:
    made: Json = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return made


def every_proof() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("logic", "proof"), PROOFS.items(), ids=list(PROOFS))


def test_every_rule_is_proved() -> None:
    assert set(PROOFS) == set(rules.BY_LOGIC)


@every_proof()
def test_the_rule_fires(logic: str, proof: Proof) -> None:
    assert truth(logic, proof) == Truth.YES.value


@every_proof()
def test_one_fact_less_and_it_does_not(logic: str, proof: Proof) -> None:
    assert truth(logic, proof, proof.near_miss) != Truth.YES.value


@every_proof()
def test_without_its_data_it_says_so(logic: str, proof: Proof) -> None:
    assert truth(logic, proof, proof.missing) == proof.then


def test_every_answer_is_stored_and_no_other() -> None:
    assert set(stored()) == set(CASES)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.boundaries(ALSO[case][0] if case in ALSO else case)) for case in CASES],
)
def test_the_facts_and_the_missing_data_are_the_stored_ones(case: str) -> None:
    """After a change that is meant: `python -m tests.anti_mag.test_every_rule`, and read the diff."""
    assert answer(case) == stored()[case]


if __name__ == "__main__":
    made = {case: answer(case) for case in CASES}
    ANSWERS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
