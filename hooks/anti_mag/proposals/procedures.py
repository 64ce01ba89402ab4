"""Plasma exchange and nerve conduction study as draft ServiceRequests.

Codes are written only where their licence lets everybody carry them; the text says the rest. How many exchanges, and
how large, is left to the apheresis service.
"""

from __future__ import annotations

from cds_service.cards import Suggestion
from hooks.anti_mag.code_sets import code_set
from hooks.anti_mag.investigations import DraftText
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.proposals.drafts import coded, listed, service_request, suggestion

PLASMA_EXCHANGE = code_set("plasma_exchange")


def _draft_of(test: str) -> DraftText:
    draft = INVESTIGATIONS[test].draft
    assert draft is not None  # as its row says
    return draft


_STUDY = _draft_of("nerve_conduction")
_EXCHANGE = coded("Therapeutic plasma exchange (plasmapheresis)", PLASMA_EXCHANGE)
_CONDUCTION = coded(_STUDY.text, _STUDY.code_set)


def plasma_exchange(picture: ClinicalPicture, is_recommended: bool = False, *, rule: str = "") -> Suggestion:
    """Therapeutic plasma exchange; urgent with hyperviscosity or severe worsening."""
    notes = ["Number and volume of the exchanges: to be set with the apheresis service.", *newest_igm(picture)]
    code = listed(picture, "plasma_exchange", _EXCHANGE)
    urgent = _is_urgent(picture)
    return suggestion(
        "Plasma exchange",
        "Draft order: therapeutic plasma exchange (plasmapheresis)"
        + (", urgent" if urgent else "")
        + "; number and volume of exchanges to be set with the apheresis service",
        service_request(picture, code, notes, rule, priority="urgent" if urgent else None),
        is_recommended=is_recommended,
    )


def nerve_conduction(picture: ClinicalPicture, *, rule: str = "") -> Suggestion:
    """Nerve conduction study that looks for demyelination, distal latencies included."""
    return suggestion(
        "Nerve conduction study",
        f"Draft order: {_STUDY.text[:1].lower()}{_STUDY.text[1:]}",
        service_request(picture, listed(picture, "nerve_conduction", _CONDUCTION), [_STUDY.note], rule),
    )


def _is_urgent(picture: ClinicalPicture) -> bool:
    return picture.hyperviscosity.symptoms.holds or picture.response.is_severe_worsening


def newest_igm(picture: ClinicalPicture) -> list[str]:
    """The IgM that a service asked for should know, in a sentence."""
    newest = picture.igm.current
    return [f"Serum IgM {newest.mg_dl.normalize():f} mg/dL on {newest.on.isoformat()}."] if newest else []
