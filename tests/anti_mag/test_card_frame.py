"""The frame of every card: numbers in the place of evidence keys, days in words, lengths that hold for any chart."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Finding
from cds_service.markdown import breakable
from cds_service.record import Fact
from hooks.anti_mag.cards.card import Answer, make_card, marked
from hooks.anti_mag.cards.dates import date_in_words, with_dates_in_words
from hooks.anti_mag.knowledge_data import EVIDENCE, THRESHOLDS
from hooks.anti_mag.layout import Layout
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.pictures import TREATABLE
from tests.anti_mag.reading import plain
from tests.architecture.test_wall import ROOT, python_files

CITED = re.compile(r"\((?P<keys>[A-Z][A-Z0-9-]{3,}(?:, [A-Z][A-Z0-9-]{3,})*)\)")
KEY = re.compile(r"[A-Z][A-Z0-9-]{3,}")

FACTS = tuple(Fact(f"Observation/{n}", f"Score {n}", Decimal(n), None, "2026-11-17", "final") for n in range(9))


def card(*paragraphs: str, summary: str = "Summary", facts: tuple[Fact, ...] = (), **more: object) -> Card:
    layout = more.pop("layout", Layout())
    answer = Answer(BY_LOGIC["TX-1"], Finding.yes(*facts))
    picture = replace(TREATABLE, layout=layout)
    return make_card(picture, "rituximab", Indicator.INFO, summary, paragraphs, [answer], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**Do** (LEGER2013). Then (SVAHN2018, LEGER2013).", "**Do** [1]. Then [1] [2]."),
        ("**Do** (TREON2004). Then (SVAHN2018).", "**Do**. Then [1]."),
        ("**Do** (TREON2004, SVAHN2018).", "**Do** [1]."),
        ("**Do.** Nothing is cited.", "**Do.** [1] Nothing is cited."),
        ("Do, without bold words", "Do, without bold words [1]"),
        ("**Do** (NOSOURCE1999, SVAHN2018) (SVAHN2018).", "**Do** (NOSOURCE1999, SVAHN2018) [1]."),
        ("**Do** \\(LEGER2013\\) (SVAHN2018).", "**Do** \\(LEGER2013\\) [1]."),
    ],
)
def test_evidence_is_numbered_in_the_order_of_reading(written: str, read: str) -> None:
    made = card(written)
    assert made.detail == read
    assert [link.label[:3] for link in made.links] == [f"{n + 1}. " for n in range(len(made.links))]


def test_a_source_without_an_address_or_beyond_the_room_stays_in_the_explanation() -> None:
    made = card("**Do** (TREON2004, LEGER2013, DALAKAS2009, SVAHN2018, GAZZOLA2017, ASCO2020).")
    assert made.detail == "**Do** [1] [2] [3] [4]."
    assert [link.url for link in made.links] == [
        EVIDENCE[key].url for key in ("LEGER2013", "DALAKAS2009", "SVAHN2018", "GAZZOLA2017")
    ]
    assert {"TREON2004", "ASCO2020"} <= set(made.explanation.evidence)


def test_a_source_on_a_host_that_the_site_does_not_allow_has_no_number() -> None:
    host = EVIDENCE["SVAHN2018"].url.split("/")[2]
    made = card("**Do** (DALAKAS2009, SVAHN2018).", layout=Layout(link_hosts=frozenset({host})))
    assert made.detail == "**Do** [1]."
    assert [link.url for link in made.links] == [EVIDENCE["SVAHN2018"].url]
    assert made.source.url.split("/")[2] == host


def test_at_most_six_facts_are_shown_deciding_ones_first_and_the_rest_is_counted() -> None:
    made = card("**Do.**", facts=FACTS, deciding=[FACTS[8]], told=[FACTS[0]])
    lines = plain(made.detail).splitlines()[2:]
    assert [line.split("**")[1] for line in lines[:-1]] == ["8", "1", "2", "3", "4", "5"]
    assert lines[0] == "- Score 8 **8**, 17 Nov 2026"
    assert lines[-1] == "- and 2 more"
    assert made.explanation.facts == FACTS


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("final", ""),
        ("corrected", ""),
        ("confirmed", ""),
        (None, ""),
        ("preliminary", ", preliminary"),
        ("entered-in-error", ", entered in error"),
        ("provisional", ", provisional"),
        ("stopped", ", stopped"),
        ("<b>", ", \\<b\\>"),
    ],
)
def test_a_status_is_told_where_it_is_not_final(status: str | None, told: str) -> None:
    made = card("**Do.**", facts=(replace(FACTS[1], status=status),))
    assert plain(made.detail).splitlines()[-1] == f"- Score 1 **1**, 17 Nov 2026{told}"


def test_a_fact_without_value_or_date_says_what_it_is_and_a_long_one_is_cut() -> None:
    bare = Fact("Condition/1", "gait or falls")
    assert card("**Do.**", facts=(bare,)).detail.endswith("- Gait or falls, no date")
    long = card("**Do.**", facts=(replace(bare, value="word " * 40),))
    assert len(long.detail.splitlines()[-1]) < 120
    assert "…" in long.detail


def test_data_after_a_list_have_a_heading_of_their_own() -> None:
    assert "Decided on:" not in card("**Do.**", facts=FACTS[:1]).detail
    assert "Decided on:\n\n- Score" in card("**Do.**", "- one\n- two", facts=FACTS[:1]).detail


def test_what_is_missing_is_named_unless_the_words_name_it() -> None:
    answer = Answer(BY_LOGIC["TX-1"], Finding.unknown("the <score>"))
    for is_told in (True, False):
        made = make_card(
            TREATABLE, "rituximab", Indicator.INFO, "Summary", ["**Do.**"], [answer], is_missing_told=is_told
        )
        assert ("Not known: the \\<score\\>." in made.detail) is not is_told
        assert made.explanation.missing == ("the <score>",)


@pytest.mark.parametrize("length", [109, 110, 111, 300])
def test_a_summary_that_names_from_the_chart_make_too_long_is_cut_at_a_word(length: int) -> None:
    made = card(
        "**Do.**", summary=("word " * 60)[:length].rstrip() + "x" * (length - len(("word " * 60)[:length].rstrip()))
    )
    assert len(made.summary) <= 110
    assert made.summary.endswith("…") is (length > 110)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("on 2026-11-17.", "on 17 Nov 2026."),
        ("from 2026-01-01 to 2026-12-31", "from 1 Jan 2026 to 31 Dec 2026"),
        ('received "2026-11-17"', 'received "2026-11-17"'),
        ("2026-13-01", "2026-13-01"),
        ("A-2026-11-17", "A-2026-11-17"),
    ],
)
def test_days_are_told_in_words_but_not_within_what_is_quoted(sent: str, read: str) -> None:
    assert plain(with_dates_in_words(sent)) == read


def test_a_day_in_words_does_not_break() -> None:
    assert date_in_words("2026-11-17") == "17\u00a0Nov\u00a02026"
    assert date_in_words("2026-11") == "Nov\u00a02026"
    assert date_in_words("2026") == "2026"


@pytest.mark.parametrize(("length", "parts"), [(30, 1), (31, 2), (61, 3)])
def test_a_long_word_gets_places_to_break_and_loses_nothing(length: int, parts: int) -> None:
    word = "a" * length
    made = breakable(f"before {word} after")
    assert len(made.split("\u200b")) == parts
    assert made.replace("\u200b", "") == f"before {word} after"


def test_marks_of_bold_and_escapes_are_not_parted() -> None:
    made = breakable(f"**{'a' * 27}\\_{'b' * 29}**")
    assert "\\\u200b" not in made
    assert "*\u200b*" not in made


def test_a_number_says_whose_it_is() -> None:
    assert marked(THRESHOLDS, "igm.gate.critical") == "4000 mg/dL"
    assert marked(THRESHOLDS, "igm.max_age") == "90 days (service default)"
    assert marked(THRESHOLDS.changed({"igm.max_age": Decimal(60)}), "igm.max_age") == "60 days (set by this site)"
    assert marked(THRESHOLDS, "hbv.passive_months").endswith("(service default)"), "a K number counts as ours"


TEXTS = [
    (path.name, node.value)
    for path in python_files(ROOT / "hooks" / "anti_mag" / "cards")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in EVIDENCE
]


def test_no_sentence_names_a_source_by_its_key_but_in_a_citation_that_becomes_a_number() -> None:
    """What no example's card says is looked at too."""
    named = [(name, key) for name, text in TEXTS for key in KEY.findall(CITED.sub("", text)) if key in EVIDENCE]
    assert [item for item in named if item[0] not in ("citations.py", "card.py")] == []
