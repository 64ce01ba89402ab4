"""Serum viscosity and anti-MAG antibodies, which no order asks for: what can't be read does not clear there either."""

from __future__ import annotations

import pytest

from fhir_examples.example import Json
from tests.field.charts import (
    ANTI_MAG,
    IGM,
    LABORATORY,
    OURS,
    VISCOSITY,
    coded,
    day,
    given,
    problem,
    quantity,
    result,
    view,
)

BLEEDING = problem(
    "epistaxis-1",
    coded("R04.0", "http://hl7.org/fhir/sid/icd-10-cm", text="Epistaxis"),
    onsetDateTime=day(4),
    recordedDate=day(4),
)
THICK: dict[str, Json] = {
    "cP": {"valueQuantity": quantity(5.4, "cP")},
    "mPa.s": {"valueQuantity": quantity(5.4, "mPa.s")},
    "millipascal seconds": {"valueQuantity": {"value": 5.4, "unit": "mPa·s"}},
    "text": {"valueString": "5.4 cP"},
    "text with a decimal comma": {"valueString": "5,4 cP (H)"},
    "a bound": {"valueQuantity": quantity(5, "cP", comparator=">")},
    "a value as text": {"valueQuantity": quantity("5.4", "cP")},
    "a range in text": {"valueString": "5.0-5.4 cP"},
    "a Range": {"valueRange": {"low": quantity(3.8, "cP"), "high": quantity(4.2, "cP")}},
}
THIN: dict[str, Json] = {
    "a range in text": {"valueString": "1.4-1.6 cP"},
    "a Range that ends at the limit": {"valueRange": {"low": quantity(3.5, "cP"), "high": quantity(4, "cP")}},
}
VISCOSITY_SPOILT: dict[str, Json] = {
    "unit of nowhere": {"valueQuantity": quantity(5.4, "zork")},
    "text": {"valueString": "see separate report"},
    "comparator of no standard": {"valueQuantity": quantity(1.5, "cP", comparator="~>")},
    "status of no standard": {"valueQuantity": quantity(1.5, "cP"), "status": "in-process"},
    "modifier": {"valueQuantity": quantity(1.5, "cP"), "modifierExtension": [{"url": "urn:x", "valueCode": "x"}]},
}
ANTI_MAG_SPOILT: dict[str, Json] = {
    "unit of nowhere": {"valueQuantity": quantity(25000, "zork/mL")},
    "text": {"valueString": "see separate report"},
    "comparator of no standard": {"valueQuantity": quantity(25000, "BTU", "{BTU}", comparator="~>")},
    "status of no standard": {"valueQuantity": quantity(25000, "BTU", "{BTU}"), "status": "in-process"},
    "code of the house": {"valueCodeableConcept": coded("R2", "https://lab.example.org/answers")},
    "range across the limit": {"valueString": "5000-25000 BTU"},
}
PROBABLE = (problem("neuropathy-1", coded("G62.9", "http://hl7.org/fhir/sid/icd-10-cm")), OURS[1])


def each(table: dict[str, Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


@each(THICK)
def test_a_high_viscosity_with_bleeding_is_hyperviscosity_however_it_is_written(sent: Json) -> None:
    told = view(result("viscosity-1", VISCOSITY, 3, **sent), conditions=[*OURS, BLEEDING])
    assert "HV-1" in told.logic
    assert told.indicator("hyperviscosity") == "critical"


@each(THIN)
def test_a_viscosity_that_is_not_raised_is_read(sent: Json) -> None:
    told = view(result("viscosity-1", VISCOSITY, 3, **sent), conditions=[*OURS, BLEEDING])
    assert "viscosity could not be read" not in told.words.lower()
    assert "HV-1" not in told.logic


@each(VISCOSITY_SPOILT)
def test_a_newer_viscosity_that_cannot_be_read_is_named(sent: Json) -> None:
    older = result("viscosity-0", VISCOSITY, 10, valueQuantity=quantity(1.5, "cP"))
    told = view(older, result("viscosity-1", VISCOSITY, 3, **sent), conditions=[*OURS, BLEEDING])
    assert "viscosity" in told.words.lower()


@each(ANTI_MAG_SPOILT)
def test_the_only_anti_mag_result_is_not_called_missing_where_it_cannot_be_read(sent: Json) -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    told = view(laboratory=[*others, result("only", ANTI_MAG, 30, **sent)], conditions=PROBABLE)
    assert "rituximab" not in told.topics
    assert "anti-mag" in told.words.lower()
    for line in told.words.splitlines():
        assert not ("anti-mag" in line.lower() and "none on record" in line.lower()), line


@each(ANTI_MAG_SPOILT)
def test_a_newer_anti_mag_result_that_cannot_be_read_makes_no_disease_of_an_older_negative_one(sent: Json) -> None:
    negative = result(
        "older",
        ANTI_MAG,
        200,
        valueQuantity=quantity(300, "BTU", "{BTU}"),
        referenceRange=[{"high": quantity(1500, "BTU", "{BTU}")}],
    )
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    told = view(laboratory=[*others, negative, result("newer", ANTI_MAG, 30, **sent)], conditions=PROBABLE)
    assert "rituximab" not in told.topics
    assert "anti-mag" in told.words.lower()


def test_why_an_anti_mag_result_could_not_be_read_is_told() -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    only = result("only", ANTI_MAG, 30, valueQuantity=quantity(25000, "BTU", "{BTU}"), status="in-process")
    told = view(laboratory=[*others, only], conditions=PROBABLE)
    assert 'could not be read: "25000 BTU", its status is "in-process"' in told.words
    assert "own interpretation" not in told.words


def test_an_anti_mag_result_that_is_awaited_makes_no_disease_and_is_not_missing() -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    only = result("only", ANTI_MAG, 30, valueQuantity=quantity(25000, "BTU", "{BTU}"), status="registered")
    told = view(laboratory=[*others, only], conditions=PROBABLE)
    assert "rituximab" not in told.topics
    assert "Anti-MAG antibody, quantitative" not in told.words


@pytest.mark.parametrize("sent", [{"valueString": "20000-25000 BTU"}, {"valueString": "25000 BTU erhöht"}])
@pytest.mark.parametrize("marked", [None, [{"text": "erhöht"}], [{"text": "(ABNORMAL)"}], [{"text": "positiv"}]])
def test_a_positive_anti_mag_result_is_positive_however_it_is_written(sent: Json, marked: Json | None) -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    told = view(laboratory=[*others, result("only", ANTI_MAG, 30, interpretation=marked, **sent)], conditions=PROBABLE)
    assert "rituximab" in told.topics


@pytest.mark.parametrize(
    "name", ["MAG IgM Ab", "MAG Antibody, IgM, ELISA", "Anti-MAG-Antikörper (IgM)", "MAG-SGPG IgM"]
)
def test_an_anti_mag_antibody_is_known_by_its_name(name: str) -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    only = result("only", ANTI_MAG, 30, code={"text": name}, valueString="Positive")
    assert "rituximab" in view(laboratory=[*others, only], conditions=PROBABLE).topics


SCORE = "urn:anti-mag-cds:assessment"
OF_ITS_HIGHEST = ["4/10", "4 / 10", "4 of 10", "4 out of 10", "4 von 10 Punkte", "4,0/10"]
SCORES_SPOILT = ["four", "4/12", "4-5", "4 (moderate)", "14/10", "grade 4"]


def score(text: str, ago: int = 20) -> Json:
    return result(f"score-{ago}", "", ago, code=coded("incat", SCORE), valueString=text)


@pytest.mark.parametrize("text", OF_ITS_HIGHEST)
def test_a_score_of_its_highest_is_read(text: str) -> None:
    told = view(assessments=[score(text)])
    assert "TX-1" in told.logic
    assert "if disabling or progressive" not in told.words


@pytest.mark.parametrize("text", SCORES_SPOILT)
def test_a_score_that_cannot_be_read_is_named_and_not_called_missing(text: str) -> None:
    told = view(assessments=[score(text)])
    assert "if disabling or progressive" in told.words
    assert "could not be read" in told.words
    assert "No score on record" not in told.words


OTHERS = [one for one in LABORATORY if one["id"] != "igm-old"]
COURSE = [given(ago) for ago in (21, 14, 7)]


def test_a_check_of_the_igm_that_is_overdue_names_the_one_that_could_not_be_read() -> None:
    before, unread = (result("before", IGM, 40, valueQuantity=quantity(900, "mg/dL")), {"valueString": "see comment"})
    told = view(laboratory=[*OTHERS, before, result("newest", IGM, 2, **unread)], medicationAdministrations=COURSE)
    assert "FL-0" in told.logic
    assert 'could not be read: "see comment". The newest that can be used is 900 mg/dL' in told.words
    told = view(laboratory=[*OTHERS, before], medicationAdministrations=COURSE)
    assert "The newest on record is 900 mg/dL" in told.words


def test_a_flare_card_names_the_score_that_could_not_be_read() -> None:
    values = [result(f"igm-{ago}", IGM, ago, valueQuantity=quantity(mg, "mg/dL")) for ago, mg in ((40, 900), (1, 1300))]
    told = view(
        laboratory=[*OTHERS, *values], medicationAdministrations=COURSE, assessments=[score("3", 30), score("five", 1)]
    )
    assert "FL-1" in told.logic
    assert 'could not be read: "five"' in told.words


def test_hyperviscosity_names_the_igm_that_could_not_be_read() -> None:
    thick = result("viscosity-1", VISCOSITY, 3, valueQuantity=quantity(5.4, "cP"))
    unread = result("newest", IGM, 2, valueString="see comment")
    told = view(laboratory=[*OTHERS, thick, unread], conditions=[*OURS, BLEEDING])
    assert "HV-1" in told.logic
    assert 'could not be read: "see comment"' in told.words
    assert "IgM **not known**" not in told.words


def test_an_antibody_against_sgpg_alone_is_not_taken_for_one_against_mag() -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    only = result("only", ANTI_MAG, 30, code={"text": "SGPG IgM"}, valueString="Positive")
    assert "rituximab" not in view(laboratory=[*others, only], conditions=PROBABLE).topics
