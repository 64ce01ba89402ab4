"""Two sites side by side, with a toy package whose one number a site may change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Advice, Finding, HookCall, Knowledge
from cds_service.knowledge.manual import Trace, Verdict
from cds_service.site import Site, SiteBroken, SiteFault
from tests.engine.calls import PATIENT, bundle, haemoglobin, numbers
from tests.engine.workbench.pages import bring, client_of, page
from tests.engine.workbench.test_workbench import HOSTILE_CHARTS
from tests.knowledge_pages.hostile import EVIL, HOSTILE, MANUAL, RULE
from tests.toy_disease import advise as as_shipped
from tests.toy_disease import card_about

JANE = "/workbench/examples/jane/compare"
NUMBER = "water.glasses"


def build(site: Site) -> Knowledge:
    """From five glasses on there is a sip in place of water, from seven on no card at all; ten are too many."""
    glasses = site.thresholds.get(NUMBER, MANUAL.thresholds[NUMBER])
    if glasses > 9:
        raise SiteBroken((SiteFault("thresholds", NUMBER, f"{glasses} is outside the bounds", "1 to 9"),))
    if NUMBER not in site.thresholds and site.thresholds:
        raise SiteBroken((SiteFault("thresholds", *site.thresholds, "there is none", NUMBER),))

    def advise(call: HookCall) -> Advice:
        if glasses >= 7:
            return Advice()
        return Advice((card_about("sip", "Sip slowly", Indicator.INFO),)) if glasses >= 5 else as_shipped(call)

    def trace(call: HookCall) -> Trace:
        finding = Finding.yes() if glasses >= 5 else Finding.no()
        return Trace("T1", (Verdict(RULE, finding, call.hook == "patient-view"),), advise(call).cards)

    manual = replace(MANUAL, thresholds=MANUAL.thresholds.changed(site.thresholds), trace=trace)
    services = [service for service in HOSTILE.services if site.hooks.get(service.hook, True)]
    return replace(HOSTILE, advise=advise, manual=manual, services=tuple(services))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(build(Site()), build=build)


def compared(client: FlaskClient, **values: Any) -> str:
    return page(client.get(JANE, query_string=values)).text


def with_file(client: FlaskClient, text: str, **values: Any) -> str:
    return page(client.post(JANE, data={"site": text, **values})).text


def test_it_stands_among_the_views_where_the_service_can_build_another_site(client: FlaskClient) -> None:
    assert page(client.get("/workbench/examples/jane")).all("button", formaction=JANE)
    without = client_of()
    assert not page(without.get("/workbench/examples/jane")).all("button", formaction=JANE)
    assert numbers(without.get(JANE), 404) == ["CDS-101"]
    assert numbers(without.post(JANE), 404) == ["CDS-101"]
    assert numbers(client.post("/workbench/examples/jane"), 405) == ["CDS-102"]


def test_before_anything_is_chosen_it_says_what_can_be(client: FlaskClient) -> None:
    read = page(client.get(JANE))
    assert read.all("option", value=NUMBER)
    assert not read.all("option", value="water.days")  # a site may not change it
    assert "Choose a number" in read.text


@pytest.mark.parametrize(
    ("glasses", "verdicts"),
    [
        ("4", ["the same at both"]),
        ("5", ["only at this site", "only at the second site"]),
        ("7", ["only at this site"]),
    ],
)
def test_what_differs_is_marked(client: FlaskClient, glasses: str, verdicts: list[str]) -> None:
    shown = compared(client, number=f"{NUMBER}|{glasses}")
    for verdict in ("the same at both", "only at this site", "only at the second site", "other words"):
        assert shown.count(verdict) == verdicts.count(verdict), verdict


def test_a_card_in_other_words_says_which_lines_each_has_alone() -> None:
    def worded(site: Site) -> Knowledge:
        made = build(Site())
        if not site.thresholds:
            return made
        return replace(made, advise=lambda _: Advice((card_about("water", "Offer more water", Indicator.INFO),)))

    read = page(client_of(worded(Site()), build=worded).get(f"{JANE}?number={NUMBER}|3"))
    assert "other words" in read.text
    assert [text for text in read.texts if text in ("Offer water", "Offer more water")] == [
        "Offer water",
        "Offer water",
        "Offer more water",
        "Offer more water",
    ]


def test_numbers_and_answers_that_differ_are_told_with_the_rules(client: FlaskClient) -> None:
    shown = compared(client, number=f"{NUMBER}|5")
    assert "≥ 2.5 mg/dL here, ≥ 5 mg/dL at the second site" in shown
    assert "W-1" in shown
    assert "NO YES differs" in shown
    assert "NO NO the same" in compared(client, number=f"{NUMBER}|4")


def test_a_number_that_is_added_joins_those_that_are_there(client: FlaskClient) -> None:
    read = page(client.get(JANE, query_string={"number": f"{NUMBER}|3", "new_number": NUMBER, "new_number_value": "5"}))
    assert [box["value"] for box in read.all("input", name="number", type="checkbox")] == [f"{NUMBER}|5"]
    kept = page(client.get("/workbench/examples/jane", query_string={"number": f"{NUMBER}|3"}))
    assert kept.all("input", name="number", value=f"{NUMBER}|3", type="hidden")


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (f"{NUMBER}|10", "[thresholds] water.glasses: 10 is outside the bounds. Allowed: 1 to 9."),
        (f"{NUMBER}|many", "[thresholds] water.glasses: 'many' is no number."),
        (f"{NUMBER}|1e3", "is no number"),
        ("salt|3", "[thresholds] salt: there is none."),
    ],
)
def test_what_is_wrong_with_a_number_is_told_as_the_check_tells_it(
    client: FlaskClient, number: str, fault: str
) -> None:
    shown = compared(client, number=number)
    assert fault in shown
    assert "card differs" not in shown


def test_a_file_that_is_pasted_is_the_second_site(client: FlaskClient) -> None:
    shown = with_file(client, f'[thresholds]\n"{NUMBER}" = 7\n')
    assert "only at this site" in shown
    assert "only at the second site" in with_file(client, f'[thresholds]\n"{NUMBER}" = 7\n', number=f"{NUMBER}|5")
    assert "does not serve patient-view" in with_file(client, "[hooks]\npatient-view = false\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[thresholds", "it is not TOML"),
        ("[nonsense]\nx = 1", "[nonsense]: there is no such table or key"),
        (f'[thresholds]\n"{NUMBER}" = 11', "11 is outside the bounds"),
        ("[store]\nurl = 3\n[clients]\n", "[clients]: it is no list of tables"),
        ("x = " + "9" * 5000, "it is not TOML"),
        ("x = " + "[" * 5000, "it is not TOML"),
        ("[thresholds]\n" + ".".join("a" * 3000) + " = 1", "nothing can be built of it"),
        (EVIL, "it is not TOML"),
        (f"['{EVIL}']\nx = 1", "there is no such table"),
        ("\n".join(f"[t{number}]" for number in range(99)), "and 59 more"),
    ],
    ids=["torn", "unknown", "bounds", "forms", "digits", "lists", "tables", "hostile", "hostile table", "many"],
)
def test_faults_of_a_file_are_told_and_none_breaks_the_page(client: FlaskClient, text: str, fault: str) -> None:
    response = client.post(JANE, data={"site": text})
    assert fault in page(response).text
    assert "<script>alert" not in response.get_data(as_text=True)


def test_nothing_of_this_host_is_opened_for_a_file(client: FlaskClient) -> None:
    text = '[audit]\npath = "/nowhere/at/all/audit.jsonl"\n[service]\nca_file = "/etc/passwd"\n'
    shown = with_file(client, text)
    assert "Allowed" not in shown
    assert "the same at both" in shown


def test_the_file_stands_in_no_address_and_a_chart_stays_with_it(client: FlaskClient) -> None:
    read = page(client.post(JANE, data={"site": "# ours"}))
    assert read.all("textarea", name="site", form="second")
    assert read.all("form", id="case", method="get")
    text = f'[thresholds]\n"{NUMBER}" = 7\n'
    brought = page(bring(client, bundle(PATIENT, haemoglobin()), "/compare", site=text))
    assert brought.all("textarea", name="site", form="case")
    assert "only at this site" in brought.text


@pytest.mark.parametrize("chart", HOSTILE_CHARTS, ids=range(len(HOSTILE_CHARTS)))
@pytest.mark.parametrize("hook", ["patient-view", "problem-list-item-create"])
def test_no_text_of_a_chart_or_form_becomes_markup(client: FlaskClient, chart: dict[str, Any], hook: str) -> None:
    values = {"number": [f"{EVIL}|{EVIL}", f"{NUMBER}|4"], "new_number": EVIL, "new_number_value": EVIL}
    for more in (values, {"number": f"{NUMBER}|4"}, {"number": f"{NUMBER}|7"}):
        response = bring(client, chart, "/compare", call=hook, **more)
        page(response)
        assert "<script>alert" not in response.get_data(as_text=True)
