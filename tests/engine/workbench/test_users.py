"""Who asks can be chosen: cards are for clinicians, and the page says so to others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from cds_service.workbench.cast import Cast
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.workbench.cast import ToyCall, ToyPatient
from tests.engine.workbench.pages import bring, cards, client_of, page
from tests.knowledge_pages.hostile import EVIL

CHART = bundle(PATIENT, haemoglobin())


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of()


@pytest.mark.parametrize(
    ("user", "sent", "shown"),
    [
        ("Practitioner", "Practitioner/workbench", ["info"]),
        ("PractitionerRole", "PractitionerRole/workbench", ["info"]),
        ("Patient", "Patient/pt-1", []),
        ("RelatedPerson", "RelatedPerson/workbench", []),
        ("", "Practitioner/workbench", ["info"]),
        (EVIL, "Practitioner/workbench", ["info"]),
    ],
)
def test_the_user_that_is_chosen_asks(client: FlaskClient, user: str, sent: str, shown: list[str]) -> None:
    read = page(bring(client, CHART, user=user))
    assert cards(read) == shown
    assert ("cards are written for clinicians" in read.text) is (not shown)
    assert f'"userId": "{sent}"' in page(bring(client, CHART, "/wire", user=user)).text


def test_a_call_of_an_example_keeps_its_own_user_until_another_kind_is_chosen(client: FlaskClient) -> None:
    own = page(client.get("/workbench/examples/jane/wire?user=Practitioner"))
    assert '"userId": "Practitioner/dr-1"' in own.text
    other = page(client.get("/workbench/examples/jane/wire?user=RelatedPerson"))
    assert '"userId": "RelatedPerson/workbench"' in other.text
    assert other.all("option", value="RelatedPerson", selected="")


def test_a_call_that_names_no_user_says_so() -> None:
    refill = replace(ToyPatient(), calls=(ToyCall("refill", "medication-refill", context={"patientId": "pt-1"}),))
    read = page(client_of(cast=Cast(("jane",), lambda _: refill)).get("/workbench/examples/jane"))
    assert "as the call says" in read.texts
    assert cards(read) == ["info"]


def test_a_patient_who_has_died_is_told_apart_from_a_user_who_gets_none(client: FlaskClient) -> None:
    chart = bundle(PATIENT | {"deceasedBoolean": True}, haemoglobin())
    assert "the patient has died" in page(bring(client, chart)).text
    assert "the user is the patient" in page(bring(client, chart, user="Patient")).text
