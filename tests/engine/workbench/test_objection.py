"""Somebody who disagrees can say so, on paper or by mail; nothing of it is kept."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.parts import Parts
from cds_service.site import Site
from cds_service.site.service_tables import Workbench
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.conftest import NOW, SETTINGS
from tests.engine.workbench.pages import CAST, bring, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE
from tests.toy_disease import KNOWLEDGE


def with_address(address: str) -> FlaskClient:
    parts = Parts(Site(workbench=replace(Workbench(), objections=address)))
    return create_app(SETTINGS, [HOSTILE], now=lambda: NOW, parts=parts, cast=CAST).test_client()


def test_an_objection_names_rule_card_and_patient_in_words() -> None:
    read = page(bring(client_of(HOSTILE), bundle(PATIENT, haemoglobin()), "/objection", about="W-1"))
    assert "Card: Offer water" in read.text
    assert "W-1:" in read.text
    assert "9.5 g/dL" in read.text
    assert [field["id"] for field in read.all("textarea") if "id" in field] == ["wrong", "source"]
    assert not [link for link in read.all("a") if link["href"].startswith("mailto:")]


def test_cards_and_rules_lead_to_it() -> None:
    client = client_of(HOSTILE)
    for view in ("", "/why"):
        buttons = page(client.get(f"/workbench/examples/jane{view}")).all("button", name="about")
        assert [button["value"] for button in buttons] == ["W-1"]
        assert buttons[0]["formaction"] == "/workbench/examples/jane/objection"


def test_with_an_address_of_the_site_a_mail_is_offered() -> None:
    read = page(with_address("rules@example.org").get("/workbench/examples/jane/objection?about=W-1"))
    (link,) = [link for link in read.all("a") if link["href"].startswith("mailto:")]
    mail = urlsplit(link["href"])
    assert mail.path == "rules@example.org"
    said = parse_qs(mail.query)
    assert said["subject"] == ["Objection to W-1"]
    assert "What is wrong:" in said["body"][0]
    assert "Jane is dry" in said["body"][0]


def test_what_names_no_rule_is_an_objection_to_nothing_in_particular() -> None:
    for client in (client_of(HOSTILE), client_of(KNOWLEDGE), with_address("a@b.org")):
        response = client.get("/workbench/examples/jane/objection", query_string={"about": EVIL})
        assert "Card:" not in page(response).text
        assert "<script>alert" not in response.get_data(as_text=True)
