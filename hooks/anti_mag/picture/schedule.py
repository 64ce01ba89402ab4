"""Does the schedule on a rituximab draft fit its regimen: four weekly doses of 375 mg/m², or two of 1000 mg.

Decides from the structured timing which doses are ordered and how far apart, together with the doses that the course
has had and those that other drafts of the session name before them. The dose itself is left to `dose`; text alone is
not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from cds_service.fhir.units import convert
from cds_service.record import Dosage, Order
from cds_service.values import Quantity
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.picture.gate_scope import current_course

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture

Regimen = Literal["weekly", "fixed"]


@dataclass(frozen=True, slots=True)
class ScheduleCheck:
    """One draft's schedule against its regimen."""

    draft: DraftOrder
    regimen: Regimen | None = None
    """None where there is no dose by weight."""
    doses: int | None = None
    """Doses of the course with this order; None where the order does not say how many."""
    interval: Decimal | None = None
    """Shortest time between two doses, in days; None where nothing says it."""
    too_many: bool = False
    too_close: bool = False
    missing: tuple[str, ...] = ()


def check_schedule(picture: ClinicalPicture, draft: DraftOrder) -> ScheduleCheck:
    """The check of one draft. Thresholds: `dose.mg_m2`, `dose.fixed`, `dose.tolerance.warning`, `course.weekly_doses`,
    `course.gap`, `schedule.weekly_interval` (d), `schedule.fixed_doses`, `schedule.fixed_interval` (d)."""
    regimen = _regimen(picture, draft.order)
    course = current_course(picture)
    given = [*([dose.on for dose in course.doses] if course else []), *_drafted_before(picture, draft)]
    doses, interval = _doses(draft.order, given), _interval(draft.order, given, picture.today)
    if regimen is None:
        return ScheduleCheck(draft, None, doses, interval, missing=("dose in mg or mg/m²",))
    most = picture.thresholds["course.weekly_doses" if regimen == "weekly" else "schedule.fixed_doses"]
    least = picture.thresholds.days("schedule.weekly_interval" if regimen == "weekly" else "schedule.fixed_interval")
    return ScheduleCheck(
        draft,
        regimen,
        doses,
        interval,
        too_many=doses is not None and doses > most,
        too_close=interval is not None and interval < least,
        missing=("number and days of the doses",) if doses is None and interval is None else (),
    )


def _drafted_before(picture: ClinicalPicture, draft: DraftOrder) -> list[date]:
    """Days of the same course that other drafts name before the first one of this: a course is often ordered dose by
    dose. Each pair of orders is judged once, with the later of them. A prescription and the service that infuses it are
    one plan, so only orders of one kind count."""
    own, gap = named_days(draft.order, picture.today), picture.thresholds.days("course.gap")
    same = [one.order for one in picture.drafts.all_rituximab if one.therapy == draft.therapy]
    kind = draft.order.resource_type
    others = [order for order in same if order.source != draft.order.source and order.resource_type == kind]
    days = {day for order in others for day in named_days(order, picture.today)}
    return sorted(day for day in days if own and 0 < (own[0] - day).days <= gap)


def is_timed_as_fixed(picture: ClinicalPicture, order: Order) -> bool:
    """The doses that the order itself names lie as far apart as those of 1000 mg, however much each of them is."""
    interval = _interval(order, [], picture.today)
    return interval is not None and interval >= picture.thresholds.days("schedule.fixed_interval")


def _regimen(picture: ClinicalPicture, order: Order) -> Regimen | None:
    """Fixed where the dose is about 1000 mg and not nearer to 375 mg/m²; else weekly, which allows more: a dose that
    fits neither tells no regimen."""
    amounts = [dosage.amount for dosage in order.dosages if dosage.amount is not None]
    if any(convert(amount, "mg/m2") is not None for amount in amounts):
        return "weekly"
    in_mg = [mg for amount in amounts if (mg := convert(amount, "mg")) is not None]
    if not in_mg:
        return None
    fixed, surface = picture.thresholds["dose.fixed"], picture.body.surface_m2
    off = abs(in_mg[0] - fixed)
    is_about = off * 100 <= fixed * picture.thresholds["dose.tolerance.warning"]
    is_nearer = surface is None or off < abs(in_mg[0] - picture.thresholds["dose.mg_m2"] * surface)
    return "fixed" if is_about and is_nearer else "weekly"


def _doses(order: Order, given: list[date]) -> int | None:
    """Doses of the course when this order is done: each day once where days are named, else by the count.

    An order that counts its doses may be the whole course, begun already: then only the larger of the two is certain.
    """
    events = _events(order)
    if events:
        return len(events.union(given))
    counts = [dosage.count for dosage in order.dosages if dosage.count is not None]
    if counts:
        return max(sum(counts), len(given) + 1)
    return len(given) + 1 if given else None


def _interval(order: Order, given: list[date], today: date) -> Decimal | None:
    """The shortest time between two ordered doses, or from the last dose given to the first day ordered."""
    days = named_days(order, today)
    before = [day for day in given if days and day < days[0]][-1:]
    dated = [*before, *days]
    gaps = [Decimal((later - earlier).days) for earlier, later in pairwise(dated)]
    repeated = [interval for dosage in order.dosages if (interval := _repeat(dosage)) is not None]
    return min([*gaps, *repeated], default=None)


def named_days(order: Order, today: date) -> list[date]:
    """The days that the order names for its doses. A plain day to come is a day asked for; an earlier one may only be
    the day on which the order was written."""
    if not _events(order) and order.when is not None and order.when.start > today:
        return [order.when.start]
    return sorted(_events(order))


def _repeat(dosage: Dosage) -> Decimal | None:
    """Days between the doses of a repeat; a single dose has none, and neither has a repeat in calendar months."""
    if dosage.period is None or dosage.count == 1 or dosage.events:
        return None
    days = convert(Quantity(dosage.period, dosage.period_unit), "d")
    return None if days is None else days / (dosage.frequency or 1)


def _events(order: Order) -> set[date]:
    return {event.start for dosage in order.dosages for event in dosage.events}
