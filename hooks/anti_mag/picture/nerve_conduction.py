"""Nerve conduction studies: whether one was done, when, and what its coded conclusion says.

The conclusion counts only as a coded value or as one of its five words; reports are not read (C1). That a study was
done is also taken from a procedure's name, since most charts code it locally.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from cds_service.codes import Concept
from cds_service.record import Fact, Procedure, Result
from hooks.anti_mag.code_sets import result_set
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.wording import words_of

PATTERN = result_set("assessment_ncs_pattern")
STUDY = INVESTIGATIONS["nerve_conduction"]
NOT_DONE = frozenset({"entered-in-error", "not-done", "unknown", "preparation"})

NervePattern = Literal["", "demyelinating", "axonal", "mixed", "inexcitable", "normal", "unreported"]
_PATTERNS: dict[str, NervePattern] = {
    "demyelinating": "demyelinating",
    "axonal": "axonal",
    "mixed": "mixed",
    "inexcitable": "inexcitable",
    "normal": "normal",
}


def nerve_pattern_of(chart: Chart) -> tuple[NervePattern, tuple[Fact, ...]]:
    """The newest coded conclusion, of any age, with its fact; "unreported" for a study without one, "" for none."""
    results = chart.results(PATTERN) + chart.undated_results(PATTERN)
    for result in results:
        pattern = _coded_pattern(result)
        if pattern:
            fact = result.fact("Nerve conduction study")
            return pattern, (fact if fact.value is not None else replace(fact, value=pattern),)
    was_done = results or chart.results(*STUDY.results) or chart.undated_results(*STUDY.results) or _procedures(chart)
    return ("unreported" if was_done else ""), ()


def study_days(chart: Chart) -> list[date]:
    """The days of all studies on record that have a date."""
    results = chart.results(PATTERN, *STUDY.results)
    return [
        *(item.when.end for item in results if item.when),
        *(item.when.end for item in _procedures(chart) if item.when),
    ]


def _procedures(chart: Chart) -> list[Procedure]:
    return [
        procedure
        for procedure in chart.record.procedures
        if procedure.status not in NOT_DONE
        and (chart.holds(procedure.concept, *STUDY.results) or _is_named(procedure.concept))
    ]


def _is_named(concept: Concept) -> bool:
    return STUDY.called is not None and STUDY.called.search(concept.words) is not None


def _coded_pattern(result: Result) -> NervePattern:
    if isinstance(result.value, Concept):
        for _, code in sorted(result.value.codes):
            if code in _PATTERNS:
                return _PATTERNS[code]
    return _PATTERNS.get(words_of(result).strip(), "")
