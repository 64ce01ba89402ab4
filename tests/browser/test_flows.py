"""What a clinician, an integrator and an author of rules come for, from the first page to the last."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from fhir_examples.example import load
from tests.engine.service.processes import ROOT

FIRST_CHOICE = "/workbench/examples/first_line_rituximab"
FLARE = "/workbench/examples/flare_above_4000_dose_due"

DROPPED = """
([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "application/json" }));
  return data;
}
"""


def chart(name: str = "first_line_rituximab") -> str:
    return json.dumps(load(name).bundle)


def cards(page: Page) -> Locator:
    return page.locator("[data-card]")


def headings(page: Page) -> list[str]:
    return cards(page).get_by_role("heading", level=3).all_inner_texts()


def ask(page: Page) -> None:
    page.get_by_role("button", name="Ask", exact=True).click()


# The way in for those who don't program


def describe(page: Page) -> None:
    page.goto("/workbench")
    page.get_by_role("link", name="Describe a patient in words and numbers").click()
    page.get_by_label("Age in years").fill("64")
    page.get_by_label("Sex").select_option("male")
    page.get_by_label("Anti-MAG neuropathy diagnosed").select_option("yes")
    page.get_by_label("Serum IgM (mg/dL)").fill("5200")
    page.locator("[name=order_name]").fill("Rituximab")
    page.get_by_role("button", name="Show the cards").click()
    assert any("IgM" in heading or "rituximab" in heading.lower() for heading in headings(page))
    expect(page.get_by_label("Age in years")).to_have_value("64")
    expect(page.get_by_label("Serum IgM (mg/dL)")).to_have_value("5200")
    page.get_by_role("button", name="Why, and why not").click()
    expect(page.get_by_role("heading", name="Why there is no other card")).to_be_visible()


def test_a_patient_told_in_words_and_numbers_gets_cards(page: Page) -> None:
    describe(page)


def test_so_it_does_on_a_phone_without_script(plain: Page) -> None:
    describe(plain)


def test_each_field_of_the_form_says_what_it_is_used_for(page: Page) -> None:
    page.goto("/workbench/form")
    fields = page.locator("[aria-describedby^=use-]")
    assert fields.count() > 15
    for told in fields.all():
        assert page.locator(f"#{told.get_attribute('aria-describedby')}").inner_text().strip()


def test_an_objection_names_rule_and_patient_and_can_be_sent(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    cards(page).first.get_by_role("button", name="I don't agree").click()
    expect(page.get_by_role("heading", name="I don't agree")).to_be_visible()
    expect(page.locator("main")).to_contain_text("TX-1")
    sent = page.get_by_role("link", name="write a mail").get_attribute("href") or ""
    assert sent.startswith("mailto:rules@hospital.example.org?")
    assert "TX-1" in sent


# Pick or bring a patient


def test_a_patient_is_found_by_the_card_that_it_shows_and_opened(page: Page) -> None:
    page.goto("/workbench")
    everybody = page.locator(".patients li").count()
    page.get_by_label("Card", exact=True).select_option(label="IgM flare after rituximab")
    page.get_by_role("button", name="Search").click()
    assert 0 < page.locator(".patients li").count() < everybody
    page.locator(".patients a").first.click()
    assert cards(page).count() > 0


def test_a_patient_is_found_by_a_rule_and_by_words_of_its_story(page: Page) -> None:
    for query, name in (("rule=G10", "dose_error"), ("q=twenty+years", "twenty_years_of_anti_mag")):
        page.goto(f"/workbench?{query}")
        assert page.locator(f".patients a[href$='/{name}']").count() == 1


def test_a_pasted_chart_gets_the_cards_of_its_example(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    theirs, day = headings(page), page.get_by_label("As of").input_value()
    page.goto("/workbench")
    page.get_by_label("FHIR resources (JSON)").fill(chart())
    page.get_by_role("button", name="Show the cards").click()
    page.get_by_label("As of").fill(day)
    ask(page)
    assert headings(page) == theirs
    assert "5200" not in page.url
    assert page.url.endswith("/workbench/chart"), "a chart never stands in an address"


def test_a_file_that_is_dropped_is_read(page: Page) -> None:
    page.goto("/workbench")
    dropped = page.evaluate_handle(DROPPED, ["patient.json", chart()])
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    page.get_by_role("button", name="Show the cards").click()
    expect(page.locator("main")).to_contain_text("that you brought")


def test_a_folder_of_resources_is_read(page: Page, tmp_path: Path) -> None:
    for number, entry in enumerate(load("first_line_rituximab").bundle["entry"]):
        (tmp_path / f"{number}.json").write_text(json.dumps(entry["resource"]))
    page.goto("/workbench")
    page.get_by_label("Or a folder").set_input_files(tmp_path)
    page.get_by_role("button", name="Show the cards").click()
    expect(page.locator("main")).to_contain_text("that you brought")


def test_what_is_no_chart_is_answered_in_words(page: Page) -> None:
    page.goto("/workbench")
    page.get_by_label("FHIR resources (JSON)").fill("my patient has a neuropathy")
    page.get_by_role("button", name="Show the cards").click()
    expect(page.get_by_role("alert")).to_contain_text("holds no FHIR resource")


# See the patient as the service does


@pytest.mark.parametrize("example", [FIRST_CHOICE, FLARE])
def test_every_point_of_the_course_is_reached_by_keyboard_and_leads_to_its_resource(page: Page, example: str) -> None:
    page.goto(example)
    points = page.locator(".course svg a")
    assert points.count() > 2
    page.get_by_role("region", name="Course of the patient as a picture").focus()
    reached = []
    for _ in range(points.count()):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert reached == [point.get_attribute("href") for point in points.all()]
    named = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    row = page.locator(reached[-1])
    expect(row).to_be_in_viewport()
    assert named.split(",")[0].startswith(row.get_by_role("rowheader").inner_text())
    if row.locator("summary").count():
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(row.locator("pre")).to_contain_text("resourceType")


# Write an order as in an EHR, and change the facts


def test_an_order_that_is_written_is_checked_when_it_is_signed(page: Page) -> None:
    page.goto("/workbench/examples/order_without_hepatitis_b?call=patient-view")
    page.locator("summary", has_text="write an order").click()
    page.locator("[name=order_name]").fill("Rituximab")
    page.locator("[name=order_dose]").fill("1000")
    page.locator("[name=order_unit]").select_option("mg")
    page.get_by_role("button", name=re.compile("Write it")).click()
    expect(page.get_by_role("heading", name=re.compile("at order-sign"))).to_be_visible()
    assert any("hepatitis B" in heading for heading in headings(page))
    expect(page.locator("#orders")).to_contain_text("Rituximab")


def test_a_fact_that_is_changed_changes_cards_and_course_and_the_chart_comes_back(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    before, rows = headings(page), page.locator(".rows tbody tr").count()
    page.locator("summary", has_text="Change the chart").click()
    page.get_by_label("Fact").select_option(label="Serum IgM (mg/dL)")
    page.get_by_label("Value", exact=True).fill("6500")
    page.get_by_role("button", name="Add the fact").click()
    expect(page.locator("main")).to_contain_text("Serum IgM: 6500 mg/dL")
    assert headings(page) != before
    assert page.locator(".rows tbody tr").count() == rows + 1
    expect(cards(page).filter(has_text="changed").first).to_be_visible()
    page.get_by_role("link", name="Back to the patient as it was").click()
    assert headings(page) == before


# Cards as an EHR shows them


def test_a_suggestion_is_accepted_told_to_the_service_and_checked_when_it_is_signed(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    suggestion = page.locator("[data-accept]").first
    label = suggestion.inner_text()
    suggestion.click()
    card = cards(page).first
    expect(card.locator(".accepted")).to_have_text(f"Accepted: {label}")
    expect(card.locator(".feedback")).not_to_be_empty()
    expect(page.locator("#orders")).to_contain_text(re.compile("rituximab", re.IGNORECASE))
    page.get_by_role("button", name="Sign them: ask at order-sign").click()
    expect(page.get_by_role("heading", name=re.compile("at order-sign"))).to_be_visible()
    assert any("rituximab" in heading.lower() for heading in headings(page))


def test_a_card_is_overridden_with_a_reason_and_the_service_keeps_it(page: Page) -> None:
    page.goto("/workbench/examples/dose_error?call=order-sign-doubled")
    card = cards(page).first
    card.locator(".override summary").click()
    card.get_by_role("radio").first.check()
    card.get_by_label("Comment").fill("not today")
    with page.expect_response(re.compile("/feedback$")) as answered:
        card.get_by_role("button", name="Override this card").click()
    assert answered.value.json()["stored"] == 1
    expect(card.locator(".feedback")).not_to_be_empty()


def test_a_suggestion_is_accepted_without_script_too(plain: Page) -> None:
    plain.goto(FIRST_CHOICE)
    plain.locator("[data-accept]").first.click()
    expect(cards(plain).first).to_contain_text("Accepted: ")
    expect(plain.locator("#orders")).to_contain_text(re.compile("rituximab", re.IGNORECASE))


@pytest.mark.parametrize("width", ["260", "360", "620"])
def test_cards_are_as_wide_as_the_column_of_the_ehr(page: Page, width: str) -> None:
    page.goto(FIRST_CHOICE)
    page.get_by_role("radio", name=width).check()
    box = cards(page).first.bounding_box()
    assert box is not None
    assert box["width"] == float(width)


# Why, and why not


def test_from_a_patient_to_the_reason_of_a_silence_to_the_rule_and_back(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    page.get_by_role("button", name="Why, and why not").click()
    silences = page.locator("section[aria-labelledby=silent] dl > div")
    assert silences.count() > 3
    for silence in silences.all():
        assert silence.locator("dd").inner_text().strip()
    silences.locator("a").first.click()
    expect(page.locator(".rule:target")).to_be_in_viewport()
    page.locator("#rule-TX-1").get_by_role("link", name="TX-1").click()
    expect(page).to_have_url(re.compile("/knowledge/rules/TX-1$"))
    page.locator("a[href*='/workbench/examples/first_line_rituximab']").first.click()
    expect(page).to_have_url(re.compile("/workbench/examples/first_line_rituximab"))
    assert cards(page).count() > 0


def test_from_a_card_to_the_rule_that_it_rests_on(page: Page) -> None:
    page.goto(FIRST_CHOICE)
    cards(page).first.get_by_role("button", name="TX-1").click()
    expect(page.locator("#rule-TX-1")).to_be_in_viewport()
    expect(page.locator("#rule-TX-1 .truth")).to_have_text("YES")


def test_a_patient_without_a_card_says_why(page: Page) -> None:
    page.goto("/workbench/examples/unrelated_patient")
    page.get_by_role("button", name="See why not").click()
    expect(page.get_by_role("heading", name="Why there is no other card")).to_be_visible()


# The wire


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_call_is_copied_as_curl_and_gives_the_same_cards(page: Page, context: BrowserContext, address: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.goto(FIRST_CHOICE)
    page.get_by_role("button", name="The wire").click()
    expect(page.get_by_text("The answer fits the schema")).to_be_visible()
    expect(page.get_by_role("table", name="Milliseconds by stage")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith(f"curl -s '{address}/cds-services/")
    sent = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(sent.stdout)["cards"]


# Save as example


def test_what_is_saved_is_an_example_that_assure_takes(page: Page, tmp_path: Path) -> None:
    page.goto(f"{FLARE}/wire")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download the folder").click()
    coming.value.save_as(tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-m", "cds_service.cli", "assure", str(tmp_path / "my_patient")]
    assured = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert assured.returncode == 0, assured.stdout + assured.stderr


# The first visit, and every page


def test_the_tour_is_open_at_the_first_visit_alone(newcomer: BrowserContext) -> None:
    page = newcomer.new_page()
    page.goto("/workbench")
    steps = page.locator(".tour li")
    expect(steps.first).to_be_visible()
    assert steps.count() <= 5
    page.goto("/workbench")
    expect(page.locator(".tour summary")).to_be_visible()
    expect(steps.first).to_be_hidden()


@pytest.mark.parametrize("view", ["", "/why", "/wire", "/objection"])
def test_each_page_of_a_patient_has_a_title_and_a_way_back(page: Page, view: str) -> None:
    page.goto(f"{FIRST_CHOICE}{view}")
    assert "First-line rituximab" in page.title()
    page.get_by_role("link", name="All patients").click()
    expect(page).to_have_title("Patients – Workbench")


def test_an_address_that_is_shared_shows_the_same_example_hook_and_day(page: Page, context: BrowserContext) -> None:
    page.goto(FIRST_CHOICE)
    page.get_by_label("Hook").select_option("appointment-book")
    page.get_by_label("As of").fill("2026-04-01")
    ask(page)
    other = context.new_page()
    other.goto(page.url)
    assert other.locator("main").inner_text() == page.locator("main").inner_text()
    expect(other.get_by_role("heading", name=re.compile("at appointment-book on 2026-04-01"))).to_be_visible()
