"""A newer result that can't be used reopens its question, whatever it was spoilt by: the older one clears nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from fhir_examples.example import Json
from tests.field.charts import (
    ANTI_HBC,
    HBSAG,
    HCG,
    HELD,
    IGG,
    IGM,
    MAN,
    NEGATIVE,
    NEUTROPHILS,
    PLATELETS,
    SUBJECT,
    WOMAN,
    Told,
    coded,
    day,
    quantity,
    result,
    sign,
)


class Question(NamedTuple):
    """A result that would clear, one day after another that does."""

    code: str
    value: Json
    called: str
    """What the card calls it."""


NUMBERS = {
    "IgM": Question(IGM, {"valueQuantity": quantity(640, "mg/dL")}, "IgM"),
    "IgG": Question(IGG, {"valueQuantity": quantity(1010, "mg/dL")}, "IgG"),
    "neutrophils": Question(NEUTROPHILS, {"valueQuantity": quantity(4.1, "10*3/uL")}, "neutrophil"),
    "platelets": Question(PLATELETS, {"valueQuantity": quantity(251, "10*3/uL")}, "platelet"),
}
ANSWERS = {
    "HBsAg": Question(HBSAG, NEGATIVE, "HBsAg"),
    "anti-HBc": Question(ANTI_HBC, NEGATIVE, "anti-HBc"),
    "pregnancy test": Question(HCG, NEGATIVE, "pregnancy"),
}
QUESTIONS = NUMBERS | ANSWERS
UNKNOWN_EXTENSION = [{"url": "https://lab.example.org/fhir/not-this-patient", "valueBoolean": True}]

SPOILT: dict[str, Json] = {
    "status in words of an older system": {"status": "in-process"},
    "status that says nothing": {"status": "unknown"},
    "status that says that there is no result yet": {"status": "registered"},
    "no status": {"status": None},
    "status is a number": {"status": 4},
    "modifier extension": {"modifierExtension": UNKNOWN_EXTENSION},
    "modifier extension without url": {"modifierExtension": [{"valueString": "sample mixed up"}]},
    "modifier extension in an object": {"modifierExtension": UNKNOWN_EXTENSION[0]},
    "subject leads nowhere": {"subject": {"reference": "#whoever"}},
    "subject is a number": {"subject": 7},
}
"""What makes any result unusable as a whole."""

ALARMING: dict[str, Json] = {
    "IgM": {"valueQuantity": quantity(4600, "mg/dL")},
    "IgG": {"valueQuantity": quantity(240, "mg/dL")},
    "neutrophils": {"valueQuantity": quantity(0.4, "10*3/uL")},
    "platelets": {"valueQuantity": quantity(18, "10*3/uL")},
    "HBsAg": {"valueCodeableConcept": None, "valueString": "REACTIVE"},
    "anti-HBc": {"valueCodeableConcept": None, "valueString": "REACTIVE"},
    "pregnancy test": {"valueCodeableConcept": None, "valueString": "POSITIVE"},
}
"""What would raise a gate if its day were known."""

NO_DAY: dict[str, Any] = {
    "no date": None,
    "date of another country": "12.06.2026 09:10",
    "date with a two-digit year": "06/12/26",
    "date that no calendar has": "2026-02-30",
    "date in words": "last Friday",
    "date is a number": 20260612,
    "date is an object": {"start": "2026-06-12"},
    "the first day that some programs know": "0001-01-01T00:00:00Z",
    "the first day of some databases": "1900-01-01",
    "the first second of some clocks": "1970-01-01T00:00:00+00:00",
}

NUMBERS_SPOILT: dict[str, Json] = {
    "number in words": {"valueQuantity": quantity("three thousand", "mg/dL")},
    "number with two points": {"valueQuantity": quantity("4.500.1", "mg/dL")},
    "comparator of no standard": {"valueQuantity": quantity(700, "mg/dL", comparator="~>")},
    "comparator is an object": {"valueQuantity": quantity(700, "mg/dL", comparator={"code": ">"})},
    "unequal sign": {"valueQuantity": quantity(700, "mg/dL", comparator="<>")},
    "unit of another dimension": {"valueQuantity": quantity(700, "mmol/L")},
    "unit of nowhere": {"valueQuantity": quantity(700, "zork/dL")},
    "code and unit disagree": {"valueQuantity": quantity(7, "g/L", "mg/dL")},
    "negative number": {"valueQuantity": quantity(-3, "mg/dL")},
    "zero": {"valueQuantity": quantity(0, "mg/dL")},
    "see comment": {"valueQuantity": None, "valueString": "see remark on paper report"},
    "sample haemolysed": {"valueQuantity": None, "valueString": "Sample haemolysed, repeat"},
    "a concept in a table of the house": {
        "valueQuantity": None,
        "valueCodeableConcept": coded("R17", "https://lab.example.org/remarks"),
    },
    "a sampled curve": {"valueQuantity": None, "valueSampledData": {"data": "1 2 3", "period": 1}},
    "a form that no version has": {"valueQuantity": None, "value": quantity(700, "mg/dL")},
    "a part under a name of the house": {
        "valueQuantity": None,
        "component": [{"code": {"text": "Result"}, "valueQuantity": quantity(700, "mg/dL")}],
    },
    "a Range whose ends have different units": {
        "valueQuantity": None,
        "valueRange": {"low": quantity(600, "mg/dL"), "high": quantity(7, "g/L")},
    },
    "a Range upside down": {
        "valueQuantity": None,
        "valueRange": {"low": quantity(700, "mg/dL"), "high": quantity(600, "mg/dL")},
    },
    "a Range with an end that can't be read": {
        "valueQuantity": None,
        "valueRange": {"low": quantity(600, "mg/dL"), "high": quantity("zz", "mg/dL")},
    },
    "a ratio that is none": {
        "valueQuantity": None,
        "valueRatio": {"numerator": quantity(3, "mg/dL"), "denominator": quantity(2, "mg/dL")},
    },
}
ANSWERS_SPOILT: dict[str, Json] = {
    "see comment": {"valueCodeableConcept": None, "valueString": "see remark on paper report"},
    "a code in a table of the house": {"valueCodeableConcept": coded("R17", "https://lab.example.org/remarks")},
    "two answers": {"valueCodeableConcept": None, "valueString": "positive / negative"},
    "a question mark": {"valueCodeableConcept": None, "valueString": "?"},
    "sample lost": {"valueCodeableConcept": None, "valueString": "Probe nicht verwertbar"},
    "an answer to repeat": {"valueCodeableConcept": None, "valueString": "equivocal, please repeat"},
}


def signed(question: Question, *newer: Json) -> Told:
    """The order of a man, or for pregnancy of a woman, with the older result that clears and the newer one."""
    if question.code == HCG:
        return sign(*newer, patient=WOMAN, pregnancyTests=[result("hcg-old", HCG, 5, **NEGATIVE)])
    return sign(*newer, patient=MAN)


def newer(question: Question, **spoilt: Any) -> Json:
    return result("newer", question.code, 3, **{**question.value, **spoilt})


def every(questions: dict[str, Question], spoilt: dict[str, Json]) -> pytest.MarkDecorator:
    pairs = [(questions[name], members) for name in questions for members in spoilt.values()]
    ids = [f"{name}, {how}" for name in questions for how in spoilt]
    return pytest.mark.parametrize(("question", "spoilt"), pairs, ids=ids)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_newer_result_that_can_be_used_clears_too(question: Question) -> None:
    assert signed(question, newer(question)).cards == []


@every(QUESTIONS, SPOILT)
def test_a_result_that_is_spoilt_as_a_whole_is_named(question: Question, spoilt: Json) -> None:
    named(signed(question, newer(question, **spoilt)), question)


@pytest.mark.parametrize("sent", NO_DAY.values(), ids=NO_DAY)
@pytest.mark.parametrize("name", ALARMING)
def test_an_alarming_result_without_a_day_is_named(name: str, sent: Any) -> None:
    question = QUESTIONS[name]
    named(signed(question, newer(question, **ALARMING[name], effectiveDateTime=sent)), question)


@every(NUMBERS, NUMBERS_SPOILT)
def test_a_number_that_is_spoilt_is_named(question: Question, spoilt: Json) -> None:
    named(signed(question, newer(question, **spoilt)), question)


@every(ANSWERS, ANSWERS_SPOILT)
def test_an_answer_that_is_spoilt_is_named(question: Question, spoilt: Json) -> None:
    named(signed(question, newer(question, **spoilt)), question)


def named(told: Told, question: Question) -> None:
    assert told.topics & {"rituximabSafety", "dataUnavailable"}
    assert question.called.lower() in told.words.lower()
    assert "none on record" not in told.words
    assert "not on record" not in told.words


PLACES: dict[str, Any] = {
    "contained in another Observation": lambda one: result("outer", "58410-2", 3, hasMember=[], contained=[one]),
    "contained in a report": lambda one: {
        "resourceType": "DiagnosticReport",
        "id": "report-1",
        "status": "final",
        "code": {"text": "Laboratory report"},
        "subject": SUBJECT,
        "effectiveDateTime": day(3),
        "contained": [one],
        "result": [{"reference": f"#{one['id']}"}],
    },
    "contained, without subject, date and status of its own": lambda one: result(
        "outer",
        "58410-2",
        3,
        contained=[{k: v for k, v in one.items() if k not in ("subject", "effectiveDateTime", "status")}],
        hasMember=[{"reference": f"#{one['id']}"}],
    ),
    "a component": lambda one: result(
        "outer", "58410-2", 3, component=[{k: v for k, v in one.items() if k == "code" or k.startswith("value")}]
    ),
    "a component in place of a list": lambda one: result(
        "outer", "58410-2", 3, component={k: v for k, v in one.items() if k == "code" or k.startswith("value")}
    ),
}
"""Where a result may lie but in an entry of its own."""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("name", ALARMING)
def test_an_alarming_result_speaks_from_wherever_it_lies(name: str, place: Any) -> None:
    question = QUESTIONS[name]
    key = {HBSAG: "hepatitisB", ANTI_HBC: "hepatitisB", HCG: "pregnancyTests"}.get(question.code, "laboratory")
    held = [*HELD.get(key, [result("hcg-old", HCG, 5, **NEGATIVE)]), place(newer(question, **ALARMING[name]))]
    told = sign(patient=WOMAN if question.code == HCG else MAN, **{key: held})
    named(told, question)
