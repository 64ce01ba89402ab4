"""The workbench in a browser: nothing overflows on a phone or a wide screen, and its script does what it says."""

from __future__ import annotations

import html
import json
from importlib.resources import files
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE, cast
from cds_service.settings import Settings
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge import build
from tests.pictures.conftest import Asked

PATHS = (
    "/workbench",
    "/workbench?topic=rituximab",
    "/workbench/form",
    "/workbench/examples/first_line_rituximab?fact=igm|4100|2026-03-10",
    "/workbench/examples/first_line_rituximab",
    "/workbench/examples/first_line_rituximab?accept=patient-view:rituximab:0",
    "/workbench/examples/first_line_rituximab?width=620",
    "/workbench/examples/dose_error?call=order-sign-doubled",
    "/workbench/examples/flare_above_4000_dose_due",
    "/workbench/examples/first_line_rituximab/why",
    "/workbench/examples/several_gates_at_once/why",
    "/workbench/examples/first_line_rituximab/wire",
    "/workbench/examples/first_line_rituximab/compare",
    "/workbench/examples/first_line_rituximab/compare?number=anti_mag.btu.positive|7500&number=dose.fixed|500",
    "/workbench/examples/first_line_rituximab/compare?number=a_name_that_is_longer_than_any_phone_is_wide|1",
    "/workbench/feedback?card=none",
)
OF_A_RULE = ("/knowledge/rules/TX-1/examples", "/knowledge/rules/G4/examples")
OVERFLOWING = """
(() => {
  const inside = document.querySelector("iframe").contentDocument;
  const wide = inside.documentElement.clientWidth;
  const found = [...inside.querySelectorAll("body *")]
    .filter(item => !item.parentElement.closest(".scroll, pre, svg, details:not([open])"))
    .filter(item => item.getBoundingClientRect().right > wide + 1 && !item.matches(".skip"))
    .map(item => `${item.tagName}.${item.className}: ${item.textContent.trim().slice(0, 40)}`);
  const sideways = inside.documentElement.scrollWidth > wide ? ["the page scrolls sideways"] : [];
  return [...sideways, ...found];
})()
"""


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], cast=cast(), build=build).test_client()


def standing_alone(client: FlaskClient, path: str) -> str:
    """A page with its style within, without its script."""
    page = client.get(path).get_data(as_text=True)
    sheet = client.get("/workbench/style.css").get_data(as_text=True)
    loads = '<link rel="stylesheet" href="/workbench/style.css">'
    assert loads in page
    script = '<script type="module" src="/workbench/workbench.js"></script>'
    return page.replace(loads, f"<style>{sheet}</style>").replace(script, "")


def framed(page: str, width: int) -> str:
    """The page in a frame of that width, since a window can't be as narrow as a phone."""
    frame = f'<iframe width="{width}" height="900" srcdoc="{html.escape(page)}"></iframe>'
    return f"<!doctype html><html><head><title></title></head><body>{frame}</body></html>"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_overflows_sideways(client: FlaskClient, path: str, width: int, asked: Asked) -> None:
    assert asked(framed(standing_alone(client, path), width), OVERFLOWING) == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", OF_A_RULE)
def test_the_patients_of_a_rule_fit_too(client: FlaskClient, path: str, width: int, asked: Asked) -> None:
    shown = client.get(path).get_data(as_text=True)
    assert asked(framed(shown, width), OVERFLOWING) == []


def test_what_is_too_wide_is_noticed(client: FlaskClient, asked: Asked) -> None:
    page = standing_alone(client, PATHS[0]).replace("</h1>", f"</h1><div>{'x' * 200}</div>", 1)
    assert asked(framed(page, 390), OVERFLOWING) != []


# The script, with a service that notes what it is sent


def done(client: FlaskClient, asked: Asked, path: str, act: str) -> Any:
    """What `act` leaves behind, once the script has had its turn: all that was fetched, and what is on the page."""
    script = (files("cds_service.workbench") / "static" / "workbench.js").read_text(encoding="utf-8")
    accepted = f"{path}&accept=patient-view:rituximab:0" if "?" in path else f"{path}?accept=patient-view:rituximab:0"
    then = json.dumps(client.get(accepted).get_data(as_text=True)).replace("</", "<\\/")
    stub = f"""
    const sent = [];
    window.fetch = async (address, options = {{}}) => {{
      sent.push([String(address), options.body ? String(options.body) : ""]);
      const feedback = String(address).endsWith("/feedback");
      const answer = {{ stored: 1, rejected: 0 }};
      const record = String(address).startsWith("/workbench/feedback?");
      const text = record ? '<p>of the page around it</p><div id="stored"><p>as the store has it</p></div>' : {then};
      return {{ status: 200, json: async () => answer, text: async () => feedback ? "" : text }};
    }};
    history.replaceState = () => undefined;
    """
    question = f"""
    (async () => {{
      {act}
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      const text = document.querySelector("[data-card]").textContent.replace(/\\s+/g, " ");
      return {{ sent, text, orders: document.getElementById("orders").textContent }};
    }})()
    """
    page = standing_alone(client, path).replace("</body>", f"<script>{stub}{script}</script></body>")
    return asked(page, question)


def test_a_card_that_is_overridden_is_reported_to_its_service(client: FlaskClient, asked: Asked) -> None:
    act = """
    const form = document.querySelector("[data-override]");
    form.querySelector("input[name=reason]").checked = true;
    form.elements.namedItem("comment").value = "not today";
    form.requestSubmit();
    """
    left = done(client, asked, "/workbench/examples/dose_error?call=order-sign-doubled", act)
    (address, body), (record, _) = left["sent"]
    assert address.endswith("/cds-services/anti-mag-order-sign/feedback")
    (item,) = json.loads(body)["feedback"]
    assert item["outcome"] == "overridden"
    assert item["overrideReason"]["reason"]["code"]
    assert item["overrideReason"]["userComment"] == "not today"
    assert record == f"/workbench/feedback?card={item['card']}"
    assert "Feedback sent: 1 stored" in left["text"]
    assert "as the store has it" in left["text"]
    assert "of the page around it" not in left["text"]
    assert client.post("/cds-services/anti-mag-order-sign/feedback", data=body).status_code == 415  # it needs its type
    sent = client.post("/cds-services/anti-mag-order-sign/feedback", data=body, content_type="application/json")
    assert sent.status_code == 503  # it was read; there is no store here


def test_a_suggestion_that_is_accepted_is_reported_and_drafted(client: FlaskClient, asked: Asked) -> None:
    act = 'document.querySelector("[data-accept]").click();'
    left = done(client, asked, "/workbench/examples/first_line_rituximab", act)
    feedback, _, renewed = left["sent"]
    (item,) = json.loads(feedback[1])["feedback"]
    assert item["outcome"] == "accepted"
    assert item["acceptedSuggestions"][0]["id"]
    assert "accept=patient-view%3Arituximab%3A0" in renewed[0]
    assert "Accepted: Rituximab 375" in left["text"]
    assert "MedicationRequest" in left["orders"]
