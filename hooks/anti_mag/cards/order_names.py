"""Orders in the words of a card: by name, and where two share it by what tells them apart for a reader."""

from __future__ import annotations

from cds_service.markdown import escaped
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.drafts import DraftOrder


def order_name(picture: ClinicalPicture, draft: DraftOrder) -> str:
    """The draft's name, escaped; with its place among the rituximab orders where another has the same name."""
    alike = [other for other in picture.drafts.rituximab if other.name == draft.name]
    place = alike.index(draft) + 1 if draft in alike and len(alike) > 1 else 0
    dated = f", {draft.order.when.start.isoformat()}" if place and draft.order.when else ""
    return f"{escaped(draft.name)} (order {place} of {len(alike)}{dated})" if place else escaped(draft.name)
