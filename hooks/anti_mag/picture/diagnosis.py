"""Is this anti-MAG neuropathy, and how sure: the three tiers of evidence.

Decides `Diagnosis` from problems, anti-MAG results, paraprotein and nerve conduction. How disabled the patient is, is
left to `disability`; what is still to be tested, to `work_up`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from cds_service.codes import Concept
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Problem
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.picture.anti_mag import AntiMag, AntiMagVerdict, anti_mag_of
from hooks.anti_mag.picture.chart import DISPROVED, SUSPECTED_ONLY, Chart, is_active
from hooks.anti_mag.picture.nerve_conduction import NervePattern, nerve_pattern_of
from hooks.anti_mag.picture.paraprotein import Paraprotein, paraprotein_of
from hooks.anti_mag.picture.statement import Statement

__all__ = ["AntiMag", "AntiMagVerdict", "Diagnosis", "NervePattern", "Tier", "diagnosis_of"]

DISEASE, CIDP, SENSORY, ATAXIA = code_sets("anti_mag_neuropathy", "cidp", "sensory_neuropathy", "ataxia")
NEUROPATHIES = code_sets(
    "polyneuropathy_generic",
    "idiopathic_progressive_neuropathy",
    "inflammatory_polyneuropathy_other",
    "demyelinating_polyneuropathy",
    "sensory_neuropathy",
    "polyneuropathy_in_other_disease",
    "cidp",
    "polyneuropathy_monoclonal_gammopathy_group",
    "canomad",
    "anti_mag_neuropathy",
)
OTHER_CAUSES = code_sets(
    "diabetic_polyneuropathy",
    "alcoholic_polyneuropathy",
    "drug_induced_polyneuropathy",
    "cmt",
    "multifocal_motor_neuropathy",
)
"""A neuropathy ascribed to one of these is not evidence."""

_NAMES_DISEASE = re.compile(r"\banti[-\u2010-\u2015\s]?mag\b|\bmyelin[-\u2010-\u2015\s]associated\s+glycoprotein\b")
_NEGATED = re.compile(
    r"\b(negative|no|not|without|exclude[ds]?|excluding|rule[ds]?[-\s]+out|ruling\s+out|r/o|family\s+history)\b"
)
_CLAUSE = re.compile(r"[.;\n]")


class Tier(IntEnum):
    """How sure the diagnosis is: NONE < POSSIBLE < PROBABLE < CONFIRMED."""

    NONE = 0
    POSSIBLE = 1
    PROBABLE = 2
    CONFIRMED = 3


FITTING_PATTERNS = frozenset({"demyelinating", "inexcitable"})
"""Inexcitable nerves may hide demyelination (B1.15)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the chart says of the disease, and what it says it by."""

    tier: Tier = Tier.NONE
    is_coded: bool = False
    """A clinician has coded the diagnosis itself, active and not provisional."""
    is_suspected: bool = False
    """Named by a clinician, but in text alone or without confirmation (ruling 8)."""
    is_refuted: bool = False
    neuropathy: Statement = field(default_factory=Statement)
    """An active neuropathy problem that is not ascribed to another cause."""
    anti_mag: AntiMag = field(default_factory=AntiMag)
    paraprotein: Statement = field(default_factory=Statement)
    """An IgM paraprotein by any of ruling 2's ways."""
    immunofixation: Statement = field(default_factory=Statement)
    """Monoclonal IgM by immunofixation: YES, NO (done, no IgM), UNKNOWN (never done)."""
    nerve_pattern: NervePattern = ""
    """"" means no nerve conduction study is on record; "unreported" one without a coded conclusion."""
    cidp: Statement = field(default_factory=Statement)
    """An active problem of chronic inflammatory demyelinating polyneuropathy."""
    has_gammopathy: bool = False
    """An IgM gammopathy is on record, with or without neuropathy (ruling 4)."""
    may_be_polyclonal: bool = False
    """All that speaks for the gammopathy is a raised IgM that liver disease or infection explain as well."""
    facts: tuple[Fact, ...] = ()
    """What the tier rests on, for the cards."""


def diagnosis_of(chart: Chart, thresholds: Thresholds) -> Diagnosis:
    """The diagnosis as the chart supports it today."""
    coded, suspected = chart.problems(DISEASE), _suspected(chart)
    is_refuted = _is_refuted(chart, coded)
    anti_mag, paraprotein = anti_mag_of(chart, thresholds), paraprotein_of(chart, thresholds)
    neuropathy = _neuropathy(chart)
    pattern, pattern_facts = nerve_pattern_of(chart)
    tier = _tier(bool(coded), bool(suspected), neuropathy, anti_mag, paraprotein, pattern, _is_sensory_or_ataxic(chart))
    return Diagnosis(
        tier=Tier.NONE if is_refuted else tier,
        is_coded=bool(coded) and not is_refuted,
        is_suspected=bool(suspected) and not is_refuted,
        is_refuted=is_refuted,
        neuropathy=neuropathy,
        anti_mag=anti_mag,
        paraprotein=paraprotein.statement,
        immunofixation=paraprotein.immunofixation,
        nerve_pattern=pattern,
        cidp=_cidp(chart),
        has_gammopathy=paraprotein.statement.holds,
        may_be_polyclonal=paraprotein.may_be_polyclonal,
        facts=_facts(coded or suspected, neuropathy, anti_mag, paraprotein, pattern_facts),
    )


def _tier(
    is_coded: bool,
    is_suspected: bool,
    neuropathy: Statement,
    anti_mag: AntiMag,
    paraprotein: Paraprotein,
    pattern: NervePattern,
    is_sensory_or_ataxic: bool,
) -> Tier:
    has_antibody = anti_mag.verdict == "positive" and anti_mag.is_igm and neuropathy.holds
    if is_coded or (has_antibody and pattern in FITTING_PATTERNS and paraprotein.immunofixation.holds):
        return Tier.CONFIRMED
    if has_antibody and paraprotein.statement.holds:
        return Tier.PROBABLE
    neuropathy_fits = neuropathy.holds and (
        paraprotein.statement.holds
        or anti_mag.verdict in ("weak", "unclear")
        or (pattern in FITTING_PATTERNS and is_sensory_or_ataxic)
    )
    return Tier.POSSIBLE if is_suspected or neuropathy_fits or anti_mag.verdict == "positive" else Tier.NONE


def _suspected(chart: Chart) -> list[Problem]:
    """Active problems that suspect the disease: its code without confirmation, or a text that names it (ruling 8)."""
    return [
        problem
        for problem in chart.record.problems
        if is_active(problem)
        and problem.verification_status not in DISPROVED
        and (
            (problem.verification_status in SUSPECTED_ONLY and chart.holds(problem.concept, DISEASE))
            or names_disease(problem.concept)
        )
    ]


def names_disease(concept: Concept) -> bool:
    """True when the text names the disease."""
    return states(concept, _NAMES_DISEASE)


def states(concept: Concept, name: re.Pattern[str]) -> bool:
    """True when a clause of the text, in lower case, has the name and no word in it takes that back."""
    clauses = _CLAUSE.split(concept.words)
    return any(name.search(clause) and not _NEGATED.search(clause) for clause in clauses)


def _is_refuted(chart: Chart, coded: list[Problem]) -> bool:
    """Refuted, and not confirmed again: a confirmed entry stands unless the refutation is known to be the later one."""
    refuted = [
        problem
        for problem in chart.record.problems
        if problem.verification_status == "refuted"
        and (chart.holds(problem.concept, DISEASE) or names_disease(problem.concept))
    ]
    if not refuted or not coded:
        return bool(refuted)
    refuted_on, confirmed_on = [_recorded(problem) for problem in refuted], [_recorded(problem) for problem in coded]
    if None in refuted_on or None in confirmed_on:
        return False
    return max(filter(None, refuted_on)) > max(filter(None, confirmed_on))


def _recorded(problem: Problem) -> date | None:
    when = problem.recorded or problem.onset
    return when.end if when else None


def _neuropathy(chart: Chart) -> Statement:
    found = [problem for problem in chart.problems(*NEUROPATHIES) if not chart.holds(problem.concept, *OTHER_CAUSES)]
    if found:
        return Statement.yes(*(problem.fact("Neuropathy") for problem in found))
    return Statement.no() if chart.record.knows("conditions") else Statement.unknown("a neuropathy problem")


def _cidp(chart: Chart) -> Statement:
    found = [problem.fact("CIDP") for problem in chart.problems(CIDP)]
    if found:
        return Statement.yes(*found)
    return Statement.no() if chart.record.knows("conditions") else Statement.unknown("a CIDP problem")


def _is_sensory_or_ataxic(chart: Chart) -> bool:
    return bool(chart.problems(SENSORY, ATAXIA))


def _facts(
    named: list[Problem],
    neuropathy: Statement,
    anti_mag: AntiMag,
    paraprotein: Paraprotein,
    pattern_facts: tuple[Fact, ...],
) -> tuple[Fact, ...]:
    """What the tier rests on, each fact once, the diagnosis itself first."""
    found = (
        *(problem.fact("Anti-MAG neuropathy") for problem in named),
        *neuropathy.facts,
        *anti_mag.facts,
        *paraprotein.statement.facts,
        *paraprotein.immunofixation.facts,
        *pattern_facts,
    )
    by_source: dict[str, Fact] = {}
    for fact in found:
        by_source.setdefault(fact.reference, fact)
    return tuple(by_source.values())
