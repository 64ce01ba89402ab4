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

    Symptoms count only where a monoclonal IgM is on record, as in HV-1: a nosebleed alone is no hyperviscosity. UNKNOWN
    where a viscosity as new as the one on record could not be read (ruling 24).
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

    YES when pregnancy is coded or the newest pregnancy test is positive; UNKNOWN when neither could be read.
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

    YES without a fresh negative test; NO where pregnancy is on record (G8) or excluded; UNKNOWN when the tests could
    not be read.
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

    Before any order only a severe reaction is a YES. UNKNOWN when the allergies could not be read.
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

    YES for any such problem that was not refuted, however old; UNKNOWN when the problem list could not be read.
    """
    return _answer(picture, "G14", picture.contraindications.leukoencephalopathy)


def _answer(picture: ClinicalPicture, gate: str, statement: Statement) -> Finding:
    """What the chart says of a contraindication, where the gate runs or a contraindication stands without an order."""
    if not gated(picture, gate) and not stands_alone(picture):
        return Finding.no()
    return Finding(statement.truth, statement.facts, statement.missing)
