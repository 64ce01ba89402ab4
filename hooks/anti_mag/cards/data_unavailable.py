"""The `dataUnavailable` card: safety data that could not be read while rituximab is being signed (C5).

Says what to look up by hand. What was read still speaks through the gates.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.markdown import escaped
from hooks.anti_mag.cards.card import Answer, make_card
from hooks.anti_mag.picture import ClinicalPicture


def card(picture: ClinicalPicture, answers: Mapping[str, Answer], thresholds: Thresholds) -> Card | None:
    """One warning that names the data not read; None where everything that a gate rests on was read."""
    answer = answers.get("C5")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    unread = ", ".join(answer.finding.missing)
    orders = "; ".join(dict.fromkeys(escaped(draft.name) for draft in picture.drafts.rituximab))
    return make_card(
        "dataUnavailable",
        Indicator.WARNING,
        f"Rituximab: safety data could not be read: {unread}",
        (
            f"**Look these up before signing: {unread}.** The chart did not supply them just now, so nothing was "
            "checked against them, and nothing follows from their absence.",
            f"Concerns the order: {orders}.",
        ),
        [answer],
        thresholds,
    )
