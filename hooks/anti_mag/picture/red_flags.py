"""Red flags: what in the chart does not fit an anti-MAG neuropathy, and points to amyloid, POEMS or cryoglobulins.

Decides from problems, a raised VEGF and an axonal nerve conduction study (B2.06, B1.16), and reads off the ONLS
whether the course is subacute (B3.05). Says too which disease is confirmed and treated before the neuropathy (ruling
30). What is too common to point anywhere (heart failure, weight loss) is left out. Whether a flag is spoken of is left
to the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from cds_service.codes import SetName
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Problem
from hooks.anti_mag.code_sets import code_set, code_sets, result_set
from hooks.anti_mag.picture.chart import DISPROVED, Chart, is_active, is_confirmed
from hooks.anti_mag.picture.diagnosis import states
from hooks.anti_mag.picture.disability import Disability, Score
from hooks.anti_mag.picture.nerve_conduction import nerve_pattern_of
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.wording import laboratory_says

FLAGS: Mapping[SetName, str] = {
    code_set("amyloidosis"): "amyloidosis",
    code_set("poems"): "POEMS syndrome",
    code_set("cryoglobulinemia"): "cryoglobulinaemia",
}
"""Code sets of problems that are flags, a suspicion included, with their names in words."""
FLAGS_BY_NAME: Mapping[str, re.Pattern[str]] = {
    "nephrotic syndrome": re.compile(r"\bnephrotic syndrome\b"),
    "orthostatic hypotension": re.compile(r"\b(orthostatic|postural) hypotension\b"),
}
"""Problems that are flags and have no code set of ours: read by their names in the text, or beside a code."""
TREATED_FIRST = code_sets("amyloidosis", "poems")
"""Diseases that, once confirmed, are treated before the neuropathy (ruling 30)."""
VEGF = result_set("vegf")
RAISED_VEGF = "raised VEGF"
AXONAL = "axonal nerve conduction study"
SCALE = "onls"
"""The scale by which a course is called subacute: the total, no other (ruling 20)."""


@dataclass(frozen=True, slots=True)
class RedFlags:
    """What does not fit."""

    coded: Statement = field(default_factory=Statement)
    """A flag is on record; UNKNOWN where the problem list could not be read."""
    names: tuple[str, ...] = ()
    """The flags in words, in the order of their weight."""
    treated_first: tuple[str, ...] = ()
    """Amyloidosis or POEMS syndrome that is confirmed on the problem list, in words."""
    subacute: Statement = field(default_factory=Statement)
    """The newest ONLS of the last year is two points or more above the best within the year before it; UNKNOWN where
    there are no two scores to compare."""
    onls: tuple[Score, Score] | None = None
    """The best and the newest ONLS behind a subacute course."""


def red_flags_of(chart: Chart, disability: Disability, thresholds: Thresholds) -> RedFlags:
    """The red flags of a chart. Thresholds: `subacute.points`, `progression.window` (d)."""
    found = [*_problems(chart), *_vegf(chart), *_axonal(chart)]
    names = tuple(dict.fromkeys(name for name, _ in found))
    known = Statement() if chart.record.knows("conditions") else Statement.unknown("the problem list")
    compared = _compared(disability, chart.today, thresholds)
    subacute = _subacute(compared, thresholds)
    return RedFlags(
        coded=Statement.yes(*(fact for _, fact in found)) if found else known,
        names=names,
        treated_first=tuple(FLAGS[flag] for flag in TREATED_FIRST if chart.problems(flag)),
        subacute=subacute,
        onls=compared if subacute.holds else None,
    )


Flag = tuple[str, Fact]


def _problems(chart: Chart) -> Iterable[Flag]:
    standing = [
        problem
        for problem in chart.record.problems
        if is_active(problem) and problem.verification_status not in DISPROVED
    ]
    coded = [
        (name, problem) for flag, name in FLAGS.items() for problem in standing if chart.holds(problem.concept, flag)
    ]
    named = [
        (name, problem)
        for name, words in FLAGS_BY_NAME.items()
        for problem in standing
        if states(problem.concept, words)
    ]
    for name, problem in (*coded, *named):
        yield (name if is_confirmed(problem) else f"{name}, suspected"), problem.fact("Red flag")


def is_new_disease_to_treat_first(chart: Chart, problem: Problem) -> bool:
    """Amyloidosis or POEMS syndrome, a suspicion included, that is being put on the problem list."""
    is_open = is_active(problem) and problem.verification_status not in DISPROVED
    return problem.is_new and is_open and chart.holds(problem.concept, *TREATED_FIRST)


def _vegf(chart: Chart) -> Iterable[Flag]:
    """The newest VEGF, where the laboratory calls it raised."""
    for result in chart.results(VEGF)[:1]:
        if laboratory_says(chart, result) == "positive":
            yield RAISED_VEGF, result.fact("VEGF, above its range")


def _axonal(chart: Chart) -> Iterable[Flag]:
    pattern, facts = nerve_pattern_of(chart)
    if pattern == "axonal":
        yield from ((AXONAL, fact) for fact in facts)


def _compared(disability: Disability, today: date, thresholds: Thresholds) -> tuple[Score, Score] | None:
    """The best ONLS within a year before the newest, and the newest; None where that is not from the last year."""
    window = timedelta(days=thresholds.days("progression.window"))
    own = [score for score in disability.scores if score.scale == SCALE]
    if not own or own[0].on < today - window:
        return None
    newest = own[0]
    before = [score for score in own[1:] if newest.on - score.on <= window]
    return (min(before, key=lambda score: score.value), newest) if before else None


def _subacute(compared: tuple[Score, Score] | None, thresholds: Thresholds) -> Statement:
    if compared is None:
        return Statement.unknown("two ONLS scores of the last year")
    best, newest = compared
    facts = (newest.fact, best.fact)
    is_fast = newest.value - best.value >= thresholds["subacute.points"]
    return Statement.yes(*facts) if is_fast else Statement.no(*facts)
