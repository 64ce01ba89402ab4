from datetime import date
from typing import Any

import pytest

from cds_service.fhir.read import (
    NotAPatient,
    NotThisPatient,
    PatientFailed,
    PatientNotRead,
    PatientUnreadable,
    read_patient,
)
from tests.engine.fhir.charts import bundle, raw

ANNA = {"resourceType": "Patient", "id": "pt-1", "gender": "female", "birthDate": "1960-02-03"}


@pytest.mark.parametrize("wanted", ["pt-1", "Patient/pt-1"])
@pytest.mark.parametrize("value", [ANNA, bundle(ANNA), bundle(ANNA, type="collection")])
def test_the_patient_in_context_is_read(value: Any, wanted: str):
    patient = read_patient(raw(value), wanted)
    assert (patient.id, patient.sex, patient.is_deceased) == ("pt-1", "female", False)
    assert patient.born is not None
    assert patient.born.start == date(1960, 2, 3)


@pytest.mark.parametrize(
    ("members", "is_deceased"),
    [
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": "true"}, True),
        ({"deceasedDateTime": "2024"}, True),
        ({"deceasedDateTime": "long ago"}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": None}, False),
        ({"deceasedBoolean": "Y"}, True),
        ({"deceasedBoolean": "N"}, False),
        ({"deceasedDateTime": ""}, False),
    ],
)
def test_deceased_in_either_form(members: dict[str, Any], is_deceased: bool):
    assert read_patient(raw(ANNA | members), "pt-1").is_deceased is is_deceased


@pytest.mark.parametrize("birth", [None, "", "unknown", 7.5, {}])
def test_a_birth_date_that_cannot_be_read_is_an_unknown_age(birth: Any):
    assert read_patient(raw(ANNA | {"birthDate": birth}), "pt-1").born is None


@pytest.mark.parametrize(
    ("sent", "sex"),
    [
        ("M", "male"),
        ("f", "female"),
        ("Männlich", "male"),
        ("weiblich", "female"),
        ({"coding": [{"code": "M"}]}, "male"),
        ("UN", "un"),
        (None, ""),
    ],
)
def test_the_sex_in_letters_and_words_of_other_systems(sent: Any, sex: str):
    assert read_patient(raw(ANNA | {"gender": sent}), "pt-1").sex == sex


def test_a_birth_year_spans_its_days():
    born = read_patient(raw(ANNA | {"birthDate": "1960"}), "pt-1").born
    assert born is not None
    assert (born.start, born.end) == (date(1960, 1, 1), date(1960, 12, 31))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}, PatientFailed),
        (bundle({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}), PatientFailed),
        ({"resourceType": "Observation", "id": "pt-1"}, NotAPatient),
        (bundle(), NotAPatient),
        (None, NotAPatient),
        (ANNA | {"id": "pt-2"}, NotThisPatient),
        ({"resourceType": "Patient"}, NotThisPatient),
        (bundle(ANNA, ANNA | {"id": "pt-2"}), NotThisPatient),
        (ANNA | {"deceasedBoolean": {}}, PatientUnreadable),
        ("<html>", PatientUnreadable),
        ([ANNA], PatientUnreadable),
        ({}, PatientUnreadable),
        (b'{"resourceType": "Patient", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", PatientUnreadable),
    ],
)
def test_anything_else_is_refused_and_says_why(value: Any, error: type[PatientNotRead]):
    with pytest.raises(PatientNotRead) as caught:
        read_patient(raw(value), "pt-1")
    assert type(caught.value) is error
