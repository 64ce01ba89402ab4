"""The rulebook of anti-MAG neuropathy: whole, true to the example patients, fresh, and within what may be said."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from markupsafe import escape

from cds_service.knowledge.book import as_json, book_of
from cds_service.knowledge.exchange import exchange_bundle
from cds_service.site import Site
from cds_service.site.knowledge_tables import CardsTable
from cds_service.web.pages import pages, single_page
from docs.conformance import marked
from docs.rulebook import EXERCISES, ROOT, RULES, exercises, rules_page
from fhir_examples.example import load, names
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge import build
from hooks.anti_mag.knowledge_data import SCHEDULE, THERAPIES
from hooks.anti_mag.manual import STATES
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rules import BY_LOGIC

BOOK = book_of(KNOWLEDGE)
FHIR = exchange_bundle(BOOK)
RESOURCES = {entry["resource"]["url"]: entry["resource"] for entry in FHIR["entry"]}
KINDS = ("CodeSystem", "ValueSet", "Questionnaire", "Library", "PlanDefinition")

FORBIDDEN = re.compile(
    r"rituximab is effective|rituximab should be given|flare means treatment failure|titres? shows? disease severity"
    r"|is not due to rituximab|ivig is recommended"
    r"|(?:ean/pns|efns|nccn)[^.]{0,60}\d{3,}",
    re.IGNORECASE,
)
"""What no text may say, and no number attributed to a guideline that was not read."""


def stored_findings() -> list[tuple[str, str]]:
    """Topic and logic id of every finding behind a stored card that is not NO."""
    examples = [load(name) for name in names()]
    cards = [card for example in examples for call in example.calls for card in example.cards(call)]
    return [
        (card["source"]["topic"]["code"], note["logic"])
        for card in cards
        for note in card["extension"][KNOWLEDGE.extension]["findings"]
        if note["truth"] != "NO"
    ]


def test_rules_md_is_fresh():
    assert RULES.read_text(encoding="utf-8") == rules_page(), "make docs"


def test_the_list_of_exercises_is_fresh():
    assert EXERCISES.read_text(encoding="utf-8") == exercises(), "make docs"


@pytest.mark.conformance("HV-05")
def test_every_rule_is_in_the_book_with_card_hook_sentence_and_evidence():
    assert {rule.logic for rule in BOOK.rules} == set(BY_LOGIC)
    assert [
        rule.logic for rule in BOOK.rules if not (rule.topics and rule.hooks and rule.sentence and rule.evidence)
    ] == []


def test_a_rule_stands_on_the_cards_that_the_book_says():
    topics_of = {rule.logic: {topic.code for topic in rule.topics} for rule in BOOK.rules}
    assert {pair for pair in stored_findings() if pair[0] not in topics_of[pair[1]]} == set()


def test_every_conflict_names_rules_that_exist():
    assert {id for conflict in BOOK.conflicts for id in conflict.rules} - set(BY_LOGIC) == set()


def test_every_state_has_words():
    assert set(STATES) == set(State)


def test_the_attributes_of_the_regulation_are_all_stated():
    assert len(BOOK.source_attributes) == 13
    assert all(item.statement for item in BOOK.source_attributes)


def test_no_text_of_the_book_says_what_must_not_be_said():
    said = [
        *(text for rule in BOOK.rules for text in (rule.sentence, rule.reasoning, *(when for _, when in rule.answers))),
        *(row.why for row in BOOK.thresholds),
        *(text for conflict in BOOK.conflicts for text in (conflict.question, *conflict.views, conflict.reading)),
        *(item.statement for item in BOOK.source_attributes),
    ]
    assert [text for text in said if FORBIDDEN.search(text)] == []


def test_json_holds_the_whole_book():
    whole: dict[str, Any] = as_json(BOOK)
    assert {rule["id"] for rule in whole["rules"]} == {rule.id for rule in BOOK.rules}
    keys = {row["key"] for row in whole["evidence"]}
    ids = {row["id"] for row in whole["thresholds"]}
    for rule in whole["rules"]:
        assert set(rule["evidence"]) <= keys
        assert set(rule["thresholds"]) <= ids
    assert json.dumps(whole, default=str)


@pytest.mark.parametrize("kind", KINDS)
def test_each_resource_for_exchange_is_valid_r4(kind: str):
    found = [resource for resource in RESOURCES.values() if resource["resourceType"] == kind]
    assert found
    for resource in found:
        get_fhir_model_class(kind).model_validate(resource)
        assert re.fullmatch(r"[A-Z][A-Za-z0-9_]*", resource["name"])
        assert resource["status"] in ("draft", "active")


def test_the_bundle_is_valid_and_the_same_every_time():
    get_fhir_model_class("Bundle").model_validate(FHIR)
    assert exchange_bundle(BOOK) == FHIR


def test_the_code_system_holds_the_scores_and_their_values():
    system = RESOURCES["urn:anti-mag-cds:assessment"]
    codes = [concept["code"] for concept in system["concept"]]
    assert {"incat", "onls-leg", "i-rods", "i-rods-raw", "mrc-sum", "grip", "walk-10m", "ncs-pattern"} <= set(codes)
    assert {"demyelinating", "axonal", "mixed", "inexcitable", "normal", "improved", "stable", "worse"} <= set(codes)
    assert len(codes) == len(set(codes)) == system["count"]


def test_the_questionnaire_asks_for_every_score_within_its_bounds():
    items = {item["linkId"]: item for item in RESOURCES["urn:anti-mag-cds:assessment-form"]["item"]}
    assert set(items) == {item.code[1] for item in BOOK.assessments}
    assert items["incat"]["type"] == "integer"
    assert [limit.get("valueInteger") for limit in items["incat"]["extension"]] == [0, 10]
    assert items["grip"]["extension"][0]["valueCoding"]["code"] == "kPa"
    assert items["75859-9"]["code"][0]["system"] == "http://loinc.org"
    assert items["ncs-pattern"]["answerValueSet"] in RESOURCES
    assert items["clinical-course"]["answerValueSet"] in RESOURCES


def test_every_value_set_takes_its_codes_from_the_code_system():
    system = RESOURCES["urn:anti-mag-cds:assessment"]
    known = {concept["code"]: concept["display"] for concept in system["concept"]}
    sets = [resource for resource in RESOURCES.values() if resource["resourceType"] == "ValueSet"]
    for include in (include for resource in sets for include in resource["compose"]["include"]):
        assert include["system"] == system["url"]
        assert all(known[concept["code"]] == concept["display"] for concept in include.get("concept", ()))
    assert RESOURCES[system["valueSet"]]["resourceType"] == "ValueSet"


def test_the_plan_has_an_action_for_each_rule_and_leads_to_the_library():
    plan = RESOURCES["urn:anti-mag-cds:rules"]
    assert [action["prefix"] for action in plan["action"]] == [rule.logic for rule in BOOK.rules]
    assert [RESOURCES[url]["resourceType"] for url in plan["library"]] == ["Library"]
    assert {event["name"] for action in plan["action"] for event in action["trigger"]} <= set(BOOK.hooks)


def test_a_site_reads_its_own_numbers_hooks_and_cards():
    site = Site(
        thresholds={"igm.fresh": Decimal(20)}, hooks={"order-sign": False}, cards=CardsTable({"supportiveCare": False})
    )
    book = book_of(build(site))
    assert [(row.value, row.shipped) for row in book.thresholds if row.id == "igm.fresh"] == [(20, 30)]
    told = {rule.logic: rule.yes_when for rule in book.rules}["HV-1"]
    assert "an IgM of the last 20 days" in told
    assert str(escape(told)) in single_page(book)
    assert "order-sign" not in book.hooks
    assert "supportiveCare" not in [row.topic.code for row in book.matrix]
    assert [rule.topics for rule in book.rules if rule.logic == "supportiveCare"] == [()]
    assert "no card" in single_page(book)


def test_every_rule_names_its_file_what_it_reads_and_the_tests_of_its_boundaries():
    marks = marked("boundaries")
    assert set(marks) <= {rule.logic for rule in BOOK.rules}
    for rule in BOOK.rules:
        assert (ROOT / rule.file).is_file()
        assert rule.reads
        assert all((ROOT / path).is_file() for path in rule.reads)
        assert list(rule.tests) == sorted(marks[rule.logic])


def test_a_rule_names_the_drugs_that_it_is_about_with_their_sources():
    rules = {rule.logic: rule for rule in BOOK.rules}
    neurotoxic = {drug.name: drug.cites for kind in rules["TX-3"].drugs for drug in kind.drugs}
    assert set(neurotoxic) == {THERAPIES[name].name for name in THERAPIES.of_kind("neurotoxic")}
    assert [name for name, cites in neurotoxic.items() if not cites] == []
    others = {drug.name: drug.cites for kind in rules["TX-4"].drugs for drug in kind.drugs}
    assert set(others) == {THERAPIES[name].name for name in THERAPIES.of_kind("immunotherapy")}
    assert "COMI2002" in others["IVIG"]
    (plan,) = rules["FL-0"].schedule
    assert plan.values == SCHEDULE.flare_check_weeks


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        ("RE-1", "6, 9, 12, 18 and 24 months"),
        ("RE-1", "12 and 24 months"),
        ("FL-0", "2, 4, 6, 8, 12 and 16 weeks"),
        ("MO-1", "≥ 365 days"),
        ("TX-3", "vincristine"),
        ("TX-3", "VCRLABEL"),
        ("TX-4", "cyclophosphamide"),
        ("TX-4", "PMC3002632"),
        ("RF-1", "bendamustine"),
    ],
)
def test_schedule_and_drugs_stand_with_the_rule_on_its_page_and_in_rules_md(logic: str, said: str):
    assert said in pages(BOOK, "/knowledge")[f"/knowledge/rules/{logic}"].partition("<main")[2]
    printed = rules_page().partition(f"\n### {logic}\n")[2].partition("\n### ")[0]
    assert said in printed
