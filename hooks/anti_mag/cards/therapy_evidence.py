"""The `therapyEvidence` card: what is known of the therapy being ordered in anti-MAG neuropathy (TX-4), or anti-MAG
first in a CIDP with IgM (DX-3). Never both: DX-3 is for patients in whom anti-MAG was not tested.

Where rituximab would be the first choice, says so and offers its regimens (ruling 9). What is known of each therapy is
in `therapy_wording`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, Answers, make_card, marked, unique
from hooks.anti_mag.cards.course_wording import not_on_top, other_antibodies
from hooks.anti_mag.cards.red_flag import settled_first_alone
from hooks.anti_mag.cards.rituximab import CERTAINTY
from hooks.anti_mag.cards.therapy_wording import ANTI_MAG_FIRST, SEROLOGY_FIRST, cited_for, evidence_of
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import DraftOrder, therapy_name
from hooks.anti_mag.picture.indication import exchange_comes_first, would_be_indicated
from hooks.anti_mag.picture.order_names import STEROIDS
from hooks.anti_mag.rules.therapies import chronic_therapies, drafts_for_cidp


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card for all therapies ordered; None where none is for the chronic neuropathy."""
    cidp = answers.get("DX-3")
    if cidp is not None and cidp.finding.truth is Truth.YES:
        return _anti_mag_first(picture, cidp)
    answer = answers.get("TX-4")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    drafts = chronic_therapies(picture)
    names = ", ".join(unique(_kind(draft) for draft in drafts))
    is_first_choice = would_be_indicated(picture) and not hard_contraindications(picture)
    is_exchange_first = exchange_comes_first(picture)
    evidence = [text for draft in drafts for text in evidence_of(draft)]
    orders = "; ".join(unique(escaped(draft.name) for draft in drafts))
    lead = (
        _first_choice(picture, orders, is_exchange_first=is_exchange_first)
        if is_first_choice
        else [_not_routine(names)]
    )
    return make_card(
        picture,
        "therapyEvidence",
        Indicator.INFO,
        _summary(picture, names, is_first_choice=is_first_choice),
        [*lead, *unique(evidence)],
        [answer],
        orders=[escaped(draft.name) for draft in drafts],
        told=[fact for fact in answer.finding.facts if fact.reference in {draft.order.source for draft in drafts}],
        suggestions=_regimens(picture, drafts) if is_first_choice and not is_exchange_first else (),
        selection_behavior="at-most-one",
        more_evidence=unique(
            [
                *(key for draft in drafts for key in cited_for(draft)),
                *(("SVAHN2018", "GAZZOLA2017") if is_first_choice else ()),
            ]
        ),
    )


def _anti_mag_first(picture: ClinicalPicture, answer: Answer) -> Card:
    drafts = drafts_for_cidp(picture)
    serology = _open_serology(picture) if any(draft.therapy == "immunoglobulin_iv" for draft in drafts) else []
    names, orders = unique(_kind(draft) for draft in drafts), unique(escaped(draft.name) for draft in drafts)
    return make_card(
        picture,
        "therapyEvidence",
        Indicator.INFO,
        f"CIDP with an IgM paraprotein, anti-MAG never tested: test it before {' and '.join(names)}",
        [ANTI_MAG_FIRST, *([SEROLOGY_FIRST] if serology else [])],
        [answer],
        orders=orders,
        told=[fact for fact in answer.finding.facts if fact.reference in {draft.order.source for draft in drafts}],
        suggestions=[proposals.test(picture, test, rule="DX-3") for test in ("anti_mag", *serology)],
    )


def _open_serology(picture: ClinicalPicture) -> list[str]:
    markers = {"hbsag": picture.hepatitis_b.surface_antigen, "anti_hbc": picture.hepatitis_b.core_antibody}
    ordered = picture.drafts.tests_ordered
    return [test for test, marker in markers.items() if not marker.is_settled and test not in ordered]


def _summary(picture: ClinicalPicture, names: str, *, is_first_choice: bool) -> str:
    if not is_first_choice:
        return f"Anti-MAG neuropathy: evidence for {names} is weak"
    if picture.red_flags.coded.holds:
        condition = "" if _is_severe(picture) else " if the neuropathy is disabling"
        return f"After the red flag is settled, rituximab is the first choice before {names}{condition}"
    if not _is_severe(picture):
        return f"If the neuropathy is disabling or progressive, rituximab is the first choice before {names}"
    return f"Rituximab (off-label) is the first choice before {names} in anti-MAG neuropathy"


def _first_choice(picture: ClinicalPicture, orders: str, *, is_exchange_first: bool) -> list[str]:
    condition = ""
    if not _is_severe(picture):
        condition = " if the neuropathy is disabling or progressive (no recent score is on record)"
    flag = settled_first_alone(picture) if picture.red_flags.coded.holds else []
    lead = f"**Rituximab is the first choice by guideline{condition}** (MSMART2010), off-label."
    if is_exchange_first:
        first = "Plasma exchange comes first now, together with haematology, and rituximab after it (IWWM8TX)."
        return [*flag, f"{lead} {first}", CERTAINTY]
    return [
        *flag,
        *not_on_top(picture),
        f"{lead} If you take a regimen below, {_ending(picture, orders)}.",
        CERTAINTY,
        "375 mg/m² once weekly, four doses, was studied here; "
        f"{marked(picture.thresholds, 'dose.fixed')} twice, two weeks apart, is used elsewhere; no trial in anti-MAG "
        "neuropathy.",
    ]


def _ending(picture: ClinicalPicture, orders: str) -> str:
    """What becomes of the user's order; one that is refilled has been running for a while."""
    if picture.hook == "medication-refill":
        return f"agree with neurology how {orders} is ended: a running treatment is not stopped at once"
    return f"remove the draft of {orders}"


def _not_routine(names: str) -> str:
    aim = f"**Agree with neurology on the aim of {names}, how it is measured and when it is stopped.**"
    return f"{aim} The evidence is weak:"


def _regimens(picture: ClinicalPicture, drafts: Sequence[DraftOrder]) -> Sequence[Suggestion]:
    """The weekly regimen is recommended only when severity is on record (ruling 2), no red flag is (ruling 30) and no
    other anti-CD20 antibody was given of late. Either comes in the place of the drafts that the card is about, but not
    of what is only refilled."""
    is_free = not (picture.red_flags.coded.holds or other_antibodies(picture))
    is_recommended = _is_severe(picture) and is_free
    replaced = tuple(draft.order.source for draft in drafts if picture.hook != "medication-refill")
    return (
        replace(proposals.rituximab_weekly(picture, is_recommended=is_recommended), replaces=replaced),
        replace(proposals.rituximab_two_doses(picture), replaces=replaced),
    )


def _is_severe(picture: ClinicalPicture) -> bool:
    """Disabling or progressive by a recent score."""
    disability = picture.disability
    return disability.severity in (Severity.DISABLING, Severity.PROGRESSIVE) and not disability.severity_is_old


def _kind(draft: DraftOrder) -> str:
    return "corticosteroid" if draft.therapy in STEROIDS else therapy_name(draft.therapy)
