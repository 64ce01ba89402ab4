"""The `dataUnavailable` card: safety data that could not be read while rituximab is being signed (C5).

Says what to look up by hand. What was read still speaks through the gates. Stands too where this service failed in one
of its checks (`card_of_failures`): what nobody checked must not look checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Finding, Truth
from cds_service.markdown import escaped
from hooks.anti_mag import rules
from hooks.anti_mag.cards.card import Answer, Answers, make_card
from hooks.anti_mag.picture import ClinicalPicture


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One warning that names the data not read; None where everything that a gate rests on was read."""
    answer = answers.get("C5")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    unread = ", ".join(answer.finding.missing)
    orders = "; ".join(dict.fromkeys(escaped(draft.name) for draft in picture.drafts.rituximab))
    return make_card(
        picture,
        "dataUnavailable",
        Indicator.WARNING,
        f"Rituximab: safety data could not be read: {unread}",
        (
            f"**Look these up before signing: {unread}.** The chart did not supply them just now, so nothing was "
            "checked against them, and nothing follows from their absence.",
            f"Concerns the order: {orders}.",
        ),
        [answer],
    )


def card_of_failures(picture: ClinicalPicture, answers: Mapping[str, Answer], failed: Sequence[str]) -> Card:
    """One warning that checks failed in this service, with the data not read, if any. `failed` are logic ids and names
    of card modules."""
    answer = answers.get("C5")
    unread = answer.finding.missing if answer is not None else ()
    parts = ", ".join(failed)
    look_up = f" Look up too, since it could not be read: {', '.join(unread)}." if unread else ""
    return make_card(
        picture,
        "dataUnavailable",
        Indicator.WARNING,
        "This service failed in some of its checks of this order: check it by hand",
        (
            f"**Check this order by hand: not every check of this service worked ({parts}).**{look_up} The other "
            "checks did their work, and nothing follows from the silence of those that failed.",
        ),
        [Answer(rules.BY_LOGIC["C5"], Finding.yes(missing=(*unread, f"the answers of {parts}")))],
    )
