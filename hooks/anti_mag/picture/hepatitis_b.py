"""Hepatitis B before rituximab: each marker's state, antiviral cover, and whether the infection is active.

Decides what the serology on record says. A positive core antibody stands for life, also against a later negative; of
the antigen and the viral load the newest readable result decides, and an antigen that was positive before is past
infection (ruling 35). What has to be settled before an order is left to the gates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from cds_service.codes import ResultSet, SetName
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.record import Fact, Medicine, Problem, Result, newest_first
from cds_service.values import When
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.code_sets import code_sets, result_set
from hooks.anti_mag.knowledge_data import INVESTIGATIONS, THERAPIES
from hooks.anti_mag.picture.chart import (
    FULL_STATUSES,
    LIVE_REQUESTS,
    PRELIMINARY_STATUSES,
    WITHDRAWN_STATUSES,
    Chart,
    is_active,
    is_confirmed,
)
from hooks.anti_mag.picture.hepatitis_b_words import names_hepatitis_b, says_past
from hooks.anti_mag.picture.qualitative import Reading, load_reading_of, reading_of
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.tests_on_order import is_ordered
from hooks.anti_mag.picture.unread import Unread, unread_of
from hooks.anti_mag.picture.wording import contradicts_itself
from hooks.anti_mag.therapies import whole_words

MarkerState = Literal[
    "positive", "negative", "expired", "pending", "withdrawn", "indeterminate", "unread", "missing", "unknown"
]

KEY = "hepatitisB"
ANTIVIRALS = THERAPIES.of_kind("antiviral")
ANTIVIRAL_NAMES = THERAPIES.named("antiviral")
"""The same as words: many charts hold medicines as text alone."""
HIGH_BARRIER = tuple(name for name in ANTIVIRALS if THERAPIES[name].barrier == "high")
HIGH_BARRIER_NAMES = whole_words("|".join(THERAPIES[name].called for name in HIGH_BARRIER))
IMMUNOGLOBULINS = THERAPIES.of_kind("immunoglobulin")
IMMUNOGLOBULIN_NAMES = THERAPIES.named("immunoglobulin")
HEPATITIS_B, ANTIGEN_FINDING = code_sets("hepatitis_b", "hbsag_positive_finding")
CORE_IGM = result_set("anti_hbc_igm")
DNA = INVESTIGATIONS["hbv_dna"].results
CORE = INVESTIGATIONS["anti_hbc"].results
TEST_OF = {"HBsAg": "hbsag", "anti-HBc": "anti_hbc", "anti-HBs": "anti_hbs", "HBV-DNA": "hbv_dna"}
"""The test of each marker."""
ANTIVIRAL_KEYS = ("medicationRequests", "medicationStatements")


@dataclass(frozen=True, slots=True)
class Marker:
    """One hepatitis B marker. A positive never expires; "expired" is a negative that is too old; "missing" means the
    EHR says there is none; "unknown" that it could not be had, "unread" that a result is there and says nothing that
    we understand."""

    state: MarkerState = "missing"
    facts: tuple[Fact, ...] = ()
    is_ordered: bool = False
    """The test is drafted or ordered; without a result that settles nothing."""
    unread: tuple[Unread, ...] = ()
    """Results of any age that could not be read (ruling 24)."""

    @property
    def is_settled(self) -> bool:
        return self.state in ("positive", "negative")


@dataclass(frozen=True, slots=True)
class HepatitisB:
    """Serology, viral load, cover and history together."""

    surface_antigen: Marker = Marker()
    core_antibody: Marker = Marker()
    """Total or IgG; an IgM-only result does not count."""
    surface_antibody: Marker = Marker()
    dna: Marker = Marker()
    antiviral: Statement = Statement()
    """An antiviral with activity against hepatitis B is active or drafted."""
    low_barrier: Statement = Statement()
    """What is active or drafted has a low barrier to resistance, all of it; in a mixture the higher one counts."""
    past_antigen: Statement = Statement()
    """The antigen was positive before, and the newest readable result of it is negative."""
    problem: Statement = Statement()
    """An active hepatitis B problem is on the list."""
    past_problem: Statement = Statement()
    """Hepatitis B is on the list as history."""
    core_igm_only: tuple[Fact, ...] = ()
    """IgM-type core antibody results where there is no total or IgG one."""
    passive_core: Statement = Statement()
    """Immunoglobulin was given shortly before the first positive core antibody, which may be the donor's."""

    @property
    def active(self) -> Statement:
        """Antigen or viral load positive, or an active problem that no negative antigen contradicts."""
        antigen = self.surface_antigen.facts if self.surface_antigen.state == "positive" else ()
        load = self.dna.facts if self.dna.state == "positive" else ()
        listed = self.problem.facts if self.problem.holds and self.surface_antigen.state != "negative" else ()
        if antigen or load or listed:
            return Statement.yes(*antigen, *load, *listed)
        return Statement()

    @property
    def exposure(self) -> Statement:
        """Contact with the virus at any time: core antibody or antigen ever positive, or hepatitis B listed, now or as
        history."""
        core = self.core_antibody.facts if self.core_antibody.state == "positive" else ()
        facts = (*core, *self.past_antigen.facts, *self.problem.facts, *self.past_problem.facts)
        return Statement.yes(*facts) if facts else Statement()


def hepatitis_b_of(chart: Chart, thresholds: Thresholds) -> HepatitisB:
    """Hepatitis B as the chart tells it. Thresholds: `hbv.negative_age`, `hbv.passive_months`."""
    core = _marker(chart, thresholds, CORE, "anti-HBc", is_lifelong=True)
    antigen, past_antigen = _surface_antigen(chart, thresholds)
    antiviral, low_barrier = _antiviral(chart)
    listed = [*chart.past_or_present_problems(HEPATITIS_B), *_by_text(chart)]
    return HepatitisB(
        surface_antigen=antigen,
        past_antigen=past_antigen,
        core_antibody=core,
        surface_antibody=_marker(chart, thresholds, INVESTIGATIONS["anti_hbs"].results, "anti-HBs", is_lifelong=False),
        dna=_marker(chart, thresholds, DNA, "HBV-DNA", is_lifelong=False),
        antiviral=antiviral,
        low_barrier=low_barrier,
        problem=_stated([problem.fact("hepatitis B") for problem in listed if _is_present(problem)]),
        past_problem=_stated([problem.fact("past hepatitis B") for problem in listed if not _is_present(problem)]),
        core_igm_only=() if core.is_settled else _core_igm(chart),
        passive_core=_passive_core(chart, thresholds),
    )


def _by_text(chart: Chart) -> list[Problem]:
    """Problems that name it in words and have no code that any of our sets knows."""
    return [
        problem
        for problem in chart.record.problems
        if is_confirmed(problem) and not chart.is_known(problem.concept) and names_hepatitis_b(problem.concept.text)
    ]


def _is_present(problem: Problem) -> bool:
    return is_active(problem) and not says_past(problem.concept.text)


def _stated(facts: list[Fact]) -> Statement:
    return Statement.yes(*facts) if facts else Statement()


def _surface_antigen(chart: Chart, thresholds: Thresholds) -> tuple[Marker, Statement]:
    """HBsAg now, and earlier positives that a later negative one has answered; also where a clinician entered "surface
    antigen detected" as a finding. What has no day is answered by nothing."""
    marker = _marker(chart, thresholds, INVESTIGATIONS["hbsag"].results, "HBsAg", is_lifelong=True)
    readings = _readings(chart, INVESTIGATIONS["hbsag"].results)
    negatives = [result.when.start for result, reading in readings if reading == "negative" and result.when]
    positives = [(result.when, result.fact("HBsAg")) for result, reading in readings if reading == "positive"]
    positives += [
        (finding.onset or finding.recorded, finding.fact("HBsAg positive"))
        for finding in chart.past_or_present_problems(ANTIGEN_FINDING)
    ]
    if not positives:
        return marker, Statement()
    answered = max(negatives, default=date.min)
    standing = [fact for when, fact in positives if when is None or when.end >= answered]
    if not standing:
        past = Statement.yes(positives[0][1])
        return _marker(chart, thresholds, INVESTIGATIONS["hbsag"].results, "HBsAg", is_lifelong=False), past
    known = marker.facts if marker.state == "positive" else ()
    findings = (fact for fact in standing if fact.what != "HBsAg")
    return replace(marker, state="positive", facts=(*known, *findings)), Statement()


def _marker(
    chart: Chart, thresholds: Thresholds, sets: tuple[ResultSet, ...], name: str, *, is_lifelong: bool
) -> Marker:
    readings = _readings(chart, sets)
    unread = _unread(chart, sets, name)
    positives = [result for result, reading in readings if reading == "positive"]
    decisive = [reading for _, reading in readings if reading in ("positive", "negative")]
    if positives and (is_lifelong or decisive[0] == "positive"):
        later = [result for result, _ in readings[:1] if result not in positives]
        facts = tuple(result.fact(name) for result in (*positives[:1], *later))
        return Marker("positive", facts, is_ordered(chart, TEST_OF[name]), unread)
    state, facts = _unsettled_or_negative(chart, thresholds, sets, name, readings)
    if unread and state in ("negative", "expired", "missing"):
        state, facts = "unread", (unread[0].fact, *facts)
    if state not in ("negative", "unread") and not chart.record.knows(KEY):
        state = "unknown"
    return Marker(state, facts, is_ordered(chart, TEST_OF[name]), unread)


def _unread(chart: Chart, sets: tuple[ResultSet, ...], name: str) -> tuple[Unread, ...]:
    """Results of any age that say nothing we understand: one of them may be the positive that stands for life."""
    return unread_of(
        chart,
        *sets,
        what=name,
        is_read=lambda result: _reading(chart, sets, result) != "unread",
        why=lambda result: "it contradicts itself" if contradicts_itself(chart, result) else "",
    )


def _reading(chart: Chart, sets: tuple[ResultSet, ...], result: Result) -> Reading:
    return load_reading_of(chart, result) if sets == DNA else reading_of(chart, result)


def _readings(chart: Chart, sets: tuple[ResultSet, ...]) -> list[tuple[Result, Reading]]:
    """Results that say something we understand, newest first, undated ones last. Of preliminary results only positive
    ones count: they may raise a gate, never clear one."""
    dated = chart.results(*sets, statuses=FULL_STATUSES | PRELIMINARY_STATUSES)
    undated = chart.undated_results(*sets, statuses=FULL_STATUSES | PRELIMINARY_STATUSES)
    readings = [(result, _reading(chart, sets, result)) for result in (*dated, *undated)]
    return [
        (result, "pending" if result.status in PRELIMINARY_STATUSES and reading != "positive" else reading)
        for result, reading in readings
        if reading != "unread"
    ]


def _unsettled_or_negative(
    chart: Chart,
    thresholds: Thresholds,
    sets: tuple[ResultSet, ...],
    name: str,
    readings: list[tuple[Result, Reading]],
) -> tuple[MarkerState, tuple[Fact, ...]]:
    """The state of a marker that is not positive. A dated, fresh negative wins over what says nothing before it."""
    negatives = [result for result, reading in readings if reading == "negative"]
    oldest_allowed = thresholds.days("hbv.negative_age")
    for result in newest_first(negatives):
        if result.when is not None and (chart.due_by - result.when.start).days <= oldest_allowed:
            unclear = _unclear_since(result.when, readings)
            return ("indeterminate", (unclear.fact(name),)) if unclear else ("negative", (result.fact(name),))
    states: tuple[Reading, ...] = ("pending", "indeterminate")
    for state in states:
        found = [result for result, reading in readings if reading == state]
        if found:
            return ("pending" if state == "pending" else "indeterminate"), (found[0].fact(name),)
    if negatives:
        return "expired", (negatives[0].fact(name),)
    return _without_result(chart, sets, name)


def _unclear_since(when: When, readings: list[tuple[Result, Reading]]) -> Result | None:
    """A final result after `when` that is neither positive nor negative: it takes the negative one's certainty away."""
    for result, reading in readings:
        if reading == "indeterminate" and result.when is not None and result.when.start > when.end:
            return result
    return None


def _without_result(chart: Chart, sets: tuple[ResultSet, ...], name: str) -> tuple[MarkerState, tuple[Fact, ...]]:
    for state, statuses in (("pending", frozenset({"registered"})), ("withdrawn", WITHDRAWN_STATUSES)):
        found = [result for result in chart.every_result(*sets) if result.status in statuses]
        if found:
            return ("pending" if state == "pending" else "withdrawn"), (found[0].fact(name),)
    return "missing", ()


def _core_igm(chart: Chart) -> tuple[Fact, ...]:
    return tuple(result.fact("anti-HBc, IgM type") for result in chart.results(CORE_IGM)[:1])


def _antiviral(chart: Chart) -> tuple[Statement, Statement]:
    """One that is ordered, drafted or reported as taken; and the same where its barrier is low. Dispenses alone show no
    present use and do not count."""
    running = _running(chart, ANTIVIRALS, ANTIVIRAL_NAMES)
    if running:
        is_low = not _running(chart, HIGH_BARRIER, HIGH_BARRIER_NAMES)
        return Statement.yes(*running), Statement.yes(*running) if is_low else Statement()
    if not chart.record.knows(*ANTIVIRAL_KEYS):
        return Statement.unknown("antiviral treatment"), Statement()
    return Statement(), Statement()


def _running(chart: Chart, drugs: tuple[SetName, ...], names: re.Pattern[str]) -> tuple[Fact, ...]:
    facts = [order.fact("antiviral") for order in chart.live_orders(*drugs, named=names)]
    facts += [
        medicine.fact("antiviral")
        for medicine in chart.medicines(*drugs, named=names)
        if _is_current(medicine, chart.today)
    ]
    return tuple(dict.fromkeys(facts))


def _is_current(medicine: Medicine, today: date) -> bool:
    is_live = medicine.kind in ("statement", "request") and medicine.status in LIVE_REQUESTS
    return is_live and (medicine.until is None or medicine.until.end >= today)


def _passive_core(chart: Chart, thresholds: Thresholds) -> Statement:
    """Whether the first positive core antibody followed immunoglobulin closely; only dated facts can tell."""
    dated = [result for result, reading in _readings(chart, CORE) if reading == "positive" and result.when is not None]
    if not dated:
        return Statement()
    first = min(result.when.start for result in dated if result.when is not None)
    earliest = months_after(first, -int(thresholds["hbv.passive_months"]))
    given = [
        medicine
        for medicine in chart.medicines(*IMMUNOGLOBULINS, named=IMMUNOGLOBULIN_NAMES)
        if medicine.kind in ("administration", "statement", "dispense", "procedure")
        and medicine.status not in ("entered-in-error", "not-done", "not-taken", "intended", "cancelled", "declined")
        and medicine.when is not None
        and earliest < medicine.when.end <= first
    ]
    return (
        Statement(Truth.YES, tuple(medicine.fact("immunoglobulin given") for medicine in given))
        if given
        else Statement()
    )
