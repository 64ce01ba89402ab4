"""How long people wait, said at the end of `make test-browser`. It hangs on the machine, so nothing here fails by the
clock: aimed at is one second for an example, two for a chart of a thousand resources."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter

from playwright.sync_api import Page

from fhir_examples.example import load

ROUNDS = 5
"""Of each the median counts, after one that warms up."""

Record = Callable[[str, object], None]


def waited(act: Callable[[], None]) -> str:
    return f"{median([_milliseconds(act) for _ in range(ROUNDS + 1)][1:]):.0f} ms"


def _milliseconds(act: Callable[[], None]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def seen(page: Page) -> None:
    page.locator("[data-card]").first.wait_for(state="visible")


def test_opening_an_example(page: Page, record_property: Record) -> None:
    def act() -> None:
        page.goto("/workbench/examples/first_line_rituximab", wait_until="commit")
        seen(page)

    record_property("took an example, from the click to its cards", waited(act))


def test_bringing_a_large_chart(page: Page, record_property: Record) -> None:
    bundle = load("twenty_years_of_anti_mag").bundle
    chart = json.dumps(bundle)

    def act() -> None:
        page.get_by_role("button", name="Show the cards").click()
        seen(page)

    def once() -> float:
        page.goto("/workbench")
        page.get_by_label("FHIR resources (JSON)").fill(chart)
        return _milliseconds(act)

    took = [once() for _ in range(ROUNDS + 1)][1:]
    record_property(f"took a chart of {len(bundle['entry'])} resources", f"{median(took):.0f} ms")


def test_reasons_of_a_large_chart(page: Page, record_property: Record) -> None:
    def act() -> None:
        page.goto("/workbench/examples/twenty_years_of_anti_mag/why", wait_until="commit")
        page.locator(".rule").first.wait_for(state="visible")

    record_property("took the reasons of the same chart", waited(act))
