"""The response as a client reads it."""

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from markdown_it import MarkdownIt

from cds_service.markdown import escaped
from tests.engine.calls import PATIENT, bundle, call, cards, draft, haemoglobin, orders, post, strict, topics


def everything(client: FlaskClient) -> list[dict[str, Any]]:
    context = orders(draft("espresso", "a"), draft("tea", "b"))
    return cards(post(client, call("order-sign", context), "order-sign"))


def without_uuids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_uuids(member) for name, member in value.items() if name != "uuid"}
    return [without_uuids(item) for item in value] if isinstance(value, list) else value


@pytest.mark.conformance("RS-01", "ST-06")
def test_no_advice_is_an_empty_list_of_cards(client: FlaskClient) -> None:
    assert strict(post(client, call(prefetch={"patient": PATIENT}))) == {"cards": []}


@pytest.mark.conformance("CA-01", "OV-06", "RS-06", "SU-02")
def test_the_same_call_gets_the_same_cards_under_new_uuids(client: FlaskClient) -> None:
    first, second = everything(client), everything(client)
    assert without_uuids(first) == without_uuids(second)
    ids = [thing["uuid"] for card in first + second for thing in (card, *card.get("suggestions", []))]
    assert len({UUID(id) for id in ids}) == len(ids)


@pytest.mark.conformance("CA-02", "CA-04", "CA-05", "CA-07", "CA-08", "CA-09", "CA-10", "CA-11")
@pytest.mark.conformance("SO-01", "SO-02", "SO-05", "OV-01", "OV-02", "OV-03", "OV-04")
def test_every_card_has_what_the_specification_asks_for(client: FlaskClient) -> None:
    for card in everything(client):
        assert len(card["summary"]) < 140
        assert "\n" not in card["summary"]
        assert card["indicator"] in ("info", "warning", "critical")
        assert card["source"]["label"]
        assert card["source"]["url"].startswith("https://")
        assert card["source"]["topic"]["code"].isalnum()
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert sum(s.get("isRecommended", False) for s in card.get("suggestions", [])) <= 1
        assert ("overrideReasons" in card) == (card["indicator"] != "info")
        for reason in card.get("overrideReasons", []):
            assert set(reason) == {"system", "code", "display"}


@pytest.mark.conformance("LI-01", "LI-02", "LI-03", "LI-04")
def test_links_are_absolute_and_carry_no_app_context(client: FlaskClient) -> None:
    for card in everything(client):
        for link in card["links"]:
            assert set(link) == {"label", "url", "type"}
            assert link["type"] == "absolute"
            assert link["url"].startswith("https://")


@pytest.mark.conformance("SU-01", "SU-03", "SU-04", "AC-01", "AC-02", "AC-03", "JS-07", "SA-01", "SA-04")
def test_a_suggestion_creates_a_draft_for_the_patient_in_context(client: FlaskClient) -> None:
    response = strict(post(client, call()))
    assert set(response) == {"cards"}
    (suggestion,) = response["cards"][0]["suggestions"]
    assert suggestion["label"] == "Order water"
    assert suggestion["isRecommended"] is True
    (action,) = suggestion["actions"]
    assert set(action) == {"type", "description", "resource"}
    assert action["type"] == "create"
    assert action["resource"]["subject"] == {"reference": "Patient/pt-1"}


@pytest.mark.conformance("AC-04", "JS-02", "JS-03")
def test_an_update_gives_back_the_draft_unchanged_but_for_what_fhir_forbids(client: FlaskClient) -> None:
    sound = draft("espresso", dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 1.5}}]}])
    odd = sound | {"category": {}, "note": None, "reasonCode": [], "code": {"coding": [{}]}}
    (card, _) = cards(post(client, call("order-sign", orders(odd)), "order-sign"))
    (suggestion,) = card["suggestions"]
    assert "isRecommended" not in suggestion
    assert suggestion["actions"][0]["resource"] == sound


@pytest.mark.conformance("CA-13")
def test_a_call_shows_three_cards_at_most_the_most_urgent_first(client: FlaskClient) -> None:
    context = orders(draft("tea", "a"), draft("coffee", "b"), draft("espresso", "c"))
    assert topics(post(client, call("order-sign", context), "order-sign")) == ["stop", "sip", "sip"]


def test_a_critical_card_is_never_cut_off(client: FlaskClient) -> None:
    context = orders(*(draft("espresso", f"e-{n}") for n in range(5)), draft("tea", "t"))
    assert topics(post(client, call("order-sign", context), "order-sign")) == ["stop"] * 5


@pytest.mark.conformance("EX-01", "EX-02")
def test_a_card_explains_itself_under_the_name_that_the_knowledge_gave(client: FlaskClient) -> None:
    (card,) = cards(post(client, call()))
    fact = {"reference": "Observation/hb-1", "what": "haemoglobin", "value": 9.5, "unit": "g/dL"}
    assert card["extension"] == {
        "org.example.hiccups.explanation": {
            "findings": [{"rule": "water.is_low", "logic": "W-1", "truth": "YES"}],
            "facts": [fact | {"date": "2026-01-05", "status": "final"}],
            "evidence": ["GUIDE"],
        }
    }


@pytest.mark.conformance("JS-02", "JS-04")
def test_a_number_keeps_its_digits(client: FlaskClient) -> None:
    observation = haemoglobin()
    observation["valueQuantity"]["value"] = "@"
    body = call(prefetch={"patient": PATIENT, "laboratory": bundle(observation)})
    response = post(client, json.dumps(body).replace('"@"', "9.50"))
    assert b'"value":9.50,' in response.get_data()


@pytest.mark.parametrize("name", ["<img src=x onerror=1>", "[x](javascript:1)", "a | b", "x" * 500])
@pytest.mark.conformance("MD-02", "MD-03", "CA-02")
def test_what_the_chart_says_is_never_markup(client: FlaskClient, name: str) -> None:
    (sip, _) = cards(post(client, call("order-sign", orders(draft(name))), "order-sign"))
    assert "<img" not in sip["detail"].replace("\\<", "")
    assert len(sip["summary"]) < 140


@pytest.mark.parametrize(
    "name",
    [
        *("http://evil.example/x", "HTTPS://EVIL.EXAMPLE", "www.evil.com", "evil.com", "a@evil.com"),
        *("mailto:a@evil.com", "//evil.com/x", "ftp://evil.com", "see http://192.0.2.1/ now"),
    ],
)
@pytest.mark.conformance("MD-03")
def test_an_address_in_the_chart_is_no_link_on_a_card(client: FlaskClient, name: str) -> None:
    """Held against a reader that makes links of bare addresses; backslashes alone do not keep every one from it."""
    markdown = MarkdownIt("gfm-like")
    assert "<a " in markdown.render(name)
    (sip, _) = cards(post(client, call("order-sign", orders(draft(name))), "order-sign"))
    assert "evil" in sip["detail"].lower() or "192" in sip["detail"]
    assert "<a " not in markdown.render(sip["detail"])


@pytest.mark.parametrize("text", ["Titre 1:1600, 2.5 mg/dL at 10:30, e.g. today", "120/80", "Dr. Who", "a: b"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x9b", "\u202e", "\u2066", "\u2028", "\n"])
@pytest.mark.conformance("MD-03")
def test_no_control_character_of_the_chart_stands_in_the_detail(client: FlaskClient, control: str) -> None:
    (sip, _) = cards(post(client, call("order-sign", orders(draft(f"green{control}tea"))), "order-sign"))
    assert "green tea" in sip["detail"]


@pytest.mark.conformance("JS-01", "JS-05")
def test_text_beyond_ascii_comes_back_as_it_was(client: FlaskClient) -> None:
    (sip, _) = cards(post(client, call("order-sign", orders(draft("thé vert 🍵"))), "order-sign"))
    assert sip["summary"] == "Sip slowly: thé vert 🍵"


def test_half_a_character_in_a_name_costs_no_card(client: FlaskClient) -> None:
    body = call("order-sign", orders(draft("green tea \ud83c")))
    assert topics(post(client, body, "order-sign")) == ["sip", "water"]
