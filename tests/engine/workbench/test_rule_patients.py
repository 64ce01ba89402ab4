"""Below each rule a page with example patients: story, course and the cards that rest on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.manual import Exercise, Exercises
from cds_service.workbench.cast import Cast
from tests.engine.calls import numbers
from tests.engine.workbench.cast import ToyPatient
from tests.engine.workbench.pages import Page, client_of
from tests.knowledge_pages.hostile import EVIL, HOSTILE, MANUAL

RULE, PATIENTS = "/knowledge/rules/W-1", "/knowledge/rules/W-1/examples"
STORIES = {name: ToyPatient(name, f"{name} is dry", f"The story of {name}.") for name in ("ann", "bob", "cid", "dee")}


def shown_by(*exercises: tuple[str, str, str]) -> Knowledge:
    """A package whose rule is exercised by those patients: name, call, answer."""
    calls = tuple(Exercise(name, call, f"{name} is dry", truth) for name, call, truth in exercises)
    return replace(HOSTILE, manual=replace(MANUAL, exercises={"W-1": Exercises(calls)}))


def client_with(*exercises: tuple[str, str, str], **more: Any) -> FlaskClient:
    return client_of(shown_by(*exercises), cast=Cast(tuple(STORIES), STORIES.__getitem__), **more)


def read(client: FlaskClient, path: str = PATIENTS) -> Page:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    made = Page(response.get_data(as_text=True))
    assert made.open == []
    assert not [tag for tag, _ in made.tags if tag in ("script", "form", "button", "input")]
    ids = [attributes["id"] for _, attributes in made.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    return made


def test_the_policy_names_the_very_style_that_stands_in_the_page() -> None:
    from base64 import b64encode
    from hashlib import sha256

    response = client_with(("ann", "patient-view", "YES")).get(PATIENTS)
    style = response.get_data(as_text=True).split("<style>")[1].split("</style>")[0]
    assert b64encode(sha256(style.encode()).digest()).decode() in response.headers["Content-Security-Policy"]


def test_the_page_of_a_rule_leads_to_its_patients_and_they_lead_back() -> None:
    client = client_with(("ann", "patient-view", "YES"))
    assert f'href="{PATIENTS}"' in client.get(RULE).get_data(as_text=True)
    page = read(client)
    assert page.all("a", href=RULE)
    assert "The story of ann." in page.text
    assert "patient-view on 2026-01-10; W-1 answers YES" in page.text
    assert page.all("article", **{"class": "card info"})
    assert "Offer water" in page.text
    assert page.all("svg")


def test_it_leads_into_the_workbench_where_that_is_served() -> None:
    address = "/workbench/examples/ann?call=patient-view"
    assert read(client_with(("ann", "patient-view", "YES"))).all("a", href=address)
    production = client_with(("ann", "patient-view", "YES"), profile="production")
    assert "/workbench" not in read(production).html.split("</style>")[1]


def test_three_patients_are_shown_each_once_and_one_of_each_answer_first() -> None:
    calls = [("ann", "patient-view", "YES"), ("ann", "sign-espresso", "YES"), ("bob", "patient-view", "YES")]
    calls += [("cid", "patient-view", "YES"), ("dee", "patient-view", "UNKNOWN")]
    stories = [text for text in read(client_with(*calls)).texts if text.startswith("The story of")]
    assert stories == ["The story of ann.", "The story of dee.", "The story of bob."]


def test_cards_that_rest_on_other_rules_are_only_named() -> None:
    calls = (("ann", "sign-espresso", "YES"),)

    def other(call: Any) -> Any:
        made = HOSTILE.advise(call)
        card = made.cards[0]
        note = replace(card.explanation.findings[0], logic="W-9")
        told = replace(card, summary="Elsewhere", explanation=replace(card.explanation, findings=(note,)))
        return replace(made, cards=(told, *made.cards))

    package = replace(shown_by(*calls), advise=other)
    page = read(client_of(package, cast=Cast(tuple(STORIES), STORIES.__getitem__)))
    assert "Beside it: Elsewhere" in page.text
    silent = replace(shown_by(*calls), advise=lambda call: replace(HOSTILE.advise(call), cards=()))
    page = read(client_of(silent, cast=Cast(tuple(STORIES), STORIES.__getitem__)))
    assert "no card of this patient rests on W-1" in page.text


@pytest.mark.parametrize(
    "client",
    [
        lambda: client_of(HOSTILE, cast=Cast()),
        lambda: client_with(),
        lambda: client_with(("eve", "patient-view", "YES")),
    ],
    ids=["no patients installed", "none exercises it", "another patient"],
)
def test_without_patients_there_is_no_page_and_no_link(client: Callable[[], FlaskClient]) -> None:
    assert numbers(client().get(PATIENTS), 404) == ["CDS-101"]
    assert PATIENTS not in client().get(RULE).get_data(as_text=True)


def test_an_unknown_rule_and_a_call_that_is_gone_have_no_page() -> None:
    client = client_with(("ann", "yesterday", "YES"))
    assert numbers(client.get(PATIENTS), 404) == ["CDS-101"]
    assert numbers(client.get("/knowledge/rules/W-7/examples"), 404) == ["CDS-101"]


def test_a_page_is_made_once() -> None:
    asked = []

    def load(name: str) -> ToyPatient:
        asked.append(name)
        return STORIES[name]

    client = client_of(shown_by(("ann", "patient-view", "YES")), cast=Cast(tuple(STORIES), load))
    first = client.get(PATIENTS)
    again = client.get(PATIENTS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, asked) == (304, ["ann"])


def test_no_text_of_a_patient_becomes_markup() -> None:
    evil = ToyPatient("jane", EVIL, EVIL)
    page = read(client_of(HOSTILE, cast=Cast(("jane",), lambda _: evil)))
    assert "<script>alert" not in page.html
    assert EVIL.split("|")[0] in page.text
