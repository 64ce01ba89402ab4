"""Rituximab: what was given, in which courses, and when the next dose is due (C1, ruling 6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cds_service.codes import Concept
from cds_service.record import Dosage, Medicine
from cds_service.values import When
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.treatment import RituximabHistory, rituximab_history_of
from tests.anti_mag.diagnosis.charts import TODAY, chart, coded, days_ago
from tests.anti_mag.flare.patients import Evidence, dose, ordered, weekly


def read(*facts: Evidence, unknown: set[str] | None = None) -> RituximabHistory:
    return rituximab_history_of(chart(*facts, unknown=unknown or set()), THRESHOLDS)


def due_in(history: RituximabHistory) -> int | None:
    return None if history.next_dose_due is None else (history.next_dose_due - TODAY).days


@pytest.mark.parametrize(
    ("kind", "status", "counts"),
    [
        ("administration", "completed", True),
        ("administration", "in-progress", True),
        ("administration", "not-done", False),
        ("administration", "entered-in-error", False),
        ("dispense", "completed", True),
        ("dispense", "cancelled", False),
        ("dispense", "preparation", False),
        ("statement", "active", True),
        ("statement", "completed", True),
        ("statement", "intended", False),
        ("statement", "not-taken", False),
        ("request", "active", False),
        ("request", "completed", False),
    ],
)
def test_what_counts_as_given(kind: str, status: str, counts: bool) -> None:
    assert read(dose(30, kind=kind, status=status)).has_course is counts


@pytest.mark.parametrize(("gap", "courses"), [(35, 1), (36, 2)])
def test_doses_at_most_35_days_apart_are_one_course(gap: int, courses: int) -> None:
    history = read(dose(100 + gap), dose(100))
    assert len(history.courses) == courses
    assert history.latest is not None
    assert history.latest.last_dose == TODAY - timedelta(days=100)


def test_courses_are_newest_first_and_doses_oldest_first() -> None:
    history = read(*weekly(400), *weekly(60))
    assert [course.day(TODAY) for course in history.courses] == [60, 400]
    assert [(TODAY - given.on).days for given in history.courses[0].doses] == [60, 53, 46, 39]


def test_the_same_day_counts_once_by_the_administration() -> None:
    history = read(dose(30, kind="statement"), dose(30, kind="dispense"), dose(30))
    assert history.latest is not None
    assert [given.fact.reference for given in history.latest.doses] == ["administration/rituximab-30"]


@pytest.mark.parametrize(("before", "doses"), [(3, 1), (6, 1), (7, 2)])
def test_a_dispense_just_before_an_administration_is_the_same_dose(before: int, doses: int) -> None:
    history = read(dose(30 + before, kind="dispense"), dose(30))
    assert history.latest is not None
    assert len(history.latest.doses) == doses


def test_rituximab_is_recognised_by_name_where_no_code_says_what_it_is() -> None:
    for text in ("Rituximab 700 mg i.v.", "MabThera 500 mg", "TRUXIMA", "Ruxience infusion"):
        assert read(replace(dose(30), concept=Concept(text=text))).has_course, text


def test_a_name_within_another_word_is_not_rituximab() -> None:
    assert not read(replace(dose(30), concept=Concept(text="antirituximabol"))).has_course


def test_rituximab_for_another_disease_is_exposure_all_the_same() -> None:
    lymphoma = coded("lymphoplasmacytic_lymphoma")
    assert read(replace(dose(30), reasons=(lymphoma,))).has_course


def test_the_subcutaneous_form_is_exposure() -> None:
    assert read(replace(dose(30), concept=coded("rituximab_hyaluronidase_sc"))).has_course


def test_rituximab_given_at_an_unknown_time_is_on_record_without_a_course() -> None:
    history = read(replace(dose(30), when=None))
    assert history.has_course
    assert history.latest is None
    assert len(history.undated) == 1


@pytest.mark.parametrize(
    ("first", "last", "latest"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), TODAY),
        (date(2023, 1, 1), date(2023, 12, 31), date(2023, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 31)),
    ],
)
def test_a_month_or_a_year_is_its_interval_and_its_first_day_is_day_zero(first: date, last: date, latest: date) -> None:
    course = read(replace(dose(30), when=When(first, last))).latest
    assert course is not None
    assert (course.day_zero, course.last_dose, course.is_dated_roughly) == (first, latest, True)


def test_a_year_in_which_a_dose_is_known_by_its_day_speaks_of_that_dose() -> None:
    statement = replace(dose(30), kind="statement", status="completed", when=When(date(2026, 1, 1), date(2026, 12, 31)))
    rough = replace(statement, kind="administration", source="other")
    history = read(dose(30), statement, rough)
    assert [[given.on for given in course.doses] for course in history.courses] == [[dose(30).when.start]]


@pytest.mark.parametrize(("kind", "status"), [("administration", "stopped"), ("statement", "stopped")])
def test_what_was_broken_off_was_given_in_part_and_counts(kind: str, status: str) -> None:
    assert read(replace(dose(30), kind=kind, status=status)).latest is not None


@pytest.mark.parametrize("status", ["unknown", ""])
def test_a_status_that_does_not_say_counts_for_nothing_and_is_named(status: str) -> None:
    history = read(replace(dose(30), status=status))
    assert (history.has_course, len(history.uncertain), history.is_in_doubt) == (False, 1, True)


def test_completed_orders_alone_leave_in_doubt_whether_it_was_given() -> None:
    ordered = replace(dose(30), kind="request")
    assert (len(read(ordered).ordered_only), read(ordered).has_course) == (1, False)
    assert read(replace(ordered, status="cancelled")).ordered_only == ()
    assert read(ordered, dose(20)).ordered_only == ()


def test_records_that_name_no_drug_may_be_rituximab() -> None:
    unnamed = replace(dose(30), concept=Concept())
    stopped = replace(unnamed, status="not-done")
    made = chart()
    history = rituximab_history_of(
        replace(made, record=replace(made.record, unnamed=(unnamed, unnamed, stopped))), THRESHOLDS
    )
    assert (history.unnamed, history.is_in_doubt, history.has_course) == (2, True, False)


def test_a_month_is_taken_at_its_last_day_but_not_after_today() -> None:
    month = When(date(2026, 3, 1), date(2026, 3, 31))
    latest = read(replace(dose(30), when=month)).latest
    assert latest is not None
    assert latest.day_zero == TODAY


def test_the_period_of_a_statement_counts_at_both_ends() -> None:
    period = replace(dose(60, kind="statement"), until=days_ago(39))
    latest = read(period).latest
    assert latest is not None
    assert [(TODAY - given.on).days for given in latest.doses] == [60, 39]


def test_a_long_period_is_two_courses_so_that_the_last_dose_is_not_taken_too_early() -> None:
    period = replace(dose(400, kind="statement"), until=days_ago(200))
    assert [course.day(TODAY) for course in read(period).courses] == [200, 400]


def test_an_infusion_over_night_is_one_dose() -> None:
    latest = read(replace(dose(30), until=days_ago(29))).latest
    assert latest is not None
    assert len(latest.doses) == 1


def test_the_history_is_readable_when_one_medication_key_is() -> None:
    keys = {"medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses"}
    assert read(unknown=keys - {"medicationStatements"}).is_readable
    assert not read(unknown=keys).is_readable


# What is planned


def test_an_order_on_record_is_planned_and_a_draft_is_not_on_record() -> None:
    assert len(read(ordered("rituximab")).orders) == 1
    assert read(ordered("rituximab", is_draft=True)).orders == ()
    assert read(ordered("rituximab", status="completed")).orders == ()


def test_an_order_left_active_after_its_course_is_spent() -> None:
    old = ordered("rituximab", days=210)
    assert read(old, *weekly(200)).orders == ()
    assert len(read(old, *weekly(30)).orders) == 1
    assert len(read(ordered("rituximab", days=5), *weekly(200)).orders) == 1


@pytest.mark.parametrize(("last", "due"), [(0, 7), (6, 1), (7, 0), (14, 0), (15, None)])
def test_an_unfinished_weekly_course_expects_its_next_dose(last: int, due: int | None) -> None:
    assert due_in(read(*weekly(last + 7, doses=2))) == due


@pytest.mark.parametrize(("doses", "due"), [(1, 7), (3, 7), (4, None)])
def test_a_weekly_course_ends_with_four_doses(doses: int, due: int | None) -> None:
    assert due_in(read(*weekly(7 * (doses - 1), doses=doses))) == due


@pytest.mark.parametrize(("last", "due"), [(0, 14), (14, 0), (21, 0), (22, None)])
def test_after_one_fixed_dose_the_second_is_expected(last: int, due: int | None) -> None:
    assert due_in(read(dose(last, mg=1000))) == due


def test_two_fixed_doses_are_the_course() -> None:
    assert due_in(read(dose(14, mg=1000), dose(0, mg=1000))) is None


@pytest.mark.parametrize(("mg", "due"), [(950, 14), (1050, 14), (949, 7), (1051, 7)])
def test_a_dose_within_5_percent_of_1000_mg_is_the_fixed_one(mg: int, due: int) -> None:
    assert due_in(read(dose(0, mg=mg))) == due


def test_a_single_dose_of_unknown_amount_is_taken_as_weekly() -> None:
    assert due_in(read(dose(2, mg=None))) == 5


def test_two_doses_of_unknown_amount_a_week_apart_are_weekly_and_two_weeks_apart_are_the_course() -> None:
    assert due_in(read(dose(8, mg=None), dose(0, mg=None))) == 7
    assert due_in(read(dose(14, mg=None), dose(0, mg=None))) is None


def test_an_ordered_day_comes_before_an_inferred_one() -> None:
    assert due_in(read(*weekly(7, doses=2), ordered("rituximab", days_ahead=3))) == 3


def test_of_several_ordered_days_the_next_one_counts() -> None:
    events = tuple(days_ago(-days) for days in (10, 3, -4))
    request = ordered("rituximab", days=20, dosages=(Dosage(events=events),))
    assert due_in(read(request)) == 3


def test_a_draft_with_a_day_says_when_the_dose_is_due() -> None:
    assert due_in(read(ordered("rituximab", days_ahead=5, is_draft=True))) == 5


def test_nothing_is_due_without_a_course_and_an_order() -> None:
    assert read() == RituximabHistory()


def test_the_order_of_the_evidence_never_matters() -> None:
    given: tuple[Medicine, ...] = (*weekly(60), dose(63, kind="dispense"), dose(39, kind="statement"))
    assert read(*given) == read(*reversed(given))
