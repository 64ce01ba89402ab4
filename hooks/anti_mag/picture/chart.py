"""The chart as the picture's builders ask it: by code set, by status, newest first.

Holds C1's reading of statuses in one place: which results count fully, which only raise, which problems are active and
which are history. What a value means is left to the builders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from cds_service.codes import CodeSets, Concept, ResultSet, SetName, words_of
from cds_service.fhir.results import LONGEST_NAME, is_public
from cds_service.kept import kept
from cds_service.record import Dated, Goal, Medicine, Order, PatientRecord, Problem, Procedure, Result, newest_first
from hooks.anti_mag.knowledge_data import REPORTED

FULL_STATUSES = frozenset({"final", "amended", "corrected"})
PRELIMINARY_STATUSES = frozenset({"preliminary"})
CORRECTED = frozenset({"amended", "corrected"})
WITHDRAWN_STATUSES = frozenset({"entered-in-error", "cancelled"})
AWAITED_STATUS = "registered"
"""There is no result yet, says this status: one that comes with a value all the same is not one to rely on."""
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
NOT_DONE = frozenset({"entered-in-error", "not-done", "unknown", "preparation"})
"""Statuses of a procedure that was not, or not yet."""
Shelved = TypeVar("Shelved", Result, Problem, Medicine, Procedure, Order)


class Shelves(Generic[Shelved]):
    """Things of one kind in one order, by the code sets that hold them: a chart is asked by set very often."""

    def __init__(self, things: Iterable[Shelved], names_of: Callable[[Shelved], Iterable[str]]) -> None:
        self._things: list[Shelved] = list(things)
        self._places: dict[str, list[int]] = {}
        for place, thing in enumerate(self._things):
            for name in names_of(thing):
                self._places.setdefault(name, []).append(place)

    def of(
        self,
        sets: Sequence[SetName],
        named: re.Pattern[str] | None = None,
        may_be_named: Callable[[Shelved], bool] = lambda _: True,
    ) -> list[Shelved]:
        """Those that a code of one of the sets is on, each once, and those whose text `named` finds, in lower case."""
        if not self._things:
            return []
        shelves = [shelf for name in sets if (shelf := self._places.get(name))]
        if named is None and len(shelves) < 2:
            return [self._things[place] for place in shelves[0]] if shelves else []
        places = {place for shelf in shelves for place in shelf}
        if named is not None:
            places |= {
                place
                for place, thing in enumerate(self._things)
                if place not in places and may_be_named(thing) and named.search(thing.concept.words)
            }
        return [self._things[place] for place in sorted(places)]


@dataclass(frozen=True)
class Chart:
    """A patient record, the code sets it is read with, and today."""

    record: PatientRecord
    codes: CodeSets
    today: date

    def holds(self, concept: Concept, *sets: SetName) -> bool:
        """A code of the concept is in one of the sets."""
        return not self.codes.names_holding(concept.codes).isdisjoint(sets)

    def is_known(self, concept: Concept) -> bool:
        """Some code set, whichever, holds a code of the concept."""
        return bool(self.codes.names_holding(concept.codes))

    @kept
    def _results(self) -> Shelves[Result]:
        """Results newest first, those without a day after them. A name counts where no code of ours says what was
        measured."""
        ordered = dated_first(self.record.results)
        return Shelves(ordered, lambda result: self.codes.names_holding(result.codes) or _named_as(result.concept))

    @kept
    def _problems(self) -> Shelves[Problem]:
        """Problems that were not disproved and are not mere suspicions."""
        return Shelves(filter(is_confirmed, self.record.problems), self._names_of)

    @kept
    def _medicines(self) -> Shelves[Medicine]:
        return Shelves(dated_first(self.record.medicines), self._names_of)

    @kept
    def _procedures(self) -> Shelves[Procedure]:
        done = [procedure for procedure in self.record.procedures if procedure.status not in NOT_DONE]
        return Shelves(dated_first(done), self._names_of)

    @kept
    def _live_orders(self) -> Shelves[Order]:
        return Shelves(filter(is_live, self.record.orders), self._names_of)

    def _names_of(self, thing: Problem | Medicine | Procedure | Order) -> frozenset[str]:
        return self.codes.names_holding(thing.concept.codes)

    @kept
    def _asked(self) -> dict[tuple[ResultSet, ...], list[Result]]:
        """What `every_result` answered: many questions are about the same sets."""
        return {}

    def every_result(self, *sets: ResultSet) -> list[Result]:
        """Whatever is there of the given code sets, of any status, whether or not it can be used, each once and without
        those that a correction has replaced: newest first, those without a day last."""
        found = self._asked.get(sets)
        if found is None:
            found = self._asked[sets] = without_corrected(self._results.of(sets))
        return found

    def results(self, *sets: ResultSet, statuses: frozenset[str] = FULL_STATUSES) -> list[Result]:
        """Dated results of the given code sets and statuses that can be used, newest first."""
        return [
            result
            for result in self.every_result(*sets)
            if result.when is not None and result.status in statuses and not result.caveat
        ]

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
            and (objection_to(result) or not is_read(result))
        ]
        return [result for result in found if result.when is None] + [result for result in found if result.when]

    def problems(self, *sets: SetName) -> list[Problem]:
        """Active problems that a clinician stands behind."""
        return [problem for problem in self._problems.of(sets) if is_active(problem)]

    def past_or_present_problems(self, *sets: SetName) -> list[Problem]:
        """Problems of any clinical status that were not disproved and are not mere suspicions."""
        return self._problems.of(sets)

    def medicines(self, *sets: SetName, named: re.Pattern[str] | None = None) -> list[Medicine]:
        """Exposures by any route of evidence, dated ones newest first, undated ones after them; `named` finds, in lower
        case, those whose code we do not know."""
        return self._medicines.of(sets, named)

    def procedures(self, *sets: SetName) -> list[Procedure]:
        """Procedures that were done (or are under way), dated ones newest first, undated ones after them."""
        return self._procedures.of(sets)

    def goals(self, *sets: SetName) -> list[Goal]:
        """Goals that are pursued."""
        return [goal for goal in self.record.goals if goal.status in PURSUED and self.holds(goal.concept, *sets)]

    def live_orders(
        self, *sets: SetName, named: re.Pattern[str] | None = None, kind: str = "MedicationRequest"
    ) -> list[Order]:
        """Orders on record that are active, and drafts of this call; `named` finds, in lower case, those of that `kind`
        whose code we do not know."""
        return self._live_orders.of(sets, named, lambda order: order.resource_type == kind)

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


def dated_first(facts: Sequence[Dated]) -> list[Dated]:
    """Facts newest first, those without a day after them."""
    return newest_first(facts) + [fact for fact in facts if fact.when is None]


def objection_to(result: Result) -> str:
    """Why a result can't be used as a whole, whatever its value; "" where it can."""
    return result.caveat or (f'its status is "{AWAITED_STATUS}"' if result.status == AWAITED_STATUS else "")


def without_corrected(results: Iterable[Result]) -> list[Result]:
    """Results without those that a corrected or amended one replaces: of the same day, under a common identifier
    (ruling 41)."""
    sent = list(results)
    corrections = [result for result in sent if len(sent) > 1 and result.status in CORRECTED and result.identifiers]
    if not corrections:
        return sent
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
    words = words_of(concept.text[:LONGEST_NAME])
    return frozenset(name for name, pattern in REPORTED.items() if pattern.search(words))


def is_live(order: Order) -> bool:
    """An order on record that is active, or a draft of this call."""
    return order.is_draft or order.status in LIVE_REQUESTS


def is_active(problem: Problem) -> bool:
    """Active, recurring or relapsing; a Condition without clinical status counts as active."""
    return problem.clinical_status not in PAST


def is_confirmed(problem: Problem) -> bool:
    """Confirmed; a Condition without verification status counts as confirmed."""
    return problem.verification_status not in SUSPECTED_ONLY | DISPROVED
