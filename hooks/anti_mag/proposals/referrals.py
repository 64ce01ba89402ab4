"""Referrals as draft ServiceRequests, in the words of their rows (`hooks.anti_mag.referrals`)."""

from __future__ import annotations

from cds_service.cards import Suggestion
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.proposals.drafts import coded, listed, service_request, suggestion
from hooks.anti_mag.proposals.procedures import newest_igm
from hooks.anti_mag.referrals import REFERRALS

NEUROLOGY, HAEMATOLOGY = "neurology_referral", "haematology_referral"
URGENCY = {"urgent": ", urgent", "asap": ", as soon as possible (hyperviscosity)"}


def referral(picture: ClinicalPicture, name: str, *, rule: str = "", is_urgent: bool = False) -> Suggestion:
    """The referral of that name. To neurology it is urgent with severe worsening, to haematology as soon as possible
    with symptoms of hyperviscosity, to others where the card says so (`is_urgent`)."""
    row = REFERRALS[name]
    text = {"text": row.text} if row.code_set is None else coded(row.text, row.code_set)
    notes = [row.asks, *(newest_igm(picture) if name == HAEMATOLOGY else ())]
    priority = _priority(picture, name) or ("urgent" if is_urgent else None)
    means = f" ({row.means})" if row.means else ""
    return suggestion(
        row.text,
        f"Draft order: {row.text[:1].lower()}{row.text[1:]}{means}{URGENCY.get(priority or '', '')}",
        service_request(picture, listed(picture, name, text), notes, rule, priority=priority),
    )


def neurology_referral(picture: ClinicalPicture, *, rule: str = "") -> Suggestion:
    """Referral to neurology."""
    return referral(picture, NEUROLOGY, rule=rule)


def _priority(picture: ClinicalPicture, name: str) -> str | None:
    if name == NEUROLOGY and picture.response.is_severe_worsening:
        return "urgent"
    return "asap" if name == HAEMATOLOGY and picture.hyperviscosity.symptoms.holds else None
