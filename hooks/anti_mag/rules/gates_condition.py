"""Gates on the patient's condition before rituximab: infection, counts, diagnosis, other diseases (G6, G12, G13, G15).

The numbers of G12 are this service's defaults; a count that is missing is none of its business (ruling 16).
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import FITTING_PATTERNS, Diagnosis, Tier
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.infection_is_active",
    logic="G6",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("RTXUSPI",),
    thresholds=("infection.recent",),
)
def infection_is_active(picture: ClinicalPicture) -> Finding:
    """Defer rituximab while a severe infection is active; with a minor one or fever decide before the dose.

    YES when rituximab is ordered for an adult's neuropathy, or another anti-CD20 antibody for an adult of ours, and the
    problem list holds an active sepsis, tuberculosis, pneumonia or other severe infection, a suspected one included, or
    a minor infection or fever that was begun or recorded in the last {infection.recent}. A severe one without a
    clinical status counts no longer than that.

    NO when none is on the list, or nothing of this is ordered.

    UNKNOWN when none is found and the problem list could not be had whole.
    """
    if not gated(picture, "G6"):
        return Finding.no()
    found = picture.infection
    statements = (found.severe, found.suspected, found.minor)
    facts = tuple(fact for statement in statements for fact in statement.facts)
    if facts:
        return Finding.yes(*facts)
    return Finding.unknown(*found.severe.missing) if found.severe.is_unknown else Finding.no()


@book.rule(
    "rituximab_safety.blood_count_or_igg_is_low",
    logic="G12",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("CD20MON2024", "ASHED2020", "AAAAI2022"),
    thresholds=(
        "counts.neutrophils",
        "counts.platelets",
        "counts.igg",
        "counts.max_age",
        "igg.replacement",
        "igg.very_low",
    ),
)
def blood_count_or_igg_is_low(picture: ClinicalPicture) -> Finding:
    """With few neutrophils, few platelets or a low IgG, find the reason and decide before rituximab.

    YES when rituximab is ordered for an adult's neuropathy, and the newest final result of the last {counts.max_age},
    or a preliminary one after it, is low: neutrophils below {counts.neutrophils}, platelets below {counts.platelets},
    or IgG below {counts.igg}.

    NO when none is low; a value that was never measured is the baseline's matter (PL-1).

    UNKNOWN when none is low and one as new as the final result, or without a day, could not be read; and when one has
    no value and the laboratory results could not be had whole.
    """
    if not gated(picture, "G12"):
        return Finding.no()
    counts = picture.counts
    if counts.low:
        return Finding.yes(*(low.fact for low in counts.low))
    if counts.unread:
        facts = tuple(unread.fact for unread in counts.unread)
        return Finding.unknown(*dict.fromkeys(fact.what for fact in facts), facts=facts)
    return Finding.unknown(*counts.unknown) if counts.unknown else Finding.no()


@book.rule(
    "rituximab_safety.diagnosis_is_open",
    logic="G13",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("JADPRO2022", "BMJWM", "EFNSPNS2010"),
)
def diagnosis_is_open(picture: ClinicalPicture) -> Finding:
    """Settle red flags before rituximab, and know what is missing where the disease is only possible.

    YES when rituximab is ordered for an adult's neuropathy, and a red flag is on record, whatever the diagnosis:
    amyloidosis, POEMS, cryoglobulinaemia, nephrotic syndrome or orthostatic hypotension on the problem list, suspected
    ones included, a raised VEGF, or an axonal conduction study. Also when the disease is only possible, by lists that
    were had whole.

    NO when there is no red flag and the disease is confirmed or probable, or not even possible (ruling 16).

    UNKNOWN when no red flag is found, and the problem list could not be had whole, or the disease is possible and a
    list that would hold a missing piece of it could not.
    """
    if not gated(picture, "G13"):
        return Finding.no()
    flags = picture.red_flags.coded
    missing = missing_pieces(picture.diagnosis)
    if missing and not flags.holds and _is_piece_unread(picture):
        return Finding.unknown(*missing, facts=picture.diagnosis.facts)
    if flags.holds or missing:
        return Finding.yes(*flags.facts, *(picture.diagnosis.facts if missing else ()), missing=missing)
    return Finding.unknown(*flags.missing) if flags.is_unknown else Finding.no()


def _is_piece_unread(picture: ClinicalPicture) -> bool:
    is_list_unread = picture.diagnosis.neuropathy.is_unknown or picture.diagnosis.paraprotein.is_unknown
    return is_list_unread or picture.work_up.cannot_tell("anti_mag", "nerve_conduction")


def missing_pieces(diagnosis: Diagnosis) -> tuple[str, ...]:
    """What possible disease lacks for a confirmed diagnosis; empty for any other."""
    if diagnosis.tier is not Tier.POSSIBLE:
        return ()
    has_antibody = diagnosis.anti_mag.verdict == "positive" and diagnosis.anti_mag.is_igm
    pieces = {
        "a neuropathy on the problem list": diagnosis.neuropathy.holds,
        "a positive anti-MAG IgM": has_antibody,
        "an IgM paraprotein": diagnosis.paraprotein.holds,
        "a nerve conduction study that fits": diagnosis.nerve_pattern in FITTING_PATTERNS,
    }
    return tuple(piece for piece, is_there in pieces.items() if not is_there)


@book.rule(
    "rituximab_safety.other_disease_asks_for_care",
    logic="G15",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("RTXUSPI", "BENEDETTIMS2007"),
)
def other_disease_asks_for_care(picture: ClinicalPicture) -> Finding:
    """In heart disease monitor the infusion of rituximab; in multiple sclerosis know that relapses were seen after it.

    YES when rituximab is ordered for an adult's neuropathy, and multiple sclerosis, a serious arrhythmia, angina, heart
    failure or an acute heart attack is an active, confirmed problem.

    NO when none is, or nothing of this is ordered.

    UNKNOWN when none is found and the problem list could not be had whole.
    """
    if not gated(picture, "G15"):
        return Finding.no()
    found = picture.comorbidity
    facts = (*found.multiple_sclerosis.facts, *found.heart.facts)
    if facts:
        return Finding.yes(*facts)
    return Finding.unknown(*found.heart.missing) if found.heart.is_unknown else Finding.no()
