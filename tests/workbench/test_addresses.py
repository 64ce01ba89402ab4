"""Every page of the workbench has a title, a way back, and where it can be shared an address without patient data."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE, cast
from cds_service.settings import Settings
from fhir_examples.example import load
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge import build
from tests.engine.workbench.pages import Page, page

EXAMPLE = "/workbench/examples/first_line_rituximab"
ENTERED = "fact=igm|4100|2026-03-10&order=Secretumab|10|mg&accept=patient-view:rituximab:0"
VIEWS = ("", "/why", "/compare", "/wire", "/objection")
GETS = (
    *("/workbench", "/workbench?topic=rituximab", "/workbench/form", "/workbench/chart"),
    *(f"{EXAMPLE}{view}?{ENTERED}" for view in VIEWS),
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], cast=cast(), build=build).test_client()


def pages_of(client: FlaskClient) -> dict[str, Page]:
    chart = {"chart": json.dumps(load("first_line_rituximab").bundle), "new_fact": "igm", "new_value": "4100"}
    shown = {path: page(client.get(path)) for path in GETS}
    shown |= {
        f"POST /workbench/chart{view}": page(client.post(f"/workbench/chart{view}", data=chart)) for view in VIEWS
    }
    return shown | {"POST /workbench/form": page(client.post("/workbench/form", data={"age": "70", "igm": "4100"}))}


def test_every_page_has_a_title_and_a_way_back(client: FlaskClient) -> None:
    titles = {}
    for path, read in pages_of(client).items():
        title = re.search(r"<title>(.+?) – Workbench</title>", read.html)
        assert title is not None, path
        titles[path] = title[1]
        assert read.all("a", href="/workbench"), path
        is_start = urlsplit(path).path in ("/workbench", "/workbench/chart")
        assert bool(read.all("p", **{"class": "back"})) is not is_start, path
    assert len({titles[f"{EXAMPLE}{view}?{ENTERED}"] for view in VIEWS}) == len(VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_the_address_to_share_names_example_hook_user_and_day_and_nothing_that_was_entered(
    client: FlaskClient, view: str
) -> None:
    read = page(client.get(f"{EXAMPLE}{view}?{ENTERED}&call=order-sign&user=PractitionerRole&day=2026-03-12"))
    (shared,) = [link["href"] for link in read.all("a") if link["href"].startswith(f"{EXAMPLE}{view}?call=")]
    assert parse_qs(urlsplit(shared).query) == {
        "call": ["order-sign"],
        "day": ["2026-03-12"],
        "user": ["PractitionerRole"],
    }
    again = page(client.get(shared))
    assert again.all("option", value="order-sign", selected="")
    assert again.all("option", value="PractitionerRole", selected="")
    assert again.all("input", name="day", value="2026-03-12")
    assert "Secretumab" not in again.html


@pytest.mark.parametrize("view", VIEWS)
def test_what_was_entered_goes_on_with_every_form_of_a_page(client: FlaskClient, view: str) -> None:
    read = page(client.get(f"{EXAMPLE}{view}?{ENTERED}&call=order-sign&user=PractitionerRole"))
    assert {item["value"] for item in read.all("input", name="order")} == {"Secretumab|10|mg"}
    assert {item["value"] for item in read.all("input", name="fact")} == {"igm|4100|2026-03-10"}
    assert {item["value"] for item in read.all("input", name="user")} <= {"PractitionerRole"}


def test_no_address_on_a_page_of_a_chart_holds_anything_of_the_patient(client: FlaskClient) -> None:
    for path, read in pages_of(client).items():
        if not path.startswith("POST"):
            continue
        found = [attributes.get(name, "") for _, attributes in read.tags for name in ("href", "action", "formaction")]
        ours = [address for address in found if address.startswith("/workbench")]
        assert len(ours) > 3
        assert [address for address in ours if urlsplit(address).query] == [], path
        (form,) = read.all("form", id="case")
        assert form["method"] == "post"
