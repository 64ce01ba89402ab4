"""Plasma exchange, nerve conduction study and referrals as draft ServiceRequests.

Codes are written only where their licence lets everybody carry them; the text says the rest. How many exchanges, and
how large, is left to the apheresis service.
"""

from __future__ import annotations

from cds_service.cards import Suggestion
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.investigations import DraftText
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.proposals.drafts import Json, coded, listed, service_request, suggestion

PLASMA_EXCHANGE, NEUROLOGY, PHYSICAL_THERAPY = code_sets(
    "plasma_exchange", "neurology_referral", "physiotherapy_referral"
)


def _draft_of(test: str) -> DraftText:
    draft = INVESTIGATIONS[test].draft
    assert draft is not None  # as its row says
    return draft


_STUDY = _draft_of("nerve_conduction")
_EXCHANGE = coded("Therapeutic plasma exchange (plasmapheresis)", PLASMA_EXCHANGE)
_CONDUCTION = coded(_STUDY.text, _STUDY.code_set)
_TO_NEUROLOGY = coded("Referral to neurology", NEUROLOGY)
_TO_HAEMATOLOGY: Json = {"text": "Referral to haematology"}
_TO_PHYSICAL_THERAPY = coded("Referral to physical therapy", PHYSICAL_THERAPY)


def plasma_exchange(picture: ClinicalPicture, is_recommended: bool = False, *, rule: str = "") -> Suggestion:
    """Therapeutic plasma exchange; urgent with hyperviscosity or severe worsening."""
    notes = ["Number and volume of the exchanges: to be set with the apheresis service.", *_newest_igm(picture)]
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


def neurology_referral(picture: ClinicalPicture, *, rule: str = "") -> Suggestion:
    """Referral to neurology; urgent with severe worsening."""
    urgent = picture.response.is_severe_worsening
    return suggestion(
        "Referral to neurology",
        "Draft order: referral to neurology" + (", urgent" if urgent else ""),
        service_request(
            picture,
            listed(picture, "neurology_referral", _TO_NEUROLOGY),
            ["Assessment of the neuropathy with disability scores, and advice on treatment."],
            rule,
            priority="urgent" if urgent else None,
        ),
    )


def haematology_referral(picture: ClinicalPicture, *, rule: str = "") -> Suggestion:
    """Referral to haematology; as soon as possible with symptoms of hyperviscosity."""
    soon = picture.hyperviscosity.symptoms.holds
    return suggestion(
        "Referral to haematology",
        "Draft order: referral to haematology" + (", as soon as possible (hyperviscosity)" if soon else ""),
        service_request(
            picture,
            listed(picture, "haematology_referral", _TO_HAEMATOLOGY),
            ["Assessment of the IgM gammopathy.", *_newest_igm(picture)],
            rule,
            priority="asap" if soon else None,
        ),
    )


def physical_therapy_referral(picture: ClinicalPicture, *, rule: str = "") -> Suggestion:
    """Referral to physical therapy, balance training named."""
    return suggestion(
        "Referral to physical therapy",
        "Draft order: referral to physical therapy (strength and balance training, falls, walking aids)",
        service_request(
            picture,
            listed(picture, "physical_therapy_referral", _TO_PHYSICAL_THERAPY),
            ["Strength and balance training, prevention of falls, walking aids."],
            rule,
        ),
    )


def _is_urgent(picture: ClinicalPicture) -> bool:
    return picture.hyperviscosity.symptoms.holds or picture.response.is_severe_worsening


def _newest_igm(picture: ClinicalPicture) -> list[str]:
    newest = picture.igm.current
    return [f"Serum IgM {newest.mg_dl.normalize():f} mg/dL on {newest.on.isoformat()}."] if newest else []
