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
    """In a neuropathy with an IgM paraprotein, test anti-MAG IgM and have a nerve conduction study done.

    YES when an adult before treatment has a neuropathy on the problem list and an IgM paraprotein, and anti-MAG was
    never tested or no nerve conduction study was done, and the missing one is neither ordered nor awaited.

    NO when both are on record, ordered or awaited, when neuropathy or paraprotein is not on record, and in any other
    state than before treatment.

    UNKNOWN when neither is known to be missing, but anti-MAG is untested, unclear or of unknown class and the
    laboratory results could not be had whole, or no conduction study is found and the assessments or procedures could
    not.
    """
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

    YES when an adult before treatment has a positive anti-MAG ({anti_mag.btu.positive} or more; in another unit, above
    the laboratory's own range or so called by it), neither monoclonal IgM by immunofixation nor an IgM gammopathy or
    Waldenström disease on the problem list, and no immunofixation of the last {immunofixation.max_age} that is on
    record, ordered or awaited.

    NO when anti-MAG is not positive, when monoclonal IgM was shown once or the diagnosis is IgM by name, and when an
    immunofixation is recent, ordered or awaited.

    UNKNOWN when such an immunofixation is not found and the paraprotein tests could not be had whole.
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

    YES when an adult before treatment lacks one of these, neither on record and recent enough nor ordered or awaited.
    In possible and probable disease: anti-MAG IgM with an answer, a conduction study, immunofixation or an IgM younger
    than {monitoring.interval}. Where rituximab is considered (TX-1), also blood count, hepatitis B, an IgM of the last
    {igm.max_age}, IgG, scores, a titre as baseline, and a pregnancy test in women up to {pregnancy.age_max}.

    NO when none of them is missing, in any other state than before treatment, and in disease that nobody suspects by
    name and that shows neither a neuropathy nor a positive anti-MAG, or in confirmed disease, where rituximab is not
    considered.

    UNKNOWN when none is known to be missing, but one of them is not found and the list that would hold it could not be
    had whole.
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

    YES when an adult before treatment, whose diagnosis no clinician has coded and with no anti-MAG test ordered, has a
    weak titre (from {anti_mag.btu.measurable} to below {anti_mag.btu.positive}, a weak immunoblot, or so called by the
    laboratory) and no result by another method; or results of two methods, one positive and one negative.

    NO when the result is positive, negative or unclear and no other method contradicts it, when a second method backs a
    weak one up, and when the diagnosis is coded or a test ordered.

    UNKNOWN when no anti-MAG result is found and the laboratory results could not be had whole.
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

    Until a clinician codes the diagnosis it stays possible disease (ruling 21).

    YES when an adult before treatment, whose diagnosis no clinician has coded, has a positive anti-MAG of
    {anti_mag.btu.strong} or more, no IgM paraprotein on record, and an immunofixation that was done and shows no IgM.

    NO when the titre is lower, an IgM paraprotein is on record or the diagnosis is coded; also when no immunofixation
    was done, which DX-2 asks for, or none tells the class.

    UNKNOWN when at such a titre no immunofixation that tells the class is found, and the paraprotein tests could not be
    had whole.
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

    YES when an adult before treatment with possible disease has a neuropathy on the problem list, anti-MAG is untested,
    weak or unclear, and one of vitamin B12, glucose or HbA1c, and TSH was not done in the last {other_causes.max_age}
    and is neither ordered nor awaited.

    NO when all three were done in that time, are ordered or awaited, when anti-MAG is positive or negative, and when
    there is no such neuropathy or the diagnosis is of another tier.

    UNKNOWN when no anti-MAG result is found and the laboratory results could not be had whole; and when none of the
    three is known to lack, but one of them could not be read, or is not found in a list that could not be had whole.
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
