from datetime import UTC, date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.dates import DateUnreadable, read_when
from cds_service.record import GapReason
from tests.engine.fhir.charts import ABSENT, condition, observation, one, reasons, request, resource


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("1900-01-01", date(1900, 1, 1), date(1900, 1, 1)),
        (2024, date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02-29T23:30:00Z", date(2024, 3, 1), date(2024, 3, 1)),
        ("2024-02-29T23:30:00-05:00", date(2024, 3, 1), date(2024, 3, 1)),
        ("2024-03-01T00:30:00+14:00", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02-29T23:30", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02-29T12:00:00.123456789Z", date(2024, 2, 29), date(2024, 2, 29)),
        ("2016-12-31T12:59:60Z", date(2016, 12, 31), date(2016, 12, 31)),
    ],
)
def test_a_fhir_date_is_the_days_that_it_spans_at_the_site(text: Any, start: date, end: date):
    when = read_when(text, ZoneInfo("Europe/Berlin"))
    assert (when.start, when.end) == (start, end)
    assert when.received == str(text)


@pytest.mark.parametrize(
    "text",
    [
        *["", "yesterday", "2023-02-29", "2023-13", "0000", "2024-1-1", "01.02.2024", "9999-12-31T23:59:59-12:00"],
        *["0001-01-01", "0001-01-01T00:00:00Z", "1899-12-30", "1753"],
        *[None, True, 3.5, [], {}, "2024-02-29T24:00:00Z", "2024-02-29T12:75:00Z", "2024-02-29\n2", "٢٠٢٤"],
    ],
)
def test_anything_else_is_unreadable(text: Any):
    with pytest.raises(DateUnreadable):
        read_when(text, UTC)


@pytest.mark.parametrize(
    ("times", "day"),
    [
        ({"effectiveDateTime": "2025-01-01", "issued": "2025-02-02T10:00:00Z"}, date(2025, 1, 1)),
        ({"effectivePeriod": {"start": "2025-01-01", "end": "2025-01-03"}}, date(2025, 1, 3)),
        ({"effectivePeriod": {"start": "2025-01-01"}}, date(2025, 1, 1)),
        ({"effectiveInstant": "2025-01-04T10:00:00Z", "issued": "2025-02-02T10:00:00Z"}, date(2025, 1, 4)),
        ({"issued": "2025-02-02T10:00:00Z"}, date(2025, 2, 2)),
    ],
)
def test_the_effective_time_counts_before_the_time_of_issue(times: dict[str, Any], day: date):
    when = one(observation(effectiveDateTime=ABSENT) | times).results[0].when
    assert when is not None
    assert when.end == day


def test_an_unreadable_date_is_a_gap_and_the_fact_stays_undated():
    record = one(observation(effectiveDateTime="last week", issued="2025-02-02"))
    assert record.results[0].when is None
    assert reasons(record) == [GapReason.DATE_UNREADABLE]
    assert record.knows("key")


def test_today_is_not_the_future_and_tomorrow_is():
    assert one(observation(effectiveDateTime="2026-01-10T23:59:00+01:00")).results
    assert one(observation(effectiveDateTime="2026")).results
    record = one(observation(effectiveDateTime="2026-01-10T23:30:00Z"))
    assert not record.results
    assert [(gap.reason, gap.source) for gap in record.gaps] == [(GapReason.IN_FUTURE, "Observation/o-1")]
    assert record.knows("key")


@pytest.mark.parametrize(
    "future",
    [
        condition(recordedDate="2026-02-01"),
        condition(onsetDateTime="2026-02-01"),
        resource("Procedure", status="completed", code={"text": "Biopsy"}, performedDateTime="2026-02-01"),
        resource(
            "MedicationAdministration",
            status="completed",
            medicationCodeableConcept={"text": "Prednisone"},
            effectiveDateTime="2026-01-11",
        ),
    ],
)
def test_a_fact_dated_in_the_future_is_left_out_with_a_gap(future: dict[str, Any]):
    record = one(future)
    assert not [*record.problems, *record.procedures, *record.medicines]
    assert reasons(record) == [GapReason.IN_FUTURE]


def test_a_problem_on_record_loses_only_an_onset_in_the_future():
    record = one(condition(recordedDate="2025-02-01", onsetDateTime="2027"))
    assert record.problems[0].onset is None
    assert reasons(record) == [GapReason.IN_FUTURE]


def test_an_allergy_stays_whatever_its_date():
    record = one(resource("AllergyIntolerance", code={"text": "Penicillin"}, recordedDate="2027-01-01"))
    assert record.allergies[0].recorded is None
    assert reasons(record) == [GapReason.IN_FUTURE]


def test_an_order_may_lie_in_the_future_and_is_evidence_from_the_day_it_was_written():
    timed = request(authoredOn="2026-01-02", dosageInstruction=[{"timing": {"event": ["2026-03-01", "2026-02-01"]}}])
    record = one(timed)
    order, medicine = record.orders[0], record.medicines[0]
    assert order.when is not None
    assert order.when.start == date(2026, 2, 1)
    assert medicine.when is not None
    assert medicine.when.start == date(2026, 1, 2)
    assert not record.gaps


def test_a_period_that_ends_before_it_begins_is_unreadable():
    period = {"start": "2025-03-01", "end": "2025-02-01"}
    record = one(resource("Procedure", status="completed", code={"text": "Biopsy"}, performedPeriod=period))
    assert record.procedures[0].when is None
    assert reasons(record) == [GapReason.DATE_UNREADABLE]


DATES = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.dates().map(lambda day: day.isoformat()),
    st.from_regex(
        r"\d{4}-\d{2}-\d{2}([T ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,7})?)?(Z|z|[+-]\d{2}:?\d{2})?)?", fullmatch=True
    ),
    st.from_regex(r"\d{4}-?W\d{2}-?\d|\d{8}T?\d{0,6}Z?|\d{4}-\d{3}", fullmatch=True),
)


@given(DATES, st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/St_Johns")]))
def test_the_usual_spellings_are_read_as_all_others_are(text: str, zone: tzinfo):
    """A blank before a date keeps it from the quick way."""

    def read(sent: str) -> object:
        try:
            return read_when(sent, zone)
        except DateUnreadable:
            return None

    assert read(text) == read(f" {text}")
