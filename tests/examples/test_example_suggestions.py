"""Every suggestion that any example patient gets can be signed: whole R4, in the required bindings, with its reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_examples.build import every_call
from fhir_examples.example import Call, Example, Json, resources
from tests.examples.bindings import is_bound, unchecked, walk

CALLS = list(every_call())


def every_stored_call() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{ex.name}-{call.name}" for ex, call in CALLS])


def actions(example: Example, call: Call) -> Iterator[Json]:
    for card in example.cards(call):
        for suggestion in card.get("suggestions", ()):
            assert len(suggestion["actions"]) == 1, "one action a suggestion"
            yield from suggestion["actions"]


@every_stored_call()
@pytest.mark.conformance("AC-03", "JS-07")
def test_drafts_offered_are_valid_r4_for_this_patient(example: Example, call: Call) -> None:
    for action in actions(example, call):
        draft = action["resource"]
        get_fhir_model_class(draft["resourceType"]).model_validate(draft)
        assert draft["status"] == "draft"
        assert draft["intent"] in ("proposal", "order")
        assert draft["subject"] == {"reference": f"Patient/{example.patient['id']}"}
        assert unchecked(draft) == set()
        assert [path for path, value in walk(draft, draft["resourceType"]) if not is_bound(path, value)] == []


@every_stored_call()
def test_drafts_offered_are_complete(example: Example, call: Call) -> None:
    for action in actions(example, call):
        if action["type"] == "create":
            draft = action["resource"]
            assert draft["note"], "the rule behind it"
            assert draft["reasonCode"][0]["text"]
            held = {f"{item['resourceType']}/{item['id']}" for item in resources(example.bundle)}
            assert {reason["reference"] for reason in draft.get("reasonReference", ())} <= held
        if action["type"] == "create" and draft["resourceType"] == "MedicationRequest":
            (dosage,) = draft["dosageInstruction"]
            assert {"text", "timing", "route", "doseAndRate"} <= set(dosage)


@every_stored_call()
@pytest.mark.conformance("AC-04")
def test_an_update_returns_the_users_own_draft_with_another_dose(example: Example, call: Call) -> None:
    entries = call.context.get("draftOrders", {}).get("entry", ())
    own = {entry["resource"]["id"]: entry["resource"] for entry in entries if "id" in entry["resource"]}
    for action in actions(example, call):
        if action["type"] == "update":
            draft = action["resource"]
            before = own[draft["id"]]
            assert {key: value for key, value in draft.items() if key != "dosageInstruction"} == {
                key: value for key, value in before.items() if key != "dosageInstruction"
            }


@every_stored_call()
@pytest.mark.conformance("CA-07", "CA-08")
def test_alternatives_exclude_one_another_and_checklists_do_not(example: Example, call: Call) -> None:
    for card in example.cards(call):
        if card.get("suggestions"):
            drugs = [action["resource"]["resourceType"] for item in card["suggestions"] for action in item["actions"]]
            is_choice = drugs.count("MedicationRequest") > 1
            assert card["selectionBehavior"] in (("at-most-one",) if is_choice else ("at-most-one", "any"))
