"""The form in which a patient is described in words and numbers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.engine.workbench.pages import cards, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(HOSTILE)


def test_the_form_has_a_field_for_all_that_the_package_asks_and_says_its_use(client: FlaskClient) -> None:
    read = page(client.get("/workbench/form"))
    assert read.all("input", name="haemoglobin")
    assert read.all("select", name="mood")
    described = {
        field["aria-describedby"] for field in (*read.all("input"), *read.all("select")) if "aria-describedby" in field
    }
    assert described == {"use-haemoglobin", "use-mood"}
    labelled = {label["for"] for label in read.all("label")}
    assert {field["id"] for field in (*read.all("input"), *read.all("select"))} == labelled


def test_a_patient_who_is_described_gets_cards_and_what_was_typed_stays(client: FlaskClient) -> None:
    values = {"age": "41", "sex": "male", "haemoglobin": "9,5", "on-haemoglobin": "2026-01-08", "mood": "15"}
    read = page(client.post("/workbench/form", data=values))
    assert cards(read) == ["info"]
    assert read.all("input", name="age", value="41")
    assert read.all("input", name="haemoglobin", value="9,5")
    assert read.all("input", name="on-haemoglobin", value="2026-01-08")
    assert read.all("option", value="15", selected="")
    assert "male" in [text for text in read.texts if text == "male"]
    chart = next(text for text in read.texts if text.startswith('{"resourceType":"Bundle"'))
    assert '"birthDate":"1984-12-31"' in chart
    assert cards(page(client.post("/workbench/chart", data={"chart": chart}))) == ["info"]


def test_an_order_that_is_written_is_signed(client: FlaskClient) -> None:
    read = page(client.post("/workbench/form", data={"order_name": "espresso", "day": "2026-01-10"}))
    assert "at order-sign on 2026-01-10" in read.text
    assert cards(read) == ["critical"]


def test_an_empty_form_is_a_patient_of_whom_nothing_is_known(client: FlaskClient) -> None:
    assert "Nothing is said of this patient" in page(client.post("/workbench/form", data={})).text


@pytest.mark.parametrize("age", ["old", "-1", "121", "41.5", "9" * 400, EVIL])
def test_an_age_that_is_none_is_said(client: FlaskClient, age: str) -> None:
    assert "The age was not used" in page(client.post("/workbench/form", data={"age": age})).text


@pytest.mark.parametrize("age", ["0", "120"])
def test_the_youngest_and_the_oldest_are_taken(client: FlaskClient, age: str) -> None:
    assert "The age was not used" not in page(client.post("/workbench/form", data={"age": age})).text


def test_nothing_that_is_typed_becomes_markup(client: FlaskClient) -> None:
    names = ("age", "sex", "day", "haemoglobin", "on-haemoglobin", "mood", "order_name", "order_dose", "order_unit")
    response = client.post("/workbench/form", data=dict.fromkeys(names, EVIL))
    page(response)
    assert "<script>alert" not in response.get_data(as_text=True)


def test_a_package_that_asks_nothing_leads_to_no_form() -> None:
    assert not page(client_of().get("/workbench")).all("a", href="/workbench/form")
