"""Anti-CD20 treatment beside the one being ordered: given before, requested already, or ordered twice for one day.

Doses of the course that the order continues are no overlap, nor is the order's own earlier version on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Order
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.picture.gate_scope import current_course

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture


@dataclass(frozen=True, slots=True)
class Overlap:
    """What overlaps with the drafts, by kind."""

    given: tuple[Fact, ...] = ()
    """Anti-CD20 antibodies given within the time that counts, outside this course."""
    requested: tuple[Fact, ...] = ()
    """Active rituximab requests on record for another day, and orders of another anti-CD20 antibody."""
    same_day: tuple[Fact, ...] = ()
    """Other rituximab orders for a day of the draft, or drafted beside it without any day."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(dict.fromkeys((*self.same_day, *self.given, *self.requested)))


def overlap_of(picture: ClinicalPicture, drafts: Sequence[DraftOrder], thresholds: Thresholds) -> Overlap:
    """What overlaps with any of `drafts`. Thresholds: `anti_cd20.overlap_months`, `course.gap`."""
    drafted = {draft.order.source for draft in picture.drafts.all_rituximab or drafts}
    on_record = [order for order in picture.rituximab.orders if order.source not in drafted]
    others = [draft.order for draft in (picture.drafts.all_rituximab or drafts)]
    same_day = [
        order
        for draft in drafts
        for order in (*on_record, *others)
        if order.source != draft.order.source and _is_same_day(draft.order, order)
    ]
    antibodies = picture.contraindications.other_anti_cd20.facts
    return Overlap(
        given=(*_rituximab_given(picture, thresholds), *(fact for fact in antibodies if "given" in fact.what)),
        requested=(
            *(order.fact("rituximab order on record") for order in on_record if order not in same_day),
            *(fact for fact in antibodies if "given" not in fact.what),
        ),
        same_day=tuple(dict.fromkeys(order.fact("rituximab order for the same day") for order in same_day)),
    )


def _rituximab_given(picture: ClinicalPicture, thresholds: Thresholds) -> list[Fact]:
    earliest = months_after(picture.today, -int(thresholds["anti_cd20.overlap_months"]))
    current = current_course(picture, thresholds)
    return [
        course.doses[-1].fact
        for course in picture.rituximab.courses
        if course is not current and course.last_dose > earliest
    ]


def _is_same_day(order: Order, other: Order) -> bool:
    """Both name a day and share one. Two orders in hand without a day are taken as meant for now; one on record is
    not."""
    days, other_days = _days(order), _days(other)
    if days and other_days:
        return bool(days & other_days)
    return not days and not other_days and (other.is_draft or other.is_selected)


def _days(order: Order) -> set[date]:
    events = {event.start for dosage in order.dosages for event in dosage.events}
    return events or ({order.when.start} if order.when else set())
