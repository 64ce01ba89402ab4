"""A new course too soon after the last dose (RT-2), and what G11 still says beside it."""

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    behind,
    cards,
    concept,
    draft,
    finding,
    given,
    problem,
    quantity,
    record,
    result,
    truth,
    words,
)
from tests.anti_mag.reading import plain

ORDER = draft(amount=FULL_DOSE)
MONTHS = 181
"""Days from 2025-09-02 to 2026-03-02, six months."""


def after(ago, *facts, order=ORDER, **chart):
    return record(order, medicines=(given("rituximab", ago), *facts), **chart)


@pytest.mark.boundaries("RT-2")
@pytest.mark.parametrize(
    ("ago", "expected"), [(35, "NO"), (36, "YES"), (MONTHS - 1, "YES"), (MONTHS, "NO"), (400, "NO")]
)
def test_a_new_course_waits_six_months_from_the_last_dose(ago, expected):
    assert truth("RT-2", after(ago)) == expected


def test_the_last_dose_of_the_course_counts_not_the_first():
    assert truth("RT-2", after(MONTHS + 10, given("rituximab", MONTHS - 10))) == "YES"


@pytest.mark.boundaries("RT-2")
@pytest.mark.parametrize(("ahead", "expected"), [(80, "YES"), (81, "NO")])
def test_the_day_on_the_draft_counts(ahead, expected):
    assert truth("RT-2", after(100, order=draft(amount=FULL_DOSE, days=ahead))) == expected


def test_a_course_planned_beyond_the_gap_is_a_new_one():
    assert truth("RT-2", after(20, order=draft(amount=FULL_DOSE, days=16))) == "YES"
    assert truth("RT-2", after(20, order=draft(amount=FULL_DOSE, days=15))) == "NO"


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_it_is_one_warning_and_the_overlap_is_not_said_again(hook):
    found = cards(after(120), hook)
    card = found["rituximabRetreatment"]
    assert card.indicator is Indicator.WARNING
    assert behind(card) == {"RT-2", "G11"}
    assert "G11" not in behind(found.get("rituximabSafety"))
    assert "no relapse on record" in card.summary


def test_another_antibody_given_is_still_an_overlap():
    found = cards(after(120, given("ocrelizumab", 60)))
    assert "RT-2" in behind(found["rituximabRetreatment"])
    safety = found["rituximabSafety"]
    assert "G11" in behind(safety)
    assert "last on 1 Jan 2026" in plain(safety.detail)


def test_two_orders_for_one_day_are_still_stopped():
    chart = record(ORDER, draft(amount=FULL_DOSE, name="draft-2"), medicines=(given("rituximab", 120),))
    assert cards(chart)["rituximabSafety"].indicator is Indicator.CRITICAL


def test_a_relapse_on_record_is_reason_enough():
    scores = [(3, 150), (1, 80), (3, 10)]
    results = [result("assessment_incat", quantity(str(value), "{score}"), ago) for value, ago in scores]
    chart = after(120, results=results)
    assert truth("RT-2", chart) == "NO"
    assert truth("G11", chart) == "YES"
    assert "rituximabRetreatment" not in cards(chart)


@pytest.mark.boundaries("RT-2")
@pytest.mark.parametrize(("improved", "expected"), [(80, "NO"), (130, "YES")])
def test_the_clinicians_word_shows_a_relapse_where_it_was_better_since_the_course(improved, expected):
    said = [result("assessment_clinical_course", word, ago) for word, ago in (("improved", improved), ("worse", 10))]
    assert truth("RT-2", after(120, results=said)) == expected


def test_worse_without_having_been_better_is_no_relapse():
    results = [result("assessment_incat", quantity(str(value), "{score}"), ago) for value, ago in [(3, 150), (4, 10)]]
    assert truth("RT-2", after(120, results=results)) == "YES"


def test_an_unknown_day_or_an_unread_history_is_unknown():
    assert truth("RT-2", after(None)) == "UNKNOWN"
    unread = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")
    assert finding("RT-2", record(ORDER, unread=unread)).missing == ("when rituximab was given",)


def test_a_first_course_is_none_of_its_business():
    assert truth("RT-2", record(ORDER)) == "NO"


def test_another_indication_and_other_patients_are_none_either():
    assert truth("RT-2", after(120, order=draft(reason=words("Rheumatoid arthritis")))) == "NO"
    assert truth("RT-2", after(120, problems=(problem("igm_mgus"),))) == "NO"
    assert truth("RT-2", after(120, age=12)) == "NO"
    assert truth("RT-2", after(120, order=draft(reason=concept("anti_mag_neuropathy")))) == "YES"
