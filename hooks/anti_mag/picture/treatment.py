"""Rituximab and its courses: what was given, and what is planned.

Administration is truth, dispense and statement come next, a request alone is a plan. Rituximab for whatever reason is
exposure to rituximab; a course that ended long before the neuropathy showed treated something else all the same (ruling
29). How the patient responded is left to `response`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds
from cds_service.record import ExposureKind, Fact, Medicine, Order
from cds_service.values import Quantity, When
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.picture.chart import LIVE_REQUESTS, Chart
from hooks.anti_mag.picture.contraindications import MEDICATION_KEYS
from hooks.anti_mag.picture.drafts import RITUXIMAB
from hooks.anti_mag.picture.first_record import first_record_of_neuropathy
from hooks.anti_mag.picture.order_names import is_nameless, therapy_of

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
"""The intervals of the two regimens: 375 mg/m² weekly, 1000 mg twice two weeks apart."""

GIVEN: dict[ExposureKind, frozenset[str]] = {
    "administration": frozenset({"completed", "in-progress", "stopped", "on-hold"}),
    "procedure": frozenset({"completed", "in-progress", "stopped", "on-hold"}),
    "dispense": frozenset({"completed"}),
    "statement": frozenset({"active", "completed", "stopped"}),
}
"""Statuses that say the medicine reached the patient, if only in part; a request is never more than a plan."""
NOT_GIVEN = frozenset(
    {"entered-in-error", "not-done", "not-taken", "cancelled", "declined", "intended", "draft", "preparation"}
)
_OVER = frozenset({"completed", "stopped", "ended"})
"""Statuses of a request that is over, carried out or not; R5 says "ended"."""
_TRUST: dict[ExposureKind, int] = {"administration": 0, "procedure": 1, "dispense": 1, "statement": 2}


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose that was given. Where only its month or year is known, `on` is its first day and `until` its last."""

    on: date
    fact: Fact
    amount: Quantity | None = None
    until: date | None = None

    @property
    def latest(self) -> date:
        """The last day that it can have been given."""
        return self.until or self.on


@dataclass(frozen=True, slots=True)
class Course:
    """Doses that belong together; day 0 is the first. `doses` is oldest first and never empty."""

    doses: tuple[Dose, ...]

    @property
    def day_zero(self) -> date:
        """The first dose."""
        return self.doses[0].on

    @property
    def last_dose(self) -> date:
        """The last day that the newest dose can have been given."""
        return max(dose.latest for dose in self.doses)

    @property
    def is_dated_roughly(self) -> bool:
        """Of one of its doses only the month or year is known."""
        return any(dose.until is not None for dose in self.doses)

    def day(self, today: date) -> int:
        """Days since day 0."""
        return (today - self.day_zero).days


@dataclass(frozen=True, slots=True)
class RituximabHistory:
    """Rituximab given and planned."""

    courses: tuple[Course, ...] = ()
    """Newest first. Given doses only, of any rituximab product."""
    undated: tuple[Fact, ...] = ()
    """Rituximab that was given at an unknown time: a course is on record, its dates are not."""
    uncertain: tuple[Fact, ...] = ()
    """Records of rituximab that do not say whether it was given."""
    ordered_only: tuple[Fact, ...] = ()
    """Orders that are over, where nothing says that rituximab was given (ruling 28)."""
    unnamed: int = 0
    """Records of treatment that name no drug: any of them may be rituximab (ruling 27)."""
    is_readable: bool = True
    """At least one of the medication keys could be read (ruling 3)."""
    orders: tuple[Order, ...] = ()
    """Active rituximab requests on record, without those that the user is at work on and those of a course that is
    over."""
    next_dose_due: date | None = None
    """By an order, else inferred from an unfinished course (ruling 6)."""

    treated_something_else: bool = False
    """The latest course ended more than `course.before_neuropathy` months before the first record of the neuropathy,
    and every course has a date (ruling 29)."""

    @property
    def has_course(self) -> bool:
        """Rituximab was given, if only at an unknown time."""
        return bool(self.courses or self.undated)

    @property
    def has_treated_neuropathy(self) -> bool:
        """Rituximab was given, and nothing shows that it was for something else."""
        return self.has_course and not self.treated_something_else

    @property
    def is_in_doubt(self) -> bool:
        """Something on record leaves open whether rituximab was given before."""
        return bool(self.uncertain or self.ordered_only or self.unnamed)

    @property
    def latest(self) -> Course | None:
        """The newest course with a date."""
        return self.courses[0] if self.courses else None


def rituximab_history_of(chart: Chart, thresholds: Thresholds) -> RituximabHistory:
    """Thresholds: `course.gap`, `course.weekly_doses`, `course.weekly_open`, `course.fixed_open`, `dose.fixed`,
    `course.fixed_tolerance`, `course.before_neuropathy` (mo)."""
    ours = [medicine for medicine in chart.record.medicines if _names_rituximab(chart, medicine)] + _infusions(chart)
    given = [medicine for medicine in ours if is_given(medicine)]
    dated = [(medicine, spans) for medicine in given if (spans := _spans(chart, medicine))]
    known = {id(medicine) for medicine, _ in dated}
    undated = [medicine for medicine in given if id(medicine) not in known]
    courses = _courses(_doses(dated), thresholds)
    orders = _orders(chart, courses, thresholds)
    over = [medicine for medicine in ours if medicine.kind == "request" and medicine.status in _OVER]
    in_hand = [order for order in chart.record.in_hand if _is_rituximab(chart, order)]
    return RituximabHistory(
        courses=courses,
        undated=tuple(medicine.fact("Rituximab, day unknown") for medicine in undated),
        uncertain=tuple(
            medicine.fact("Rituximab, not said whether given") for medicine in ours if is_uncertain(medicine)
        ),
        ordered_only=tuple(medicine.fact("Rituximab ordered") for medicine in over if not given),
        unnamed=sum(medicine.status not in NOT_GIVEN for medicine in (*chart.record.unnamed, *_nameless(chart))),
        is_readable=any(chart.record.knows(key) for key in MEDICATION_KEYS),
        orders=orders,
        treated_something_else=not undated and _is_before_neuropathy(chart, courses, thresholds),
        next_dose_due=_ordered_day((*orders, *in_hand), chart.today) or _inferred_day(courses, chart.today, thresholds),
    )


def is_given(medicine: Medicine) -> bool:
    """It reached the patient, if only in part."""
    return medicine.status in GIVEN.get(medicine.kind, frozenset())


def is_uncertain(medicine: Medicine) -> bool:
    """Whether it was given is not said, or in a word that we do not know."""
    if medicine.kind == "request":
        return medicine.status == "unknown"
    return medicine.status not in GIVEN[medicine.kind] | NOT_GIVEN


def _infusions(chart: Chart) -> list[Medicine]:
    """Procedures that are infusions of rituximab: some systems keep them so, by the codes of what is billed."""
    return [
        Medicine(procedure.source, "procedure", procedure.concept, procedure.status, procedure.when)
        for procedure in chart.record.procedures
        if _is_rituximab(chart, Order(procedure.source, "ServiceRequest", procedure.concept))
    ]


def _nameless(chart: Chart) -> list[Medicine]:
    """Records that name their medicine by a code alone that nobody here can read."""
    return [medicine for medicine in chart.record.medicines if is_nameless(medicine.concept, chart.codes)]


def _names_rituximab(chart: Chart, medicine: Medicine) -> bool:
    return _is_rituximab(chart, Order(medicine.source, "MedicationRequest", medicine.concept))


def _is_rituximab(chart: Chart, order: Order) -> bool:
    """By code, and by name where the code says nothing we know: another country's product, a local code, plain text."""
    return therapy_of(order, chart.codes, RITUXIMAB) is not None


# Doses and courses


Span = tuple[date, date]
"""The first and the last day on which something can have been; the same day where that is known."""


def _spans(chart: Chart, medicine: Medicine) -> list[Span]:
    """When the evidence says that rituximab was given; nothing where it does not say.

    The end of a period counts as a dose too, from a week after its start: what is known is that treatment began and
    ended then. A period that is still open counts by its start alone.
    """
    first, last = _span(medicine.when, chart.today), _span(medicine.until, chart.today)
    if first is None or last is None or last[0] - first[1] < WEEK:
        return [span for span in (first,) if span is not None]
    return [first, last]


def _span(when: When | None, today: date) -> Span | None:
    return None if when is None or when.start > today else (when.start, min(when.end, today))


def _doses(dated: Iterable[tuple[Medicine, list[Span]]]) -> list[Dose]:
    """Oldest first. One dose a day, by the evidence that is trusted most; a dispense or statement less than a week from
    an administration, and a month or year in which a dose is known by its day, speak of the same dose."""
    evidence = sorted(
        ((medicine, span) for medicine, spans in dated for span in spans),
        key=lambda pair: (_TRUST[pair[0].kind], pair[1][1] - pair[1][0], pair[1], pair[0].source),
    )
    doses: dict[date, Dose] = {}
    witnessed: list[date] = []
    for medicine, (start, end) in evidence:
        is_witness = medicine.kind == "administration"
        if start in doses or (start != end and any(start <= day <= end for day in doses)):
            continue
        if not is_witness and any(start - WEEK < day < end + WEEK for day in witnessed):
            continue
        doses[start] = Dose(start, medicine.fact("Rituximab given"), medicine.amount, end if end != start else None)
        if is_witness:
            witnessed.append(start)
    return [doses[day] for day in sorted(doses)]


def _courses(doses: Sequence[Dose], thresholds: Thresholds) -> tuple[Course, ...]:
    """Newest first."""
    gap = timedelta(days=thresholds.days("course.gap"))
    groups: list[list[Dose]] = []
    for dose in doses:
        if groups and dose.on - groups[-1][-1].latest <= gap:
            groups[-1].append(dose)
        else:
            groups.append([dose])
    return tuple(Course(tuple(group)) for group in reversed(groups))


def _is_before_neuropathy(chart: Chart, courses: Sequence[Course], thresholds: Thresholds) -> bool:
    first_record = first_record_of_neuropathy(chart) if courses else None
    if first_record is None:
        return False
    return months_after(courses[0].last_dose, int(thresholds["course.before_neuropathy"])) < first_record


# What is planned


def _orders(chart: Chart, courses: Sequence[Course], thresholds: Thresholds) -> tuple[Order, ...]:
    on_record = (order for order in chart.record.orders if not (order.is_draft or order.is_selected))
    live = (order for order in on_record if order.status in LIVE_REQUESTS)
    return tuple(
        order
        for order in live
        if _is_rituximab(chart, order) and not _is_spent(order, courses, chart.today, thresholds)
    )


def _is_spent(order: Order, courses: Sequence[Course], today: date, thresholds: Thresholds) -> bool:
    """An order of a course that is over: requests are often left active long after the last dose was given."""
    if not courses or order.when is None or _ordered_day((order,), today):
        return False
    last = courses[0].last_dose
    return order.when.end <= last and (today - last).days > thresholds.days("course.gap")


def _ordered_day(orders: Iterable[Order], today: date) -> date | None:
    """The earliest day from today on for which a dose is ordered."""
    days = [
        when.start
        for order in orders
        for when in (order.when, *(event for dosage in order.dosages for event in dosage.events))
        if when is not None and when.start >= today
    ]
    return min(days, default=None)


def _inferred_day(courses: Sequence[Course], today: date, thresholds: Thresholds) -> date | None:
    """The next dose of an unfinished course (ruling 6), today where its day is past."""
    if not courses:
        return None
    course = courses[0]
    since = (today - course.last_dose).days
    if _is_fixed(course, thresholds):
        is_open = len(course.doses) == 1 and since <= thresholds.days("course.fixed_open")
        return max(course.last_dose + FORTNIGHT, today) if is_open else None
    is_open = len(course.doses) < thresholds["course.weekly_doses"] and since <= thresholds.days("course.weekly_open")
    return max(course.last_dose + WEEK, today) if is_open else None


def _is_fixed(course: Course, thresholds: Thresholds) -> bool:
    """The course of 1000 mg twice: by the amount, else by doses more than about a week apart.

    A single dose of unknown amount is taken as weekly, which expects the next dose the soonest.
    """
    amounts = [mg for dose in course.doses if dose.amount and (mg := convert(dose.amount, "mg")) is not None]
    if amounts:
        fixed = thresholds["dose.fixed"]
        return any(abs(mg - fixed) * 100 <= fixed * thresholds["course.fixed_tolerance"] for mg in amounts)
    first_gap = course.doses[1].on - course.doses[0].on if len(course.doses) > 1 else WEEK
    return first_gap > WEEK + timedelta(days=1)
