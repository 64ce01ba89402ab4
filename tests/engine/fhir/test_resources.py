"""What is read from each type of resource."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.codes import Concept
from cds_service.record import GapReason, Reaction
from cds_service.values import Quantity, ReferenceRange, Text, Titre
from tests.engine.fhir.charts import (
    ABSENT,
    CREATININE,
    HAEMOGLOBIN,
    LOINC,
    RXNORM,
    SUBJECT,
    SYSTOLIC,
    bundle,
    concept,
    condition,
    observation,
    one,
    read,
    reasons,
    request,
    resource,
)

GRAMS = {"value": 13.5, "unit": "g/dL"}


@pytest.mark.parametrize(
    ("status", "read_as"),
    [("final", "final"), ("FINAL", "final"), ("entered-in-error", "entered-in-error"), ("banana", "banana")],
)
def test_a_status_is_kept_as_received_in_lower_case(status: str, read_as: str):
    assert one(observation(status=status)).results[0].status == read_as


def test_a_result_without_status_is_a_gap():
    record = one(observation(status=ABSENT))
    assert record.results[0].status == ""
    assert reasons(record) == [GapReason.VALUE_UNREADABLE]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([{"low": {"value": 12, "unit": "g/dL"}, "high": {"value": 16, "unit": "g/dL"}}], (12, 16, "g/dL")),
        ({"low": {"value": 120, "unit": "g/L"}, "high": {"value": 160, "unit": "g/L"}}, (12, 16, "g/dL")),
        ([{"low": {"value": 12}, "high": {"value": 16}}], (12, 16, "g/dL")),
        ([{"high": {"value": 16}}], (None, 16, "g/dL")),
        ([{"text": "12 - 16"}], (12, 16, "g/dL")),
        ([{"text": "12 - 16 g/dL"}], (12, 16, "g/dL")),
        ([{"text": "120-160 g/L"}], (12, 16, "g/dL")),
        ([{"text": "<16"}], (None, 16, "g/dL")),
        ([{"text": "> 12 g/dL"}], (12, None, "g/dL")),
        ([{"text": "see report"}], (None, None, None)),
        ([{"low": {"value": 12}, "type": {"text": "x"}}, {"low": {"value": 1}, "appliesTo": [{}]}], (12, None, "g/dL")),
    ],
)
def test_the_reference_range_is_in_the_unit_of_the_value(ranges: Any, expected: tuple[Any, Any, Any]):
    record = one(observation(referenceRange=ranges, valueQuantity=GRAMS))
    found = record.results[0].reference_range
    assert found is not None
    assert (found.low, found.high) == expected[:2]
    assert found.unit == expected[2] or found.low is found.high is None
    assert not record.gaps


def test_a_value_without_unit_leaves_the_range_its_own():
    ranges = [{"low": {"value": 12, "unit": "g/dL"}}]
    found = one(observation(referenceRange=ranges, valueQuantity={"value": 13})).results[0].reference_range
    assert found == ReferenceRange(Decimal(12), None, "g/dL")


def test_a_titre_has_a_range_in_titres():
    record = one(observation(valueString="1:6400", referenceRange=[{"text": "<1:400"}]))
    assert record.results[0].reference_range == ReferenceRange(None, Decimal(400), "{titer}", "<1:400")


@pytest.mark.parametrize(
    "ranges",
    [
        [{"low": {"value": 12, "unit": "cP"}}],
        [{"low": {"value": 12}}, {"low": {"value": 13}}],
        [{"low": {"value": 16}, "high": {"value": 12}}],
        [{"low": {"value": "x"}}],
        "normal",
    ],
)
def test_a_range_that_cannot_be_had_costs_only_itself(ranges: Any):
    record = one(observation(referenceRange=ranges, valueQuantity=GRAMS))
    found = record.results[0].reference_range
    assert found is None or (found.low is None and found.high is None)
    assert len(record.gaps) == 1
    assert record.knows("key")


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ([{"coding": [{"code": "H"}]}], {"H"}),
        ({"coding": [{"code": "pos"}]}, {"POS"}),
        ([{"text": "High"}], {"H"}),
        ([{"text": "L"}], {"L"}),
        ("H", {"H"}),
        ([{"text": "as expected"}], set()),
        ([{"coding": [{"code": "Q9"}], "text": "High"}], {"Q9", "H"}),
        (None, set()),
    ],
)
def test_interpretations_are_codes_in_upper_case(sent: Any, codes: set[str]):
    assert one(observation(interpretation=sent)).results[0].interpretation == codes


def test_method_and_laboratory_are_kept():
    performers = [
        {"reference": "Practitioner/1", "display": "Dr A"},
        {"reference": "Organization/2", "display": "Lab B"},
    ]
    result = one(observation(method={"text": "ELISA"}, performer=performers)).results[0]
    assert (result.method, result.laboratory) == ("ELISA", "Lab B")


def test_components_with_a_code_asked_for_are_results_of_their_own():
    components = [
        {"code": concept(SYSTOLIC), "valueQuantity": {"value": 120, "unit": "mm[Hg]"}},
        {"code": concept("0-0"), "valueQuantity": {"value": 80, "unit": "mm[Hg]"}},
        {"code": concept(CREATININE), "valueString": "<1"},
        7,
    ]
    record = one(observation("panel", "0-1", valueQuantity=ABSENT, component=components))
    assert [(result.source, result.concept.codes) for result in record.results] == [
        ("Observation/panel", {(LOINC, SYSTOLIC)}),
        ("Observation/panel", {(LOINC, CREATININE)}),
    ]
    assert record.results[0].when == one(observation()).results[0].when
    assert reasons(record) == [GapReason.VALUE_UNREADABLE]


def test_a_panel_without_a_value_is_no_result():
    members = [{"reference": "Observation/2"}]
    assert not one(observation(valueQuantity=ABSENT, hasMember=members)).results
    assert one(observation(hasMember=members)).results
    assert one(observation(valueQuantity=ABSENT)).results[0].value is None


@pytest.mark.parametrize(
    "status",
    [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "Active"}]},
        {"coding": {"code": "active"}},
        [{"coding": [{"code": "active"}]}],
        {"text": "Active"},
        "active",
        {
            "coding": [
                {"system": "urn:local", "code": "7"},
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"},
            ]
        },
    ],
)
def test_the_status_of_a_problem_is_its_code_in_every_form(status: Any):
    assert one(condition(clinicalStatus=status)).problems[0].clinical_status == "active"
    assert one(condition(verificationStatus=status)).problems[0].verification_status == "active"


def test_a_problem_whose_status_cannot_be_read_is_not_taken_for_confirmed():
    record = one(condition(verificationStatus=7))
    assert not record.problems
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE]


@pytest.mark.parametrize(
    ("onset", "day", "gaps"),
    [
        ({"onsetDateTime": "2020-05-01"}, date(2020, 5, 1), 0),
        ({"onsetPeriod": {"start": "2020-05-01", "end": "2021-01-01"}}, date(2020, 5, 1), 0),
        ({"onsetString": "2020-05-01"}, date(2020, 5, 1), 0),
        ({"onsetString": "in childhood"}, None, 1),
        ({"onsetAge": {"value": 40, "unit": "a"}}, None, 1),
        ({}, None, 0),
    ],
)
def test_the_onset_of_a_problem(onset: dict[str, Any], day: date | None, gaps: int):
    record = one(condition(**onset))
    found = record.problems[0].onset
    assert (found and found.start) == day
    assert reasons(record) == [GapReason.DATE_UNREADABLE] * gaps


def test_a_condition_procedure_or_allergy_of_nothing_is_unreadable():
    record = one(
        condition(code=ABSENT),
        resource("Procedure", status="completed"),
        resource("AllergyIntolerance"),
        resource("MedicationStatement", status="active"),
        request(medicationCodeableConcept=ABSENT),
        resource("ServiceRequest", status="active", code={"coding": [{}]}),
    )
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE] * 6
    assert not record.knows("key")


@pytest.mark.parametrize(
    ("members", "status", "day"),
    [
        ({"occurrenceDateTime": "2025-11-03"}, "completed", date(2025, 11, 3)),
        ({"occurrenceString": "2025-11-03"}, "completed", date(2025, 11, 3)),
        ({"date": "2025-11-03", "wasNotGiven": False}, "completed", date(2025, 11, 3)),
        ({"date": "2025-11-03", "notGiven": True}, "not-done", date(2025, 11, 3)),
        ({"occurrenceString": "in childhood"}, "completed", None),
        ({}, "completed", None),
    ],
)
def test_an_immunization_has_its_vaccine_its_status_and_its_day(members: dict[str, Any], status: str, day: date | None):
    sent = resource("Immunization", status="completed", vaccineCode=concept("187", "http://hl7.org/fhir/sid/cvx"))
    given = one(sent | members).immunizations[0]
    assert given.concept == Concept(frozenset({("http://hl7.org/fhir/sid/cvx", "187")}))
    assert (given.status, given.when.start if given.when else None) == (status, day)


def test_an_immunization_without_a_vaccine_or_of_another_patient_is_a_gap():
    nothing = resource("Immunization", status="completed")
    other = resource("Immunization", "x-2", vaccineCode={"text": "X"}, patient={"reference": "Patient/other"})
    record = one(nothing, other)
    assert not record.immunizations
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE, GapReason.WRONG_PATIENT]


@pytest.mark.parametrize(
    ("members", "status", "day"),
    [
        ({"lifecycleStatus": "active", "startDate": "2025-11-03"}, "active", date(2025, 11, 3)),
        ({"lifecycleStatus": "ON_HOLD", "statusDate": "2025-11-04"}, "on-hold", date(2025, 11, 4)),
        (
            {"lifecycleStatus": "active", "startDate": "2025-11-03", "statusDate": "2025-12-01"},
            "active",
            date(2025, 11, 3),
        ),
        ({"status": "in-progress", "startDate": "2025-11"}, "in-progress", date(2025, 11, 1)),
        ({"lifecycleStatus": "active", "startCodeableConcept": {"text": "Admission"}}, "active", None),
        ({"lifecycleStatus": "active", "target": [{"dueDate": "2027-01-01"}]}, "active", None),
        ({"lifecycleStatus": "active", "startDate": "2026-01-10"}, "active", date(2026, 1, 10)),
        ({}, "", None),
    ],
)
def test_a_goal_has_what_is_aimed_at_its_status_and_its_day(members: dict[str, Any], status: str, day: date | None):
    aimed = one(resource("Goal", description=concept("1", "urn:x", "Walk a mile")) | members).goals[0]
    assert aimed.concept == Concept(frozenset({("urn:x", "1")}), "Walk a mile")
    assert (aimed.status, aimed.when.start if aimed.when else None) == (status, day)


def test_a_goal_that_cannot_be_read_leaves_its_key_unknown():
    nothing = resource("Goal", lifecycleStatus="active")
    spoilt = resource("Goal", "x-2", description={"text": "X"}, lifecycleStatus=7)
    record = one(nothing, spoilt)
    assert not record.goals
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE] * 2
    assert not record.knows("key")


def test_a_goal_of_another_patient_or_to_come_is_left_out():
    other = resource("Goal", description={"text": "X"}, subject={"reference": "Patient/other"})
    later = resource("Goal", "x-2", description={"text": "X"}, startDate="2026-01-11")
    record = one(other, later, condition())
    assert not record.goals
    assert reasons(record) == [GapReason.WRONG_PATIENT, GapReason.IN_FUTURE]
    assert record.knows("key")


def test_an_immunization_to_come_is_left_out():
    record = one(resource("Immunization", vaccineCode={"text": "X"}, occurrenceDateTime="2026-01-11"))
    assert not record.immunizations
    assert reasons(record) == [GapReason.IN_FUTURE]


def test_a_procedure_over_a_period_spans_its_days():
    period = {"start": "2025-01-02", "end": "2025-02-03"}
    procedure = one(resource("Procedure", status="completed", code={"text": "X"}, performedPeriod=period)).procedures[0]
    assert procedure.when is not None
    assert (procedure.when.start, procedure.when.end) == (date(2025, 1, 2), date(2025, 2, 3))


def test_an_allergy_names_its_own_substance_and_those_of_its_reactions():
    reaction = {"substance": {"text": "Amoxicillin"}, "manifestation": [{"text": "Rash"}, 7], "severity": "Severe"}
    record = one(resource("AllergyIntolerance", code={"text": "Penicillin"}, reaction=reaction, criticality="high"))
    allergy = record.allergies[0]
    assert [substance.text for substance in allergy.substances] == ["Penicillin", "Amoxicillin"]
    assert allergy.reactions == (Reaction((Concept(text="Rash"),), "severe"),)
    assert allergy.criticality == "high"
    assert reasons(record) == [GapReason.VALUE_UNREADABLE]


@pytest.mark.parametrize("name", ["criticality", "clinicalStatus", "verificationStatus"])
def test_a_status_of_an_allergy_that_cannot_be_read_costs_only_itself(name: str):
    record = one(resource("AllergyIntolerance", code={"text": "Penicillin"}, **{name: {"value": 1}}))
    (allergy,) = record.allergies
    assert (allergy.criticality, allergy.clinical_status, allergy.verification_status).count("") >= 1
    assert f"its {name} can't be read" in [gap.note for gap in record.gaps]


def administration(**members: Any) -> dict[str, Any]:
    base = {"medicationCodeableConcept": {"text": "Prednisone"}, "status": "completed"}
    return resource("MedicationAdministration", **base | members)


@pytest.mark.parametrize(
    ("sent", "kind", "day", "amount"),
    [
        (
            administration(effectiveDateTime="2025-01-02", dosage={"dose": {"value": 20, "unit": "mg"}}),
            "administration",
            date(2025, 1, 2),
            "20 mg",
        ),
        (
            administration(effectivePeriod={"start": "2025-01-02T22:00:00+01:00", "end": "2025-01-03T02:00:00+01:00"}),
            "administration",
            date(2025, 1, 2),
            None,
        ),
        (
            resource(
                "MedicationDispense",
                status="completed",
                medicationCodeableConcept={"text": "Prednisone"},
                whenHandedOver="2025-02-03",
                whenPrepared="2025-02-01",
                quantity={"value": 100, "unit": "mg"},
            ),
            "dispense",
            date(2025, 2, 3),
            "100 mg",
        ),
        (
            resource(
                "MedicationStatement",
                status="active",
                medicationCodeableConcept={"text": "Prednisone"},
                effectivePeriod={"start": "2024"},
                dosage=[{"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}]}],
            ),
            "statement",
            date(2024, 1, 1),
            "5 mg",
        ),
        (
            request(dosageInstruction={"doseQuantity": {"value": 5, "unit": "mg"}}),
            "request",
            date(2026, 1, 2),
            "5 mg",
        ),
    ],
)
def test_every_kind_of_evidence_of_a_medicine(sent: dict[str, Any], kind: str, day: date, amount: str | None):
    record = one(sent)
    medicine = record.medicines[0]
    assert (medicine.kind, medicine.concept.text) == (kind, "Prednisone")
    assert medicine.when is not None
    assert medicine.when.start == day
    assert (medicine.amount and medicine.amount.received) == amount
    assert not record.gaps


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"wasNotGiven": True}, "not-done"),
        ({"notGiven": True}, "not-done"),
        ({"wasNotTaken": True}, "not-taken"),
        ({"taken": "n"}, "not-taken"),
        ({"taken": "y"}, "completed"),
    ],
)
def test_what_older_versions_say_was_not_given_has_that_status(members: dict[str, Any], status: str):
    assert one(administration(**members)).medicines[0].status == status


def test_a_request_on_record_is_both_an_order_and_evidence():
    record = one(request(status="completed", reasonCode=[{"text": "Asthma"}]))
    assert [(order.is_draft, order.status) for order in record.orders] == [(False, "completed")]
    assert [medicine.kind for medicine in record.medicines] == ["request"]
    assert record.orders[0].resource == {}
    assert record.orders[0].reasons == record.medicines[0].reasons == (Concept(text="Asthma"),)


def test_a_draft_on_record_is_an_order_but_no_evidence():
    record = one(request(status="draft"))
    assert len(record.orders) == 1
    assert not record.medicines


def test_a_request_not_to_do_something_is_neither():
    record = one(request(doNotPerform=True), resource("ServiceRequest", code={"text": "X"}, doNotPerform="true"))
    assert not [*record.orders, *record.medicines, *record.gaps]
    assert record.knows("key")


def test_a_service_request_on_record_is_an_order():
    period = {"start": "2026-05-01"}
    sent = resource("ServiceRequest", status="active", intent="order", code={"text": "ECG"}, occurrencePeriod=period)
    order = one(sent).orders[0]
    assert (order.resource_type, order.concept.text, order.intent) == ("ServiceRequest", "ECG", "order")
    assert order.when is not None
    assert order.when.start == date(2026, 5, 1)


def test_dosages_give_amount_and_repeat():
    repeat = {"count": "4", "frequency": 1.0, "period": 0.5, "periodUnit": "wk"}
    line = {
        "text": "weekly",
        "timing": {"repeat": repeat},
        "doseAndRate": {"doseQuantity": {"value": 375, "code": "mg/m2", "system": "http://unitsofmeasure.org"}},
    }
    dosage = one(request(dosageInstruction=[line])).orders[0].dosages[0]
    assert dosage.amount == Quantity(Decimal(375), "mg/m2", "", "375 mg/m2")
    assert (dosage.count, dosage.frequency, dosage.period, dosage.period_unit) == (4, 1, Decimal("0.5"), "wk")
    assert dosage.text == "weekly"


@pytest.mark.parametrize(
    ("bounds", "days"),
    [
        ({"boundsDuration": {"value": 14, "unit": "d"}}, 14),
        ({"boundsDuration": {"value": 2, "code": "wk", "system": "http://unitsofmeasure.org"}}, 14),
        ({"boundsDuration": {"value": 14, "unit": "d", "comparator": ">"}}, None),
        ({"boundsDuration": {"value": 1, "unit": "mo"}}, None),
        ({"boundsPeriod": {"start": "2026-03-01", "end": "2026-03-14"}}, 14),
        ({"boundsPeriod": {"start": "2026-03-01", "end": "2026-03"}}, 31),
        ({"boundsPeriod": {"start": "2026-03-01"}}, None),
        ({}, None),
    ],
)
def test_the_bounds_of_a_repeat_say_how_many_days_it_lasts(bounds: Any, days: int | None):
    order = one(request(dosageInstruction=[{"timing": {"repeat": bounds}}])).orders[0]
    assert order.dosages[0].lasts == days


@pytest.mark.parametrize(
    ("supply", "refills"),
    [
        (None, 0),
        ({}, 0),
        ({"numberOfRepeatsAllowed": 3}, 3),
        ({"numberOfRepeatsAllowed": "3"}, 3),
        ({"numberOfRepeatsAllowed": "some"}, None),
        ({"numberOfRepeatsAllowed": 1.5}, None),
        (7, 0),
    ],
)
def test_how_often_a_prescription_may_be_dispensed_again(supply: Any, refills: int | None):
    record = one(request(dispenseRequest=supply))
    assert record.orders[0].refills == refills


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ({"doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]}, None),
        ({"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "thimble"}}]}, GapReason.UNIT_UNKNOWN),
        ({"doseAndRate": 7}, GapReason.VALUE_UNREADABLE),
        ({"timing": {"repeat": {"count": "often"}}}, GapReason.VALUE_UNREADABLE),
        ({"timing": {"event": ["soon"]}}, GapReason.DATE_UNREADABLE),
        ({"timing": {"repeat": {"boundsPeriod": {}}}}, None),
        (7, GapReason.VALUE_UNREADABLE),
    ],
)
def test_a_spoilt_dosage_never_costs_the_order(line: Any, gap: GapReason | None):
    record = one(request(dosageInstruction=[line]))
    assert len(record.orders) == 1
    assert all(dosage.amount is None for dosage in record.orders[0].dosages)
    assert reasons(record) == ([gap] if gap else [])
    assert record.knows("key")


MEDICATION = {
    "resourceType": "Medication",
    "id": "med",
    "code": {"text": "Deltasone 5 mg"},
    "ingredient": [
        {"itemCodeableConcept": concept("8640", RXNORM), "isActive": True},
        {"itemCodeableConcept": concept("1", "urn:filler"), "isActive": False},
    ],
}


@pytest.mark.parametrize(
    "reference", ["Medication/med", "https://ehr.test/fhir/Medication/med", "Medication/med/_history/3"]
)
@pytest.mark.parametrize("where", ["same", "other"])
def test_a_medication_is_found_by_reference_in_any_key(reference: str, where: str):
    sent = request(medicationReference={"reference": reference})
    keys = {"a": bundle(sent, MEDICATION)} if where == "same" else {"a": bundle(sent), "b": bundle(MEDICATION)}
    record = read(keys)
    assert record.medicines[0].concept == Concept(frozenset({(RXNORM, "8640")}), "Deltasone 5 mg")
    assert not record.gaps


def test_a_contained_medication_is_found():
    sent = request(medicationReference={"reference": "#med"}, contained=[MEDICATION])
    assert one(sent).orders[0].concept.codes == {(RXNORM, "8640")}


def test_a_medication_by_urn_is_found_in_its_own_bundle_first():
    def entries(text: str) -> list[dict[str, Any]]:
        drug = {"resourceType": "Medication", "code": {"text": text}}
        sent = request(text, medicationReference={"reference": "urn:uuid:1"})
        return [{"fullUrl": "urn:uuid:1", "resource": drug}, {"resource": sent}]

    record = read({key: {"resourceType": "Bundle", "entry": entries(key)} for key in ("a", "b")})
    assert [(order.source, order.concept.text) for order in record.orders] == [
        ("MedicationRequest/a", "a"),
        ("MedicationRequest/b", "b"),
    ]


def test_the_display_of_a_reference_serves_where_the_medication_was_not_sent():
    sent = request(medicationReference={"reference": "Medication/9", "display": "Prednisone 5 mg"})
    assert one(sent).orders[0].concept == Concept(text="Prednisone 5 mg")


def test_a_medication_that_cannot_be_told_may_be_anything():
    record = one(request(medicationReference={"reference": "Medication/9"}))
    assert not record.orders
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE]
    assert not record.knows("key")


def test_an_unknown_unit_keeps_the_result_as_text():
    record = one(observation(code=HAEMOGLOBIN, valueQuantity={"value": 9, "unit": "furlong"}))
    assert record.results[0].value == Text("9 furlong")
    assert record.gaps[0].source == "Observation/o-1"


def test_a_member_of_the_wrong_shape_is_read_where_one_belongs():
    sent = observation(valueQuantity=[GRAMS]) | {"code": [concept(HAEMOGLOBIN)], "subject": [SUBJECT]}
    assert isinstance(one(sent).results[0].value, Quantity)
    two = one(observation(valueQuantity=[GRAMS, {"value": 9}]))
    assert reasons(two) == [GapReason.VALUE_UNREADABLE]
    assert isinstance(one(observation(valueQuantity={"value": 5, "unit": "titer"})).results[0].value, Titre)


def test_a_reaction_told_in_words_alone_is_a_manifestation():
    reaction = [{"description": "anaphylactic shock", "manifestation": [{"text": "Rash"}]}]
    record = one(resource("AllergyIntolerance", code={"text": "Penicillin"}, reaction=reaction))
    assert [shown.text for shown in record.allergies[0].reactions[0].manifestations] == ["Rash", "anaphylactic shock"]


@pytest.mark.parametrize(
    ("sent", "endorsed"),
    [
        ("urn:oid:2.16.840.1.113883.6.73", "http://www.whocc.no/atc"),
        ("urn:oid:2.16.840.1.113883.6.285", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
        ("urn:oid:2.16.840.1.113883.6.4", "http://www.cms.gov/Medicare/Coding/ICD10"),
    ],
)
def test_a_code_system_by_its_oid_is_the_endorsed_one(sent, endorsed):
    record = one(condition(code=concept("X1", sent)))
    assert (endorsed, "X1") in record.problems[0].concept.codes


def contained(**members: Any) -> list[dict[str, Any]]:
    inner = observation("m1", **members)
    del inner["subject"]
    return [inner | {name: value for name, value in members.items() if name == "subject"}]


PANEL: dict[str, Any] = {"valueQuantity": ABSENT, "hasMember": [{"reference": "#m1"}]}


@pytest.mark.parametrize("kind", ["Observation", "DiagnosticReport"])
def test_a_contained_observation_is_a_result_of_the_patients_own(kind: str):
    def sent(owner: dict[str, Any], **members: Any) -> dict[str, Any]:
        whole = observation("p", "0-0", contained=contained(**members), **PANEL) | {"subject": owner}
        return whole | {"resourceType": kind}

    assert [result.source for result in one(sent(SUBJECT)).results] == [f"{kind}/p#m1"]
    assert not one(sent({"reference": "Patient/pt-2"})).results
    assert not one(sent(SUBJECT, subject={"reference": "Patient/pt-2"})).results
    assert [bool(result.caveat) for result in one(sent(SUBJECT, subject={"reference": "#x"})).results] == [True]
    assert not one(sent(SUBJECT, effectiveDateTime="2026-01-12")).results
