"""The `rituximabSafety` card while a reaction to rituximab is put on record (AL-1): three things easily taken for one.

Information only. What the entry means for a later order stands on the safety card of that order.
"""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from cds_service.record import Fact
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import last_dose
from hooks.anti_mag.cards.igm_wording import igm_in_words
from hooks.anti_mag.picture import ClinicalPicture

LEAD = (
    "**Enter what was seen, how severe it was, and how long after which dose.** Three different things are easily "
    "entered as an allergy to rituximab:"
)
KINDS = (
    "- **Infusion reaction**: within 24 hours, most often of the first dose. A life-threatening one stands against "
    "another dose (CD20MON2024); after a mild one premedication and a slower infusion are the way (RTXUSPI).\n"
    "- **Serum sickness**: fever, rash and joint pain that begin days after a dose. Ask an allergist before another "
    "dose. (General knowledge; no source was checked here.)\n"
    "- **IgM flare**: serum IgM that rises in the weeks after rituximab, as in 29 of 54 patients (GHOBRIAL2004). No "
    "allergy and no failure of the treatment: it does not belong on the list, and IgM is measured again."
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
        told=_told(picture),
    )


def _told(picture: ClinicalPicture) -> list[Fact]:
    latest, igm = picture.rituximab.latest, picture.igm.newest
    return [*([dose.fact for dose in latest.doses] if latest else []), *([igm.fact] if igm else [])]


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
