"""Clients that want a form of their own get it; all others get what CDS Hooks 2.0 says."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from cds_service.cards import Action, Indicator, Suggestion
from cds_service.protocol.response import issued, response_body
from cds_service.site import Client
from tests.toy_disease import card_about

DRAFT = {"resourceType": "MedicationRequest", "status": "draft"}
OFFER = Suggestion(
    "Water", (Action("create", "Water", DRAFT),), replaces=("MedicationRequest/d-1", "ServiceRequest/d-2")
)
CARD = card_about("water", "Offer water", Indicator.INFO, suggestion=OFFER)


def answer(client: Client | None, hook: str = "order-sign") -> dict:  # type: ignore[type-arg]
    body: dict = msgspec.json.decode(response_body(issued([CARD]), "org.example", client, hook))  # type: ignore[type-arg]
    return body


@pytest.mark.conformance("AC-08", "RS-02", "SA-01", "SA-03", "SA-04", "SU-06")
def test_without_a_wish_a_suggestion_has_its_one_action_and_no_system_actions() -> None:
    for client in (None, Client("https://e")):
        body = answer(client)
        assert "systemActions" not in body
        assert body["cards"][0]["selectionBehavior"] == "at-most-one"
        assert [action["type"] for action in body["cards"][0]["suggestions"][0]["actions"]] == ["create"]


@pytest.mark.conformance("AC-05", "AC-06", "AC-08")
@pytest.mark.parametrize("form", ["resourceId", "resource"])
def test_a_client_may_have_the_draft_deleted_that_is_replaced(form: str) -> None:
    client = replace(Client("https://e"), delete_form=form)  # type: ignore[arg-type]
    (_, deletion) = answer(client)["cards"][0]["suggestions"][0]["actions"]
    assert (deletion["type"], deletion[form]) == ("delete", "MedicationRequest/d-1")


@pytest.mark.conformance("CA-08", "RS-02", "SA-03", "SA-04")
def test_a_client_may_want_another_selection_behaviour_and_empty_system_actions() -> None:
    body = answer(replace(Client("https://e"), selection_behavior="any", system_actions="empty"))
    assert body["systemActions"] == []
    assert "systemActions" not in answer(replace(Client("https://e"), system_actions="empty"), "patient-view")
    assert body["cards"][0]["selectionBehavior"] == "any"
