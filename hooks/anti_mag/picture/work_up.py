"""Which tests of the work-up and of the baseline are still to be had.

A test already ordered and active, drafted, or waiting for its result is not missing (C6.3). An absence that rests on
data which could not be read is no absence: such a test goes to `unknown`. Which missing test earns a card is left to
the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Result
from hooks.anti_mag.picture.anti_mag import ANTI_MAG_SETS
from hooks.anti_mag.picture.chart import LIVE_REQUESTS, PRELIMINARY_STATUSES, Chart
from hooks.anti_mag.picture.contraindications import CANNOT_CONCEIVE
from hooks.anti_mag.picture.diagnosis import Diagnosis
from hooks.anti_mag.picture.disability import Disability
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, Marker
from hooks.anti_mag.picture.immunoglobulin import Igm
from hooks.anti_mag.picture.nerve_conduction import STUDY_NAMES
from hooks.anti_mag.picture.paraprotein import IGM_LYMPHOMAS, IGM_PROBLEMS, immunofixations_on_record

AWAITED = PRELIMINARY_STATUSES | {"registered"}
ORDERED_AS = {
    "anti_mag": ANTI_MAG_SETS,
    "nerve_conduction": ("nerve_conduction_study", "nerve_conduction_referral", "electromyography"),
    "immunofixation": ("immunofixation_serum",),
    "igm": ("igm_serum", "immunoglobulin_panel"),
    "igg": ("igg_serum", "immunoglobulin_panel"),
    "blood_count": ("cbc",),
    "hbsag": ("hbsag", "hbv_screening_order", "hbv_serology_procedure"),
    "anti_hbc": ("anti_hbc_total", "anti_hbc_igg", "hbv_screening_order", "hbv_serology_procedure"),
    "anti_hbs": ("anti_hbs", "hbv_screening_order", "hbv_serology_procedure"),
    "hbv_dna": ("hbv_dna",),
    "pregnancy_test": ("pregnancy_test",),
}
"""Code sets by which an order or an awaited result of a test is known."""
ORDER_NAMES = {
    "anti_mag": re.compile(r"\banti[\s-]?mag\b|myelin[\s-]associated", re.IGNORECASE),
    "nerve_conduction": STUDY_NAMES,
    "immunofixation": re.compile(r"immuno?fixation", re.IGNORECASE),
}
"""Names by which an order is known too, since many EHRs order these under local codes."""
NEVER = "none on record"


@dataclass(frozen=True, slots=True)
class MissingTest:
    """One test to be had. `test` is a draft that `hooks.anti_mag.proposals` can build, or "scores"; `why` says never
    done or too old."""

    test: str
    label: str
    why: str


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

_KEYS = {
    "nerve_conduction": ("assessments", "procedures"),
    "scores": ("assessments",),
    "immunofixation": ("paraproteinTests",),
    "hbsag": ("hepatitisB",),
    "anti_hbc": ("hepatitisB",),
    "anti_hbs": ("hepatitisB",),
    "hbv_dna": ("hepatitisB",),
    "pregnancy_test": ("pregnancyTests",),
}


def _sorted(chart: Chart, wanted: list[MissingTest]) -> tuple[list[MissingTest], list[MissingTest]]:
    """Missing tests, and those of which absence cannot be told; what is under way is neither."""
    missing: list[MissingTest] = []
    unknown: list[MissingTest] = []
    for item in wanted:
        if _is_under_way(chart, item.test):
            continue
        is_known = chart.record.knows(*_KEYS.get(item.test, ("laboratory",)))
        (missing if is_known else unknown).append(item)
    return missing, unknown


def _is_under_way(chart: Chart, test: str) -> bool:
    sets = ORDERED_AS.get(test, ())
    awaited = chart.results(*sets, statuses=AWAITED) + chart.undated_results(*sets, statuses=AWAITED)
    return bool(awaited or chart.live_orders(*sets) or _is_ordered_by_name(chart, test))


def _is_ordered_by_name(chart: Chart, test: str) -> bool:
    name = ORDER_NAMES.get(test)
    live = (order for order in chart.record.orders if order.is_draft or order.status in LIVE_REQUESTS)
    return name is not None and any(name.search(order.concept.text) for order in live)


# Pieces of the diagnosis


def _diagnostic(chart: Chart, diagnosis: Diagnosis, igm: Igm, thresholds: Thresholds) -> list[MissingTest]:
    wanted = [*_anti_mag(diagnosis)]
    if diagnosis.nerve_pattern == "":
        wanted.append(MissingTest("nerve_conduction", "Nerve conduction study with distal latencies", NEVER))
    fixation = _immunofixation(chart, diagnosis, thresholds)
    if fixation:
        wanted.append(MissingTest("immunofixation", "Serum electrophoresis with immunofixation", fixation))
    interval = thresholds.days("monitoring.interval") - 1  # due from the interval on, while the other ages still count
    for test, label, newest in (
        ("igm", "Serum IgM, quantitative", _newest_igm(igm)),
        ("blood_count", "Blood count", _newest(chart, "cbc")),
    ):
        why = _too_old(chart, newest, interval)
        if why:
            wanted.append(MissingTest(test, label, why))
    return wanted


def _anti_mag(diagnosis: Diagnosis) -> Iterator[MissingTest]:
    label = "Anti-MAG IgM antibody, quantitative"
    if diagnosis.anti_mag.verdict == "untested":
        yield MissingTest("anti_mag", label, NEVER)
    elif diagnosis.anti_mag.verdict == "unclear":
        yield MissingTest("anti_mag", label, "the result on record needs the laboratory's own interpretation")
    elif diagnosis.anti_mag.verdict == "positive" and not diagnosis.anti_mag.is_igm:
        yield MissingTest("anti_mag", label, "the result on record does not say that the antibody is IgM")


def _immunofixation(chart: Chart, diagnosis: Diagnosis, thresholds: Thresholds) -> str:
    """Why an immunofixation is wanted, "" where none is. Monoclonal IgM once shown, or a diagnosis that is IgM by name,
    settles the question for good; a negative one is repeated (B1.04)."""
    is_settled = chart.problems(*IGM_PROBLEMS) or chart.past_or_present_problems(*IGM_LYMPHOMAS)
    if diagnosis.immunofixation.holds or is_settled:
        return ""
    done = [result.when.end for result in immunofixations_on_record(chart) if result.when]
    return _too_old(chart, max(done, default=None), thresholds.days("immunofixation.max_age"))


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
        ("igm", "Serum IgM, quantitative", _newest_igm(igm), "igm.max_age"),
        ("igg", "Serum IgG", _newest(chart, "igg_serum"), "monitoring.interval"),
        ("anti_mag", "Anti-MAG titre as a baseline", diagnosis.anti_mag.last_measured, "anti_mag.baseline_age"),
        ("scores", "INCAT or ONLS, and I-RODS; grip strength and 10 m walk", scored, "score.baseline_age"),
    )
    found = [*_hepatitis_b(hepatitis_b)]
    for test, label, newest, threshold in dated:
        why = _too_old(chart, newest, thresholds.days(threshold))
        if why:
            found.append(MissingTest(test, label, why))
    if _could_be_pregnant(chart, thresholds):
        found.append(MissingTest("pregnancy_test", "Pregnancy test", "before the first dose"))
    return found


def _hepatitis_b(hepatitis_b: HepatitisB) -> Iterator[MissingTest]:
    markers = [
        ("hbsag", "HBsAg", hepatitis_b.surface_antigen),
        ("anti_hbc", "Anti-HBc, total", hepatitis_b.core_antibody),
        ("anti_hbs", "Anti-HBs", hepatitis_b.surface_antibody),
    ]
    if hepatitis_b.exposure.holds:
        markers.append(("hbv_dna", "HBV DNA", hepatitis_b.dna))
    for test, label, marker in markers:
        if not marker.is_settled and marker.state != "pending":
            yield MissingTest(test, label, _marker_gap(marker))


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
    return not (ruled_out or chart.problems("pregnancy"))


# Ages


def _newest(chart: Chart, *sets: str) -> date | None:
    return next((_day(result) for result in chart.results(*sets)), None)


def _newest_igm(igm: Igm) -> date | None:
    """The newest value that can clear a gate; preliminary and inferred ones cannot."""
    return next((value.on for value in igm.values if value.is_firm), None)


def _day(result: Result | None) -> date | None:
    return result.when.end if result and result.when else None


def _too_old(chart: Chart, newest: date | None, days: int) -> str:
    """Why a test is wanted again, by the visit where one is being booked; "" where it is young enough."""
    if newest is None:
        return NEVER
    if (chart.due_by - newest).days <= days:
        return ""
    return f"last on {newest.isoformat()}, {chart.days_ago(newest)} days ago"
