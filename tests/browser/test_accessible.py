"""WCAG 2.2 AA as far as a machine can tell (axe-core), the keyboard all through, every width, and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.places import EVERY, NAMED

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""What another scheme of colours can change."""
FIRST_ROWS = {"exclude": [["tbody tr:nth-child(n+20)"], [".rule:nth-of-type(n+12)"]]}
"""Of tables and lists that are long the first rows speak for all, once all were looked at."""
LOOKS = ((1280, "light", RULES, None), (1280, "dark", COLOURS, FIRST_ROWS), (390, "dark", RULES, FIRST_ROWS))
EXAMPLE = "/workbench/examples/first_line_rituximab"
OVERFLOWING = """
() => {
  const wide = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll("body *")]
    .filter(item => !item.parentElement.closest(".scroll, pre, svg, details:not([open])"))
    .filter(item => !item.closest(".skip, .unseen, thead, caption"))
    .filter(item => item.getBoundingClientRect().right > wide + 1)
    .map(item => `${item.tagName}.${item.className}: ${item.textContent.trim().slice(0, 40)}`);
  return document.documentElement.scrollWidth > wide ? ["the page scrolls sideways", ...found] : found;
}
"""
FOCUSED = """
() => {
  const item = document.activeElement;
  if (item === document.body) return null;
  const box = item.getBoundingClientRect();
  const ring = getComputedStyle(item), hit = item.querySelector(".hit");
  const isRinged = ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2;
  const name = item.id || item.getAttribute("href") || item.name || item.textContent.trim().slice(0, 30);
  window.seen ??= [];
  const last = window.seen.at(-1);
  const isOn = !last || last === item || Boolean(last.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING);
  window.seen.push(item);
  return {
    name: `${item.tagName} ${name}`,
    isShown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
    isRinged: isRinged || Boolean(hit) && getComputedStyle(hit).stroke !== "none",
    isOn,
  };
}
"""


@pytest.fixture
def looked_at(chromium: Browser, address: str) -> Iterator[Page]:
    """A page that administrators' pages open on."""
    context = chromium.new_context(base_url=address, http_credentials=NAMED)
    yield context.new_page()
    context.close()


def violations(page: Page, rules: dict[str, Any], context: dict[str, Any] | None = None) -> list[str]:
    found = Axe().run(page, context, rules).response["violations"]
    return [f"{one['id']}: {node['target']}: {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.usefixtures("kept_feedback")
@pytest.mark.parametrize("path", EVERY)
def test_axe_finds_nothing_and_nothing_overflows(looked_at: Page, path: str) -> None:
    answered = looked_at.goto(path)
    assert answered is not None
    assert answered.ok
    found = {}
    for width, scheme, rules, context in LOOKS:
        looked_at.set_viewport_size({"width": width, "height": 900})
        looked_at.emulate_media(color_scheme=scheme)
        found[f"{width}, {scheme}"] = violations(looked_at, rules, context)
    for width in (390, 800, 1280, 1920):
        looked_at.set_viewport_size({"width": width, "height": 900})
        found[f"{width}, overflowing"] = looked_at.evaluate(OVERFLOWING)
    assert {what: those for what, those in found.items() if those} == {}


@pytest.mark.parametrize(
    ("spoilt", "rule"),
    [
        ("document.querySelector('h1').style.color = '#bbb'", "color-contrast"),
        ("document.querySelector('label[for=q]').remove()", "label"),
        ("document.querySelector('nav ul').style = 'gap:0;font-size:4px'", "target-size"),
    ],
)
def test_axe_notices_what_is_spoilt(page: Page, spoilt: str, rule: str) -> None:
    page.goto("/workbench")
    page.evaluate(spoilt)
    assert rule in {found.partition(":")[0] for found in violations(page, RULES)}


@pytest.mark.parametrize("path", ["/workbench", "/workbench/form", EXAMPLE, f"{EXAMPLE}/why", f"{EXAMPLE}/wire"])
def test_the_tabulator_walks_through_a_page_in_its_order_and_always_shows_where_it_is(page: Page, path: str) -> None:
    page.goto(path)
    walked = []
    for _ in range(600):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUSED)
        if place is None:
            break
        walked.append(place)
    assert len(walked) > 10
    assert place is None, "the walk ends where it began"
    assert [one["name"] for one in walked if not (one["isShown"] and one["isRinged"] and one["isOn"])] == []


def test_what_is_too_wide_is_noticed(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/workbench")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', `<div>${'x'.repeat(200)}</div>`)")
    assert page.evaluate(OVERFLOWING) != []


def test_no_quality_and_no_indicator_is_told_by_colour_alone(page: Page) -> None:
    page.goto("/workbench/examples/several_gates_at_once?call=order-sign")
    for card in page.locator("[data-card]").all():
        assert card.locator(".indicator").inner_text().split()[0].lower() in ("information", "warning", "critical")
    page.goto("/workbench/examples/igm_without_unit")
    marks = page.locator(".legend li")
    forms = marks.locator(".m").evaluate_all("all => all.map(one => one.outerHTML)")
    assert len(set(forms)) == marks.count() > 1


# Paper

LONGEST = ("first_line_rituximab", "igm_without_unit", "labs_and_a_problem_only", "twenty_years_of_anti_mag")
"""Examples with the longest stories, cards and courses."""


def sheets(page: Page) -> int:
    """How many pages of A4 it prints on."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4", prefer_css_page_size=True)))


@pytest.mark.parametrize("example", LONGEST)
def test_an_example_with_its_cards_prints_on_one_page(page: Page, example: str) -> None:
    page.goto(f"/workbench/examples/{example}")
    assert page.locator("[data-card]").count() > 0
    assert sheets(page) == 1


def test_what_does_not_fit_on_one_page_is_noticed(page: Page) -> None:
    page.goto(f"{EXAMPLE}/why")
    assert sheets(page) > 1
