"""`cds-service try` plays an example against a running service and prints what a clinician would read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, request
from werkzeug.serving import make_server

from cds_service.commands.trying import doses, readable, try_example
from fhir_examples.example import names

CARD = {
    "summary": "Rituximab is the first choice now",
    "detail": "**Start** rituximab 375 mg/m² \\(off-label\\).\n\n| What | Value |\n| --- | --- |\n| IgM | 815 mg/dL |\n"
    "| Anti\\-MAG \\| BTU | \\>70000 |\n\nSee [the guideline](https://example.org/g).",
    "indicator": "info",
    "links": [{"label": "Guideline", "url": "https://example.org/g", "type": "absolute"}],
    "suggestions": [
        {
            "label": "Rituximab weekly",
            "isRecommended": True,
            "actions": [
                {
                    "type": "create",
                    "description": "Draft four weekly doses",
                    "resource": {
                        "resourceType": "MedicationRequest",
                        "dosageInstruction": [
                            {
                                "timing": {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnit": "wk"}},
                                "doseAndRate": [{"doseQuantity": {"value": 770, "unit": "mg"}}],
                            }
                        ],
                    },
                }
            ],
        }
    ],
}


@dataclass
class Service:
    """A CDS service on loopback with a fixed answer, and what it was asked."""

    url: str = ""
    status: int = 200
    answer: Any = field(default_factory=lambda: {"cards": [CARD]})
    asked: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()
    app = Flask(__name__)
    prefetch = {"patient": "Patient/{{context.patientId}}", "conditions": "Condition?patient={{context.patientId}}"}

    @app.get("/cds-services")
    def discovery() -> dict[str, Any]:
        return {"services": [{"id": "toy-view", "hook": "patient-view", "description": "toy", "prefetch": prefetch}]}

    @app.post("/cds-services/toy-view")
    def view() -> tuple[Any, int]:
        state.asked.append(request.get_json())
        return state.answer, state.status

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(try_example, arguments)


def test_the_cards_are_printed_as_plain_text(service: Service) -> None:
    shown = run("first_line_rituximab", "--url", service.url).output
    for line in (
        "First-line rituximab",
        "== patient-view: 1 card",
        "[INFO] Rituximab is the first choice now",
        "  Start rituximab 375 mg/m² (off-label).",
        "  What            Value",
        "  Anti-MAG | BTU  >70000",
        "  See the guideline (https://example.org/g).",
        "  * Suggestion: Rituximab weekly",
        "      create: Draft four weekly doses",
        "      dose: 770 mg, every week, 4 doses",
        "  > Guideline: https://example.org/g",
    ):
        assert line in shown.splitlines()


def test_the_patient_is_moved_to_today(service: Service) -> None:
    run("first_line_rituximab", "--url", service.url)
    (asked,) = service.asked
    newest = max(entry["resource"].get("recordedDate", "") for entry in asked["prefetch"]["conditions"]["entry"])
    assert (datetime.now(UTC).date() - datetime.fromisoformat(newest).date()).days == 300


def test_json_prints_the_answers_as_they_came(service: Service) -> None:
    assert json.loads(run("first_line_rituximab", "--url", service.url, "--json").output) == {
        "patient-view": {"cards": [CARD]}
    }


def test_no_cards_is_said(service: Service) -> None:
    service.answer = {"cards": []}
    assert "== patient-view: 0 cards" in run("unrelated_patient", "--url", service.url, "--hook", "patient-view").output


def test_the_examples_are_listed() -> None:
    shown = run("--list").output
    assert [line.split()[0] for line in shown.splitlines()] == names()
    assert run().output == shown


def test_an_unknown_example_is_one_line() -> None:
    result = run("nobody")
    assert result.exit_code == 1
    assert result.output == "Error: There is no example 'nobody'; see cds-service try --list.\n"


def test_a_hook_that_the_example_has_not_is_one_line() -> None:
    result = run("first_line_rituximab", "--hook", "order-sign")
    assert result.output == "Error: first_line_rituximab has the calls patient-view only.\n"


def test_a_service_that_does_not_answer_is_one_line() -> None:
    closed = "http://127.0.0.1:9"
    result = run("first_line_rituximab", "--url", closed)
    assert result.exit_code == 1
    assert result.output == f"Error: No service answers at {closed}/cds-services (ConnectionError).\n"


def test_a_refusal_shows_what_the_service_said(service: Service) -> None:
    service.status = 412
    service.answer = {"resourceType": "OperationOutcome", "issue": [{"details": {"text": "No patient was sent"}}]}
    result = run("first_line_rituximab", "--url", service.url)
    assert result.output == f"Error: {service.url}/cds-services/toy-view answered 412: No patient was sent.\n"


def test_a_hook_that_the_service_lacks_is_one_line(service: Service) -> None:
    result = run("dose_error", "--url", service.url)
    assert result.output == f"Error: The service at {service.url} offers no order-sign.\n"


def test_a_dose_without_structure_shows_its_text() -> None:
    assert list(doses({"dosageInstruction": [{"text": "as discussed"}]})) == ["as discussed"]


def test_long_lines_are_wrapped_and_lists_keep_their_indent() -> None:
    lines = list(readable("- " + "word " * 40))
    assert all(len(line) <= 100 for line in lines)
    assert [line[:2] for line in lines[:2]] == ["- ", "  "]
