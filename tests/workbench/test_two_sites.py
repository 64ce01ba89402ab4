"""Two sites side by side with the package that is shipped: another threshold changes what a site's file changes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE, cast
from cds_service.settings import Settings
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge import build
from tests.engine.workbench.pages import page
from tests.site.sites import cards, knowledge, refused

FIRST = "/workbench/examples/first_line_rituximab/compare"
STRICT = '[thresholds]\n"anti_mag.btu.positive" = 7500\n"dose.fixed" = 500\n'


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], cast=cast(), build=build).test_client()


def test_numbers_in_the_address_and_in_a_file_say_the_same(client: FlaskClient) -> None:
    numbers = ["anti_mag.btu.positive|7500", "dose.fixed|500"]
    by_number = page(client.get(FIRST, query_string={"number": numbers})).text
    by_file = page(client.post(FIRST, data={"site": STRICT})).text
    assert "1 card of 3 differs" in by_number
    assert by_number.split("1 card of 3 differs")[1] == by_file.split("1 card of 3 differs")[1]


def test_the_second_card_is_that_of_a_service_with_this_file(client: FlaskClient) -> None:
    read = page(client.post(FIRST, data={"site": STRICT}))
    (card, *_) = cards(knowledge(STRICT), "first_line_rituximab")
    assert card.suggestions[1].label == "Rituximab 500 mg, 2 doses 14 days apart (no trial here)"
    for suggestion in card.suggestions:
        assert suggestion.label in read.text
    assert "positive ≥ 7500 BTU (set by this site)" in read.text


def test_a_card_that_a_site_switches_off_stands_at_the_first_alone(client: FlaskClient) -> None:
    read = page(client.post(FIRST, data={"site": "[cards]\nsupportiveCare = false\n"}))
    assert "only at this site Supportive care" in read.text


def test_faults_are_those_of_the_check(client: FlaskClient) -> None:
    text = '[thresholds]\n"igm.gate.critical" = 4500\n"igm.frehs" = 3\n[cards]\nrituximabSafety = false\n'
    read = page(client.post(FIRST, data={"site": text}))
    found = refused(text)
    assert len(found) == 3
    for fault in found:
        assert str(fault) in read.text


def test_the_running_service_is_not_changed(client: FlaskClient) -> None:
    before = page(client.get("/workbench/examples/first_line_rituximab")).text
    page(client.post(FIRST, data={"site": STRICT}))
    assert "positive ≥ 7000 BTU (service default)" in before
    assert "positive ≥ 7000 BTU" in page(client.get("/workbench/examples/first_line_rituximab")).text
