"""The workbench as people use it: a browser and a running service. `make test-browser` runs these tests.

How long people wait is measured on the way and said at the end; nothing fails by the clock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from werkzeug.security import generate_password_hash

from tests.engine.service.processes import ROOT, running

collect_ignore_glob = [] if os.environ.get("BROWSER") == "1" else ["test_*.py"]
"""`make test` needs no browser, and does not count what it leaves out."""

PASSWORD = "browser-tests"  # noqa: S105 - of a server that lives as long as these tests
PATIENCE = 10_000
"""Milliseconds until something that never comes fails a test."""

Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the service runs, with a store, so that feedback is kept."""
    site = '[workbench]\nobjections = "rules@hospital.example.org"\n'
    site += f'[admin]\nname = "cds-admin"\npassword_hash = "{generate_password_hash(PASSWORD)}"\n'
    with running(tmp_path_factory.mktemp("service"), site) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def kept_feedback(chromium: Browser, address: str) -> None:
    """A card was accepted, so that the page on feedback has something to show."""
    made = _context(chromium, address)
    body = json.loads((ROOT / "fhir_examples/first_line_rituximab/patient-view.json").read_text())
    service = f"{address}/cds-services/anti-mag-patient-view"
    (card, *_) = made.request.post(service, data=body).json()["cards"]
    outcome = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-28T12:00:00Z"}
    outcome["overrideReason"] = {"reason": {"code": "other"}, "userComment": "asked to think it over"}
    assert made.request.post(f"{service}/feedback", data={"feedback": [outcome]}).ok
    made.close()


@pytest.fixture
def context(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """Somebody who was here before: the tour has been seen."""
    made = _context(chromium, address)
    made.add_init_script("localStorage.setItem('tour', 'seen')")
    yield made
    made.close()


@pytest.fixture
def newcomer(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """Somebody who was never here."""
    made = _context(chromium, address)
    yield made
    made.close()


@pytest.fixture
def plain(chromium: Browser, address: str) -> Iterator[Page]:
    """A phone whose browser runs no script."""
    made = _context(chromium, address, java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield made.new_page()
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which nothing may go wrong unseen."""
    made = context.new_page()
    faults: list[str] = []
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("console", lambda said: faults.append(said.text) if said.type == "error" and not _is_icon(said) else None)
    yield made
    assert faults == []


def _is_icon(said: ConsoleMessage) -> bool:
    """The browser asks for a picture of the site, and there is none."""
    return said.location["url"].endswith("/favicon.ico")


def _context(chromium: Browser, address: str, **options: object) -> BrowserContext:
    kept = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "UTC"} | options
    made = chromium.new_context(base_url=address, **kept)
    made.set_default_timeout(PATIENCE)
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("passed", ())
    took = [(what, told) for report in reports for what, told in report.user_properties if what.startswith("took")]
    if took:
        terminalreporter.section("how long people wait")
    for what, told in took:
        terminalreporter.write_line(f"{what.removeprefix('took ')}: {told}")
