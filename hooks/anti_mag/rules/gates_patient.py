"""Gates on the patient before rituximab: hyperviscosity, pregnancy, past reactions, PML (G5, G8, G8b, G9, G14).

G8, G9 and G14 speak before any order too, where rituximab would be the first choice (ruling 3).
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding, Truth
from hooks.anti_mag.hooks import CHART_OPENED, ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import gated, stands_alone
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.hyperviscosity import has_monoclonal_igm


@book.rule(
    "rituximab_safety.hyperviscosity_comes_first",
    logic="G5",
    cards=("hyperviscosity",),
    hooks=ORDERS,
    cites=("IWWM8TX", "MEDSCAPEHV", "GERTZ2018"),
    thresholds=(
        "viscosity.raised",
        "viscosity.max_age",
        "hyperviscosity.symptom_age",
        "igm.gate.caution",
        "igm.fresh",
        "igm.max_age",
        "igm.plausible_max",
    ),
)
def hyperviscosity_comes_first(picture: ClinicalPicture) -> Finding:
    """With symptoms of hyperviscosity, or a viscosity above 4 cP, hold rituximab and see haematology the same day.

    YES when rituximab is ordered for an adult for any stated reason, or without one for an adult of ours, or another
    anti-CD20 antibody for an adult of ours and not for something else, and the serum viscosity of the last
    {viscosity.max_age} is above {viscosity.raised}, or, beside a monoclonal IgM, a symptom of hyperviscosity of the
    last {hyperviscosity.symptom_age} counts, by the same measure as in HV-1.

    NO when neither is so: a nosebleed alone is no hyperviscosity, nor is a problem list that could not be read a sign
    of it.

    UNKNOWN when neither is so and a viscosity as new as the one that decides, or without a day, could not be read
    (ruling 24).
    """
    if not gated(picture, "G5"):
        return Finding.no()
    symptoms, raised = picture.hyperviscosity.symptoms, picture.hyperviscosity.is_viscosity_raised
    signs = (symptoms, raised) if has_monoclonal_igm(picture) is Truth.YES else (raised,)
    facts = tuple(fact for sign in signs if sign.holds for fact in sign.facts)
    if any(sign.holds for sign in signs):
        return Finding.yes(*facts)
    unread = picture.hyperviscosity.unread
    return Finding.unknown("serum viscosity", facts=tuple(one.fact for one in unread)) if unread else Finding.no()


@book.rule(
    "rituximab_safety.pregnancy_is_recorded",
    logic="G8",
    cards=("rituximabSafety",),
    hooks=(*CHART_OPENED, *ORDERS),
    cites=("WHITTAM2019", "RTXUSPI"),
    thresholds=("pregnancy.test_age", "pregnancy.age_max", "pregnancy.age_min"),
)
def pregnancy_is_recorded(picture: ClinicalPicture) -> Finding:
    """Do not start rituximab in pregnancy: it can harm the fetus.

    YES when rituximab is ordered for an adult for any stated reason, or without one for an adult of ours, or another
    anti-CD20 antibody for an adult of ours (or, nothing being ordered, rituximab would be the first choice if nothing
    forbade it), and pregnancy is an active problem, or the newest pregnancy test or status of the last
    {pregnancy.test_age} is positive. What rules pregnancy out (sterilisation, no uterus or ovaries, menopause) silences
    a test, and a pregnancy that was not entered after it.

    NO when neither is on record. Where pregnancy is ruled out or not possible (recorded as male, younger than
    {pregnancy.age_min}, older than {pregnancy.age_max}), lists that could not be had change nothing.

    UNKNOWN when pregnancy is possible by sex and age, nothing of this is found, and problem list or pregnancy tests
    could not be had whole.
    """
    return _answer(picture, "G8", picture.contraindications.pregnancy)


@book.rule(
    "rituximab_safety.pregnancy_is_not_excluded",
    logic="G8b",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("WHITTAM2019", "CD20MON2024", "RTXUSPI"),
    thresholds=("pregnancy.test_fresh", "pregnancy.age_min", "pregnancy.age_max"),
)
def pregnancy_is_not_excluded(picture: ClinicalPicture) -> Finding:
    """Where pregnancy is possible, have a negative pregnancy test and a plan for contraception before rituximab.

    YES when rituximab is ordered for an adult's neuropathy, or another anti-CD20 antibody for an adult of ours, and the
    patient is not recorded as male, is between {pregnancy.age_min} and {pregnancy.age_max} old, has nothing on record
    that rules pregnancy out, and no final negative test of the last {pregnancy.test_fresh} is there; also when one as
    new as that could not be understood.

    NO when such a test is there, pregnancy is on record (G8) or ruled out, or not possible by sex or age.

    UNKNOWN when such a test is not found and the pregnancy tests could not be had whole.
    """
    if not gated(picture, "G8b"):
        return Finding.no()
    due = picture.contraindications.pregnancy_test_due
    if due.holds:
        return Finding.yes(*due.facts, missing=("a negative pregnancy test",))
    return Finding(due.truth, due.facts, due.missing)


@book.rule(
    "rituximab_safety.reaction_to_rituximab_is_recorded",
    logic="G9",
    cards=("rituximabSafety",),
    hooks=(*CHART_OPENED, *ORDERS),
    cites=("RTXUSPI", "CD20MON2024"),
)
def reaction_to_rituximab_is_recorded(picture: ClinicalPicture) -> Finding:
    """Do not give rituximab after a severe or mucocutaneous reaction to it; after a mild one premedicate and slow down.

    YES when rituximab is ordered at any age and for any stated reason, or without one for a patient of ours, and an
    allergy or intolerance to it or to a murine protein is on record, mild, severe or of unknown severity. When nothing
    is ordered and rituximab would be the first choice if nothing forbade it, for a severe one alone: so graded, of high
    criticality, or with anaphylaxis, cardiac arrest or a mucocutaneous reaction.

    NO when no such entry is on record or only refuted ones are, and, with nothing ordered, for one that is mild or of
    unknown severity.

    UNKNOWN when none is found and the allergies could not be had whole.
    """
    found = picture.contraindications
    severe = _answer(picture, "G9", found.severe_reaction)
    if not gated(picture, "G9"):
        return severe
    others = (*found.unclear_reaction.facts, *found.mild_reaction.facts)
    return Finding.yes(*severe.facts, *others) if others else severe


@book.rule(
    "rituximab_safety.leukoencephalopathy_is_recorded",
    logic="G14",
    cards=("rituximabSafety",),
    hooks=(*CHART_OPENED, *ORDERS),
    cites=("RTXUSPI",),
)
def leukoencephalopathy_is_recorded(picture: ClinicalPicture) -> Finding:
    """Do not give rituximab after progressive multifocal leukoencephalopathy.

    YES when rituximab is ordered for an adult's neuropathy, or another anti-CD20 antibody for an adult of ours (or,
    nothing being ordered, rituximab would be the first choice if nothing forbade it), and leukoencephalopathy (PML) is
    on the problem list by code or full name, a suspicion included, however old and whether or not it is over.

    NO when it is not on the list, or only refuted there.

    UNKNOWN when it is not found and the problem list could not be had whole.
    """
    return _answer(picture, "G14", picture.contraindications.leukoencephalopathy)


def _answer(picture: ClinicalPicture, gate: str, statement: Statement) -> Finding:
    """What the chart says of a contraindication, where the gate runs or a contraindication stands without an order."""
    if not gated(picture, gate) and not stands_alone(picture):
        return Finding.no()
    return Finding(statement.truth, statement.facts, statement.missing)
