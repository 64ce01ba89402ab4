"""Which safety gates run for which draft of rituximab or of another anti-CD20 antibody (C4, C0.7, rulings 4, 15, 31).

All run for the neuropathy, its IgM gammopathy, or an order without indication in a patient of ours, or in one of whom
nobody can say because the problem list could not be read. For another indication, a neuropathy of another kind too, the
short list runs, with the IgM gates where a monoclonal IgM disorder is about. For another anti-CD20 antibody the gates
of the class run in a patient of ours, those on IgM where the order is not for something else. What a gate finds is left
to its rule.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cds_service.knowledge.contract import Truth
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.drafts import RITUXIMAB, DraftOrder, Indication
from hooks.anti_mag.picture.indication import would_be_indicated
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.treatment import Course
from hooks.anti_mag.picture.unreadable import PROBLEMS

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture

SHORT_LIST = frozenset({"G1", "G2", "G3", "G5", "G8", "G9"})
"""Gates for another indication than ours."""
GAMMOPATHY_GATES = frozenset({"G4", "G4b", "G4c"})
"""Gates that a monoclonal IgM disorder adds to the short list."""
NOT_ADULT = frozenset({"G1", "G2", "G3", "G9"})
"""Gates for children and for patients of unknown age (C0.7)."""


OUR_LIST = frozenset({"G6", "G7", "G8b", "G10", "G10b", "G11", "G12", "G13", "G14", "G15", "G16", "G17"})
"""Gates for our disease alone."""
PLANS = frozenset({"PL-1", "PL-2", "MO-2", "RT-2"})
"""Rules of planning that run for the drafts of our disease alone."""
CLASS_GATES = frozenset({"G1", "G2", "G3", "G6", "G7", "G8", "G8b", "G11", "G14"})
"""Gates for every anti-CD20 antibody, whatever it is ordered for (ruling 31)."""
CLASS_IGM_GATES = GAMMOPATHY_GATES | {"G5"}
"""Gates that join them where the order is for the neuropathy or an IgM gammopathy, or does not say."""
KNOWN = SHORT_LIST | GAMMOPATHY_GATES | OUR_LIST | PLANS


def gated(picture: ClinicalPicture, gate: str) -> tuple[DraftOrder, ...]:
    """The selected drafts of rituximab and other anti-CD20 antibodies for which `gate` (its id in the decision logic)
    runs. ValueError for no gate."""
    if gate not in KNOWN:
        raise ValueError(f"there is no gate {gate!r}")
    if not picture.is_adult and gate not in NOT_ADULT:
        return ()
    rituximab = (draft for draft in picture.drafts.rituximab if _runs(picture, draft, gate))
    others = (draft for draft in picture.drafts.other_anti_cd20 if _runs_for_class(picture, draft, gate))
    return (*rituximab, *others)


def checked(picture: ClinicalPicture) -> tuple[DraftOrder, ...]:
    """The selected drafts that gates are about: every one of rituximab, and the other antibodies of a patient of
    ours."""
    return (*picture.drafts.rituximab, *(picture.drafts.other_anti_cd20 if _is_ours(picture) else ()))


def drugs_checked(picture: ClinicalPicture, gate: str) -> str:
    """What the drafts of a gate are, by their drug: rituximab where nothing is being ordered."""
    names = ["rituximab" if draft.therapy in RITUXIMAB else draft.drug for draft in gated(picture, gate)]
    return " and ".join(dict.fromkeys(names)) or "rituximab"


def _runs_for_class(picture: ClinicalPicture, draft: DraftOrder, gate: str) -> bool:
    if not _is_ours(picture):
        return False
    is_ours = draft.indication is not Indication.OTHER or draft.is_ordered_for_gammopathy
    return gate in CLASS_GATES or (gate in CLASS_IGM_GATES and is_ours)


def _is_ours(picture: ClinicalPicture) -> bool:
    """In doubt, where the problem list could not be read, the patient is."""
    return picture.state is not State.OUT_OF_SCOPE or PROBLEMS in picture.unreadable


def _runs(picture: ClinicalPicture, draft: DraftOrder, gate: str) -> bool:
    if draft.indication is Indication.NEUROPATHY and not _is_another_neuropathy(picture, draft):
        return True
    if draft.indication is Indication.NONE:
        return _is_ours(picture)
    if gate in GAMMOPATHY_GATES:
        return draft.is_for_gammopathy or _has_monoclonal_igm(picture)
    return gate in SHORT_LIST


def _is_another_neuropathy(picture: ClinicalPicture, draft: DraftOrder) -> bool:
    """CIDP, vasculitis: immunofixation has excluded an IgM paraprotein, and neither the problem list, which could be
    read, nor the order's reason names ours. In doubt it is ours: more gates run then."""
    is_excluded = picture.diagnosis.immunofixation.truth is Truth.NO and PROBLEMS not in picture.unreadable
    return is_excluded and picture.state is State.OUT_OF_SCOPE and not draft.is_for_gammopathy


def gated_beside(picture: ClinicalPicture, gate: str) -> tuple[DraftOrder, ...]:
    """The selected drafts of something else than rituximab that `gate` is about, in a patient of ours (ruling 16): live
    vaccines for G7, plasma exchange for G16."""
    if not (picture.is_adult and _is_ours(picture)):
        return ()
    if gate == "G7":
        return picture.drafts.live_vaccines
    exchanges = (draft for draft in picture.drafts.immunotherapies if draft.therapy == "plasma_exchange")
    return tuple(exchanges) if gate == "G16" else ()


def _has_monoclonal_igm(picture: ClinicalPicture) -> bool:
    """Confirmed or probable disease is a monoclonal IgM disorder too, whether or not the gammopathy is coded."""
    return picture.diagnosis.has_gammopathy or picture.diagnosis.tier >= Tier.PROBABLE


def stands_alone(picture: ClinicalPicture) -> bool:
    """True where nothing is being ordered, rituximab would be the first choice, and a contraindication forbids it."""
    is_order = picture.hook in ORDERS
    return not is_order and would_be_indicated(picture) and bool(hard_contraindications(picture))


def current_course(picture: ClinicalPicture) -> Course | None:
    """The course that a new dose would continue: its last dose is at most `course.gap` days ago; None before a first
    dose."""
    latest = picture.rituximab.latest
    earliest = picture.today - timedelta(days=picture.thresholds.days("course.gap"))
    return latest if latest is not None and latest.last_dose >= earliest else None
