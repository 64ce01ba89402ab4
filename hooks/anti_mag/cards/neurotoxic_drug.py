"""The `neurotoxicDrug` card: the drug being ordered can worsen the neuropathy (TX-3). A warning, never critical:
haematology may still choose the drug."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from cds_service.markdown import escaped
from hooks.anti_mag.cards.card import Answers, make_card, unique
from hooks.anti_mag.cards.suggestions import reviewers
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.drafts import therapy_name

SUMMARY_ROOM = 60
"""Characters for the drugs' names in the summary."""


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One warning for all neurotoxic drafts; None where there is none."""
    answer = answers.get("TX-3")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    drafts = picture.drafts.neurotoxic
    drugs = list(dict.fromkeys(therapy_name(draft.therapy) for draft in drafts))
    named = ", ".join(drugs)
    short = named if len(named) <= SUMMARY_ROOM else f"{drugs[0]} and others"
    paragraphs = [
        f"{_action(drugs)}, and record the neurological status now, so that a change can be seen. "
        f"{named[:1].upper()}{named[1:]} can damage peripheral nerves, and this patient has a neuropathy already: "
        "weigh risk and benefit (CIPN2020).",
    ]
    if "nitrofurantoin" in drugs:
        paragraphs.append(
            "Nitrofurantoin: neuropathy may become severe or irreversible; stop it at the first signs (NFTSPC)."
        )
    if "bortezomib" in drugs:
        paragraphs.append(
            "Bortezomib: patients with painful or grade 3 or worse neuropathy were left out of the trial in IgM "
            "light-chain amyloidosis. If it is used, once weekly and subcutaneously (IWWM8TX)."
        )
    return make_card(
        picture,
        "neurotoxicDrug",
        Indicator.WARNING,
        f"{short[:1].upper()}{short[1:]} can worsen the existing neuropathy: agree on it first",
        paragraphs,
        [answer],
        more_evidence=unique(key for draft in drafts for key in THERAPIES[draft.therapy].cites["neurotoxic"]),
        suggestions=reviewers("neurotoxicDrug", picture, answers),
        told=[fact for fact in answer.finding.facts if fact.reference in {draft.order.source for draft in drafts}],
        orders=[escaped(draft.name) for draft in drafts],
    )


def _action(drugs: Sequence[str]) -> str:
    if drugs == ["nitrofurantoin"]:
        return "**Choose another antibiotic where one will do**"
    return "**Agree with neurology and haematology on the drug, or on an alternative, before it is ordered**"
