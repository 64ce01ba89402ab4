"""Anti-CD20 treatment beside the one being ordered: given before, requested already, or ordered twice for one day.

Doses of the course that the order continues are no overlap, nor is the order's own earlier version on record, nor the
plan that it says it follows or the prescription that it says it replaces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from cds_service.record import Fact, Order
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.picture.drafts import RITUXIMAB, DraftOrder
from hooks.anti_mag.picture.gate_scope import current_course, gated

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture


@dataclass(frozen=True, slots=True)
class Overlap:
    """What overlaps with the drafts, by kind."""

    given: tuple[Fact, ...] = ()
    """Anti-CD20 antibodies given within the time that counts, outside this course."""
    drugs: tuple[str, ...] = ()
    """Which they were."""
    requested: tuple[Fact, ...] = ()
    """Active requests on record for another day, and orders of another anti-CD20 antibody."""
    same_day: tuple[Fact, ...] = ()
    """Other orders of the drug for a day of the draft, or drafted beside it without any day."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(dict.fromkeys((*self.same_day, *self.given, *self.requested)))


def overlap_of(picture: ClinicalPicture, drafts: Sequence[DraftOrder]) -> Overlap:
    """What overlaps with any of `drafts`. Thresholds: `anti_cd20.overlap_months`, `course.gap`."""
    by_drug: defaultdict[tuple[str, str], list[DraftOrder]] = defaultdict(list)
    for draft in drafts:
        drug = "rituximab" if draft.therapy in RITUXIMAB else draft.therapy
        by_drug[drug, draft.order.resource_type].append(draft)
    found = [
        _of_rituximab(picture, kind, own) if drug == "rituximab" else _of_another(picture, drug, own)
        for (drug, kind), own in by_drug.items()
    ]
    return Overlap(
        given=tuple(dict.fromkeys(fact for one in found for fact in one.given)),
        drugs=tuple(dict.fromkeys(drug for one in found for drug in one.drugs)),
        requested=tuple(dict.fromkeys(fact for one in found for fact in one.requested)),
        same_day=tuple(dict.fromkeys(fact for one in found for fact in one.same_day)),
    )


def _of_another(picture: ClinicalPicture, drug: str, drafts: Sequence[DraftOrder]) -> Overlap:
    """What overlaps with drafts of another anti-CD20 antibody. Doses of the same drug are its own course, whose
    regimen this service does not know."""
    own = {draft.order.source for draft in drafts} | {name for draft in drafts for name in _followed(draft.order)}
    earliest = months_after(picture.today, -int(picture.thresholds["anti_cd20.overlap_months"]))
    rituximab = [course.doses[-1].fact for course in picture.rituximab.courses if course.last_dose > earliest]
    antibodies = picture.contraindications.antibodies
    orders = [*picture.rituximab.orders, *(draft.order for draft in picture.drafts.all_rituximab)]
    requested = [order.fact("anti-CD20 antibody ordered") for order in orders]
    requested += [one.fact for one in antibodies if not one.is_given and one.fact.reference not in own]
    same_day = _on_a_day_of(drafts, [draft.order for draft in drafts])
    others = [one for one in antibodies if one.is_given and one.therapy != drug]
    return Overlap(
        given=(*rituximab, *(one.fact for one in others)),
        drugs=(*(["rituximab"] if rituximab else []), *(one.therapy for one in others)),
        requested=tuple(requested),
        same_day=tuple(order.fact("order of the same drug for the same day") for order in same_day),
    )


def _of_rituximab(picture: ClinicalPicture, kind: str, drafts: Sequence[DraftOrder]) -> Overlap:
    """What overlaps with drafts of one kind: a prescription and the service that is to infuse it are one plan."""
    drafted = {draft.order.source for draft in picture.drafts.all_rituximab or drafts}
    followed = {name for draft in drafts for name in _followed(draft.order)}
    on_record = [
        order
        for order in picture.rituximab.orders
        if order.resource_type == kind
        and order.source not in drafted | followed
        and not _is_plan_of_course(picture, order)
    ]
    in_hand = (draft.order for draft in (picture.drafts.all_rituximab or drafts))
    others = [order for order in in_hand if order.resource_type == kind]
    same_day = _on_a_day_of(drafts, (*on_record, *others))
    doubled = {order.source for order in same_day}
    rituximab, antibodies = _rituximab_given(picture), picture.contraindications.antibodies
    return Overlap(
        given=(*rituximab, *(one.fact for one in antibodies if one.is_given)),
        drugs=(*(["rituximab"] if rituximab else []), *(one.therapy for one in antibodies if one.is_given)),
        requested=(
            *(order.fact("rituximab order on record") for order in on_record if order.source not in doubled),
            *(one.fact for one in antibodies if not one.is_given),
        ),
        same_day=tuple(dict.fromkeys(order.fact("rituximab order for the same day") for order in same_day)),
    )


def other_overlap(picture: ClinicalPicture) -> Overlap:
    """What overlaps with the rituximab drafts beside rituximab that was given, which RT-2 speaks of."""
    found = overlap_of(picture, gated(picture, "G11"))
    doses = {dose.fact for course in picture.rituximab.courses for dose in course.doses}
    return replace(
        found,
        given=tuple(fact for fact in found.given if fact not in doses),
        drugs=tuple(drug for drug in found.drugs if drug != "rituximab"),
    )


def _is_plan_of_course(picture: ClinicalPicture, order: Order) -> bool:
    """A request of the current course, by which its doses so far were given: it is dated up to the last of them."""
    course = current_course(picture)
    return course is not None and order.when is not None and order.when.end <= course.last_dose


def _followed(order: Order) -> set[str]:
    """The orders, as "Type/id", that a draft names in `basedOn` or `priorPrescription`."""
    based_on = order.resource.get("basedOn")
    named = [*(based_on if isinstance(based_on, list) else [based_on]), order.resource.get("priorPrescription")]
    references = [str(one.get("reference")) for one in named if isinstance(one, dict)]
    return {"/".join(reference.split("/")[-2:]) for reference in references}


def _rituximab_given(picture: ClinicalPicture) -> list[Fact]:
    earliest = months_after(picture.today, -int(picture.thresholds["anti_cd20.overlap_months"]))
    current = current_course(picture)
    return [
        course.doses[-1].fact
        for course in picture.rituximab.courses
        if course is not current and course.last_dose > earliest
    ]


def _on_a_day_of(drafts: Sequence[DraftOrder], orders: Sequence[Order]) -> list[Order]:
    """The orders that share a day with another one of `drafts`.

    Orders in hand without a day are taken as meant for now and share it with each other; one on record without a day is
    not. Indexed by day, since a session may hold many drafts.
    """
    by_day: defaultdict[date | None, set[str]] = defaultdict(set)
    for draft in drafts:
        for day in _meant_for(draft.order):
            by_day[day].add(draft.order.source)
    return [order for order in orders if any(_has_other(by_day[day], order.source) for day in _meant_for(order))]


def _has_other(sources: set[str], own: str) -> bool:
    return len(sources) > (own in sources)


def _meant_for(order: Order) -> Collection[date | None]:
    return _days(order) or ((None,) if order.is_draft or order.is_selected else ())


def _days(order: Order) -> set[date]:
    events = {event.start for dosage in order.dosages for event in dosage.events}
    return events or ({order.when.start} if order.when else set())
