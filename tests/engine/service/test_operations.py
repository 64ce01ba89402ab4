"""Health, counts, load shedding, repeats, logs: what those who run the service rely on."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.cards import Card, Coding, Explanation, FindingNote, Indicator, Link, Source
from cds_service.knowledge.contract import Advice, Failure, HookCall
from cds_service.parts import parts_of
from cds_service.record import Fact
from cds_service.settings import Settings
from tests.engine.calls import PATIENT, bundle, call, haemoglobin
from tests.engine.service.around import client_of, fhir, serving, silent, site_of
from tests.toy_disease import KNOWLEDGE, advise

HAEMOGLOBIN = Fact("Observation/hb-1", "haemoglobin", Decimal("9.5"), "g/dL", "2026-01-05", "final")
PATH = "/cds-services/hiccups-patient-view"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_alive_and_ready() -> None:
    client = client_of(site_of(""))
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["checks"] == {"knowledge": "ok", "store": "ok", "audit": "none"}


def test_decisions_gaps_reads_and_times_are_counted() -> None:
    with serving(lambda _: fhir({}, 404)) as server:
        client = client_of(site_of(""))
        client.post(PATH, json=call())
        body = call(prefetch={"patient": PATIENT}) | {"fhirServer": server.base}
        client.post(PATH, json=body)
    text = client.get("/metrics").text
    assert 'cds_decisions_total{service="hiccups-patient-view",topic="water"}' in text
    assert 'cds_fhir_queries_total{outcome="404"}' in text
    assert 'cds_gaps_total{reason="key_absent"}' in text
    assert 'cds_request_seconds_bucket{le="5.0",service="hiccups-patient-view",status="200"}' in text


@pytest.mark.conformance("ST-05")
def test_calls_beyond_the_places_are_shed_at_once() -> None:
    with silent() as base:
        client = client_of(site_of("[limits]\nrequests_in_flight = 1\nfhir_seconds = 1.0\n"))
        body = call(prefetch={"patient": PATIENT}) | {"fhirServer": base}
        statuses: list[int] = []
        threads = [
            threading.Thread(
                target=lambda: statuses.append(client.application.test_client().post(PATH, json=body).status_code)
            )
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [200, 503, 503, 503, 503]


def failing(call: HookCall) -> Advice:
    return replace(advise(call), failures=(Failure("W-2", ValueError("marker-message")),))


@pytest.mark.conformance("ST-07")
def test_a_part_that_fails_is_logged_and_counted_and_the_others_speak(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(
        Settings("sandbox", "hiccups"), [replace(KNOWLEDGE, advise=failing)], parts=parts_of(site_of(""), "sandbox")
    )
    client = app.test_client()
    with caplog.at_level(logging.ERROR, "cds_service"):
        assert client.post(PATH, json=call()).get_json()["cards"]
    assert "W-2" in caplog.text
    assert "marker-message" not in caplog.text
    assert 'cds_failures_total{part="W-2"}' in client.get("/metrics").text


def test_repeats_are_shown_again_unless_the_site_says_otherwise() -> None:
    usual = client_of(site_of(""))
    assert [len(usual.post(PATH, json=call()).get_json()["cards"]) for _ in range(2)] == [1, 1]


def test_a_card_with_the_same_facts_is_shown_once_and_with_other_facts_again() -> None:
    text = '[audit]\npath = "a.jsonl"\n[repeats]\nsuppress = true\n'
    client = client_of(site_of(text))
    assert [len(client.post(PATH, json=call()).get_json()["cards"]) for _ in range(2)] == [1, 0]
    other = call(prefetch={**call()["prefetch"], "laboratory": bundle(haemoglobin("8.1"))})
    assert len(client.post(PATH, json=other).get_json()["cards"]) == 1
    by_nurse = call(context={"userId": "PractitionerRole/r-1"})
    assert len(client.post(PATH, json=by_nurse).get_json()["cards"]) == 1


def test_likeness_rests_on_findings_and_facts_and_not_on_words() -> None:
    parts = parts_of(site_of('[audit]\npath = "a.jsonl"\n[repeats]\nsuppress = true\n'), "sandbox")
    assert parts.repeats is not None
    why = Explanation((FindingNote("water.is_low", "W-1", "YES"),), (HAEMOGLOBIN,), ("ferritin",), ("GUIDE",))
    source = Source("Guide", "https://example.org/guide", Coding("urn:example", "water"))
    card = Card("Drink", "Drink water.", Indicator.INFO, source, (Link("Guide", "https://example.org/guide"),), why)

    def likeness(other: Card) -> str:
        assert parts.repeats is not None
        return parts.repeats.likeness(other, "pt-1", "Practitioner")

    def resting_on(**members: Any) -> Card:
        return replace(card, explanation=replace(why, **members))

    renamed = replace(HAEMOGLOBIN, what="Hb")
    said = replace(card, summary="Water is low", detail="Said otherwise.")
    alike = [said, resting_on(facts=(renamed,)), resting_on(missing=("the iron stores",))]
    assert {likeness(other) for other in alike} == {likeness(card)}
    others = [
        resting_on(facts=(replace(HAEMOGLOBIN, value=Decimal("8.1")),)),
        resting_on(facts=(replace(HAEMOGLOBIN, status="corrected"),)),
        resting_on(facts=()),
        resting_on(missing=()),
        resting_on(findings=(FindingNote("water.is_low", "W-1", "UNKNOWN"),)),
    ]
    assert len({likeness(other) for other in [card, *others]}) == len(others) + 1


def test_critical_cards_are_never_held_back() -> None:
    from tests.engine.calls import draft, orders

    client = client_of(site_of('[audit]\npath = "a.jsonl"\n[repeats]\nsuppress = true\n'))
    body = call("order-sign", orders(draft("espresso")))
    shown = [client.post("/cds-services/hiccups-order-sign", json=body).get_json()["cards"] for _ in range(2)]
    assert [[card["indicator"] for card in cards if card["indicator"] == "critical"] for cards in shown] == [
        ["critical"]
    ] * 2


def test_with_the_store_down_repeats_are_shown() -> None:
    text = '[audit]\npath = "a.jsonl"\n[repeats]\nsuppress = true\n[store]\nurl = "sqlite:///none/x.db"\n'
    client = client_of(site_of(text))
    assert [len(client.post(PATH, json=call()).get_json()["cards"]) for _ in range(2)] == [1, 1]


@pytest.mark.conformance("FA-06", "FB-15", "SE-21")
def test_markers_in_names_values_and_tokens_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    marked = json.loads(json.dumps(call()).replace("pt-1", "marker-id"))
    marked["prefetch"]["patient"]["name"] = [{"family": "marker-name"}]
    marked |= {
        "fhirServer": "http://127.0.0.1:9/marker-server",
        "fhirAuthorization": {"access_token": "marker-token", "expires_in": 60},
        "marker-member": 1,
    }
    client = client_of(site_of(""))
    item = {"card": "marker-card", "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    with caplog.at_level(logging.DEBUG):
        client.post(PATH, json=marked, headers={"Authorization": "Bearer marker-jwt"})
        client.post(f"{PATH}/feedback", json={"feedback": [item | {"overrideReason": {"userComment": "marker-text"}}]})
        client.post(PATH, data='{"marker-broken', content_type="application/json")
        client.get("/marker-path?marker=1")
    ours = [record for record in caplog.records if record.name.startswith("cds_service")]
    assert len([record for record in ours if record.name == "cds_service.calls"]) == 3
    assert "marker" not in "\n".join(record.getMessage() for record in ours)
    assert "marker" not in client.get("/metrics").text


def test_at_an_order_everything_is_said_again() -> None:
    from tests.engine.calls import draft, orders

    client = client_of(site_of('[audit]\npath = "a.jsonl"\n[repeats]\nsuppress = true\n'))
    body = call("order-sign", orders(draft("tea")))
    shown = [client.post("/cds-services/hiccups-order-sign", json=body).get_json()["cards"] for _ in range(2)]
    assert [card["summary"] for card in shown[0]] == [card["summary"] for card in shown[1]]
    assert shown[0]
