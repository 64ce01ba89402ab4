"""What is missing for the diagnosis: the two tests, immunofixation, and the whole list (DX-1, DX-2, WU-1).

They speak before treatment only. Optional tests (free light chains, marrow, MYD88) never make one speak (C6.15).
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding, Thresholds
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.rituximab import is_recommended

BEFORE_TREATMENT = frozenset(
    {State.SUSPECTED, State.WORK_UP, State.SEVERITY_UNKNOWN, State.MILD_STABLE, State.TREATABLE}
)
PIECES = ("anti_mag", "nerve_conduction", "immunofixation", "igm")
"""Tests whose absence leaves the diagnosis open; the blood count only comes along."""


@book.rule(
    "diagnostic_work_up.neuropathy_with_igm_needs_anti_mag_and_conduction",
    logic="DX-1",
    cites=("BCSH2014", "EFNSPNS2010"),
    thresholds=("immunofixation.max_age",),
)
def neuropathy_with_igm_needs_anti_mag_and_conduction(picture: ClinicalPicture, thresholds: Thresholds) -> Finding:  # noqa: ARG001
    """In a neuropathy with an IgM paraprotein, test anti-MAG IgM and have a nerve conduction study done."""
    diagnosis, work_up = picture.diagnosis, picture.work_up
    if not _speaks(picture) or not (diagnosis.neuropathy.holds and diagnosis.paraprotein.holds):
        return Finding.no()
    facts = (*diagnosis.neuropathy.facts, *diagnosis.paraprotein.facts)
    is_untested = diagnosis.anti_mag.verdict == "untested" and work_up.lacks("anti_mag")
    if is_untested or work_up.lacks("nerve_conduction"):
        return Finding.yes(*facts)
    if work_up.cannot_tell("anti_mag", "nerve_conduction"):
        return Finding.unknown("whether anti-MAG and nerve conduction were tested", facts=facts)
    return Finding.no(*facts)


@book.rule(
    "diagnostic_work_up.positive_anti_mag_needs_immunofixation",
    logic="DX-2",
    cites=("EFNSPNS2010", "PASCUAL2019"),
    thresholds=("anti_mag.btu.positive", "immunofixation.max_age"),
)
def positive_anti_mag_needs_immunofixation(picture: ClinicalPicture, thresholds: Thresholds) -> Finding:  # noqa: ARG001
    """After a positive anti-MAG result, look for the IgM paraprotein by electrophoresis with immunofixation.

    Monoclonal IgM once shown, or a diagnosis that is IgM by name, is not asked for again; a negative one is, yearly.
    """
    anti_mag = picture.diagnosis.anti_mag
    if not _speaks(picture) or anti_mag.verdict != "positive":
        return Finding.no()
    if picture.work_up.lacks("immunofixation"):
        return Finding.yes(*anti_mag.facts)
    if picture.work_up.cannot_tell("immunofixation"):
        return Finding.unknown("whether immunofixation was done", facts=anti_mag.facts)
    return Finding.no(*anti_mag.facts)


@book.rule(
    "diagnostic_work_up.missing_tests_stand_on_one_list",
    logic="WU-1",
    cites=("EFNSPNS2010", "BCSH2014"),
    thresholds=(
        "anti_mag.btu.positive",
        "anti_mag.baseline_age",
        "immunofixation.max_age",
        "monitoring.interval",
        "igm.max_age",
        "score.baseline_age",
        "pregnancy.age_max",
    ),
)
def missing_tests_stand_on_one_list(picture: ClinicalPicture, thresholds: Thresholds) -> Finding:  # noqa: ARG001
    """List in one place the tests that are missing for the diagnosis and, where rituximab is considered, before it.

    In possible and probable disease a piece of the diagnosis must be missing; before rituximab any test of the list.
    """
    work_up, facts = picture.work_up, picture.diagnosis.facts
    if not _speaks(picture):
        return Finding.no()
    is_before_rituximab = is_recommended(picture)
    is_open = _is_open(picture)
    if (is_before_rituximab and (work_up.diagnostic or work_up.baseline)) or (is_open and work_up.lacks(*PIECES)):
        return Finding.yes(*facts)
    if work_up.unknown and (is_before_rituximab or (is_open and work_up.cannot_tell(*PIECES))):
        return Finding.unknown(*(f"whether on record: {test.label}" for test in work_up.unknown), facts=facts)
    return Finding.no(*facts)


def _speaks(picture: ClinicalPicture) -> bool:
    return picture.is_adult and picture.state in BEFORE_TREATMENT and not picture.diagnosis.is_refuted


def _is_open(picture: ClinicalPicture) -> bool:
    """The disease is suspected by name, or the diagnosis has at least one of its pieces; others are lacking."""
    diagnosis = picture.diagnosis
    has_piece = diagnosis.neuropathy.holds or diagnosis.anti_mag.verdict == "positive"
    return diagnosis.tier in (Tier.POSSIBLE, Tier.PROBABLE) and (diagnosis.is_suspected or has_piece)
