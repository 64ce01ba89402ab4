"""An allergy or intolerance to rituximab that is being put on record (AL-1, ruling 23).

It blocks nothing: what such an entry means for a later order is G9's.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.unreadable import PROBLEMS
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.reaction_is_being_entered",
    logic="AL-1",
    cards=("rituximabSafety",),
    hooks=("allergyintolerance-create",),
    cites=("RTXUSPI", "CD20MON2024", "TREON2004", "GHOBRIAL2004"),
    thresholds=("igm.plausible_max",),
)
def reaction_is_being_entered(picture: ClinicalPicture) -> Finding:
    """When a reaction to rituximab is put on record, tell infusion reaction, serum sickness and IgM flare apart.

    YES when an allergy or intolerance to rituximab, by its code, name or brand, is being put on record for an adult
    with at least possible disease or an IgM gammopathy.

    NO when the entry is of something else or is itself refuted, the patient is no adult, and for a patient whose
    problem list was had whole and shows neither disease nor gammopathy.

    UNKNOWN when such an entry is made, neither is found, and the problem list could not be had whole.
    """
    entered = picture.new_entries.rituximab_reactions
    if not entered or not picture.is_adult:
        return Finding.no()
    if picture.state is State.OUT_OF_SCOPE:
        return Finding.unknown(PROBLEMS, facts=entered) if PROBLEMS in picture.unreadable else Finding.no(*entered)
    latest, igm = picture.rituximab.latest, picture.igm.newest
    return Finding.yes(*entered, *([latest.doses[-1].fact] if latest else []), *([igm.fact] if igm else []))
