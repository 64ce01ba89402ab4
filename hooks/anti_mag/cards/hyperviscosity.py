"""The `hyperviscosity` card: symptoms (HV-1), a raised viscosity at a rituximab order (G5), a threatening IgM (WU-5).

One card for the topic. With symptoms it speaks for G4 and FL-3 as well (ruling 33); where WU-5 stands aside is
`gives_way`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, make_card, truth_of
from hooks.anti_mag.cards.igm_wording import igm_in_words, in_mg_dl
from hooks.anti_mag.cards.plasma_exchange_flare import viscosity_warning
from hooks.anti_mag.cards.suggestions import exchange_and_haematology, exchange_in_hand, haematology
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import drugs_checked, gated

SAME_DAY = (
    "**Same-day haematology and apheresis: plasma exchange now.** Do not wait for the viscosity where the picture is "
    "typical. Hold rituximab until haematology has reviewed it: it can raise IgM and viscosity further."
)
WHY = (
    "Symptomatic hyperviscosity calls for immediate plasma exchange, and two or three exchanges lower IgM by 30 to "
    "60 %; a viscosity above 4 cP raises the suspicion (IWWM8TX, GERTZ2018, MEDSCAPEHV)."
)
BEFORE_THIS_ORDER = (
    "**Do not give rituximab before haematology has seen this.** Serum viscosity is above 4 cP without a coded "
    "symptom; rituximab can raise it further. Ask about bleeding, sight, headache and confusion."
)
BEFORE_SYMPTOMS = (
    "Of 825 patients nobody had symptomatic hyperviscosity below 30 g/L (GUSTINE2017). A high IgM without symptoms is "
    "a "
    "reason to look, not by itself one to treat the neuropathy."
)
CONFIRM_UNIT = (
    "**Ask the laboratory for the unit.** A serum IgM came without one, and read one way it is 4000 mg/dL or more."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """Critical with HV-1 or G5, else a warning; None where neither the patient nor the value threatens."""
    urgent = [answers[logic] for logic in ("HV-1", "G5") if is_yes(answers, logic)]
    if urgent:
        return _urgent(picture, answers, urgent)
    if is_yes(answers, "WU-5"):
        return _threatening(picture, answers["WU-5"])
    unread = [answers[logic] for logic in ("HV-1", "G5") if truth_of(answers, logic) is Truth.UNKNOWN]
    if picture.hyperviscosity.unread and any(answer.finding.facts for answer in unread):
        return _viscosity_unread(picture, unread)
    if truth_of(answers, "WU-5") is Truth.UNKNOWN and picture.igm.unclear:
        return _unclear(picture, answers["WU-5"])
    return None


def _urgent(picture: ClinicalPicture, answers: Answers, behind: Sequence[Answer]) -> Card:
    has_symptoms = picture.hyperviscosity.symptoms.holds
    spoken_for = ("G4", "FL-3") if is_yes(answers, "HV-1") else ()
    absorbed = [answers[logic] for logic in spoken_for if is_yes(answers, logic)]
    return make_card(
        picture,
        "hyperviscosity",
        Indicator.CRITICAL,
        "Hyperviscosity: same-day haematology, plasma exchange, hold rituximab"
        if has_symptoms
        else "Serum viscosity above 4 cP: no rituximab before haematology has seen this",
        [
            SAME_DAY if has_symptoms else BEFORE_THIS_ORDER,
            *(_held_order(picture) if any(answer.rule.logic == "G4" for answer in absorbed) else ()),
            *exchange_in_hand(picture),
            WHY,
        ],
        [*behind, *absorbed],
        suggestions=[*exchange_and_haematology(picture), *_tests(picture)],
        deciding=picture.hyperviscosity.symptoms.facts,
        lines=_signs(picture),
        told=[picture.igm.current.fact] if picture.igm.current else (),
    )


def _held_order(picture: ClinicalPicture) -> list[str]:
    """What G4 would say of the order."""
    orders = "; ".join(dict.fromkeys(escaped(draft.name) for draft in gated(picture, "G4")))
    limit, drug = picture.thresholds["igm.gate.critical"], drugs_checked(picture, "G4")
    return [f"**Do not give this {drug} order now** ({orders}): IgM is at or above {limit} mg/dL (IWWM8TX)."]


def _signs(picture: ClinicalPicture) -> list[str]:
    """The IgM, and the viscosity where none can be listed."""
    current = picture.igm.current
    unknown = next((f"The {unread_in_words(one, 'IgM')}" for one in picture.igm.unread), "Serum IgM **not known**")
    unread = picture.hyperviscosity.unread
    viscosity = "Serum viscosity could not be read" if unread else "Serum viscosity **not on record**"
    return [
        f"Serum IgM **{igm_in_words(current)}**" if current else unknown,
        *([] if picture.hyperviscosity.viscosity else [viscosity]),
    ]


def _threatening(picture: ClinicalPicture, answer: Answer) -> Card:
    current = picture.igm.current
    assert current is not None  # WU-5 is about it
    return make_card(
        picture,
        "hyperviscosity",
        Indicator.WARNING,
        f"IgM {in_mg_dl(current)}: measure serum viscosity, look at the fundi, ask haematology",
        [
            "**Measure serum viscosity, have the fundi looked at, and refer to haematology.** Ask about nosebleeds, "
            "bleeding gums, sight, headache and confusion; any of them makes it an emergency.",
            *viscosity_warning(picture),
            BEFORE_SYMPTOMS,
        ],
        [answer],
        suggestions=[*_tests(picture), *haematology(picture)],
        lines=[f"Serum IgM **{igm_in_words(current)}**"],
        told=[current.fact],
        is_missing_told=True,
    )


def _tests(picture: ClinicalPicture) -> list[Suggestion]:
    is_measured = picture.hyperviscosity.viscosity is not None or "viscosity" in picture.drafts.tests_ordered
    return [] if is_measured else [proposals.test(picture, "viscosity")]


def _unclear(picture: ClinicalPicture, answer: Answer) -> Card:
    value = picture.igm.unclear[0].value
    is_ordered = "igm" in picture.drafts.tests_ordered
    return make_card(
        picture,
        "hyperviscosity",
        Indicator.WARNING,
        f"IgM {value} without a unit: mg/dL or g/L? It may be 4000 mg/dL or more, confirm",
        [CONFIRM_UNIT, f"{_both_readings(str(value))} Until it is known, nothing is inferred from it."],
        [answer],
        suggestions=() if is_ordered else (proposals.test(picture, "igm"),),
        is_missing_told=True,
    )


def _viscosity_unread(picture: ClinicalPicture, behind: Sequence[Answer]) -> Card:
    told = unread_in_words(picture.hyperviscosity.unread[0], "serum viscosity")
    symptoms = picture.hyperviscosity.symptoms.facts
    seen = (
        f" Recorded beside it: {'; '.join(escaped(str(fact.value or fact.what)) for fact in symptoms)}."
        if symptoms
        else ""
    )
    return make_card(
        picture,
        "hyperviscosity",
        Indicator.WARNING,
        "Serum viscosity could not be read: look it up, hyperviscosity is not excluded",
        [f"**Look the viscosity up now, or measure it again.** The {told}. It excludes nothing.{seen}"],
        behind,
        suggestions=_tests(picture),
    )


def _both_readings(value: str) -> str:
    return f"IgM {escaped(value)} without a unit: {escaped(value)} mg/dL, or {escaped(value)} g/L (100 times as much)?"
