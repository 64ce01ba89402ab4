"""The numbers of the decision logic: their marks, bounds and wording."""

import re
from decimal import Decimal

import pytest

from hooks.anti_mag.knowledge_data import EVIDENCE, SCHEDULE, THRESHOLDS

ROWS = [THRESHOLDS.row(key) for key in THRESHOLDS]
DEFAULTS = [row for row in ROWS if row.mark in ("D", "K")]
"""A K number is taken as a default of this service (ruling 7)."""


@pytest.mark.parametrize(
    ("id", "value", "unit", "mark"),
    [
        ("igm.gate.critical", "4000", "mg/dL", "V"),
        ("igm.gate.caution", "3000", "mg/dL", "V"),
        ("igm.max_age", "90", "d", "D"),
        ("viscosity.raised", "4.0", "cP", "V"),
        ("flare.relative", "25", "%", "V"),
        ("flare.floor", "100", "mg/dL", "D"),
        ("flare.window", "120", "d", "V"),
        ("vigilance.window", "180", "d", "D"),
        ("anti_mag.btu.positive", "7000", "{BTU}", "D"),
        ("anti_mag.btu.strong", "10000", "{BTU}", "V"),
        ("disability.rankin", "3", "points", "V"),
        ("dose.mg_m2", "375", "mg/m2", "V"),
        ("dose.fixed", "1000", "mg", "D"),
        ("dose.tolerance.warning", "10", "%", "D"),
        ("dose.tolerance.critical", "25", "%", "D"),
        ("hbv.negative_age", "365", "d", "D"),
        ("hbv.antiviral_months", "12", "mo", "D"),
        ("hbv.antiviral_months_longer", "18", "mo", "V"),
        ("mcid.grip", "8", "kPa", "V"),
    ],
)
def test_the_numbers_are_those_of_the_decision_logic(id, value, unit, mark):
    row = THRESHOLDS.row(id)
    assert (row.value, row.unit, row.mark) == (Decimal(value), unit, mark)


def test_a_site_may_set_the_positive_titre_from_1000_to_10000():
    row = THRESHOLDS.row("anti_mag.btu.positive")
    assert row.site_may_change
    assert row.bounds == (Decimal(1000), Decimal(10000))
    assert row.cites == (), "nobody's number: it is attributed to nobody"


def test_a_site_may_change_defaults_and_nothing_else():
    assert [row.id for row in ROWS if row.site_may_change] == [row.id for row in DEFAULTS]


def test_the_reason_of_a_default_is_a_short_phrase_for_a_card():
    for row in DEFAULTS:
        assert len(row.why) <= 80, row.id
        assert not row.why.endswith((".", ";", ",")), row.id
        assert not re.search(r"[<>*_`|\[\]]", row.why), row.id


def test_the_reason_does_not_repeat_the_number_which_a_site_may_change():
    assert [row.id for row in DEFAULTS if re.search(r"\b" + str(row.value) + r"\b", row.why)] == []


def test_a_number_seen_in_a_source_never_rests_on_the_brief_or_a_machine_written_page_alone():
    weak = {"BRIEF", "DROR-FLARE"}
    assert [row.id for row in ROWS if row.mark == "V" and set(row.cites) <= weak] == []


def test_a_guideline_of_which_only_the_opening_was_read_supports_no_number():
    unread = {"EANPNS2021", "NCCN2024", "COCHRANE2016"}
    assert [row.id for row in ROWS if set(row.cites) & unread] == []


def test_windows_nest():
    assert THRESHOLDS["igm.gate.caution"] < THRESHOLDS["igm.gate.critical"]
    assert THRESHOLDS["igm.fresh"] < THRESHOLDS["igm.max_age"]
    assert THRESHOLDS["flare.window"] < THRESHOLDS["vigilance.window"]
    assert THRESHOLDS["dose.tolerance.warning"] < THRESHOLDS["dose.tolerance.critical"]
    assert THRESHOLDS["response.earliest_months"] < THRESHOLDS["response.verdict_months"]


def test_the_schedule_is_that_of_the_rulings():
    assert SCHEDULE.flare_check_weeks == (2, 4, 6, 8, 12, 16)
    assert SCHEDULE.response_review_months == (6, 9, 12, 18, 24)


def test_every_citation_is_in_the_evidence_table():
    assert {key for row in ROWS for key in row.cites} <= set(EVIDENCE)
