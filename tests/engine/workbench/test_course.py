"""The course of a patient as a picture and as a table that says the same."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cds_service.knowledge.timeline import QUALITIES, Axis, Event, Lane, Limit, Point, Timeline
from cds_service.workbench.drawing import LEFT, RIGHT, WIDTH, drawn
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.workbench.pages import bring, client_of, page
from tests.knowledge_pages.hostile import HOSTILE

TODAY = date(2026, 1, 10)
RESULTS = [haemoglobin(str(8 + number), id=f"hb-{number}") for number in range(len(QUALITIES))]


def test_every_mark_can_be_reached_and_leads_to_its_row_and_resource() -> None:
    read = page(bring(client_of(HOSTILE), bundle(PATIENT, *RESULTS)))
    rows = {attributes["id"] for attributes in read.all("tr") if "id" in attributes}
    links = [attributes for attributes in read.all("a") if attributes.get("href", "").startswith("#row-")]
    assert len(links) == len(RESULTS) + 1  # and what is due; what has no day, or lies too far back, has a row alone
    assert {link["href"][1:] for link in links} <= rows
    assert len(rows) == len(RESULTS) + 3
    assert all(link["aria-label"] for link in links)
    for number, _ in enumerate(RESULTS):
        assert f"Observation/hb-{number}" in read.text
        assert f'"id": "hb-{number}"' in read.text


def test_each_quality_has_a_form_of_its_own_and_is_said_in_words() -> None:
    html = bring(client_of(HOSTILE), bundle(PATIENT, *RESULTS)).get_data(as_text=True)
    svg = html[html.index("<svg") : html.index("</svg>")]
    marks = re.findall(r'r="10"/>\s*(<(?:circle|path)[^>]*>)', svg)
    forms = {re.sub(r"-?\d+(\.\d+)?", "", mark) for mark in marks}
    assert len(forms) == len(QUALITIES) + 1
    for words in QUALITIES.values():
        assert f">{words}" in html or f" {words}" in html


def test_a_course_of_nothing_says_so_and_a_package_without_one_shows_none() -> None:
    from dataclasses import replace

    from tests.knowledge_pages.hostile import MANUAL

    empty = replace(HOSTILE, manual=replace(MANUAL, timeline=lambda call: Timeline(call.today)))
    assert "Nothing that it follows is on record" in page(bring(client_of(empty), bundle(PATIENT))).text
    none = replace(HOSTILE, manual=replace(MANUAL, timeline=None))
    assert "The course" not in page(bring(client_of(none), bundle(PATIENT))).text


def test_what_could_not_be_read_is_listed_with_its_reason() -> None:
    strange = haemoglobin() | {"effectiveDateTime": "soon"}
    read = page(bring(client_of(), bundle(PATIENT, strange)))
    assert "the date could not be read" in read.text


def point(on: date | None, value: int | None = 10) -> Point:
    return Point(on, "x", "Observation/1", value=None if value is None else Decimal(value))


def series(*points: Point, limits: tuple[Limit, ...] = ()) -> Axis:
    return Axis("glasses", "L", points, limits)


@pytest.mark.parametrize("days", [0, 1, 45, 400, 2000, 10_000, 10_950], ids=lambda days: f"{days} days before")
def test_whatever_lies_in_thirty_years_is_within_the_picture(days: int) -> None:
    made = drawn(Timeline(TODAY, (series(point(TODAY - timedelta(days=days)), point(TODAY)),)))
    (panel,) = made.panels
    assert [LEFT <= mark.x <= WIDTH - RIGHT for mark in panel.marks] == [True, True]
    assert all(panel.y <= mark.y <= panel.y + panel.height for mark in panel.marks)
    assert 1 <= len(made.days) <= 12
    places = [x for x, _ in made.days]
    assert all(later - earlier >= 40 for earlier, later in itertools.pairwise(places))


def test_what_lies_before_or_after_the_picture_stands_in_the_table_alone() -> None:
    far = [TODAY - timedelta(days=40 * 366), TODAY + timedelta(days=4000), None]
    made = drawn(Timeline(TODAY, (series(*(point(day) for day in far)),)))
    assert made.panels[0].marks == ()
    assert [row.day for row in made.rows] == [far[0].isoformat(), far[1].isoformat(), ""]


def test_what_is_due_lies_within_the_picture() -> None:
    due = Event(TODAY + timedelta(days=300), "water", is_due=True)
    made = drawn(Timeline(TODAY, (), (Lane("plan", (due,)),)))
    assert made.today < made.panels[0].marks[0].x <= WIDTH - RIGHT
    assert made.rows[0].quality_in_words == "due"


def test_higher_values_stand_higher_and_limits_are_on_the_same_axis() -> None:
    values = series(point(TODAY, 5), point(TODAY, 10), point(TODAY, None), limits=(Limit(Decimal(10), "ten"),))
    (panel,) = drawn(Timeline(TODAY, (values,))).panels
    five, ten, none = (mark.y for mark in panel.marks)
    assert ten < five < none
    assert panel.limits[0][0] == ten


def test_the_words_of_limits_that_lie_close_stay_apart() -> None:
    limits = tuple(Limit(Decimal(value), "limit") for value in (100, 101, 102))
    (panel,) = drawn(Timeline(TODAY, (series(point(TODAY, 10_000), limits=limits),))).panels
    heights = [words for _, words, _ in panel.limits]
    assert all(lower - upper >= 12 for lower, upper in itertools.pairwise(heights))
