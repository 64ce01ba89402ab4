"""Past reactions to rituximab: named, graded, refuted and denied in the ways of many systems (rulings 24, 43, 45)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_examples.example import Json
from tests.field.charts import RXNORM, SUBJECT, Told, coded, day, sign

SCT = "http://snomed.info/sct"


def signed(**members: Any) -> Told:
    """The order signed beside an allergy to rituximab; a member that is None is left out."""
    made = {
        "resourceType": "AllergyIntolerance",
        "id": "allergy-1",
        "patient": SUBJECT,
        "recordedDate": day(800),
        "code": coded("121191", RXNORM, text="rituximab"),
        **members,
    }
    return sign(allergies=[{name: value for name, value in made.items() if value is not None}])


def shown(words: str, **members: Any) -> Json:
    return {"reaction": [{"manifestation": [{"text": words}], **members}]}


def each(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


SEVERE: dict[str, Json] = {
    "German": shown("anaphylaktischer Schock"),
    "Spanish": shown("shock anafiláctico"),
    "Dutch": shown("Anafylaxie"),
    "Polish": shown("wstrząs anafilaktyczny"),
    "Russian": shown("анафилаксия"),
    "Japanese": shown("アナフィラキシー"),
    "toxic epidermal necrolysis in German": shown("toxische epidermale Nekrolyse"),
    "toxic epidermal necrolysis in French": shown("Nécrolyse épidermique toxique"),
    "cardiac arrest in German": shown("Herzstillstand"),
    "SNOMED's anaphylaxis alone": {"reaction": [{"manifestation": [coded("39579001", SCT)]}]},
    "a concept within a manifestation": {"reaction": [{"manifestation": [{"concept": {"text": "Anaphylaxis"}}]}]},
    "severity of SNOMED": shown("Urticaria", severity=coded("24484000", SCT)),
    "severity of HL7 v2": shown("Urticaria", severity="SV"),
    "severity in German": shown("Urtikaria", severity="schwer"),
    "criticality of DSTU2": {"criticality": "CRITH"},
}
OF_UNCLEAR_SEVERITY: dict[str, Json] = {
    "a severity of the house": shown("Urticaria", severity="grade B"),
    "no reaction told": {},
    "criticality unknown, of DSTU2": {"criticality": "CRITU"},
}
MILD: dict[str, Json] = {
    "mild": shown("Flushing", severity="mild"),
    "moderate, of SNOMED": shown("Flushing", severity=coded("6736007", SCT)),
    "what is severe was not seen": shown("no anaphylaxis, itching only", severity="mild"),
    "what is severe was not seen, in German": shown("Juckreiz, keine Anaphylaxie", severity="leicht"),
    "criticality of DSTU2": {"criticality": "CRITL"},
}
NONE: dict[str, Json] = {
    "refuted, of DSTU2": {"status": "refuted", **shown("Anaphylaxis")},
    "entered in error, of DSTU2": {"status": "entered-in-error", **shown("Anaphylaxis")},
    "none known": {"code": {"text": "No known allergy to rituximab"}},
    "none known, in German": {"code": {"text": "Keine Allergie gegen Rituximab"}},
    "none, in three words": {"code": {"text": "No rituximab allergy"}},
}
CAUSES = (
    *("Mausproteine", "Maus-Protein", "murines Protein", "Mäuseprotein", "protéines murines", "proteínas murinas"),
    *("muisproteïnen", "Mouse proteins", "Rituximab-Unverträglichkeit", "did not tolerate rituximab"),
)


@each(SEVERE)
def test_a_severe_reaction_forbids_the_order_however_it_is_told(sent: Json) -> None:
    told = signed(**sent)
    assert "G9" in told.logic
    assert told.indicator("rituximabSafety") == "critical"


@each(OF_UNCLEAR_SEVERITY)
def test_a_severity_that_is_not_understood_is_not_mild(sent: Json) -> None:
    told = signed(**sent)
    assert told.indicator("rituximabSafety") == "warning"
    assert "severity not recorded" in told.words


@each(MILD)
def test_a_mild_reaction_informs(sent: Json) -> None:
    assert signed(**sent).indicator("rituximabSafety") == "info"


@each(NONE)
def test_a_reaction_that_is_refuted_or_denied_is_none(sent: Json) -> None:
    assert signed(**sent).cards == []


@pytest.mark.parametrize("cause", CAUSES)
def test_what_the_reaction_was_to_is_known_in_words(cause: str) -> None:
    assert signed(code={"text": cause}, **shown("Anaphylaxis")).indicator("rituximabSafety") == "critical"


@pytest.mark.parametrize("other", ["Mouse dander", "Maus-Epithelien", "Infliximab", "NKDA"])
def test_a_reaction_to_something_else_is_none_of_ours(other: str) -> None:
    assert signed(code={"text": other}, **shown("Anaphylaxis")).cards == []
