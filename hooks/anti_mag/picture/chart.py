"""The chart as the picture's builders ask it: by code set, by status, newest first.

Holds C1's reading of statuses in one place: which results count fully, which only raise, which problems are active and
which are history. What a value means is left to the builders.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.codes import CodeSets, Concept, ResultSet, SetName
from cds_service.fhir.results import LONGEST_NAME, is_public
from cds_service.kept import kept
from cds_service.record import Goal, Medicine, Order, PatientRecord, Problem, Procedure, Result, newest_first
from hooks.anti_mag.knowledge_data import REPORTED

FULL_STATUSES = frozenset({"final", "amended", "corrected"})
PRELIMINARY_STATUSES = frozenset({"preliminary"})
CORRECTED = frozenset({"amended", "corrected"})
WITHDRAWN_STATUSES = frozenset({"entered-in-error", "cancelled"})
LIVE_REQUESTS = frozenset({"active", "draft", "on-hold"})
PURSUED = frozenset(
    {"planned", "accepted", "active", "on-hold"}
    | {"in-progress", "on-target", "ahead-of-target", "behind-target", "sustaining"}
)
"""Statuses of a goal that somebody stands behind, those of older versions of FHIR among them: one that is only
proposed, was rejected or cancelled, or is reached is none."""
SUSPECTED_ONLY = frozenset({"provisional", "differential", "unconfirmed"})
DISPROVED = frozenset({"refuted", "entered-in-error"})
PAST = frozenset({"resolved", "inactive", "remission"})
NOT_TAKING_PLACE = frozenset({"cancelled", "noshow", "entered-in-error"})
"""Statuses of an appointment that is none."""


@dataclass(frozen=True)
class Chart:
    """A patient record, the code sets it is read with, and today."""

    record: PatientRecord
    codes: CodeSets
    today: date

    def holds(self, concept: Concept, *sets: SetName) -> bool:
        return not self.codes.names_holding(concept.codes).isdisjoint(sets)

    def is_known(self, concept: Concept) -> bool:
        """Some code set, whichever, holds a code of the concept."""
        return bool(self.codes.names_holding(concept.codes))

    @kept
    def _results(self) -> Mapping[str, list[Result]]:
        """Results by code set, sorted once: most questions are about a few of many results. A name counts where no code
        of ours says what was measured."""
        by_set: defaultdict[str, list[Result]] = defaultdict(list)
        for result in self.record.results:
            for name in self.codes.names_holding(result.codes) or _named_as(result.concept):
                by_set[name].append(result)
        return by_set

    def every_result(self, *sets: ResultSet) -> list[Result]:
        """Whatever is there of the given code sets, of any status, whether or not it can be used, each once and without
        those that a correction has replaced."""
        found = {id(result): result for name in sets for result in self._results.get(name, ())}
        return without_corrected(found.values())

    def results(self, *sets: ResultSet, statuses: frozenset[str] = FULL_STATUSES) -> list[Result]:
        """Dated results of the given code sets and statuses that can be used, newest first."""
        return newest_first(
            result for result in self.every_result(*sets) if result.status in statuses and not result.caveat
        )

    def undated_results(self, *sets: ResultSet, statuses: frozenset[str] = FULL_STATUSES) -> list[Result]:
        """Results without a date: good for lifetime facts (HBsAg positive), not for windows or trends."""
        return [
            result
            for result in self.every_result(*sets)
            if result.when is None and result.status in statuses and not result.caveat
        ]

    def unread_results(
        self, *sets: ResultSet, is_read: Callable[[Result], bool], since: date | None = None
    ) -> list[Result]:
        """Results that hold something and can't be used: by a caveat, or because of what `is_read` says of their value
        (ruling 24). Those that lie wholly before `since` are answered by what was read then; one without a readable day
        may be newer than anything. The newest first, those without a day before all."""
        found = [
            result
            for result in self.every_result(*sets)
            if result.status not in WITHDRAWN_STATUSES
            and (since is None or result.when is None or result.when.end >= since)
            and result.received
            and (result.caveat or not is_read(result))
        ]
        return [result for result in found if result.when is None] + newest_first(found)

    def problems(self, *sets: SetName) -> list[Problem]:
        """Active problems that a clinician stands behind."""
        return [
            problem
            for problem in self.record.problems
            if is_active(problem) and is_confirmed(problem) and self.holds(problem.concept, *sets)
        ]

    def past_or_present_problems(self, *sets: SetName) -> list[Problem]:
        """Problems of any clinical status that were not disproved and are not mere suspicions."""
        return [
            problem for problem in self.record.problems if is_confirmed(problem) and self.holds(problem.concept, *sets)
        ]

    def medicines(self, *sets: SetName, named: re.Pattern[str] | None = None) -> list[Medicine]:
        """Exposures by any route of evidence, dated ones newest first, undated ones after them; `named` finds, in lower
        case, those whose code we do not know."""
        ours = [
            medicine
            for medicine in self.record.medicines
            if self.holds(medicine.concept, *sets) or _is_named(medicine.concept, named)
        ]
        return newest_first(ours) + [medicine for medicine in ours if medicine.when is None]

    def procedures(self, *sets: SetName) -> list[Procedure]:
        """Procedures that were done (or are under way), dated ones newest first, undated ones after them."""
        ours = [
            procedure
            for procedure in self.record.procedures
            if procedure.status not in {"entered-in-error", "not-done", "unknown", "preparation"}
            and self.holds(procedure.concept, *sets)
        ]
        return newest_first(ours) + [procedure for procedure in ours if procedure.when is None]

    def goals(self, *sets: SetName) -> list[Goal]:
        """Goals that are pursued."""
        return [goal for goal in self.record.goals if goal.status in PURSUED and self.holds(goal.concept, *sets)]

    def live_orders(
        self, *sets: SetName, named: re.Pattern[str] | None = None, kind: str = "MedicationRequest"
    ) -> list[Order]:
        """Orders on record that are active, and drafts of this call; `named` finds, in lower case, those of that `kind`
        whose code we do not know."""
        return [
            order
            for order in self.record.orders
            if is_live(order)
            and (self.holds(order.concept, *sets) or (order.resource_type == kind and _is_named(order.concept, named)))
        ]

    def days_ago(self, day: date) -> int:
        return (self.today - day).days

    @property
    def visit(self) -> date | None:
        """The earliest day, from today on, of an appointment that is being booked; None where none is."""
        booked = [
            max(appointment.when.start, self.today)
            for appointment in self.record.appointments
            if appointment.status not in NOT_TAKING_PLACE and appointment.when and appointment.when.end >= self.today
        ]
        return min(booked, default=None)

    @property
    def due_by(self) -> date:
        """The day by which something must be due to be named: that of the visit being booked, else today."""
        return self.visit or self.today


def without_corrected(results: Iterable[Result]) -> list[Result]:
    """Results without those that a corrected or amended one replaces: of the same day, under a common identifier
    (ruling 41)."""
    sent = list(results)
    corrections = [result for result in sent if len(sent) > 1 and result.status in CORRECTED and result.identifiers]
    return [result for result in sent if not any(_replaces(correction, result) for correction in corrections)]


def _replaces(correction: Result, result: Result) -> bool:
    if result is correction or result.status in CORRECTED or correction.identifiers.isdisjoint(result.identifiers):
        return False
    days = {(when.start, when.end) for when in (correction.when, result.when) if when is not None}
    return len(days) < 2


def _named_as(concept: Concept) -> frozenset[str]:
    """The code sets that a result's name stands for, where no public code stands beside it."""
    if is_public(concept.codes):
        return frozenset()
    words = concept.text[:LONGEST_NAME].lower()
    return frozenset(name for name, pattern in REPORTED.items() if pattern.search(words))


def _is_named(concept: Concept, name: re.Pattern[str] | None) -> bool:
    return name is not None and name.search(concept.text.lower()) is not None


def is_live(order: Order) -> bool:
    """An order on record that is active, or a draft of this call."""
    return order.is_draft or order.status in LIVE_REQUESTS


def is_active(problem: Problem) -> bool:
    """Active, recurring or relapsing; a Condition without clinical status counts as active."""
    return problem.clinical_status not in PAST


def is_confirmed(problem: Problem) -> bool:
    """Confirmed; a Condition without verification status counts as confirmed."""
    return problem.verification_status not in SUSPECTED_ONLY | DISPROVED
