"""Which tests of the work-up and of the baseline are still to be had.

A test already ordered and active, drafted, or waiting for its result is not missing (C6.3). An absence that rests on
data which could not be read is no absence: such a test goes to `unknown`. Which missing test earns a card is left to
the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from cds_service.codes import ResultSet
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Result
from hooks.anti_mag.code_sets import code_set, result_set
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.contraindications import CANNOT_CONCEIVE
from hooks.anti_mag.picture.diagnosis import Diagnosis
from hooks.anti_mag.picture.disability import Disability
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, Marker
from hooks.anti_mag.picture.immunoglobulin import Igm
from hooks.anti_mag.picture.paraprotein import IGM_LYMPHOMAS, IGM_PROBLEMS, immunofixations_on_record
from hooks.anti_mag.picture.tests_on_order import is_under_way
from hooks.anti_mag.picture.unread import unread_as

BLOOD_COUNT, IGG = result_set("cbc"), result_set("igg_serum")
PREGNANCY = code_set("pregnancy")
NEVER = "none on record"
BASELINE_LABELS = {"anti_mag": "Anti-MAG titre as a baseline"}
"""Where it is wanted for another reason than its name says."""


@dataclass(frozen=True, slots=True)
class MissingTest:
    """One test to be had, by its name in tests.toml; `why` says never done or too old."""

    test: str
    label: str
    why: str

    @property
    def short(self) -> str:
        """Its name in a summary."""
        return INVESTIGATIONS[self.test].short


def missing_test(test: str, why: str, *, label: str = "") -> MissingTest:
    """A test that is to be had, under its own name where no other label fits better."""
    return MissingTest(test, label or INVESTIGATIONS[test].name, why)


@dataclass(frozen=True, slots=True)
class WorkUp:
    """What is still to be had, and what cannot be told."""

    diagnostic: tuple[MissingTest, ...] = ()
    """Pieces of the diagnosis: anti-MAG, nerve conduction, immunofixation, IgM, blood count."""
    baseline: tuple[MissingTest, ...] = ()
    """Before rituximab: hepatitis B markers, IgG, pregnancy test, scores, titre within 12 months."""
    unknown: tuple[MissingTest, ...] = ()
    """Tests of either list that were not found among data that could not be read whole."""

    def lacks(self, *tests: str) -> bool:
        """True when one of the tests is a missing piece of the diagnosis."""
        return any(missing.test in tests for missing in self.diagnostic)

    def cannot_tell(self, *tests: str) -> bool:
        """True when it is not known whether one of the tests was done."""
        return any(missing.test in tests for missing in self.unknown)


def work_up_of(
    chart: Chart,
    diagnosis: Diagnosis,
    disability: Disability,
    igm: Igm,
    hepatitis_b: HepatitisB,
    thresholds: Thresholds,
) -> WorkUp:
    """The gaps in a chart's work-up. Thresholds: `immunofixation.max_age`, `monitoring.interval`, `igm.max_age`,
    `anti_mag.baseline_age`, `score.baseline_age` (all days), `pregnancy.age_max` (years)."""
    diagnostic, unknown = _sorted(chart, _diagnostic(chart, diagnosis, igm, thresholds))
    asked = {missing.test for missing in (*diagnostic, *unknown)}
    wanted = [
        missing
        for missing in _baseline(chart, diagnosis, disability, igm, hepatitis_b, thresholds)
        if missing.test not in asked
    ]
    baseline, more_unknown = _sorted(chart, wanted)
    return WorkUp(tuple(diagnostic), tuple(baseline), (*unknown, *more_unknown))


# Absence, and what it rests on


def _sorted(chart: Chart, wanted: list[MissingTest]) -> tuple[list[MissingTest], list[MissingTest]]:
    """Missing tests, and those of which absence cannot be told; what is under way is neither."""
    missing: list[MissingTest] = []
    unknown: list[MissingTest] = []
    for item in wanted:
        if is_under_way(chart, item.test):
            continue
        is_known = chart.record.knows(*INVESTIGATIONS[item.test].keys)
        (missing if is_known else unknown).append(as_on_record(chart, item))
    return missing, unknown


def as_on_record(chart: Chart, item: MissingTest) -> MissingTest:
    """ "None on record" is not said of a test of which something is there."""
    if item.why != NEVER:
        return item
    there = chart.unread_results(*INVESTIGATIONS[item.test].results, is_read=lambda _: False)
    if not there:
        return item
    return replace(item, why=could_not_be_read(there[0], item.label))


def could_not_be_read(result: Result, label: str) -> str:
    """Why a test is wanted of which this is on record, in words."""
    unread = unread_as(result, label)
    which = f"the result of {unread.fact.date}" if unread.fact.date else "the result without a date"
    why = f", {unread.why}" if unread.why else ""
    return f'{which} could not be read: "{unread.received[:80]}"{why}'


# Pieces of the diagnosis


def _diagnostic(chart: Chart, diagnosis: Diagnosis, igm: Igm, thresholds: Thresholds) -> list[MissingTest]:
    wanted = [*_anti_mag(diagnosis)]
    if diagnosis.nerve_pattern == "":
        wanted.append(missing_test("nerve_conduction", NEVER))
    fixation = _immunofixation(chart, diagnosis, thresholds)
    if fixation:
        wanted.append(missing_test("immunofixation", fixation))
    interval = thresholds.days("monitoring.interval") - 1  # due from the interval on, while the other ages still count
    for test, newest in (("igm", _newest_igm(igm)), ("blood_count", _newest(chart, BLOOD_COUNT))):
        why = too_old(chart, newest, interval)
        if why:
            wanted.append(missing_test(test, why))
    return wanted


def _anti_mag(diagnosis: Diagnosis) -> Iterator[MissingTest]:
    if diagnosis.anti_mag.verdict == "untested":
        yield missing_test("anti_mag", NEVER)
    elif diagnosis.anti_mag.result is not None and diagnosis.anti_mag.result.caveat:
        yield missing_test("anti_mag", could_not_be_read(diagnosis.anti_mag.result, "Anti-MAG"))
    elif diagnosis.anti_mag.verdict == "unclear":
        yield missing_test("anti_mag", "the result on record needs the laboratory's own interpretation")
    elif diagnosis.anti_mag.verdict == "positive" and not diagnosis.anti_mag.is_igm:
        yield missing_test("anti_mag", "the result on record does not say that the antibody is IgM")


def _immunofixation(chart: Chart, diagnosis: Diagnosis, thresholds: Thresholds) -> str:
    """Why an immunofixation is wanted, "" where none is. Monoclonal IgM once shown, or a diagnosis that is IgM by name,
    settles the question for good; a negative one is repeated (B1.04)."""
    is_settled = chart.problems(*IGM_PROBLEMS) or chart.past_or_present_problems(*IGM_LYMPHOMAS)
    if diagnosis.immunofixation.holds or is_settled:
        return ""
    done = [result.when.end for result in immunofixations_on_record(chart) if result.when]
    return too_old(chart, max(done, default=None), thresholds.days("immunofixation.max_age"))


# The baseline before rituximab


def _baseline(
    chart: Chart,
    diagnosis: Diagnosis,
    disability: Disability,
    igm: Igm,
    hepatitis_b: HepatitisB,
    thresholds: Thresholds,
) -> list[MissingTest]:
    scored = max((score.on for score in disability.scores), default=None)
    dated = (
        ("igm", _newest_igm(igm), "igm.max_age"),
        ("igg", _newest(chart, IGG), "monitoring.interval"),
        ("anti_mag", diagnosis.anti_mag.last_measured, "anti_mag.baseline_age"),
        ("scores", scored, "score.baseline_age"),
    )
    found = [*_hepatitis_b(hepatitis_b)]
    for test, newest, threshold in dated:
        why = too_old(chart, newest, thresholds.days(threshold))
        if why:
            found.append(missing_test(test, why, label=BASELINE_LABELS.get(test, "")))
    if _could_be_pregnant(chart, thresholds):
        found.append(missing_test("pregnancy_test", "before the first dose"))
    return found


def _hepatitis_b(hepatitis_b: HepatitisB) -> Iterator[MissingTest]:
    markers = [
        ("hbsag", hepatitis_b.surface_antigen),
        ("anti_hbc", hepatitis_b.core_antibody),
        ("anti_hbs", hepatitis_b.surface_antibody),
    ]
    if hepatitis_b.exposure.holds:
        markers.append(("hbv_dna", hepatitis_b.dna))
    for test, marker in markers:
        if not marker.is_settled and marker.state != "pending":
            yield missing_test(test, _marker_gap(marker))


def _marker_gap(marker: Marker) -> str:
    reasons = {
        "expired": "negative, but too old",
        "withdrawn": "withdrawn result, repeat",
        "indeterminate": "not decisive",
    }
    return reasons.get(marker.state, NEVER)


def _could_be_pregnant(chart: Chart, thresholds: Thresholds) -> bool:
    """Recorded female, not older than the age up to which pregnancy is asked for, and nothing that rules it out."""
    patient = chart.record.patient
    age = patient.age_on(chart.today)
    if patient.sex != "female" or age is None or age > thresholds["pregnancy.age_max"]:
        return False
    ruled_out = chart.past_or_present_problems(*CANNOT_CONCEIVE) or chart.procedures(*CANNOT_CONCEIVE)
    return not (ruled_out or chart.problems(PREGNANCY))


# Ages


def _newest(chart: Chart, *sets: ResultSet) -> date | None:
    return next((_day(result) for result in chart.results(*sets)), None)


def _newest_igm(igm: Igm) -> date | None:
    """The newest value that can clear a gate; preliminary and inferred ones cannot."""
    return next((value.on for value in igm.values if value.is_firm), None)


def _day(result: Result | None) -> date | None:
    return result.when.end if result and result.when else None


def too_old(chart: Chart, newest: date | None, days: int) -> str:
    """Why a test is wanted again, by the visit where one is being booked; "" where it is young enough."""
    if newest is None:
        return NEVER
    if (chart.due_by - newest).days <= days:
        return ""
    return f"last on {newest.isoformat()}, {chart.days_ago(newest)} days ago"
