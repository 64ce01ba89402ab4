"""Physical therapy and pain care beside immunotherapy (ruling 12)."""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book

WITH_DISEASE = frozenset(
    {
        State.SEVERITY_UNKNOWN,
        State.MILD_STABLE,
        State.TREATABLE,
        State.PLANNED,
        State.FLARE_WINDOW,
        State.ASSESSMENT,
        State.REFRACTORY,
        State.RETREATMENT,
    }
)


@book.rule(
    "supportive_care.needs_are_met",
    logic="supportiveCare",
    cards=("supportiveCare",),
    hooks=CHART_OPENED,
    cites=("COCHRANEEX", "STRECKMANN2014", "AQUATIC2018", "NICECG173"),
    thresholds=("supportive.within", "disability.rankin", "disability.leg", "disability.total", "score.max_age"),
    drugs=("pain_medicine",),
)
def needs_are_met(picture: ClinicalPicture) -> Finding:
    """Offer physical therapy for disability, gait disorder or falls, and pain care for neuropathic pain.

    YES when an adult with probable or confirmed disease, or with rituximab planned or given for disease that is at
    least possible, has disabling scores (modified Rankin {disability.rankin}, INCAT or ONLS leg {disability.leg} or
    total {disability.total}, or more), ataxia, unsteadiness or falls on record and no physical therapy ordered or done
    in the last {supportive.within}, or neuropathic pain and no medicine for it in that time.

    NO when there is no such need, or each is being met.

    UNKNOWN when a need is there, nothing that meets it is found, and the orders and procedures, or for pain the
    prescriptions, could not be had whole.
    """
    care = picture.supportive_care
    if not picture.is_adult or picture.state not in WITH_DISEASE:
        return Finding.no()
    facts = (
        *(care.movement_need.facts if lacks_physical_therapy(picture) else ()),
        *(care.pain_need.facts if lacks_pain_care(picture) else ()),
    )
    if facts:
        return Finding.yes(*facts)
    if care.movement_need.holds and not (care.has_physical_therapy or care.knows_physical_therapy):
        return Finding.unknown("physical therapy within the year", facts=care.movement_need.facts)
    if care.pain_need.holds and not (care.has_pain_medicine or care.knows_pain_medicine):
        return Finding.unknown("pain medicine within the year", facts=care.pain_need.facts)
    return Finding.no()


def lacks_physical_therapy(picture: ClinicalPicture) -> bool:
    """A need that physical therapy answers, and none within the year."""
    care = picture.supportive_care
    return care.movement_need.holds and care.knows_physical_therapy and not care.has_physical_therapy


def lacks_pain_care(picture: ClinicalPicture) -> bool:
    """Neuropathic pain, and no medicine for it within the year."""
    care = picture.supportive_care
    return care.pain_need.holds and care.knows_pain_medicine and not care.has_pain_medicine
