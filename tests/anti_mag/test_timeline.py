"""The course as the package declares it: what stands where, and of each result whether it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cds_service.codes import Concept
from cds_service.knowledge.contract import HookCall
from cds_service.knowledge.timeline import Axis, Lane, Point, Timeline
from cds_service.record import Medicine, Patient, PatientRecord, Procedure, Result
from cds_service.values import Between, Quantity, Text
from hooks.anti_mag.timeline import timeline
from tests.anti_mag.diagnosis.charts import ALL_KEYS, TODAY, btu, coded, days_ago, number, result, titre, up_to


def course(*facts: Result | Medicine | Procedure) -> Timeline:
    def every(kind: type) -> tuple:  # type: ignore[type-arg]
        return tuple(fact for fact in facts if isinstance(fact, kind))

    record = PatientRecord(
        Patient("p"),
        results=every(Result),
        medicines=every(Medicine),
        procedures=every(Procedure),
        known_keys=ALL_KEYS,
    )
    return timeline(HookCall("patient-view", record, TODAY))


def series(made: Timeline, title: str) -> Axis:
    (found,) = (one for one in made.axes if one.title == title)
    return found


def point(fact: Result, title: str) -> Point:
    (found,) = series(course(fact), title).points
    return found


def lane(made: Timeline, title: str) -> Lane:
    (found,) = (one for one in made.lanes if one.title == title)
    return found


def igm(value: object, days: int | None = 30, **fields: object) -> Result:
    return result("igm_serum", value, days, **fields)  # type: ignore[arg-type]


def test_an_empty_chart_has_an_empty_course() -> None:
    assert course() == Timeline(TODAY)


@pytest.mark.parametrize(
    ("fact", "quality", "at"),
    [
        (igm(number(815, "mg/dL")), "good", 815),
        (igm(number(8, "g/L")), "good", 800),
        (igm(number(815, "mg/dL"), status="preliminary"), "preliminary", 815),
        (igm(number(5000, "mg/dL", ">")), "censored", 5000),
        (igm(Between(Decimal(40), Decimal(60), "mg/dL", "40-60 mg/dL")), "censored", 60),
        (igm(number(20000, "mg/dL")), "censored", 15000),
        (igm(number(38), reference_range=up_to(2)), "unitless", 3800),
        (igm(number(45)), "unitless", None),
        (igm("4,500 x"), "unread", None),
        (igm(number(815, "mg/dL"), status="cancelled"), "refused", None),
        (igm(number(815, "mg/dL"), status="registered"), "refused", None),
        (igm(number(815, "mg/dL"), status=""), "refused", None),
        (igm(number(815, "mg/dL"), caveat="it is about somebody else"), "refused", None),
        (igm(number(815, "mg/dL"), -1), "refused", None),
        (igm(number(815, "mg/dL"), None), "unread", None),
    ],
)
def test_an_igm_stands_where_the_rules_see_it(fact: Result, quality: str, at: int | None) -> None:
    made = point(fact, "Serum IgM")
    assert (made.quality, made.value) == (quality, at)
    assert made.reference == fact.source
    assert made.received == fact.received


def test_the_igm_axis_has_the_limits_in_force() -> None:
    limits = series(course(igm(number(815, "mg/dL"))), "Serum IgM").limits
    assert [(limit.value, limit.title) for limit in limits] == [(3000, "caution"), (4000, "exchange first")]


@pytest.mark.parametrize(
    ("fact", "title", "quality", "at"),
    [
        (result("anti_mag_igm_quantitative", btu(48200)), "Anti-MAG by the Bühlmann kit", "good", 48200),
        (result("anti_mag_igm_quantitative", btu(70000, ">")), "Anti-MAG by the Bühlmann kit", "censored", 70000),
        (
            replace(result("anti_mag_igm_quantitative", btu(9000)), status="preliminary"),
            "Anti-MAG by the Bühlmann kit",
            "preliminary",
            9000,
        ),
        (
            replace(result("anti_mag_igm_quantitative", btu(9000)), status="entered-in-error"),
            "Anti-MAG by the Bühlmann kit",
            "refused",
            None,
        ),
        (result("anti_mag_igm_quantitative", titre(25600)), "Anti-MAG by dilution", "good", 25600),
        (result("anti_mag_igm_quantitative", titre(3200, "<")), "Anti-MAG by dilution", "censored", 3200),
        (result("anti_mag_igm_qualitative", "positive"), "Anti-MAG in other words", "good", None),
        (result("anti_mag_igm_qualitative", None), "Anti-MAG in other words", "unread", None),
        (result("anti_mag_igm_quantitative", number(70)), "Anti-MAG in other words", "unitless", None),
        (result("anti_mag_igm_quantitative", number(70, "U/mL")), "Anti-MAG in other words", "unread", None),
        (result("assessment_incat", number(3)), "INCAT disability score", "good", 3),
        (result("assessment_incat", number(30)), "INCAT disability score", "unitless", None),
        (result("assessment_incat", Text("three")), "INCAT disability score", "unread", None),
        (result("assessment_grip", number(60, "kPa")), "Grip strength", "good", 60),
        (result("assessment_grip", number(60, "kg")), "Grip strength", "unread", None),
    ],
)
def test_other_results_stand_on_axes_of_their_own(fact: Result, title: str, quality: str, at: int | None) -> None:
    made = point(fact, title)
    assert (made.quality, made.value) == (quality, at)


def test_results_stand_in_the_order_of_their_days() -> None:
    made = course(igm(number(900, "mg/dL"), 10), igm("x", None), igm(number(800, "mg/dL"), 90))
    assert [one.on for one in series(made, "Serum IgM").points] == [
        TODAY - timedelta(days=90),
        TODAY - timedelta(days=10),
        None,
    ]


def given(days: int | None, **fields: object) -> Medicine:
    when = None if days is None else days_ago(days)
    made = Medicine(f"MedicationAdministration/{days}", "administration", coded("rituximab"), "completed", when)
    return replace(made, **fields)


def test_a_course_of_rituximab_has_its_window_and_what_is_still_due() -> None:
    made = course(given(20, amount=Quantity(Decimal(670), "mg", received="670 mg")), given(13))
    assert [(event.on, event.title) for event in lane(made, "Rituximab").events] == [
        (TODAY - timedelta(days=20), "Rituximab 670 mg"),
        (TODAY - timedelta(days=13), "Rituximab"),
    ]
    (band,) = made.bands
    assert (band.start, band.end) == (TODAY - timedelta(days=20), TODAY + timedelta(days=100))
    due = lane(made, "Due").events
    assert all(event.is_due and event.on is not None and event.on >= TODAY for event in due)
    assert due[0].title == "Next dose of rituximab"
    assert [event.title for event in due[1:]] == [f"IgM check of week {week}" for week in (4, 6, 8, 12, 16)]


def test_what_is_past_is_no_longer_due() -> None:
    made = course(given(400))
    assert [one.title for one in made.lanes] == ["Rituximab"]


def test_rituximab_of_an_unknown_day_or_fate_is_there_without_a_day() -> None:
    unsaid = replace(given(50), source="MedicationAdministration/unsaid", status="unknown")
    events = lane(course(given(None), unsaid), "Rituximab").events
    assert [(event.on, event.quality) for event in events] == [(None, "good"), (None, "unread")]


@pytest.mark.parametrize(
    ("fact", "events"),
    [
        (given(60, concept=coded("obinutuzumab")), [(60, "Obinutuzumab", "good")]),
        (given(60, concept=Concept(frozenset(), "Privigen 10 % infusion")), [(60, "IVIG", "good")]),
        (given(60, concept=coded("immunoglobulin_iv"), kind="statement", status="active"), [(60, "IVIG", "good")]),
        (given(None, concept=coded("obinutuzumab")), [(None, "Obinutuzumab, day unknown", "good")]),
        (
            given(60, concept=coded("obinutuzumab"), status="unknown"),
            [(None, "Obinutuzumab, not said whether given", "unread")],
        ),
        (given(60, concept=coded("obinutuzumab"), status="not-done"), []),
        (given(60, concept=coded("obinutuzumab"), kind="request", status="completed"), []),
        (given(60, concept=coded("entecavir")), []),
        (given(60), []),
    ],
)
def test_immunotherapy_other_than_rituximab_has_a_lane(
    fact: Medicine, events: list[tuple[int | None, str, str]]
) -> None:
    found = [event for one in course(fact).lanes if one.title == "Other immunotherapy" for event in one.events]
    ago = [None if event.on is None else (TODAY - event.on).days for event in found]
    assert [(day, event.title, event.quality) for day, event in zip(ago, found, strict=True)] == events


def test_exchanges_and_hepatitis_b_have_lanes() -> None:
    done = Procedure("Procedure/1", coded("plasma_exchange"), "completed", days_ago(40))
    undated = replace(done, source="Procedure/2", when=None)
    tested = result("hbsag", "negative", 60)
    made = course(
        done,
        undated,
        tested,
        replace(tested, source="Observation/2", status="preliminary"),
        replace(tested, source="Observation/3", value=None),
        replace(tested, source="Observation/4", status="cancelled"),
        replace(tested, source="Observation/5", value=Text("sample haemolysed")),
    )
    exchanges = lane(made, "Plasma exchange").events
    assert {(event.on, event.reference) for event in exchanges} == {
        (TODAY - timedelta(days=40), "Procedure/1"),
        (None, "Procedure/2"),
    }
    markers = lane(made, "Hepatitis B").events
    assert [event.quality for event in markers] == ["preliminary", "unread", "refused", "unread", "good"]
    assert [event.title for event in markers[-2:]] == ["HBsAg: sample haemolysed", "HBsAg: negative"]
