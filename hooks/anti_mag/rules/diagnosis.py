"""What is missing for the diagnosis, and what its results leave open: the two tests, immunofixation, the whole list, a
weak titre, a strong one without a paraprotein, other causes (DX-1, DX-2, WU-1, WU-3, WU-4, WU-6).

They speak before treatment only. Optional tests (free light chains, marrow, MYD88) never make one speak (C6.15).
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.tests_on_record import Wanted
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.rituximab import is_recommended

BEFORE_TREATMENT = frozenset(
    {State.SUSPECTED, State.WORK_UP, State.SEVERITY_UNKNOWN, State.MILD_STABLE, State.TREATABLE}
)
UNDECIDED = ("untested", "weak", "unclear")
"""Verdicts on anti-MAG that neither show the antibody nor exclude it."""
PIECES = ("anti_mag", "nerve_conduction", "immunofixation", "igm")
"""Tests whose absence leaves the diagnosis open; the blood count only comes along."""
OTHER_CAUSES = ("vitamin_b12", "glucose", "tsh")
"""Tests that look for another cause of a neuropathy."""


@book.rule(
    "diagnostic_work_up.neuropathy_with_igm_needs_anti_mag_and_conduction",
    logic="DX-1",
    cards=("diagnosticWorkUp",),
    hooks=(*CHART_OPENED, "problem-list-item-create"),
    cites=("BCSH2014", "EFNSPNS2010"),
    thresholds=(
        "immunofixation.max_age",
        "anti_mag.baseline_age",
    ),
)
def neuropathy_with_igm_needs_anti_mag_and_conduction(picture: ClinicalPicture) -> Finding:
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
    cards=("diagnosticWorkUp",),
    hooks=(*CHART_OPENED, "problem-list-item-create"),
    cites=("EFNSPNS2010", "PASCUAL2019"),
    thresholds=("anti_mag.btu.positive", "immunofixation.max_age"),
)
def positive_anti_mag_needs_immunofixation(picture: ClinicalPicture) -> Finding:
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
    cards=("diagnosticWorkUp",),
    hooks=(*CHART_OPENED, "appointment-book", "problem-list-item-create"),
    cites=("EFNSPNS2010", "BCSH2014"),
    thresholds=(
        "anti_mag.btu.positive",
        "course.before_neuropathy",
        "anti_mag.baseline_age",
        "immunofixation.max_age",
        "monitoring.interval",
        "igm.max_age",
        "score.baseline_age",
        "pregnancy.age_max",
        "anti_mag.btu.measurable",
        "hbv.negative_age",
        "igm.plausible_max",
    ),
)
def missing_tests_stand_on_one_list(picture: ClinicalPicture) -> Finding:
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


@book.rule(
    "diagnostic_work_up.weak_or_contradicted_titre_needs_a_second_method",
    logic="WU-3",
    cards=("diagnosticWorkUp",),
    hooks=CHART_OPENED,
    cites=("MAGY2015", "MATA2019", "LABEPA", "SVAHN2018", "MILANIB"),
    thresholds=(
        "anti_mag.btu.measurable",
        "anti_mag.btu.positive",
        "anti_mag.btu.strong",
        "anti_mag.blot.weak",
        "anti_mag.blot.supportive",
    ),
)
def weak_or_contradicted_titre_needs_a_second_method(picture: ClinicalPicture) -> Finding:
    """Read a weak anti-MAG titre by the laboratory's own range, and test by a second method; so where methods disagree.

    A diagnosis that a clinician has coded, a second method on record, and one that is ordered, settle it.
    """
    diagnosis, anti_mag = picture.diagnosis, picture.diagnosis.anti_mag
    if not _speaks(picture) or diagnosis.is_coded or "anti_mag" in picture.drafts.tests_ordered:
        return Finding.no()
    contrary = anti_mag.contradicted_by
    if contrary is not None:
        return Finding.yes(*anti_mag.facts, *contrary.facts)
    if anti_mag.verdict == "untested" and picture.work_up.cannot_tell("anti_mag"):
        return Finding.unknown("whether anti-MAG was tested")
    is_weak = anti_mag.verdict == "weak" and not anti_mag.by_other_methods
    return Finding.yes(*anti_mag.facts) if is_weak else Finding.no(*anti_mag.facts)


@book.rule(
    "diagnostic_work_up.strong_titre_without_paraprotein_needs_immunofixation_yearly",
    logic="WU-4",
    cards=("diagnosticWorkUp",),
    hooks=CHART_OPENED,
    cites=("PASCUAL2019", "MOTOYAMA2011"),
    thresholds=("anti_mag.btu.strong", "immunofixation.max_age"),
)
def strong_titre_without_paraprotein_needs_immunofixation_yearly(picture: ClinicalPicture) -> Finding:
    """At 10,000 BTU or more with a negative immunofixation, repeat the immunofixation every year.

    Until a clinician codes the diagnosis it stays possible disease (ruling 21). UNKNOWN where it could not be read
    whether immunofixation was done.
    """
    diagnosis, anti_mag = picture.diagnosis, picture.diagnosis.anti_mag
    strong = picture.thresholds["anti_mag.btu.strong"]
    is_strong = anti_mag.verdict == "positive" and anti_mag.btu is not None and anti_mag.btu >= strong
    if not _speaks(picture) or diagnosis.is_coded or diagnosis.paraprotein.holds or not is_strong:
        return Finding.no()
    if diagnosis.immunofixation.is_unknown:
        unread = picture.work_up.cannot_tell("immunofixation")
        return Finding.unknown(*diagnosis.immunofixation.missing) if unread else Finding.no(*anti_mag.facts)
    return Finding.yes(*anti_mag.facts, *diagnosis.immunofixation.facts)


@book.rule(
    "diagnostic_work_up.other_causes_are_looked_for",
    logic="WU-6",
    cards=("diagnosticWorkUp",),
    hooks=CHART_OPENED,
    cites=("AANDSP2009", "MSDPN2024"),
    thresholds=("other_causes.max_age",),
)
def other_causes_are_looked_for(picture: ClinicalPicture) -> Finding:
    """While a neuropathy is being worked up, look for other causes too: vitamin B12, glucose or HbA1c, and TSH.

    Speaks where anti-MAG neuropathy is in question and the antibody is neither shown nor excluded. A test counts for
    {other_causes.max_age}.
    """
    diagnosis, neuropathy = picture.diagnosis, picture.diagnosis.neuropathy
    is_open = diagnosis.tier is Tier.POSSIBLE and diagnosis.anti_mag.verdict in UNDECIDED
    if not _speaks(picture) or not (is_open and neuropathy.holds):
        return Finding.no()
    if diagnosis.anti_mag.verdict == "untested" and picture.work_up.cannot_tell("anti_mag"):
        return Finding.unknown("whether anti-MAG was tested", facts=neuropathy.facts)
    wanted = other_causes(picture)
    open_questions = tuple(f"{test.label} ({test.why})" for test in wanted.unknown)
    if wanted.missing:
        return Finding.yes(*neuropathy.facts, missing=open_questions)
    return Finding.unknown(*open_questions, facts=neuropathy.facts) if open_questions else Finding.no()


def other_causes(picture: ClinicalPicture) -> Wanted:
    """The tests for another cause that are still to be had."""
    return picture.tests.wanted(*OTHER_CAUSES, within=picture.thresholds.days("other_causes.max_age"))


def _speaks(picture: ClinicalPicture) -> bool:
    return picture.is_adult and picture.state in BEFORE_TREATMENT and not picture.diagnosis.is_refuted


def _is_open(picture: ClinicalPicture) -> bool:
    """The disease is suspected by name, or the diagnosis has at least one of its pieces; others are lacking."""
    diagnosis = picture.diagnosis
    has_piece = diagnosis.neuropathy.holds or diagnosis.anti_mag.verdict == "positive"
    return diagnosis.tier in (Tier.POSSIBLE, Tier.PROBABLE) and (diagnosis.is_suspected or has_piece)
