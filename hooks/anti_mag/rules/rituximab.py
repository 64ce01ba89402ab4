"""Rituximab as the first choice (TX-1, rulings 1 to 5).

Whether treatment is indicated at all is `picture.indication`'s; a further course is `retreatment`'s.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.indication import would_be_indicated
from hooks.anti_mag.rulebook import book

SEVERITY_MISSING = "how disabling the neuropathy is: INCAT, ONLS or modified Rankin score"
SEVERITY_OLD = "how disabling the neuropathy is now: the scores on record are old"
HISTORY_UNREADABLE = "earlier rituximab: no medication list could be read"


INDICATION = (
    "anti_mag.btu.positive",
    "anti_mag.btu.strong",
    "anti_mag.btu.measurable",
    "anti_mag.blot.supportive",
    "anti_mag.blot.weak",
    "immunofixation.max_age",
    "disability.rankin",
    "disability.leg",
    "disability.total",
    "progression.points",
    "progression.window",
    "progression.i_rods",
    "progression.walk",
    "score.max_age",
    "igm.gate.critical",
    "course.before_neuropathy",
    "palliative.procedure_age",
)
"""Thresholds by which treatment is indicated, and rituximab or plasma exchange comes first."""


@book.rule(
    "rituximab.is_the_first_choice",
    logic="TX-1",
    cards=("rituximab",),
    hooks=CHART_OPENED,
    cites=("MSMART2010", "IWWM8TX", "LEGER2013", "DALAKAS2009", "SVAHN2018", "GAZZOLA2017", "NIERMEIJER2010"),
    thresholds=INDICATION,
    schedule=("flare_check_weeks",),
    drugs=("rituximab",),
)
def is_the_first_choice(picture: ClinicalPicture) -> Finding:
    """In disabling or progressive anti-MAG neuropathy, consider rituximab first; its certainty is low.

    YES when an adult has probable or confirmed disease that disables (modified Rankin {disability.rankin}, INCAT or
    ONLS leg {disability.leg} or total {disability.total}, or more) or progresses (within {progression.window} by
    {progression.points} of INCAT or ONLS, {progression.i_rods} of I-RODS or {progression.walk} of the 10-metre walk, or
    by the clinician's newest word), no rituximab given for it, ordered or drafted, no amyloidosis or POEMS that is
    confirmed, no palliative care, and nothing that forbids it.

    NO when one of these is not so: mild and stable disease, however old its scores, and active hepatitis B, pregnancy,
    a severe reaction to rituximab or leukoencephalopathy (PML) on record, which G2, G8, G9 and G14 say. Rituximab that
    ended more than {course.before_neuropathy} before the neuropathy was first on record was not given for it.

    UNKNOWN when all the rest is so and no score says how disabling the disease is, or those that call it disabling are
    older than {score.max_age}: the card then recommends none of its suggestions. Medication lists that could not be had
    change nothing, and are named.
    """
    if not is_recommended(picture):
        return Finding.no()
    facts = (*picture.diagnosis.facts, *picture.disability.severity_facts)
    current = picture.igm.current
    if current is not None and all(fact.reference != current.fact.reference for fact in facts):
        facts = (*facts, current.fact)
    earlier = [dose.fact for course in picture.rituximab.courses[:1] for dose in course.doses[-1:]]
    facts = (*facts, *earlier)
    history = () if picture.rituximab.is_readable else (HISTORY_UNREADABLE,)
    if picture.disability.severity is Severity.UNKNOWN:
        return Finding.unknown(SEVERITY_MISSING, *history, facts=facts)
    if picture.disability.severity_is_old:
        return Finding.unknown(SEVERITY_OLD, *history, facts=facts)
    return Finding.yes(*facts, missing=history)


def is_recommended(picture: ClinicalPicture) -> bool:
    """Treatment is indicated, if only on condition, and nothing forbids rituximab."""
    return would_be_indicated(picture) and not hard_contraindications(picture)
