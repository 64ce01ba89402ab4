"""The rulebook as a value, and in each of its forms: complete, escaped, the same every time."""

import csv
import io
import itertools
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from cds_service.knowledge.book import Resting, as_json, book_of
from cds_service.knowledge.exchange import exchange_bundle
from cds_service.knowledge.manual import Ruling, Term
from cds_service.knowledge.numbers import amount, shown
from cds_service.knowledge.printed import as_csv, change, markdown, number, plan
from cds_service.markdown import escaped_prose
from cds_service.web.pages import pages, single_page
from tests.knowledge_pages.hostile import EVIL, HOSTILE, THRESHOLDS
from tests.toy_disease import KNOWLEDGE

BOOK = book_of(HOSTILE)
(RULE,) = BOOK.rules


def every_page() -> dict[str, str]:
    return pages(BOOK, "/knowledge") | {"single": single_page(BOOK)}


class Links(HTMLParser):
    """Collects the tags, the ids and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_a_rule_stands_with_all_that_is_known_of_it():
    assert RULE.sentence == f"={EVIL}"
    assert RULE.reasoning == f"First {EVIL} goes on.\n\nSecond paragraph (rulings 1 and 9)."
    assert RULE.answers == (
        ("YES", f"when there are fewer than 2.5 mg/dL: {EVIL}"),
        ("NO", f"when there are as many: {EVIL}"),
        ("UNKNOWN", f"never: {EVIL}"),
    )
    assert RULE.hooks == ("patient-view",)
    assert [topic.code for topic in RULE.topics] == ["water"]
    assert [state.code for state in RULE.states] == ["T1"]
    assert [row.id for row in RULE.thresholds] == ["water.glasses", "water.days"]
    assert [item.key for item in RULE.evidence] == ["BOOK"]
    assert RULE.conflicts == ("howMuch",)
    assert [item.example for item in RULE.examples] == ["jane"]


def test_the_matrix_says_which_rules_are_heard_at_which_hook():
    assert [(row.topic.code, row.cells) for row in BOOK.matrix] == [
        ("stop", ((), ())),
        ("water", (("W-1",), ())),
        ("sip", ((), ())),
    ]
    assert [row.rules for row in BOOK.matrix] == [(), ("W-1",), ()]
    assert BOOK.matrix[1].heard("W-1") == (True, False)


def test_the_matrix_names_what_a_rule_looks_for():
    shown = pages(BOOK, "/knowledge")["/knowledge/matrix"]
    assert '<a class="logic" href="/knowledge/rules/W-1">W-1</a> Is low</th>' in shown
    assert "| [W-1](#w-1) Is low | ● |  |" in markdown(BOOK)


def test_the_title_of_a_rule_is_spelt_as_the_glossary_spells_it():
    manual = HOSTILE.manual
    assert manual is not None
    rule = replace(manual.rules[0], id="water.b_cd_is_low_in_hiv")
    terms = (Term("B-CD", "Words", "a mark"), Term("virus, HIV", "Words", "a virus"), Term("IS", "Words", "a country"))
    book = book_of(replace(HOSTILE, manual=replace(manual, rules=(rule,), glossary=terms)))
    assert [entry.title for entry in book.rules] == ["B-CD IS low in HIV"]


def test_a_number_and_a_source_know_what_uses_them():
    assert BOOK.rules_by("water.glasses") == BOOK.rules_by("sips") == BOOK.rules_about("syrup") == ("W-1",)
    assert BOOK.rules_by("water.unused") == BOOK.rules_about("salt") == ()
    assert BOOK.rules_citing(1) == ("W-1",)
    assert BOOK.rules_citing(2) == ()
    rests = BOOK.resting_on("BOOK")
    assert (rests.rules, rests.thresholds, rests.schedule) == (("W-1",), ("water.days",), ("sips",))
    assert (rests.conflicts, rests.drugs, rests.words) == (("howMuch",), (EVIL,), ("low, L-W",))
    assert BOOK.resting_on("OTHER") == Resting((), (), (), (), (), ())


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ("/thresholds", {"/rules/W-1", "/evidence#evidence-BOOK"}),
        ("/evidence", {"/rules/W-1", "/thresholds#threshold-water.days", "/thresholds#threshold-sips"}),
        ("/evidence", {"/conflicts#conflict-howMuch", "/glossary#word-low-L-W"}),
        ("/drugs", {"/rules/W-1", "/evidence#evidence-BOOK"}),
        ("/rulings", {"/rules/W-1", "/rulings#ruling-1"}),
        ("/glossary", {"/evidence#evidence-BOOK"}),
        ("/rules/W-1", {"/thresholds#threshold-sips", "/drugs#drugs-syrup", "/rulings#ruling-1"}),
    ],
)
def test_a_page_leads_back_and_forth(page: str, links: set[str]):
    main = pages(BOOK, "/knowledge")[f"/knowledge{page}"].partition("<main")[2]
    assert {f"/knowledge{link}" for link in links} <= set(Links(main).links)


def test_a_rule_that_a_text_names_is_a_link_that_says_what_it_looks_for():
    rulings = (Ruling(1, "W-1 and W-10 are two, sub-W-1 a third; W-1."),)
    manual = HOSTILE.manual
    assert manual is not None
    shown = pages(book_of(replace(HOSTILE, manual=replace(manual, rulings=rulings))), "/knowledge")
    link = '<a class="logic" href="/knowledge/rules/W-1" title="Is low">W-1</a>'
    assert f"{link} and W-10 are two, sub-W-1 a third; {link}." in shown["/knowledge/rulings"]


def test_a_ruling_that_is_not_there_is_no_link():
    links = Links(pages(BOOK, "/knowledge")["/knowledge/rules/W-1"]).links
    assert [link for link in links if link.startswith("/knowledge/rulings#")] == ["/knowledge/rulings#ruling-1"]


def test_a_word_of_the_glossary_says_the_number_in_force():
    assert [term.meaning for term in BOOK.glossary] == [EVIL, "at least 2.5 mg/dL"]


def test_a_sites_number_stands_beside_the_shipped_one_in_every_form():
    manual = HOSTILE.manual
    assert manual is not None
    twice = THRESHOLDS.changed({"water.glasses": Decimal(4)}).changed({"water.glasses": Decimal(5)})
    book = book_of(replace(HOSTILE, manual=replace(manual, thresholds=twice)))
    said = "≥ 5 mg/dL, set by this site; 2.5 as shipped"
    made = pages(book, "/knowledge")
    assert said in made["/knowledge/thresholds"]
    assert said in made["/knowledge/rules/W-1"]
    assert "set by this site in place of: a default of this service" in made["/knowledge/rules/W-1"]
    assert said in markdown(book)
    assert said in as_csv(book)
    first, second = as_json(book)["thresholds"]
    assert (first["value"], first["shipped"]) == (Decimal(5), Decimal("2.50"))
    assert "shipped" not in second
    assert "set by this site" not in "".join(every_page().values()) + markdown(BOOK)


def test_every_form_says_when_a_rule_answers_what():
    shown = pages(BOOK, "/knowledge")["/knowledge/rules/W-1"]
    action = next(r["resource"] for r in exchange_bundle(BOOK)["entry"] if "action" in r["resource"])["action"][0]
    for answer, when in RULE.answers:
        assert f"<dt>{answer}</dt><dd>{escape(when)}</dd>" in shown
        assert f"\n\n**{answer}** {escaped_prose(when)}\n\n" in markdown(BOOK)
        assert as_json(BOOK)["rules"][0][f"{answer.lower()}_when"] == when
        assert f"\n\n{answer} {when}\n\n" in action["textEquivalent"]
        assert next(csv.DictReader(io.StringIO(as_csv(BOOK))))[f"{answer.lower()}_when"] == when


def test_a_package_without_a_manual_has_no_book():
    with pytest.raises(ValueError, match="publishes no manual"):
        book_of(KNOWLEDGE)


def test_rules_stand_in_the_order_of_their_cards_and_then_of_their_numbers():
    manual = HOSTILE.manual
    assert manual is not None
    cards = {"W-10": ("water",), "W-9": ("water",), "S-1": ("stop",), "X-1": ("switchedOff",)}
    rules = tuple(
        replace(manual.rules[0], id=f"water.{logic}", logic=logic, cards=named) for logic, named in cards.items()
    )
    ordered = book_of(replace(HOSTILE, manual=replace(manual, rules=rules)))
    assert [rule.logic for rule in ordered.rules] == ["S-1", "W-9", "W-10", "X-1"]


def test_a_number_reads_as_a_clinician_writes_it():
    glasses, days = RULE.thresholds
    assert number(glasses) == "≥ 2.5 mg/dL"
    assert number(days) == "< 30 days"
    assert change(glasses) == "1 to 9"
    assert change(days) == "no"
    assert shown(Decimal("1E+3")) == "1000"
    assert plan(RULE.schedule[0]) == "1, 2 and 4 weeks"
    assert plan(replace(RULE.schedule[0], values=(6,), unit="mo")) == "6 months"


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (1, "mo", "1 month"),
        (2, "mo", "2 months"),
        (0, "points", "0 points"),
        (1, "points", "1 point"),
        (1, "s", "1 s"),
        (1, "mg/dL", "1 mg/dL"),
        (1, "1", "1"),
    ],
)
def test_of_one_the_unit_is_told_as_of_one(value: int, unit: str, told: str):
    assert amount(replace(RULE.thresholds[0], value=Decimal(value), unit=unit)) == told


def test_json_has_no_member_without_a_value_and_names_what_stands_beside():
    whole = as_json(BOOK)
    assert whole["rules"][0]["thresholds"] == ["water.glasses", "water.days"]
    assert whole["rules"][0]["evidence"] == ["BOOK"]
    assert whole["rules"][0]["schedule"] == ["sips"]
    assert whole["rules"][0]["drugs"] == ["syrup"]
    assert whole["thresholds"][0]["used_by"] == whole["schedule"][0]["used_by"] == ["W-1"]
    assert whole["evidence"][0]["used_by"]["thresholds"] == ["water.days"]
    assert whole["matrix"][1] == {"topic": "water", "title": EVIL, "hooks": {"patient-view": ["W-1"]}}
    assert whole["thresholds"][0]["bounds"] == [Decimal(1), Decimal(9)]
    assert whole["thresholds"][0]["since"] == "2020-01-01"
    assert "bounds" not in whole["thresholds"][1]
    assert whole["thresholds"][1]["site_may_change"] is False


@pytest.mark.parametrize("path", every_page())
def test_nothing_from_data_becomes_mark_up_on_a_page(path: str):
    page = Links(every_page()[path])
    assert {"script", "img", "link", "iframe", "form"}.isdisjoint(page.tags)
    assert {link for link in page.links if link.startswith("http")} <= {"https://example.org/book"}
    assert len(page.ids) == len(set(page.ids))


def test_every_link_of_the_pages_leads_to_a_page_and_a_place_on_it():
    made = pages(BOOK, "/knowledge")
    for page in made.values():
        for link in Links(page).links:
            path, _, place = link.partition("#")
            if path.startswith("https://") or path in ("/knowledge.json", "/knowledge/fhir"):
                continue
            if path:
                assert path in made
            assert not place or place in Links(made[path] if path else page).ids


def test_every_link_of_the_single_page_stays_on_it():
    page = Links(single_page(BOOK))
    assert [link for link in page.links if link[0] != "#" and not link.startswith("https://")] == []
    assert {link[1:] for link in page.links if link[0] == "#"} <= set(page.ids)


@pytest.mark.parametrize("path", every_page())
def test_a_page_can_be_read_by_a_screen_reader(path: str):
    page = every_page()[path]
    assert '<html lang="en">' in page
    assert len(re.findall(r"<h1>", page)) == 1
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert page.count("<table") == page.count("<caption>")
    for head in re.findall(r"<th\b[^>]*>", page):
        assert "scope=" in head


def test_markdown_escapes_what_comes_from_data():
    printed = markdown(BOOK)
    assert "<script>" not in printed.replace(r"\<script", "")
    assert re.search(r"(?<!\\)\*\*c", printed) is None
    rows = [line for line in printed.splitlines() if line.startswith("|")]
    widths = {
        len(re.findall(r"(?<!\\)\|", row)) for row in rows if row.startswith(("| `water.glasses", "| `water.days"))
    }
    assert widths == {9}


def test_csv_has_a_row_for_each_rule_and_no_formula():
    head, row = list(csv.reader(io.StringIO(as_csv(BOOK))))
    named = dict(zip(head, row, strict=True))
    assert named["logic"] == "W-1"
    assert named["sentence"].startswith("'=")
    assert named["thresholds"] == "water.glasses ≥ 2.5 mg/dL; water.days < 30 days"


def test_the_same_knowledge_gives_the_same_pages():
    assert every_page() == every_page()
