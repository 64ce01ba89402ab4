"""The workbench with the example patients: it shows what a client gets, and finds them by what they show."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE, cast
from cds_service.settings import Settings
from fhir_examples.build import every_call
from fhir_examples.example import Call, Example, load, names
from hooks.anti_mag import KNOWLEDGE
from tests.engine.workbench.pages import Page, page

CALLS = [(example, call) for example, call in every_call()]
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], now=lambda: NOW, cast=cast()).test_client()


def headings(read: Page) -> list[str]:
    """The texts of the cards' headings."""
    found, inside = [], False
    for part in read.html.split('<h3 id="card-')[1:]:
        inside = True
        found.append(Page(f"<p>{part.split('>', 1)[1].split('</h3>')[0]}</p>").text)
    assert inside or not found
    return found


@pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{one.name}-{call.name}" for one, call in CALLS])
def test_a_call_of_an_example_shows_the_cards_that_a_client_gets(
    client: FlaskClient, example: Example, call: Call
) -> None:
    read = page(client.get(f"/workbench/examples/{example.name}", query_string={"call": call.name}))
    assert headings(read) == [" ".join(card["summary"].split()) for card in example.cards(call)]
    assert f"at {call.hook} on {call.as_of.isoformat()}" in read.text


@pytest.mark.parametrize(
    "name", ["first_line_rituximab", "unrelated_patient", "search_failed", "public_sandbox_drafts"]
)
@pytest.mark.parametrize("view", ["/why", "/wire"])
def test_reasons_and_wire_of_an_example(client: FlaskClient, name: str, view: str) -> None:
    read = page(client.get(f"/workbench/examples/{name}{view}"))
    if view == "/why":
        assert "Why there is no other card" in read.text
        assert read.all("article", id="rule-TX-1")
        assert read.all("a", href="/knowledge/rules/TX-1")
    else:
        assert "fits the schema" in read.text


def test_every_example_is_listed_and_each_rule_leads_to_those_that_show_it(client: FlaskClient) -> None:
    assert f"{len(names())} of {len(names())} patients" in page(client.get("/workbench")).text
    read = page(client.get("/workbench?rule=G10"))
    assert read.all("a", href="/workbench/examples/dose_error")
    assert not read.all("a", href="/workbench/examples/first_line_rituximab")


def test_a_rules_page_leads_to_its_patients_and_back(client: FlaskClient) -> None:
    shown = client.get("/knowledge/rules/TX-1").get_data(as_text=True)
    assert 'href="/workbench/examples/first_line_rituximab?call=patient-view"' in shown
    assert client.get("/workbench/examples/first_line_rituximab?call=patient-view").status_code == 200


def test_a_suggestion_that_is_accepted_meets_the_gates_when_it_is_signed(client: FlaskClient) -> None:
    address = "/workbench/examples/first_line_rituximab?accept=patient-view:rituximab:0&call=order-sign"
    assert any("rituximab" in heading.lower() for heading in headings(page(client.get(address))))


def test_the_course_shows_what_was_not_read_as_it_came(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/igm_without_unit"))
    assert "without a unit" in read.text
    assert "IgM flare window" in page(client.get("/workbench/examples/flare_above_4000_dose_due")).text


def test_a_chart_of_a_thousand_resources_is_shown(client: FlaskClient) -> None:
    chart = json.dumps(load("twenty_years_of_anti_mag").bundle)
    assert (
        "Relapse after a response"
        in page(client.post("/workbench/chart", data={"chart": chart, "day": "2026-06-15"})).text
    )


RULES = {rule.logic: rule for rule in KNOWLEDGE.manual.rules} if KNOWLEDGE.manual else {}
WITHOUT_EXAMPLES = {"C5b"}
"""An order that could not be read: no example brings one."""


@pytest.mark.parametrize("logic", sorted(set(RULES) - WITHOUT_EXAMPLES))
def test_every_rule_is_shown_on_patients_with_a_card_that_rests_on_it(client: FlaskClient, logic: str) -> None:
    address = f"/knowledge/rules/{logic}/examples"
    response = client.get(address)
    assert response.status_code == 200
    read = Page(response.get_data(as_text=True))
    assert read.open == []
    assert read.all("article")
    assert "With this site's settings" not in read.text
    assert f'href="{address}"' in client.get(f"/knowledge/rules/{logic}").get_data(as_text=True)


@pytest.mark.parametrize("logic", sorted(WITHOUT_EXAMPLES))
def test_a_rule_without_examples_leads_nowhere(client: FlaskClient, logic: str) -> None:
    address = f"/knowledge/rules/{logic}/examples"
    assert client.get(address).status_code == 404
    assert address not in client.get(f"/knowledge/rules/{logic}").get_data(as_text=True)


def test_a_silence_says_what_is_said_in_its_place_by_its_title(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/several_gates_at_once/why"))
    assert "G11 holds, said on “Safety checks for rituximab”" in read.text
    read = page(client.get("/workbench/examples/flare_above_4000_dose_due/why?call=patient-view"))
    assert "WU-5 holds and gives way to FL-3 : plasma exchange is said first there already" in read.text


def test_a_rule_says_when_it_answers_so_in_its_own_words(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/several_gates_at_once/why"))
    for logic, rule in RULES.items():
        row = Page(read.html.split(f'id="rule-{logic}"')[1].split("<details>")[0]).text
        answers = {"YES": rule.yes_when, "NO": rule.no_when, "UNKNOWN": rule.unknown_when}
        said = next(truth for truth in answers if f"{truth} {logic} " in row)
        assert f"{said} {answers[said].split('{')[0][:20]}" in row
