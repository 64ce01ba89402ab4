"""Problems are known by codes in other spellings; an end, a refutal, a correction is seen (rulings 40, 41, 43)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fhir_examples.example import Json
from hooks.anti_mag.picture.pregnancy_words import pregnancy_in
from tests.field.charts import HCG, IGM, NEGATIVE, OURS, WOMAN, coded, day, given, problem, quantity, result, sign, view

CM, WHO = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10"
NEUROPATHY: dict[str, Json] = {
    "without its dot": coded("G629", CM),
    "in lower case": coded("g62.9", CM),
    "with blanks": coded(" G62.9 ", CM),
    "under https and a slash": coded("G62.9", "https://hl7.org/fhir/sid/icd-10-cm/"),
    "under a bare OID": coded("G62.9", "2.16.840.1.113883.6.90"),
    "under an OID in capitals": coded("G62.9", "URN:OID:2.16.840.1.113883.6.90"),
    "with a version behind the system": coded("G62.9", f"{CM}|2026"),
    "under a short name": coded("G62.9", "ICD-10-CM"),
    "of the WHO without its dot": coded("G629", WHO),
    "of ICD-9-CM without its dot": coded("3569", "http://hl7.org/fhir/sid/icd-9-cm"),
    "of ICD-9-CM under its OID": coded("356.9", "urn:oid:2.16.840.1.113883.6.103"),
    "beside a coding that is no object": {"coding": ["G62.9", {"system": CM, "code": "G62.9"}]},
    "beside a display that is an object": {"coding": [{"system": CM, "code": "G62.9", "display": {"en": "x"}}]},
    "in a list of concepts": [coded("G62.9", CM)],
}
GAMMOPATHY = OURS[1]


def each(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


@each(NEUROPATHY)
def test_a_neuropathy_is_known_by_its_code_however_it_is_spelt(sent: Any) -> None:
    told = view(conditions=[problem("neuropathy-1", sent), GAMMOPATHY])
    assert "rituximab" in told.topics


def test_without_a_neuropathy_nothing_is_recommended() -> None:
    assert "rituximab" not in view(conditions=[problem("x-1", coded("I10", CM)), GAMMOPATHY]).topics


PREGNANT = coded("Z33.1", CM)
NO_STATUS: Json = {"clinicalStatus": None}
ENDED: dict[str, Json] = {
    "an end without a status": NO_STATUS | {"abatementDateTime": day(60)},
    "an end by month": NO_STATUS | {"abatementDateTime": day(60)[:7]},
    "an end by year": NO_STATUS | {"abatementDateTime": "2025"},
    "an end in a period": NO_STATUS | {"abatementPeriod": {"start": day(90), "end": day(60)}},
    "an end in a word": NO_STATUS | {"abatementString": "Resolved"},
    "an end beside active": {"abatementDateTime": day(60)},
    "resolved in capitals": {
        "clinicalStatus": coded("RESOLVED", "http://terminology.hl7.org/CodeSystem/condition-clinical")
    },
    "resolved as a text": {"clinicalStatus": "resolved"},
    "inactive in words": {"clinicalStatus": {"text": "Inactive"}},
    "remission": {"clinicalStatus": coded("remission", "http://terminology.hl7.org/CodeSystem/condition-clinical")},
    "SNOMED's resolved": {"clinicalStatus": coded("413322009", "http://snomed.info/sct")},
    "completed, in words": {"clinicalStatus": {"text": "Completed"}},
    "ended, in German": {"clinicalStatus": {"text": "Beendet"}},
    "a code of the house with HL7's word": {
        "clinicalStatus": {"coding": [{"system": "https://ehr.example.org/status", "code": "3", "display": "Resolved"}]}
    },
    "refuted as a text": {"verificationStatus": "refuted"},
    "ruled out, in words": {"verificationStatus": {"text": "Ruled out"}},
    "SNOMED's known absent": {"verificationStatus": coded("410516002", "http://snomed.info/sct")},
    "SNOMED's suspected": {"verificationStatus": coded("415684004", "http://snomed.info/sct")},
    "Germany's exclusion behind the code": NO_STATUS
    | {"verificationStatus": None, "code": coded("Z33 A", "http://fhir.de/CodeSystem/bfarm/icd-10-gm")},
    "Germany's condition after, without a blank": NO_STATUS
    | {"verificationStatus": None, "code": coded("Z33Z", "http://fhir.de/CodeSystem/bfarm/icd-10-gm")},
    "entered in error, in words": {"verificationStatus": {"text": "Entered in Error"}},
    "Germany's exclusion": {
        "verificationStatus": None,
        "code": {
            "coding": [
                {
                    "system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
                    "code": "Z33",
                    "extension": [
                        {
                            "url": "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit",
                            "valueCoding": {
                                "system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT",
                                "code": "A",
                            },
                        }
                    ],
                }
            ]
        },
    },
}
GOING_ON: dict[str, Json] = {
    "active": {},
    "no status at all": NO_STATUS,
    "an end in the future": {"abatementDateTime": day(-90)},
    "an end in words that say no end": NO_STATUS | {"abatementString": "expected in spring"},
    "an end that is false": {"abatementBoolean": False},
    "recurrence": {"clinicalStatus": coded("recurrence", "http://terminology.hl7.org/CodeSystem/condition-clinical")},
    "Germany's assurance behind the code": {"code": coded("Z33G", "http://fhir.de/CodeSystem/bfarm/icd-10-gm")},
    "a code of the house with a word of ours": {"clinicalStatus": {"coding": [{"code": "1", "display": "Active"}]}},
    "a status of a table of the house": {"clinicalStatus": coded("A1", "https://ehr.example.org/status")},
}
TESTED = [result("hcg-old", HCG, 3, **NEGATIVE)]


def pregnant(members: Json) -> Json:
    return problem("pregnancy-1", members.get("code", PREGNANT), **{k: v for k, v in members.items() if k != "code"})


@each(ENDED)
def test_a_pregnancy_that_ended_forbids_nothing(sent: Json) -> None:
    told = sign(patient=WOMAN, conditions=[*OURS, pregnant(sent)], pregnancyTests=TESTED)
    assert "G8" not in told.logic


@each(GOING_ON)
def test_a_pregnancy_that_goes_on_forbids_the_order(sent: Json) -> None:
    told = sign(patient=WOMAN, conditions=[*OURS, pregnant(sent)], pregnancyTests=TESTED)
    assert "G8" in told.logic


IN_WORDS = (
    *(
        "Pregnant",
        "Pregnancy, 20 weeks",
        "Intrauterine pregnancy",
        "Schwangerschaft",
        "Schwanger, 12. SSW",
        "Grossesse",
    ),
    *("High risk pregnancy", "Normal pregnancy, no complications", "Positive urine pregnancy test"),
    *("Embarazo", "Gravidanza", "Zwangerschap", "Gravidez", "Graviditet", "Ciąża", "беременность", "妊娠"),
)
NOT_NOW = (
    *("Not pregnant", "No pregnancy", "History of pregnancy", "Previous pregnancy loss", "Pregnancy test negative"),
    *("Planning pregnancy", "Pregnancy counselling", "Pregnancy ruled out", "Possible pregnancy", "Partner pregnant"),
    *("Z.n. Schwangerschaft", "Schwangerschaftswunsch", "Keine Schwangerschaft", "Pas de grossesse", "Sin embarazo"),
    *("Pregnancy-induced hypertension in the past", "Pregnancy delivered 2019", "Pregnancy: no", "Gravida 2 para 2"),
    *("妊娠検査", "妊娠歴あり"),
)


@pytest.mark.parametrize("words", IN_WORDS)
def test_a_pregnancy_in_words_alone_forbids_the_order(words: str) -> None:
    told = sign(patient=WOMAN, conditions=[*OURS, pregnant({"code": {"text": words}})], pregnancyTests=TESTED)
    assert "G8" in told.logic


@pytest.mark.parametrize("words", NOT_NOW)
def test_words_that_tell_of_no_pregnancy_now_forbid_nothing(words: str) -> None:
    told = sign(patient=WOMAN, conditions=[*OURS, pregnant({"code": {"text": words}})], pregnancyTests=TESTED)
    assert told.cards == []


@pytest.mark.parametrize("filling", ["no pregnancy ", "schwanger, ", "妊娠", "not ", " ,", "pregnancy test "])
def test_a_very_long_text_of_pregnancies_costs_no_time(filling: str) -> None:
    started = time.perf_counter()
    pregnancy_in(filling * (100_000 // len(filling)))
    assert time.perf_counter() - started < 3


STATUS_OF_PREGNANCY: list[tuple[Json, bool]] = [
    ({"valueString": "Currently pregnant"}, True),
    ({"valueString": "schwanger"}, True),
    ({"valueString": "enceinte"}, True),
    ({"valueCodeableConcept": coded("77386006", "http://snomed.info/sct")}, True),
    ({"valueCodeableConcept": coded("LA15173-0")}, True),
    ({"valueString": "nicht schwanger"}, False),
    ({"valueString": "Non-pregnant"}, False),
    ({"valueCodeableConcept": coded("60001007", "http://snomed.info/sct")}, False),
    ({"valueString": "Unknown"}, False),
]


@pytest.mark.parametrize(("sent", "is_pregnant"), STATUS_OF_PREGNANCY)
def test_the_status_of_pregnancy_is_read_in_words_and_codes(sent: Json, is_pregnant: bool) -> None:
    told = sign(patient=WOMAN, pregnancyTests=[*TESTED, result("status-1", "82810-3", 1, **sent)])
    assert ("G8" in told.logic) is is_pregnant


SAME = {"identifier": [{"system": "https://lab.example.org/results", "value": "7781"}]}
CORRECTED: dict[str, Json] = {
    "corrected": {"status": "corrected"},
    "amended": {"status": "amended"},
    "corrected, in capitals": {"status": "CORRECTED"},
    "corrected, with a second identifier": {
        "status": "corrected",
        "identifier": [{"value": "other"}, SAME["identifier"][0]],
    },
    "corrected, its identifier in no list": {"status": "corrected", "identifier": SAME["identifier"][0]},
}


@each(CORRECTED)
def test_a_correction_in_a_second_resource_replaces_the_first(sent: Json) -> None:
    wrong = result("first", IGM, 4, valueQuantity=quantity(5400, "mg/dL"), **SAME)
    right = result("second", IGM, 4, valueQuantity=quantity(540, "mg/dL"), **{**SAME, **sent})
    assert sign(wrong, right).cards == []


def test_two_results_of_one_day_that_contradict_are_not_corrected_by_chance() -> None:
    high = result("first", IGM, 4, valueQuantity=quantity(5400, "mg/dL"), **SAME)
    low = result("second", IGM, 4, valueQuantity=quantity(540, "mg/dL"), identifier=[{"value": "another"}])
    assert "G4" in sign(high, low).logic


MARKED: Json = {"modifierExtension": [{"url": "urn:example:about-her-twin", "valueBoolean": True}]}


def test_a_problem_under_a_modifier_that_is_not_understood_recommends_nothing() -> None:
    sent = [problem("neuropathy-1", coded("G62.9", CM)), GAMMOPATHY]
    assert "rituximab" in view(conditions=sent).topics
    assert "rituximab" not in view(conditions=[sent[0] | MARKED, GAMMOPATHY]).topics


def test_a_problem_under_a_modifier_clears_nothing() -> None:
    told = sign(conditions=[*OURS, problem("x-1", coded("I10", CM)) | MARKED])
    assert "dataUnavailable" in told.topics


def test_earlier_rituximab_under_a_modifier_is_in_doubt() -> None:
    told = view(medicationAdministrations=[given(300) | MARKED])
    assert "rituximabRetreatment" not in told.topics
    assert not any(suggestion.get("isRecommended") for card in told.cards for suggestion in card.get("suggestions", []))


def test_an_empty_modifier_says_nothing() -> None:
    sent = problem("neuropathy-1", coded("G62.9", CM)) | {"modifierExtension": []}
    assert "rituximab" in view(conditions=[sent, GAMMOPATHY]).topics
