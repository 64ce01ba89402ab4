"""Other diseases that ask for care when rituximab is given: multiple sclerosis, and the heart.

Decides whether the problem list has them. What is done about them is left to the gate.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.codes import SetName
from hooks.anti_mag.code_sets import code_set, code_sets
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.statement import Statement

HEART = code_sets("arrhythmia_serious", "angina", "heart_failure", "myocardial_infarction_acute")
MULTIPLE_SCLEROSIS = code_set("multiple_sclerosis")


@dataclass(frozen=True, slots=True)
class Comorbidity:
    """Active, confirmed problems; UNKNOWN where the problem list could not be read and names none."""

    multiple_sclerosis: Statement = Statement()
    heart: Statement = Statement()
    """A serious arrhythmia, angina, heart failure or an acute heart attack."""


def comorbidity_of(chart: Chart) -> Comorbidity:
    """The comorbidity that the gates ask for."""
    return Comorbidity(
        multiple_sclerosis=_stated(chart, "multiple sclerosis", MULTIPLE_SCLEROSIS),
        heart=_stated(chart, "heart disease", *HEART),
    )


def _stated(chart: Chart, what: str, *sets: SetName) -> Statement:
    found = chart.problems(*sets)
    if found:
        return Statement.yes(*(problem.fact(what) for problem in found))
    return Statement() if chart.record.knows("conditions") else Statement.unknown("problem list")
