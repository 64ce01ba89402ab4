"""A patient on a FHIR server, read as people see it: key by key with script, all at once without."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from cds_service.workbench.search import answer
from fhir_examples.example import load
from tests.browser.test_accessible import RULES, violations
from tests.engine.service.around import Told, fhir, serving


@pytest.fixture
def server() -> Iterator[Told]:
    """A server that holds one example, and gives no goals."""
    chart = load("first_line_rituximab").bundle

    def answered(path: str) -> tuple[int, dict[str, str], bytes]:
        found = None if path.startswith("/Goal") else answer(chart, unquote(path[1:]))
        return fhir({}, 403) if found is None else fhir(found)

    with serving(answered) as told:
        yield told


def read(page: Page, base: str) -> None:
    page.goto("/workbench")
    page.get_by_label("Base address of the server").fill(base)
    page.get_by_label("Patient id").fill("pt-first-line")
    page.get_by_role("button", name="Read the patient").click()


def test_each_key_is_shown_as_it_is_read_and_asked_for_once(page: Page, server: Told) -> None:
    read(page, server.base)
    expect(page.get_by_role("heading", level=1)).to_have_text("A patient on a FHIR server")
    expect(page.locator(".keys li", has_text="goals")).to_contain_text("could not be read")
    expect(page.locator(".keys li", has_text="laboratory")).to_contain_text("read 8 resources")
    assert page.locator("[data-card]").count() == 3
    assert violations(page, RULES) == []
    assert len(server.asked) == len(set(server.asked)) == 18


def test_without_script_all_keys_are_read_for_one_page(plain: Page, server: Told) -> None:
    read(plain, server.base)
    expect(plain.locator(".keys li", has_text="goals")).to_contain_text("could not be read")
    assert plain.locator("[data-card]").count() == 3
    assert len(server.asked) == 18


def test_an_address_that_is_not_read_is_said_with_what_to_do(page: Page) -> None:
    read(page, "https://fhir.example.org/r4")
    expect(page.get_by_role("alert")).to_contain_text("This server is not read")
    expect(page.get_by_label("Base address of the server")).to_have_value("https://fhir.example.org/r4")
