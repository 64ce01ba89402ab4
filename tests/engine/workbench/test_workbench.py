"""The workbench over HTTP, with the toy disease: where it is, what it shows, and what it makes of a chart."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import PATIENT, bundle, draft, haemoglobin, numbers, post
from tests.engine.calls import call as hook_call
from tests.engine.workbench.cast import ToyPatient
from tests.engine.workbench.pages import CAST, VIEWS, bring, cards, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE

CHART = bundle(PATIENT, haemoglobin())


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of()


# Where it is


def test_a_browser_is_led_to_it_and_a_program_is_not(client: FlaskClient) -> None:
    browser = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    assert (browser.status_code, browser.headers["Location"]) == (302, "/workbench")
    for accepted in ("application/json", "*/*", ""):
        assert client.get("/", headers={"Accept": accepted}).get_json() == {"discovery": "/cds-services"}


@pytest.mark.parametrize(
    ("profile", "enabled", "is_served"),
    [
        ("sandbox", None, True),
        ("sandbox", False, False),
        ("production", None, False),
        ("production", False, False),
        ("production", True, True),
    ],
)
def test_the_sandbox_serves_it_and_production_only_where_the_site_says_so(
    profile: str, enabled: bool | None, is_served: bool
) -> None:
    client = client_of(profile=profile, enabled=enabled)
    assert client.get("/workbench").status_code == (200 if is_served else 404)
    assert client.get("/workbench/examples/jane").status_code == (200 if is_served else 404)
    assert client.get("/", headers={"Accept": "text/html"}).status_code == (302 if is_served else 200)


def test_what_a_page_loads_is_served_here_and_not_sent_twice(client: FlaskClient) -> None:
    for path, kind in (("style.css", "text/css"), ("workbench.js", "text/javascript")):
        first = client.get(f"/workbench/{path}")
        assert (first.status_code, first.mimetype) == (200, kind)
        again = client.get(f"/workbench/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
    sheet = client.get("/workbench/style.css").get_data(as_text=True)
    assert "prefers-color-scheme:dark" in sheet
    assert "http" not in sheet


def test_it_works_without_examples_and_without_a_manual() -> None:
    from cds_service.workbench.cast import Cast

    client = client_of(cast=Cast())
    assert "0 of 0 patients" in page(client.get("/workbench")).text
    assert cards(page(bring(client, CHART))) == ["info"]
    assert numbers(client.get("/workbench/examples/jane"), 404) == ["CDS-101"]


# The list of patients


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=hiccups", True),
        ("q=DRY+jane", True),
        ("q=nobody", False),
        ("topic=water", True),
        ("topic=sip", False),
        ("rule=W-1", True),
        ("rule=W-2", False),
        ("hook=order-sign", True),
        ("hook=order-select", False),
        ("topic=water&hook=patient-view", True),
        ("topic=water&hook=order-sign", False),
    ],
)
def test_examples_are_found_by_what_one_call_of_theirs_shows(client: FlaskClient, query: str, is_found: bool) -> None:
    read = page(client.get(f"/workbench?{query}"))
    assert bool(read.all("a", href="/workbench/examples/jane")) is is_found


def test_those_who_come_for_the_first_time_are_led_in_at_most_five_steps(client: FlaskClient) -> None:
    read = page(client.get("/workbench"))
    tour = read.html[read.html.index('class="tour"') : read.html.index("</details>")]
    assert 0 < tour.count("<li>") <= 5
    for address in re.findall(r'href="([^"]+)"', tour):
        page(client.get(address))


# One patient


def test_an_example_shows_the_cards_that_its_call_gets(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane"))
    assert cards(read) == ["info"]
    assert "Offer water" in read.text
    assert "She has the hiccups." in read.text
    assert cards(page(client.get("/workbench/examples/jane?call=sign-espresso"))) == ["critical", "info"]


def test_another_hook_and_another_day_stand_in_the_address(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane?call=encounter-start&day=2026-02-03"))
    assert "1 card at encounter-start on 2026-02-03" in read.text
    assert read.all("option", value="encounter-start", selected="")
    assert read.all("input", name="day", value="2026-02-03")


@pytest.mark.parametrize("day", ["", "yesterday", "0001-01-01", "9999-12-31", "2026-02-30", EVIL])
def test_a_day_that_is_none_is_the_day_of_the_call(client: FlaskClient, day: str) -> None:
    read = page(client.get("/workbench/examples/jane", query_string={"day": day, "call": EVIL, "width": EVIL}))
    assert "at patient-view on 2026-01-10" in read.text


def test_an_unknown_example_is_no_path(client: FlaskClient) -> None:
    assert numbers(client.get("/workbench/examples/nobody"), 404) == ["CDS-101"]
    assert numbers(client.get("/workbench/examples/jane/more"), 404) == ["CDS-101"]


def test_a_card_says_its_urgency_in_words_and_offers_reasons(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane?call=sign-espresso"))
    assert "Critical Do not drink this now" in read.text
    assert read.all("input", name="reason", value="notThirsty")
    assert read.all("article", **{"data-feedback": "/cds-services/hiccups-order-sign/feedback"})


def test_an_accepted_suggestion_becomes_a_draft_order(client: FlaskClient) -> None:
    before = page(client.get("/workbench/examples/jane"))
    (button,) = before.all("button", name="accept")
    assert button["value"] == "patient-view:water:0"
    read = page(client.get("/workbench/examples/jane?accept=patient-view:water:0"))
    assert "ServiceRequest: Water" in read.text
    assert "Accepted: Order water" in read.text
    signed = page(client.get("/workbench/examples/jane?accept=patient-view:water:0&call=order-sign"))
    assert "Sip slowly: Water" in signed.text


def test_an_update_that_is_accepted_changes_the_draft_that_is_there(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane?call=sign-espresso&accept=sign-espresso:stop:0"))
    assert read.text.count("MedicationRequest: espresso") == 1


@pytest.mark.parametrize("name", ["", "patient-view", "patient-view:water:7", "patient-view:x:0", "x:water:0", EVIL])
def test_what_is_accepted_and_is_no_suggestion_changes_nothing(client: FlaskClient, name: str) -> None:
    read = page(client.get("/workbench/examples/jane", query_string={"accept": name}))
    assert "Accept a suggestion to draft one" in read.text


def test_the_reasons_name_every_rule_and_every_silence() -> None:
    client = client_of(HOSTILE)
    read = page(client.get("/workbench/examples/jane/why"))
    assert "T1, thirsty" in read.text
    assert read.all("article", id="rule-W-1")
    assert read.all("a", href="/knowledge/rules/W-1")
    assert "Rules that do not hold: 1" in read.text
    assert "none of its rules is heard at this hook" in read.text or "no rule of it is there" in read.text


def test_without_a_manual_the_reasons_say_so(client: FlaskClient) -> None:
    assert "publishes no rules" in page(client.get("/workbench/examples/jane/why")).text


def test_a_rules_page_leads_to_its_examples_in_the_workbench_where_that_is_served() -> None:
    shown = client_of(HOSTILE).get("/knowledge/rules/W-1").get_data(as_text=True)
    assert 'href="/workbench/examples/jane?call=patient-view"' in shown
    without = client_of(HOSTILE, profile="production").get("/knowledge/rules/W-1").get_data(as_text=True)
    assert "/workbench" not in without


def test_the_wire_shows_both_messages_and_checks_the_answer(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane/wire"))
    assert "POST /cds-services/hiccups-patient-view" in read.text
    assert "fits the schema" in read.text
    assert "ask the rules, write the cards" in read.text
    assert "curl -s 'http://localhost/cds-services/hiccups-patient-view'" in read.text


def test_the_command_of_the_wire_is_the_request_that_gets_these_cards(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane/wire"))
    body = next(text for text in read.texts if text.startswith("curl")).splitlines()[1]
    assert [card["summary"] for card in post(client, body).get_json()["cards"]] == ["Offer water"]


def test_a_fault_of_the_knowledge_is_an_answer_too() -> None:
    broken = replace(ToyPatient(), calls=(_signing("boom"),))
    from cds_service.workbench.cast import Cast

    client = client_of(cast=Cast(("jane",), lambda _: broken))
    for view in VIEWS:
        assert "CDS-901" in page(client.get(f"/workbench/examples/jane{view}")).text
    assert "answers 500" in page(client.get("/workbench/examples/jane/wire")).text


def _signing(name: str) -> Any:
    from tests.engine.calls import orders, required
    from tests.engine.workbench.cast import ToyCall

    return ToyCall("order-sign", "order-sign", context=required("order-sign") | orders(draft(name)))


# A chart that somebody brings


@pytest.mark.parametrize("view", VIEWS)
def test_a_chart_is_asked_about_and_travels_with_the_form(client: FlaskClient, view: str) -> None:
    read = page(bring(client, CHART, view))
    assert "A chart of 2 resources that you brought" in read.text
    (form,) = read.all("form", id="case")
    assert (form["method"], form["action"]) == ("post", f"/workbench/chart{view}")
    carried = read.texts[next(i for i, text in enumerate(read.texts) if text.startswith('{"resourceType":"Bundle"'))]
    assert cards(page(bring(client, carried))) == ["info"]


@pytest.mark.parametrize(
    "texts",
    [
        [json.dumps(CHART)],
        [json.dumps([PATIENT, haemoglobin()])],
        [json.dumps(PATIENT), json.dumps(haemoglobin())],
        [f"{json.dumps(PATIENT)}\n{json.dumps(haemoglobin())}\n"],
        ["\ufeff" + json.dumps(CHART)],
    ],
    ids=["a Bundle", "a list", "two files", "one a line", "with a byte order mark"],
)
def test_a_chart_comes_in_many_forms(client: FlaskClient, texts: list[str]) -> None:
    files = [(io.BytesIO(text.encode()), f"{number}.json") for number, text in enumerate(texts)]
    response = client.post("/workbench/chart", data={"files": files}, content_type="multipart/form-data")
    assert cards(page(response)) == ["info"]


def test_references_by_full_url_are_followed(client: FlaskClient) -> None:
    result = haemoglobin() | {"subject": {"reference": "urn:uuid:7"}}
    entry = [{"fullUrl": "urn:uuid:7", "resource": PATIENT}, {"fullUrl": "urn:uuid:8", "resource": result}]
    assert cards(page(bring(client, {"resourceType": "Bundle", "type": "transaction", "entry": entry}))) == ["info"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no FHIR resource"),
        ("not JSON", "A text was not JSON"),
        ("[1, null]", "holds no FHIR resource"),
        ("7", "A value was no FHIR resource"),
        ('{"resourceType": "Bundle"}', "holds no FHIR resource"),
        ('{"resourceType": "Bundle", "entry": [null, {"resource": 1}]}', "holds no FHIR resource"),
        ('{"resourceType": 7}', "without resourceType"),
        ('{"resourceType": "Patient"}', "A Patient without id"),
        (json.dumps(haemoglobin()), "no Patient among these"),
        ('{"resourceType": "Patient", "id": "p", "x": NaN}', "not JSON"),
        ('{"resourceType": "Patient", "id": "\\ud800"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"resourceType":"Patient","id":"p","x":' + "[" * 100 + "]" * 100 + "}", "nested too deep"),
    ],
)
def test_what_makes_no_chart_is_said_on_the_page(client: FlaskClient, text: str, reason: str) -> None:
    read = page(bring(client, text))
    assert reason in read.text
    assert read.all("p", role="alert")


def test_what_is_left_out_of_a_chart_is_said(client: FlaskClient) -> None:
    read = page(bring(client, bundle(PATIENT, haemoglobin(), {"resourceType": "Flag"}, PATIENT | {"id": "pt-2"})))
    assert "A Flag without id was left out" in read.text
    assert "about the first, pt-1" in read.text


def test_a_patient_who_has_died_gets_no_card_and_the_page_says_why(client: FlaskClient) -> None:
    read = page(bring(client, bundle(PATIENT | {"deceasedBoolean": True}, haemoglobin())))
    assert cards(read) == []
    assert "the patient has died" in read.text


def test_a_form_above_the_limit_of_the_site_is_refused(client: FlaskClient) -> None:
    assert numbers(bring(client, "x" * 1_100_000), 413) == ["CDS-104"]
    assert cards(page(bring(client, bundle(PATIENT, haemoglobin(), {**PATIENT, "text": "x" * 700_000})))) == ["info"]


# Hostile charts


def spoilt(value: Any, path: tuple[str, ...] = ()) -> Any:
    """The value with every text but those that make it what it is replaced by one that tries to break out."""
    if isinstance(value, dict):
        return {key: spoilt(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [spoilt(item, path) for item in value]
    is_needed = path[-1:] in (("resourceType",), ("reference",), ("code",), ("system",)) or path[-1:] == ("birthDate",)
    return value if is_needed or not isinstance(value, str) else EVIL


HOSTILE_CHARTS = [
    bundle(PATIENT, spoilt(haemoglobin()) | {"status": "final", "effectiveDateTime": "2026-01-05"}),
    spoilt(bundle(PATIENT | {"id": EVIL}, haemoglobin(patient=EVIL))) | {"resourceType": "Bundle"},
    bundle(PATIENT, haemoglobin(id=EVIL), {"resourceType": EVIL, "id": EVIL}),
    bundle(PATIENT, haemoglobin() | {"valueQuantity": {"value": 9, "unit": EVIL, "code": EVIL}}),
    bundle(PATIENT, haemoglobin() | {EVIL: EVIL}),
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("chart", HOSTILE_CHARTS, ids=range(len(HOSTILE_CHARTS)))
def test_no_text_of_a_chart_becomes_markup(chart: dict[str, Any], view: str) -> None:
    for package_client in (client_of(), client_of(HOSTILE)):
        response = bring(package_client, chart, view, call="problem-list-item-create")
        page(response)
        assert "<script>alert" not in response.get_data(as_text=True)


def test_no_text_of_a_draft_becomes_markup() -> None:
    from cds_service.workbench.cast import Cast

    evil = replace(ToyPatient(), title=EVIL, story=EVIL, calls=(_signing(EVIL),))
    client = client_of(HOSTILE, cast=Cast((EVIL, "jane"), lambda _: evil))
    for path in ("/workbench", *(f"/workbench/examples/jane{view}" for view in VIEWS)):
        response = client.get(path)
        page(response)
        assert "<script>alert" not in response.get_data(as_text=True)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [{}], {"coding": [1]}, {"reference": 7}])
@pytest.mark.parametrize("member", ["id", "status", "code", "subject", "effectiveDateTime", "valueQuantity"])
def test_whatever_a_member_holds_there_is_a_page(client: FlaskClient, member: str, value: object) -> None:
    page(bring(client, bundle(PATIENT, haemoglobin() | {member: value}), "/wire"))


def test_a_call_of_the_workbench_is_the_call_of_a_client(client: FlaskClient) -> None:
    shown = page(client.get("/workbench/examples/jane/wire")).text
    (card,) = post(client, hook_call()).get_json()["cards"]
    assert json.dumps(card["summary"]) in shown
    assert CAST.find("nobody") is None
