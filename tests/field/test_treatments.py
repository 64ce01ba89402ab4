"""Rituximab is found in the history however it is named and dated, and no first-line card is given to the treated."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_examples.example import Json
from tests.field.charts import ORDER_HOOKS, RXNORM, TODAY, coded, day, given, order, ordered, quantity, result, view

SCORE = result("incat-1", "incat", 40, valueQuantity=quantity(4, "{score}")) | {
    "code": coded("incat", "urn:anti-mag-cds:assessment")
}
NO_NAME = {"medicationCodeableConcept": None}
NDC, ATC = "http://hl7.org/fhir/sid/ndc", "http://www.whocc.no/atc"


def contained(**medication: Any) -> Json:
    return NO_NAME | {
        "contained": [{"resourceType": "Medication", "id": "m", **medication}],
        "medicationReference": {"reference": "#m"},
    }


NAMED: dict[str, Json] = {
    "ATC with a lower-case letter": {"medicationCodeableConcept": coded("l01fa01", ATC)},
    "ATC with blanks": {"medicationCodeableConcept": coded(" L01FA01 ", ATC)},
    "the ATC code of before 2022": {"medicationCodeableConcept": coded("L01XC02", ATC)},
    "ATC under its OID": {"medicationCodeableConcept": coded("L01FA01", "urn:oid:2.16.840.1.113883.6.73")},
    "ATC under https and a slash": {"medicationCodeableConcept": coded("L01FA01", "https://whocc.no/atc/")},
    "RxNorm with blanks": {"medicationCodeableConcept": coded(" 121191\t", RXNORM)},
    "RxNorm under its OID": {"medicationCodeableConcept": coded("121191", "urn:oid:2.16.840.1.113883.6.88")},
    "RxNorm under https": {
        "medicationCodeableConcept": coded("121191", "https://www.nlm.nih.gov/research/umls/rxnorm/")
    },
    "RxNorm code as a number": {"medicationCodeableConcept": coded(121191, RXNORM)},
    "NDC with a German name": {
        "medicationCodeableConcept": coded("99999-111-22", NDC, text="Rituximab-haltige Infusion")
    },
    "brand in capitals with a form": {"medicationCodeableConcept": {"text": "MABTHERA 1400 MG S.C. INJ"}},
    "Russian": {"medicationCodeableConcept": {"text": "Ритуксимаб 500 мг"}},
    "Latin of a prescription": {"medicationCodeableConcept": {"text": "Rituximabum 10 mg/ml conc. inf."}},
    "brand of India": {"medicationCodeableConcept": {"text": "Inj. REDITUX 500"}},
    "an abbreviation of the trade": {"medicationCodeableConcept": {"text": "rituximab-arrx (Riabni)"}},
    "a display alone": {"medicationCodeableConcept": {"coding": [{"display": "Rituximab infusion (hospital)"}]}},
    "display of a reference": NO_NAME | {"medicationReference": {"display": "Rixathon 100 mg conc."}},
    "a bare text": {"medicationCodeableConcept": "Rituxan"},
    "R5's concept": NO_NAME | {"medication": {"concept": coded("121191", RXNORM)}},
    "a contained name": contained(code={"text": "Ruxience IV"}),
    "a bag with an ingredient in words": contained(
        code={"text": "Bag 500 mL"}, ingredient=[{"itemCodeableConcept": {"text": "riTUXimab"}}]
    ),
    "a bag with several ingredients": contained(
        ingredient=[
            {"itemCodeableConcept": {"text": "sodium chloride 0.9 %"}},
            {"itemCodeableConcept": coded("121191", RXNORM)},
        ]
    ),
    "an ingredient that is no list": contained(ingredient={"itemCodeableConcept": coded("121191", RXNORM)}),
    "an ingredient of R5": contained(ingredient=[{"item": {"concept": coded("121191", RXNORM)}}]),
    "an ingredient by its display": contained(ingredient=[{"itemReference": {"display": "Rituximab"}}]),
    "an ingredient that is a mixture itself": NO_NAME
    | {
        "contained": [
            {"resourceType": "Medication", "id": "m", "ingredient": [{"itemReference": {"reference": "#inner"}}]},
            {
                "resourceType": "Medication",
                "id": "inner",
                "ingredient": [{"itemCodeableConcept": coded("121191", RXNORM)}],
            },
        ],
        "medicationReference": {"reference": "#m"},
    },
    "a product of DSTU2": NO_NAME
    | {
        "contained": [
            {"resourceType": "Medication", "id": "m", "product": {"ingredient": [{"item": {"reference": "#s"}}]}},
            {"resourceType": "Substance", "id": "s", "code": coded("121191", RXNORM)},
        ],
        "medicationReference": {"reference": "#m"},
    },
    "a package of STU3": contained(
        code={"text": "Kit"}, package={"content": [{"itemCodeableConcept": coded("121191", RXNORM)}]}
    ),
    "a contained Medication by its bare id": contained(code={"text": "Rituximab"})
    | {"medicationReference": {"reference": "m"}},
    "a name with underscores": {"medicationCodeableConcept": {"text": "RITUXIMAB_IV_500"}},
}
DATED: dict[str, Json] = {
    "no date": {"effectiveDateTime": None},
    "a month": {"effectiveDateTime": day(300)[:7]},
    "a year": {"effectiveDateTime": str(TODAY.year - 1)},
    "a period that only began": {"effectiveDateTime": None, "effectivePeriod": {"start": day(300)}},
    "a period of one month": {
        "effectiveDateTime": None,
        "effectivePeriod": {"start": day(330)[:7], "end": day(300)[:7]},
    },
    "a date of another country": {"effectiveDateTime": "19.08.2025"},
    "a date that is a number": {"effectiveDateTime": 20250819},
    "R5's name of the date": {"effectiveDateTime": None, "occurenceDateTime": day(300)},
    "stopped": {"status": "stopped"},
    "stopped, in capitals": {"status": "STOPPED"},
    "stopped and undated": {"status": "stopped", "effectiveDateTime": None},
    "stopped and dated by month": {"status": "stopped", "effectiveDateTime": day(300)[:7]},
    "still going on": {"status": "in-progress"},
    "on hold": {"status": "on-hold"},
    "the date that a database keeps where there is none": {"effectiveDateTime": "0001-01-01"},
}
UNTOLD: dict[str, Json] = {
    "a reference to what was not sent": NO_NAME | {"medicationReference": {"reference": "Medication/gone-1"}},
    "an identifier alone": NO_NAME | {"medicationReference": {"identifier": {"value": "K-3"}}},
    "a contained reference to nothing": NO_NAME | {"medicationReference": {"reference": "#gone"}},
    "R5's reference": NO_NAME | {"medication": {"reference": {"reference": "Medication/gone-1"}}},
    "a name that is an object": {"medicationCodeableConcept": {"text": {"value": "rituximab"}}},
    "a contained bag without ingredients": contained(status="active"),
    "no name at all": NO_NAME,
    "the number of a US product alone": {"medicationCodeableConcept": coded("50242-053-06", NDC)},
    "the number of a German product alone": {
        "medicationCodeableConcept": coded("01234567", "http://fhir.de/CodeSystem/ifa/pzn")
    },
    "the code of a hospital alone": {"medicationCodeableConcept": {"coding": [{"code": "RITUX700"}]}},
}
UNSAID: dict[str, Json] = {
    "no status": {"status": None},
    "unknown": {"status": "unknown"},
    "a word that FHIR does not have": {"status": "given"},
}
OTHER_KINDS: dict[str, tuple[str, Json]] = {
    "a statement on hold": ("medicationStatements", {"status": "on-hold"}),
    "a statement of R5 that does not say whether it is taken": ("medicationStatements", {"status": "recorded"}),
    "a statement of STU3 that does not know it": ("medicationStatements", {"status": "completed", "taken": "unk"}),
    "a dispense that is being prepared for pick-up": ("medicationDispenses", {"status": "in-progress"}),
    "an order that was stopped": ("medicationRequests", {"status": "stopped", "intent": "order"}),
    "an order whose fate is unknown": ("medicationRequests", {"status": "unknown", "intent": "order"}),
}
KINDS = {
    "medicationStatements": "MedicationStatement",
    "medicationDispenses": "MedicationDispense",
    "medicationRequests": "MedicationRequest",
    "procedures": "Procedure",
}
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
INFUSIONS: dict[str, Json] = {
    "a procedure by what is billed": {"code": coded("J9312", HCPCS)},
    "a procedure in words": {"code": {"text": "Rituximab infusion"}},
    "a procedure of R5": {"code": coded("J9312", HCPCS), "performedDateTime": None, "occurrenceDateTime": day(300)},
}
NEVER_GIVEN: dict[str, Json] = {
    "not done": {"status": "not-done"},
    "not done, of DSTU2": {"wasNotGiven": True},
    "entered in error": {"status": "entered-in-error"},
    "not done, in capitals": {"status": "Not-Done"},
}


def each(table: dict[str, Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("members", table.values(), ids=table)


def test_an_untreated_patient_is_recommended_rituximab() -> None:
    assert "rituximab" in view(assessments=[SCORE]).topics


@each(NAMED)
def test_a_treated_patient_gets_no_first_line_card_however_the_drug_is_named(members: Json) -> None:
    told = view(assessments=[SCORE], medicationAdministrations=[given(300, **members)])
    assert "rituximab" not in told.topics


@each(DATED)
def test_a_treated_patient_gets_no_first_line_card_however_the_dose_is_dated(members: Json) -> None:
    told = view(assessments=[SCORE], medicationAdministrations=[given(300, **members)])
    assert "rituximab" not in told.topics


@each(NEVER_GIVEN)
def test_a_dose_that_was_never_given_is_no_treatment(members: Json) -> None:
    assert "rituximab" in view(assessments=[SCORE], medicationAdministrations=[given(300, **members)]).topics


def recorded(key: str, members: Json) -> dict[str, Any]:
    """One record of rituximab of another kind, under its key."""
    return {key: [given(300, resourceType=KINDS[key], **members)]}


@each(UNSAID)
def test_where_it_is_not_said_whether_it_was_given_the_card_says_so(members: Json) -> None:
    told = view(assessments=[SCORE], medicationAdministrations=[given(300, **members)])
    assert "rituximab is recorded" in told.words
    assert "without saying whether it was given" in told.words


@pytest.mark.parametrize(("key", "members"), OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_other_records_that_leave_it_open_are_named(key: str, members: Json) -> None:
    told = view(assessments=[SCORE], **recorded(key, members))
    assert "earlier rituximab could not be excluded" in told.words.lower()
    assert "rituximab" in told.topics


@each(INFUSIONS)
def test_an_infusion_that_is_kept_as_a_procedure_is_treatment(members: Json) -> None:
    procedure = {"effectiveDateTime": None, "medicationCodeableConcept": None, "performedDateTime": day(300)} | members
    assert "rituximab" not in view(assessments=[SCORE], **recorded("procedures", procedure)).topics
    undone = recorded("procedures", procedure | {"status": "not-done"})
    assert "rituximab" in view(assessments=[SCORE], **undone).topics


@pytest.mark.parametrize(("told", "is_taken"), [("taking-as-directed", True), ("not-taking", False)])
def test_a_statement_of_the_newest_version_is_read_by_its_adherence(told: str, is_taken: bool) -> None:
    statement = {"status": "recorded", "adherence": {"code": coded(told, "")}}
    topics = view(assessments=[SCORE], **recorded("medicationStatements", statement)).topics
    assert ("rituximab" not in topics) is is_taken


@pytest.mark.parametrize("name", ["occurenceDateTime", "occurrenceDateTime", "effectiveTiming", "occurenceTiming"])
def test_the_day_of_a_dose_is_read_where_other_versions_have_it(name: str) -> None:
    told = {ago: {"event": [day(ago)]} if name.endswith("Timing") else day(ago) for ago in (35, 28, 21, 14)}
    doses = [given(ago, **{"effectiveDateTime": None, name: told[ago]}) for ago in told]
    assert "without a date" not in view(assessments=[SCORE], medicationAdministrations=doses).words
    undated = [given(ago, effectiveDateTime=None) for ago in (35, 28, 21, 14)]
    assert "without a date" in view(assessments=[SCORE], medicationAdministrations=undated).words


@each(UNTOLD)
def test_records_that_name_no_drug_leave_earlier_rituximab_open(members: Json) -> None:
    told = view(assessments=[SCORE], medicationAdministrations=[given(300, **members)])
    assert "earlier rituximab could not be excluded" in told.words.lower()
    recommended = [
        suggestion
        for card in told.cards
        if card["source"]["topic"]["code"] == "rituximab"
        for suggestion in card.get("suggestions", ())
        if suggestion.get("isRecommended")
    ]
    assert recommended == []


@each(NAMED)
def test_a_draft_is_rituximab_however_it_is_named(members: Json) -> None:
    for hook in ORDER_HOOKS[:3]:
        assert {"G1", "G17"} & ordered(hook, order(**members), hepatitisB=()).logic, hook
