"""A general-medicine panel: people of every clinic on whom the service keeps silent, and a few on whom it must not.

A card on any of them that no row of the decision logic asks for is a fault of a rule: a service that speaks where it is
not needed is soon not read where it is.
"""

from __future__ import annotations

import re

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.codes import Concept
from fhir_examples.example import Call, Example, resources
from fhir_examples.replay import built_request, cards_for, client_on
from hooks.anti_mag.knowledge_data import CODES
from tests.panel.haematology import HAEMATOLOGY
from tests.panel.justified import JUSTIFIED
from tests.panel.medicine import MEDICINE
from tests.panel.neighbours import NEIGHBOURS
from tests.panel.neurology import NEUROLOGY
from tests.panel.profile import TODAY, Profile

PANEL = (*NEUROLOGY, *HAEMATOLOGY, *MEDICINE, *NEIGHBOURS)
EVERYONE = (*PANEL, *(case.profile for case in JUSTIFIED))
EVERYDAY_CODES = {
    ("http://loinc.org", "14682-9"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "D80.1"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "I10"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
    ("http://hl7.org/fhir/sid/icd-10", "I10"),
    ("http://loinc.org", "2345-7"),
    ("http://loinc.org", "2951-2"),
    ("http://loinc.org", "2823-3"),
}
CLINICIANS_HOOKS = ("patient-view", "order-select", "order-sign")
LOCAL_OR_TECHNICAL = ("https://lab.example.org/", "http://terminology.hl7.org/")


def calls(profiles: tuple[Profile, ...]) -> list[tuple[Example, Call]]:
    examples = [example for profile in profiles for example in (profile.example(), profile.signed())]
    return [(example, call) for example in examples for call in example.calls]


def said(example: Example, call: Call) -> list[tuple[str, str, set[str]]]:
    """Topic, indicator and the rules behind it, of each card."""
    cards = cards_for(built_request(example, call, TODAY), TODAY)
    return [
        (
            card["source"]["topic"]["code"],
            card["indicator"],
            {note["logic"] for note in card["extension"]["org.anti-mag-cds.explanation"]["findings"]},
        )
        for card in cards
    ]


def identity(value: object) -> str:
    return value.name if isinstance(value, (Example, Call, Profile)) else ""


def test_the_panel_is_heard_at_every_hook() -> None:
    services = client_on(TODAY).get("/cds-services").get_json()["services"]
    assert {call.hook for _, call in calls(PANEL)} == {service["hook"] for service in services}


def every_profile() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("profile", EVERYONE, ids=identity)


def test_the_panel_has_at_least_forty_people_each_with_a_name_of_its_own() -> None:
    assert len(PANEL) >= 40
    assert len({profile.name for profile in EVERYONE}) == len(EVERYONE)
    assert len({profile.country for profile in PANEL}) >= 5


@pytest.mark.parametrize(("example", "call"), calls(PANEL), ids=identity)
def test_the_service_is_silent(example: Example, call: Call) -> None:
    assert said(example, call) == []


@pytest.mark.parametrize("case", JUSTIFIED, ids=lambda case: case.profile.name)
def test_a_justified_card_stands_alone_and_on_the_row_named(case) -> None:
    example = case.profile.example()
    answers = {call.name: said(example, call) for call in example.calls if call.hook in CLINICIANS_HOOKS}
    expected = {name: (topic, indicator) for name, topic, indicator, _ in case.cards}
    rows = {name: logic for name, _, _, logic in case.cards}
    assert {name: [card[:2] for card in cards] for name, cards in answers.items()} == {
        name: [expected[name]] if name in expected else [] for name in answers
    }
    assert all(logic in answers[name][0][2] for name, logic in rows.items())


@every_profile()
def test_the_chart_is_valid_r4(profile: Profile) -> None:
    example = profile.example()
    drafts = [item for call in example.calls for item in resources(call.context.get("draftOrders", {}))]
    for resource in [*resources(example.bundle), *drafts]:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])


@every_profile()
def test_the_codes_are_ours_or_everyday_ones(profile: Profile) -> None:
    example = profile.example()
    drafts = [item for call in example.calls for item in resources(call.context.get("draftOrders", {}))]
    for system, code in codings([*resources(example.bundle), *drafts]):
        if system.startswith(LOCAL_OR_TECHNICAL) or (system, code) in EVERYDAY_CODES:
            continue
        is_ours = any(codes.holds(Concept(frozenset({(system, code)}))) for codes in CODES.values())
        assert is_ours or system == "urn:anti-mag-cds:assessment", f"{system} {code}"


def codings(value: object) -> set[tuple[str, str]]:
    """Every system and code below a value."""
    if isinstance(value, list):
        return set().union(*(codings(item) for item in value))
    if not isinstance(value, dict):
        return set()
    own = {(value["system"], value["code"])} if {"system", "code"} <= value.keys() and "value" not in value else set()
    return own.union(*(codings(item) for item in value.values()))


def test_a_profile_gives_the_same_chart_every_time() -> None:
    assert [profile.example() for profile in PANEL] == [profile.example() for profile in PANEL]
