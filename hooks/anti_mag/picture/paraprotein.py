"""The IgM paraprotein: problems, immunofixation, monoclonal IgM, and a serum IgM above its own range (ruling 2).

A paraprotein found once stays found, since treatment lowers it. IgG or IgA alone is no evidence here (C6.8). How much
IgM there is, is left to `immunoglobulin`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.record import Problem, Result
from cds_service.values import Quantity
from hooks.anti_mag.code_sets import code_sets, result_sets
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.wording import display_of, laboratory_says, words_of

IGM_PROBLEMS = code_sets("igm_mgus", "igm_monoclonal_protein_finding", "macroglobulinemia_broad")
IGM_LYMPHOMAS = code_sets("waldenstrom")
"""Always IgM; in remission they are still history of an IgM paraprotein."""
ANY_ISOTYPE_PROBLEMS = code_sets("mgus", "monoclonal_gammopathy_broad", "lymphoplasmacytic_lymphoma")
"""Count unless text or laboratory says IgG or IgA only."""
SERUM_IGM, FIXATION, MONOCLONAL, QUALITATIVE = result_sets(
    "igm_serum", "immunofixation_serum", "igm_monoclonal", "igm_serum_qualitative"
)
IMMUNOFIXATION_SETS = (FIXATION, MONOCLONAL, QUALITATIVE)
PROTEIN_TEXT_SETS = result_sets("spep", "m_protein")

_ISOTYPE = re.compile(r"(?<![a-z])ig[\s-]?([mga])(?![a-z])|(?<![a-z])ig([mga])(?=kappa|lambda)")
_CLAUSE = re.compile(r"[.,;\n]|\bbut\b")
_DENIED = re.compile(
    r"\bno\b(?!\s+(significant\s+)?change)|\bnegativ|\bnot\s+(detected|seen|identified|found|present|observed|evident)"
    r"|\bwithout\b|\babsen|\bnone\b|\bnormal\b|\bpolyclonal|\bpoliclonal|\bpolyklonal"
    r"|\bkein|\bnicht\s+nach|\bohne\b|\bpas\s+d|\baucun|\bassent|\bausent|\bnon\s+\w*(rilev|detec|dete)|\bsin\b"
)


@dataclass(frozen=True, slots=True)
class Paraprotein:
    """The two things that the diagnosis asks of an IgM paraprotein."""

    statement: Statement = field(default_factory=Statement)
    """An IgM paraprotein by any of ruling 2's ways."""
    immunofixation: Statement = field(default_factory=Statement)
    """Monoclonal IgM by immunofixation: YES, NO (done, no IgM), UNKNOWN (never done, or its isotype cannot be read)."""
    may_be_polyclonal: bool = False
    """A serum IgM above its range, but below the levels that only a clone reaches, is all that speaks for it."""


@dataclass(frozen=True, slots=True)
class Isotypes:
    """The heavy chains that a text asserts ("M", "G", "A"), and whether it denies something."""

    found: frozenset[str] = frozenset()
    has_denial: bool = False


def paraprotein_of(chart: Chart, thresholds: Thresholds) -> Paraprotein:
    """The IgM paraprotein of a chart. Results of full status only, of any age."""
    fixations = _immunofixations(chart)
    immunofixation = _immunofixation(chart, fixations)
    monoclonal = [
        *(problem.fact("Monoclonal gammopathy") for problem in _igm_problems(chart, fixations)),
        *(immunofixation.facts if immunofixation.holds else ()),
        *(result.fact("Monoclonal IgM") for result in _monoclonal_igm(chart)),
    ]
    raised = _raised_igm(chart, fixations, thresholds)
    facts = [*monoclonal, *(result.fact("Serum IgM, above its range") for result in raised)]
    if facts:
        is_high = any(_is_high(result, thresholds) for result in raised)
        return Paraprotein(Statement.yes(*facts), immunofixation, may_be_polyclonal=not monoclonal and not is_high)
    if not chart.record.knows("conditions", "laboratory", "paraproteinTests"):
        return Paraprotein(Statement.unknown("an IgM paraprotein"), immunofixation)
    return Paraprotein(Statement.no(), immunofixation)


def isotypes_in(text: str) -> Isotypes:
    """What a text says of heavy chains, clause by clause: "IgG kappa; no IgM" asserts G and denies something."""
    found: set[str] = set()
    has_denial = False
    for clause in _CLAUSE.split(text.lower()):
        if _DENIED.search(clause):
            has_denial = True
        else:
            found |= {(match[1] or match[2]).upper() for match in _ISOTYPE.finditer(clause)}
    return Isotypes(frozenset(found), has_denial)


def immunofixations_on_record(chart: Chart) -> list[Result]:
    """Every immunofixation of full status, newest first, undated ones last, whatever it showed."""
    results = chart.results(*IMMUNOFIXATION_SETS) + chart.undated_results(*IMMUNOFIXATION_SETS)
    return [result for result in results if _is_immunofixation(chart, result)]


def _is_immunofixation(chart: Chart, result: Result) -> bool:
    if chart.holds(result.concept, FIXATION):
        return True
    return "IFE" in display_of(chart, result.concept, *IMMUNOFIXATION_SETS)


def _immunofixations(chart: Chart) -> list[tuple[Result, Truth, Isotypes]]:
    found = immunofixations_on_record(chart)
    return [(result, _shows_igm(chart, result), isotypes_in(words_of(result))) for result in found]


def _shows_igm(chart: Chart, result: Result) -> Truth:
    """Does this result show monoclonal IgM: UNKNOWN where it does not say the isotype."""
    isotypes = isotypes_in(words_of(result))
    if "M" in isotypes.found:
        return Truth.YES
    said = laboratory_says(chart, result)
    if chart.holds(result.concept, MONOCLONAL, QUALITATIVE):
        return {"positive": Truth.YES, "weak": Truth.YES, "negative": Truth.NO}.get(said, Truth.UNKNOWN)
    if " LC " in display_of(chart, result.concept, FIXATION):
        return Truth.UNKNOWN
    return Truth.NO if isotypes.found or isotypes.has_denial or said == "negative" else Truth.UNKNOWN


def _immunofixation(chart: Chart, fixations: list[tuple[Result, Truth, Isotypes]]) -> Statement:
    for wanted in (Truth.YES, Truth.NO):
        for result, truth, _ in fixations:
            if truth is wanted:
                return Statement(wanted, (result.fact("Immunofixation"),))
    if fixations:
        return Statement.unknown("the isotype in the immunofixation")
    is_known = chart.record.knows("paraproteinTests")
    return Statement.unknown("immunofixation" if is_known else "whether immunofixation was done")


def _igm_problems(chart: Chart, fixations: list[tuple[Result, Truth, Isotypes]]) -> list[Problem]:
    by_laboratory = frozenset[str]().union(*(isotypes.found for _, _, isotypes in fixations))
    shows_igm = any(truth is Truth.YES for _, truth, _ in fixations)
    counted = chart.problems(*IGM_PROBLEMS) + chart.past_or_present_problems(*IGM_LYMPHOMAS)
    for problem in chart.problems(*ANY_ISOTYPE_PROBLEMS):
        by_text = isotypes_in(problem.concept.text).found
        is_other_isotype = "M" not in (by_text or by_laboratory or {"M"}) and not (shows_igm and not by_text)
        if problem not in counted and not is_other_isotype:
            counted.append(problem)
    return counted


def _monoclonal_igm(chart: Chart) -> list[Result]:
    """Monoclonal IgM measured above zero or called positive, and electrophoresis that names IgM; the newest of each."""
    measured = (result for result in chart.results(MONOCLONAL) if _is_above_zero(chart, result))
    named = (result for result in chart.results(*PROTEIN_TEXT_SETS) if "M" in isotypes_in(words_of(result)).found)
    return [result for group in (measured, named) for result in list(group)[:1]]


def _is_above_zero(chart: Chart, result: Result) -> bool:
    if isinstance(result.value, Quantity):
        return result.value.value > 0 and result.value.comparator not in ("<", "<=")
    return _shows_igm(chart, result) is Truth.YES


def _raised_igm(chart: Chart, fixations: list[tuple[Result, Truth, Isotypes]], thresholds: Thresholds) -> list[Result]:
    """The newest serum IgM above its own range that has no immunofixation without IgM beside it."""
    negative = [result for result, truth, _ in fixations if truth is Truth.NO]
    window = thresholds.days("immunofixation.max_age")
    for igm in chart.results(SERUM_IGM):
        if laboratory_says(chart, igm) == "positive" and not any(_is_beside(igm, other, window) for other in negative):
            return [igm]
    return []


def _is_high(igm: Result, thresholds: Thresholds) -> bool:
    mg_dl = convert(igm.value, "mg/dL") if isinstance(igm.value, Quantity) else None
    return mg_dl is not None and mg_dl >= thresholds["igm.gate.caution"]


def _is_beside(igm: Result, other: Result, window: int) -> bool:
    """Within the time that an immunofixation counts; one without a date counts always."""
    if igm.when is None or other.when is None:
        return True
    return abs((igm.when.end - other.when.end).days) <= window
