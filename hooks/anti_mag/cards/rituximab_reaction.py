"""The `rituximabSafety` card while a reaction to rituximab is put on record (AL-1): three things easily taken for one.

Information only. What the entry means for a later order stands on the safety card of that order.
"""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import last_dose
from hooks.anti_mag.cards.igm_wording import igm_in_words
from hooks.anti_mag.picture import ClinicalPicture

LEAD = (
    "**Enter what was seen, how severe it was, and how long after which dose.** An entry without them blocks or "
    "complicates a later course, and three different things are easily entered as an allergy to rituximab:"
)
KINDS = (
    "- **Infusion reaction**: the label's boxed warning is of fatal ones within 24 hours of an infusion, about 80 % of "
    "them at the first, and of severe mucocutaneous reactions (RTXUSPI). A life-threatening one stands against another "
    "dose (CD20MON2024); after a mild one premedication and a slower infusion are the way (RTXUSPI).\n"
    "- **Serum sickness**: fever, rash and joint pain that begin days after a dose, not during it. It is an immune "
    "reaction to the antibody, and a reason to ask an allergist before another dose. This is general knowledge; no "
    "source for it was checked here.\n"
    "- **IgM flare**: serum IgM that rises in the weeks after rituximab, in Waldenström disease in 29 of 54 patients "
    "(GHOBRIAL2004) and by more than 25 % in 8 of 11 (TREON2004). A laboratory finding, no allergy and no failure of "
    "the treatment: it does not belong on the allergy list, and IgM is measured again."
)
WORSENING = (
    "A neuropathy that worsens for a time after rituximab, as in 11 of 92 patients (SVAHN2018), is no allergy either: "
    "ask neurology."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card for the entry; None where it is not about rituximab."""
    answer = answers.get("AL-1")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    return make_card(
        picture,
        "rituximabSafety",
        Indicator.INFO,
        "Rituximab on the allergy list: infusion reaction, serum sickness and IgM flare are different things",
        [LEAD, KINDS, WORSENING, _on_record(picture)],
        [answer],
        more_evidence=("SVAHN2018",),
    )


def _on_record(picture: ClinicalPicture) -> str:
    """What the chart holds to tell them apart by."""
    latest, igm = picture.rituximab.latest, picture.igm.newest
    dose = "No dated dose of rituximab is on record."
    if latest is not None:
        days = (picture.today - latest.last_dose).days
        dose = f"The last dose on record was on {last_dose(latest)}, {days} days ago."
    return (
        f"{dose} The newest serum IgM is {igm_in_words(igm)}." if igm else f"{dose} No usable serum IgM is on record."
    )
