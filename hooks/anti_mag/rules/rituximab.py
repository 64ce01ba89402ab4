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

    UNKNOWN where only the severity is missing or old: the card then says so and recommends none of its suggestions.
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
