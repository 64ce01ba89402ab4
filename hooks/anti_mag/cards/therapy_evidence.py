"""The `therapyEvidence` card: what is known of the therapy being ordered in anti-MAG neuropathy (TX-4).

Where rituximab would be the first choice, says so and offers its regimens (ruling 9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.markdown import escaped
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, make_card, unique
from hooks.anti_mag.cards.rituximab import CERTAINTY
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import ALKYLATORS, DraftOrder
from hooks.anti_mag.picture.indication import exchange_comes_first, would_be_indicated
from hooks.anti_mag.picture.order_names import STEROIDS
from hooks.anti_mag.rules.therapies import chronic_therapies

IVIG = (
    "**Immunoglobulin (IVIG)**: AANEM does not recommend it in IgM paraproteinaemic neuropathy, on Class I evidence "
    "(AANEMIVIG). One randomised trial of 22 patients found a short-term benefit (COMI2002); in another, 2 of 11 "
    "improved, which was not significant (DALAKAS1996). The Australian criteria see 2 to 4 weeks' benefit, of low "
    "quality, and allow a trial only for significant progressive disability after other treatment failed (NBA-AU). "
    "An older review lists it as an alternative (RISON2016)."
)
EXCHANGE = (
    "**Plasma exchange for the chronic disease**: ASFA category III, grade 1C, that is case by case (ASFA2023). AAN "
    "2011: probably not effective in IgM neuropathy, Level B (AAN2011PLEX). In the randomised trial patients with "
    "IgM benefited less than those with IgG or IgA; its schedule was twice weekly for 3 weeks (DYCK1991). An IgM "
    "flare after rituximab or hyperviscosity is another matter: there it has its place."
)
STEROID = (
    "**Corticosteroid alone**: no trial supports it in anti-MAG neuropathy; a published patient did not respond to a "
    "steroid pulse and immunoglobulin before the diagnosis was made (MOTOYAMA2011)."
)
ALKYLATOR = (
    "**Alkylator**: in a cohort treated before rituximab 10 of 19 treated patients had severe adverse events, with "
    "three deaths possibly related (NOBILE2000). Rituximab with chlorambucil or cyclophosphamide is cohort "
    "evidence: 7 of 10 improved at two years (AAN2025)."
)
CYCLOPHOSPHAMIDE = (
    "Pulses of cyclophosphamide with prednisone made no functional difference at 6 months in a randomised trial "
    "(PMC3002632)."
)


def card(picture: ClinicalPicture, answers: Mapping[str, Answer], thresholds: Thresholds) -> Card | None:
    """One information card for all therapies ordered; None where none is for the chronic neuropathy."""
    answer = answers.get("TX-4")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    drafts = chronic_therapies(picture, thresholds)
    names = ", ".join(unique(_kind(draft) for draft in drafts))
    is_first_choice = would_be_indicated(picture) and not hard_contraindications(picture)
    is_exchange_first = exchange_comes_first(picture, thresholds)
    evidence = [text for draft in drafts for text in _evidence(draft)]
    orders = "; ".join(unique(escaped(draft.name) for draft in drafts))
    lead = (
        _first_choice(picture, orders, is_exchange_first=is_exchange_first)
        if is_first_choice
        else [_not_routine(names)]
    )
    return make_card(
        "therapyEvidence",
        Indicator.INFO,
        _summary(picture, names, is_first_choice=is_first_choice),
        [*lead, *unique(evidence), f"Concerns the order: {orders}."],
        [answer],
        thresholds,
        suggestions=_regimens(picture) if is_first_choice and not is_exchange_first else (),
        selection_behavior="at-most-one",
        more_evidence=unique(
            [
                *(key for draft in drafts for key in _cited(draft)),
                *(("SVAHN2018", "GAZZOLA2017") if is_first_choice else ()),
            ]
        ),
    )


def _summary(picture: ClinicalPicture, names: str, *, is_first_choice: bool) -> str:
    if not is_first_choice:
        return f"Anti-MAG neuropathy: evidence for {names} is weak"
    if not _is_severe(picture):
        return f"Anti-MAG neuropathy: if disabling or progressive, rituximab is the first choice before {names}"
    return f"Anti-MAG neuropathy: rituximab is the first choice before {names} (off-label)"


def _first_choice(picture: ClinicalPicture, orders: str, *, is_exchange_first: bool) -> list[str]:
    condition = ""
    if not _is_severe(picture):
        condition = " if the neuropathy is disabling or progressive (no recent score is on record)"
    lead = f"**Rituximab is the first choice by guideline{condition}** (MSMART2010, IWWM8TX), off-label."
    if is_exchange_first:
        first = "Plasma exchange comes first now, together with haematology, and rituximab after it (IWWM8TX)."
        return [f"{lead} {first}", CERTAINTY]
    return [
        lead,
        CERTAINTY,
        "Two regimens are offered: 375 mg/m² once weekly, four doses, the one that was studied here; or 1000 mg "
        "twice, two weeks apart, used elsewhere; no trial in anti-MAG neuropathy. **If you take one, remove the "
        f"draft of {orders}.**",
    ]


def _not_routine(names: str) -> str:
    aim = f"**Agree with neurology on the aim of {names}, how it is measured and when it is stopped.**"
    return f"{aim} The evidence is weak:"


def _regimens(picture: ClinicalPicture) -> Sequence[Suggestion]:
    """The weekly regimen is recommended only when severity is on record (ruling 2)."""
    return (
        proposals.rituximab_weekly(picture, is_recommended=_is_severe(picture)),
        proposals.rituximab_two_doses(picture),
    )


def _is_severe(picture: ClinicalPicture) -> bool:
    """Disabling or progressive by a recent score."""
    disability = picture.disability
    return disability.severity in (Severity.DISABLING, Severity.PROGRESSIVE) and not disability.severity_is_old


def _kind(draft: DraftOrder) -> str:
    if draft.therapy == "immunoglobulin_iv":
        return "IVIG"
    if draft.therapy == "plasma_exchange":
        return "plasma exchange"
    return "corticosteroid" if draft.therapy in STEROIDS else draft.therapy


def _evidence(draft: DraftOrder) -> list[str]:
    if draft.therapy in ALKYLATORS:
        return [ALKYLATOR, CYCLOPHOSPHAMIDE] if draft.therapy == "cyclophosphamide" else [ALKYLATOR]
    if draft.therapy in STEROIDS:
        return [STEROID]
    return [IVIG if draft.therapy == "immunoglobulin_iv" else EXCHANGE]


def _cited(draft: DraftOrder) -> tuple[str, ...]:
    if draft.therapy in ALKYLATORS:
        own = ("PMC3002632",) if draft.therapy == "cyclophosphamide" else ()
        return ("NOBILE2000", "AAN2025", *own)
    if draft.therapy in STEROIDS:
        return ("MOTOYAMA2011",)
    if draft.therapy == "immunoglobulin_iv":
        return ("AANEMIVIG", "COMI2002", "DALAKAS1996", "NBA-AU", "RISON2016")
    return ("ASFA2023", "AAN2011PLEX", "DYCK1991")
