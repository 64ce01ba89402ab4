"""Draft orders: valid R4, required bindings kept, dose and schedule in fields and in words."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.record import Fact
from hooks.anti_mag import proposals
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.picture import Body, ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Diagnosis, Tier
from hooks.anti_mag.picture.hyperviscosity import Hyperviscosity
from hooks.anti_mag.picture.immunoglobulin import Igm, IgmValue
from hooks.anti_mag.picture.response import Response
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.treatment import Course, Dose, RituximabHistory
from hooks.anti_mag.picture.work_up import MissingTest
from hooks.anti_mag.referrals import REFERRALS

TODAY = date(2026, 11, 25)
HEIGHT = Fact("Observation/height", "Height", Decimal(175), "cm", "2026-10-01", "final")
WEIGHT = Fact("Observation/weight", "Weight", Decimal("74.0"), "kg", "2026-11-01", "final")
BARE = ClinicalPicture(today=TODAY, patient_id="p-1")
MEASURED = replace(BARE, body=Body(HEIGHT, WEIGHT, Decimal("1.90")))
DRAFT = Fact("Observation/igm", "IgM", Decimal(4300), "mg/dL", "2026-11-20", "final")

REQUIRED_BINDINGS = {
    ("MedicationRequest", "status"): {
        "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown",
    },
    ("MedicationRequest", "intent"): {
        "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option",
    },
    ("MedicationRequest", "priority"): {"routine", "urgent", "asap", "stat"},
    ("ServiceRequest", "status"): {
        "draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown",
    },
    ("ServiceRequest", "intent"): {
        "proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order",
        "option",
    },
    ("ServiceRequest", "priority"): {"routine", "urgent", "asap", "stat"},
}  # fmt: skip
"""R4's required value sets for the elements that we write; the FHIR models do not check them."""
PERIOD_UNITS = {"s", "min", "h", "d", "wk", "mo", "a"}


def every_proposal(picture: ClinicalPicture) -> dict[str, Any]:
    made = {name: proposals.test(picture, name) for name in proposals.DRAFTS}
    return {
        **made,
        "rituximab_weekly": proposals.rituximab_weekly(picture),
        "rituximab_two_doses": proposals.rituximab_two_doses(picture),
        "plasma_exchange": proposals.plasma_exchange(picture),
        "nerve_conduction": proposals.nerve_conduction(picture),
        **{name: proposals.referral(picture, name) for name in REFERRALS},
    }


URGENT = replace(
    MEASURED,
    hyperviscosity=Hyperviscosity(symptoms=Statement.yes()),
    response=Response(is_severe_worsening=True),
    diagnosis=Diagnosis(tier=Tier.CONFIRMED, is_coded=True),
    igm=Igm(current=IgmValue(Decimal(4300), date(2026, 11, 20), DRAFT)),
)
ALL = [
    pytest.param(suggestion, id=f"{label}-{name}")
    for label, picture in (("bare", BARE), ("measured", MEASURED), ("urgent", URGENT))
    for name, suggestion in every_proposal(picture).items()
]


def resource_of(suggestion):
    [action] = suggestion.actions
    assert action.type == "create"
    return action.resource


def leaves(value) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        assert value, "an empty list is no FHIR"
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("suggestion", ALL)
@pytest.mark.conformance("AC-03", "JS-07")
def test_a_draft_survives_a_round_trip_through_the_fhir_models(suggestion):
    resource = resource_of(suggestion)
    model = get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert json.loads(model.model_dump_json()) == resource
    assert model.status == "draft"


@pytest.mark.parametrize("suggestion", ALL)
@pytest.mark.conformance("JS-02", "JS-07")
def test_a_draft_is_plain_json_without_nulls(suggestion):
    for leaf in leaves(resource_of(suggestion)):
        assert type(leaf) in (str, int, float, bool)
        assert leaf != ""


@pytest.mark.parametrize("suggestion", ALL)
def test_required_bindings_are_kept(suggestion):
    resource = resource_of(suggestion)
    for (resource_type, element), allowed in REQUIRED_BINDINGS.items():
        if resource["resourceType"] == resource_type and element in resource:
            assert resource[element] in allowed
    for dosage in resource.get("dosageInstruction", []):
        assert dosage["timing"]["repeat"]["periodUnit"] in PERIOD_UNITS


@pytest.mark.parametrize("suggestion", ALL)
def test_a_draft_is_a_proposal_for_the_patient_dated_today(suggestion):
    resource = resource_of(suggestion)
    assert (resource["status"], resource["intent"]) == ("draft", "proposal")
    assert resource["subject"] == {"reference": "Patient/p-1"}
    assert resource["authoredOn"] == "2026-11-25"


@pytest.mark.parametrize("suggestion", ALL)
def test_every_code_written_is_one_of_ours_with_its_own_name(suggestion):
    resource = resource_of(suggestion)
    concept = resource.get("code") or resource["medicationCodeableConcept"]
    written = {display for code_set in CODES.values() for display in code_set.displays}
    assert concept["text"]
    for coding in concept.get("coding", []):
        assert ((coding["system"], coding["code"]), coding["display"]) in written


@pytest.mark.parametrize("suggestion", ALL)
def test_the_description_says_what_is_ordered(suggestion):
    description = suggestion.actions[0].description
    assert description.startswith("Draft order: ")
    assert suggestion.label


def test_rituximab_by_surface_says_dose_schedule_and_working():
    suggestion = proposals.rituximab_weekly(MEASURED, is_recommended=True)
    assert suggestion.is_recommended
    assert suggestion.actions[0].description == (
        "Draft order: rituximab 375 mg/m² IV once weekly, 4 doses (off-label) - 713 mg per dose for 1.90 m²"
    )
    resource = resource_of(suggestion)
    assert resource["medicationCodeableConcept"] == {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "121191", "display": "rituximab"}],
        "text": "rituximab",
    }
    [dosage] = resource["dosageInstruction"]
    assert dosage["timing"] == {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnit": "wk"}}
    assert dosage["doseAndRate"] == [
        {"doseQuantity": {"value": 713, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}
    ]
    assert dosage["route"] == {"text": "intravenous"}
    assert "Off-label" in dosage["text"]
    [note] = resource["note"]
    for told in ("1.90 m²", "Mosteller", "175 cm (2026-10-01)", "74.0 kg (2026-11-01)", "rule TX-1"):
        assert told in note["text"]


def test_an_old_height_or_weight_is_used_and_said():
    body = replace(MEASURED.body, is_old=True)
    suggestion = proposals.rituximab_weekly(replace(MEASURED, body=body))
    assert "713 mg per dose" in suggestion.actions[0].description
    assert "is old: measure again" in suggestion.actions[0].description
    assert "is old: measure again" in resource_of(suggestion)["note"][0]["text"]


def test_without_body_surface_the_dose_stays_per_square_metre():
    suggestion = proposals.rituximab_weekly(BARE)
    assert "compute each dose from height and weight" in suggestion.actions[0].description
    [dosage] = resource_of(suggestion)["dosageInstruction"]
    assert dosage["doseAndRate"][0]["doseQuantity"] == {
        "value": 375,
        "unit": "mg/m2",
        "system": "http://unitsofmeasure.org",
        "code": "mg/m2",
    }


def test_two_fixed_doses_are_two_weeks_apart_and_claim_no_trial():
    suggestion = proposals.rituximab_two_doses(MEASURED)
    [dosage] = resource_of(suggestion)["dosageInstruction"]
    assert dosage["timing"] == {"repeat": {"count": 2, "frequency": 1, "period": 14, "periodUnit": "d"}}
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == 1000
    assert "no trial in anti-MAG neuropathy" in suggestion.actions[0].description
    assert "off-label" in suggestion.actions[0].description
    assert not suggestion.is_recommended


def test_a_further_course_names_the_retreatment_rule():
    dose = Dose(date(2025, 1, 7), Fact("MedicationAdministration/1", "Rituximab"))
    treated = replace(MEASURED, rituximab=RituximabHistory(courses=(Course((dose,)),)))
    assert "rule RT-1" in resource_of(proposals.rituximab_weekly(treated))["note"][0]["text"]


@pytest.mark.parametrize(
    ("diagnosis", "reason"),
    [
        (Diagnosis(tier=Tier.CONFIRMED, is_coded=True), "Anti-MAG neuropathy"),
        (Diagnosis(tier=Tier.CONFIRMED), "Neuropathy with IgM anti-MAG antibody"),
        (Diagnosis(tier=Tier.PROBABLE), "Neuropathy with IgM anti-MAG antibody"),
        (Diagnosis(tier=Tier.POSSIBLE, neuropathy=Statement.yes()), "Neuropathy, suspected anti-MAG neuropathy"),
        (Diagnosis(has_gammopathy=True), "IgM monoclonal gammopathy"),
    ],
)
def test_the_reason_is_no_surer_than_the_chart(diagnosis, reason):
    resource = resource_of(proposals.test(replace(BARE, diagnosis=diagnosis), "igm"))
    assert resource["reasonCode"] == [{"text": reason}]


def test_without_any_reason_on_record_none_is_written():
    assert "reasonCode" not in resource_of(proposals.test(BARE, "hbsag"))


def test_plasma_exchange_carries_a_code_that_everybody_may_use():
    code = resource_of(proposals.plasma_exchange(BARE))["code"]
    assert [(coding["system"], coding["code"]) for coding in code["coding"]] == [
        ("http://www.cms.gov/Medicare/Coding/ICD10", "6A551Z3")
    ]
    assert "plasmapheresis" in code["text"]


def test_priority_follows_the_danger():
    assert "priority" not in resource_of(proposals.plasma_exchange(BARE))
    assert resource_of(proposals.plasma_exchange(URGENT))["priority"] == "urgent"
    assert resource_of(proposals.referral(URGENT, "haematology_referral"))["priority"] == "asap"
    assert resource_of(proposals.neurology_referral(URGENT))["priority"] == "urgent"
    assert "urgent" in proposals.plasma_exchange(URGENT).actions[0].description


def test_the_newest_igm_goes_with_plasma_exchange():
    assert "Serum IgM 4300 mg/dL on 2026-11-20." in resource_of(proposals.plasma_exchange(URGENT))["note"][0]["text"]


def test_the_rule_stands_in_the_note_where_the_card_names_it():
    assert "rule G1" in resource_of(proposals.test(BARE, "hbsag", rule="G1"))["note"][0]["text"]


@pytest.mark.parametrize("name", sorted(proposals.DRAFTS))
def test_a_missing_test_gets_its_draft(name):
    suggestion = proposals.for_missing(BARE, MissingTest(name, name, "never done"))
    assert suggestion == proposals.test(BARE, name)
    assert resource_of(suggestion)["code"]["coding"][0]["system"] == "http://loinc.org"


def test_a_missing_nerve_conduction_study_gets_its_draft_and_missing_scores_none():
    study = proposals.for_missing(BARE, MissingTest("nerve_conduction", "Nerve conduction study", "never done"))
    assert study == proposals.nerve_conduction(BARE)
    assert proposals.for_missing(BARE, MissingTest("scores", "Scores", "never recorded")) is None
