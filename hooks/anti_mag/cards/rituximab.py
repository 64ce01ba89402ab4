"""The `rituximab` card: the first choice now, with the regimens; or plasma exchange before it (TX-1, rulings 1, 2, 5).

Missing tests stand on the `diagnosticWorkUp` card; this one names a missing severity only.
"""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from cds_service.record import Fact
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, make_card, marked, whose_number
from hooks.anti_mag.cards.course_wording import last_dose, not_on_top, other_antibodies, plan, plan_sources
from hooks.anti_mag.cards.gives_way import red_flag_leads
from hooks.anti_mag.cards.igm_wording import in_mg_dl
from hooks.anti_mag.cards.red_flag import AFTER_IT, settled_first
from hooks.anti_mag.cards.suggestions import already_in_hand, exchange_and_haematology
from hooks.anti_mag.cards.unread_wording import score_in_words, unread_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.indication import exchange_comes_first

CERTAINTY = (
    "**Certainty is low:** two randomised trials missed their end points (LEGER2013, DALAKAS2009); a third to a half "
    "improve, about 12 % worsen for a time (SVAHN2018, GAZZOLA2017)."
)
DECIDING = 2
"""Facts shown: the drafts to take over are to stand on the first screen."""
DECISION = "Decide with neurology, haematology and the patient."


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """The recommendation, on condition where severity is not on record; None where rituximab is no first choice."""
    answer = answers.get("TX-1")
    if answer is None or answer.finding.truth is Truth.NO:
        return None
    has_red_flag = red_flag_leads(answers)
    if exchange_comes_first(picture):
        return _exchange_first(picture, answer, has_red_flag=has_red_flag)
    is_conditional = answer.finding.truth is Truth.UNKNOWN
    is_igm_clear = not (picture.igm.unclear or picture.igm.unread)
    is_certain = is_igm_clear and not picture.rituximab.is_in_doubt and not has_red_flag
    is_free = is_certain and not other_antibodies(picture)
    is_recommended = not is_conditional and picture.diagnosis.tier >= Tier.PROBABLE and is_free
    return make_card(
        picture,
        "rituximab",
        Indicator.INFO,
        _summary(picture, is_conditional=is_conditional, has_red_flag=has_red_flag),
        [
            *(settled_first(picture) if has_red_flag else ()),
            *not_on_top(picture),
            f"{_lead(picture, is_conditional=is_conditional)} {CERTAINTY}",
            plan(picture),
            *_history(picture),
        ],
        [answer],
        suggestions=(
            proposals.rituximab_weekly(picture, is_recommended=is_recommended),
            proposals.rituximab_two_doses(picture),
        ),
        selection_behavior="at-most-one",
        more_evidence=plan_sources(picture),
        deciding=_deciding(picture),
        is_missing_told=True,
        most=DECIDING,
    )


def _deciding(picture: ClinicalPicture) -> list[Fact]:
    """How disabling it is, by one score, or what it got worse by; the antibody, the IgM; then the rest of these."""
    current = [picture.igm.current.fact] if picture.igm.current else []
    severity, anti_mag = picture.disability.severity_facts, picture.diagnosis.anti_mag.facts
    is_one_enough = picture.disability.severity is Severity.DISABLING
    return [*(severity[-1:] if is_one_enough else severity), *anti_mag[:1], *current, *severity, *anti_mag]


def _summary(picture: ClinicalPicture, *, is_conditional: bool, has_red_flag: bool) -> str:
    first, other = "rituximab is the first choice", other_antibodies(picture)
    if has_red_flag:
        end = AFTER_IT
    elif other:
        end = f", not on top of {other}"
    else:
        end = f"; severity {_known_severity(picture)}" if is_conditional else " (off-label)"
    if is_conditional:
        return f"Anti-MAG neuropathy: if disabling or progressive, {first}{end}"
    severity = "" if has_red_flag else f" {_severity(picture)}"
    return f"{_tier(picture).capitalize()}{severity} anti-MAG neuropathy: {first}{end}"


def _lead(picture: ClinicalPicture, *, is_conditional: bool) -> str:
    by_guideline = "the first choice by guideline** (MSMART2010), off-label"
    if not is_conditional:
        return f"**Rituximab is {by_guideline}: decide with haematology and the patient."
    return (
        f"**If the neuropathy is disabling or progressive, rituximab is {by_guideline}. The diagnosis is "
        f"{_tier(picture)}. {_why_conditional(picture)} "
        f"Record INCAT or ONLS first; mild and stable disease is watched, not treated. {DECISION}"
    )


def _known_severity(picture: ClinicalPicture) -> str:
    if picture.disability.severity_is_old:
        return "is old"
    is_told = picture.disability.is_readable and not picture.disability.unread
    return "is not on record" if is_told else "could not be read"


def _why_conditional(picture: ClinicalPicture) -> str:
    if picture.disability.severity_is_old:
        return "The scores that call it disabling are old."
    known = (
        "No score on record tells how disabling it is."
        if picture.disability.is_readable
        else "Scores could not be read."
    )
    return score_in_words(picture) or known


def _tier(picture: ClinicalPicture) -> str:
    return "confirmed" if picture.diagnosis.tier is Tier.CONFIRMED else "probable"


def _severity(picture: ClinicalPicture) -> str:
    return "disabling" if picture.disability.severity is Severity.DISABLING else "progressive"


def _history(picture: ClinicalPicture) -> list[str]:
    """An earlier course for something else, what leaves open whether there was another, and an IgM that could not be
    read."""
    history, said = picture.rituximab, []
    if not history.is_readable:
        said.append("no medication list could be read")
    if history.unnamed:
        records = "1 medication record names" if history.unnamed == 1 else f"{history.unnamed} medication records name"
        said.append(f"{records} no drug")
    said += [
        f"rituximab is recorded ({fact.date or 'no date'}) without saying whether it was given"
        for fact in history.uncertain[:1]
    ]
    said += [
        f"a rituximab order ({fact.date or 'no date'}) is on record as {fact.status}, and nothing says that it was "
        "given"
        for fact in history.ordered_only[:1]
    ]
    before = picture.thresholds.row("course.before_neuropathy")
    earlier = [
        f"**Rituximab was given before, until {last_dose(course)}**, more than {before.value} months "
        f"({whose_number(before)}) before the neuropathy is on record: it treated something else. Ask what for, and "
        "how "
        "it was borne."
        for course in history.courses[:1]
        if history.treated_something_else
    ]
    doubt = f"**Earlier rituximab could not be excluded**: {'; '.join(said)}. Ask the patient."
    unread = [f"The {unread_in_words(one, 'IgM')}. Look it up first." for one in picture.igm.unread[:1]]
    return [*earlier, *([doubt] if said else []), *unread]


def _exchange_first(picture: ClinicalPicture, answer: Answer, *, has_red_flag: bool) -> Card:
    is_conditional = answer.finding.truth is Truth.UNKNOWN
    condition = "If the neuropathy is disabling or progressive, treatment" if is_conditional else "Treatment"
    lead = "If it is treated, exchange plasma" if is_conditional else "Exchange plasma"
    return make_card(
        picture,
        "rituximab",
        Indicator.WARNING,
        f"{_reason(picture)}: {_order_of_treatment(picture, is_conditional=is_conditional, has_red_flag=has_red_flag)}",
        [
            *(settled_first(picture) if has_red_flag else ()),
            f"**{lead} before rituximab, together with haematology** (IWWM8TX): "
            f"{_because(picture)}, and rituximab can raise IgM further. No rituximab is offered here for now.",
            *already_in_hand(picture),
            f"{condition} of this {_tier(picture)} anti-MAG neuropathy is indicated: rituximab is the first choice by "
            f"guideline (MSMART2010), off-label, once that is settled. {DECISION}",
            CERTAINTY,
            *_history(picture),
        ],
        [answer],
        suggestions=exchange_and_haematology(picture),
        more_evidence=("TREON2004",),
        deciding=_deciding_exchange(picture),
        is_missing_told=True,
        most=DECIDING,
    )


def _deciding_exchange(picture: ClinicalPicture) -> list[Fact]:
    current = [picture.igm.current.fact] if picture.igm.current else []
    return [*current, *_deciding(picture)]


def _order_of_treatment(picture: ClinicalPicture, *, is_conditional: bool, has_red_flag: bool) -> str:
    after = AFTER_IT if has_red_flag else ""
    if not is_conditional:
        return f"plasma exchange first, then rituximab{after or ' for the anti-MAG neuropathy'}"
    end = after or f"; severity {_known_severity(picture)}"
    return f"if the neuropathy is treated, plasma exchange before rituximab{end}"


def _reason(picture: ClinicalPicture) -> str:
    current = picture.igm.current
    if current is not None and picture.igm.is_at_limit(picture.thresholds):
        return f"IgM {in_mg_dl(current)}"
    return "Serum viscosity above 4 cP"


def _because(picture: ClinicalPicture) -> str:
    current = picture.igm.current
    if current is None or not picture.igm.is_at_limit(picture.thresholds):
        return "serum viscosity is above 4 cP"
    doubt = ""
    if current.is_preliminary:
        doubt = " (preliminary: confirm it)"
    elif current.is_inferred:
        doubt = " (unit inferred from its reference range: confirm it)"
    return f"IgM is {in_mg_dl(current)}{doubt}, at or above {marked(picture.thresholds, 'igm.gate.critical')}"
