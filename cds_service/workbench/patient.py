"""The patient on the screen: an example or a chart that somebody brought, with the call, the day, facts and orders.

Decides what the values of an address or a form mean; whatever they are, there is a call to make. Making it is `case`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from cds_service.knowledge.fields import Field
from cds_service.knowledge.manual import Manual
from cds_service.protocol.offer import Offer
from cds_service.workbench.bench import BASE, Workbench
from cds_service.workbench.case import Case, Outcome, asked, plain_context
from cds_service.workbench.cast import ExamplePatient
from cds_service.workbench.drafts import accepted, drafts_of, with_drafts
from cds_service.workbench.entered import Fact, added_by, changed, facts_of
from cds_service.workbench.intake import Chart
from cds_service.workbench.marks import Changes
from cds_service.workbench.orders import Order, draft_of, named, orders_of, written_in
from cds_service.workbench.requests import completed
from cds_service.workbench.search import Json
from cds_service.workbench.users import USERS, with_user

WIDTHS = ("260", "360", "620")
"""Widths of a column of cards, in pixels, as EHRs have them."""
_DAYS = date(1950, 1, 1), date(2150, 1, 1)
_Values = MultiDict[str, str]


@dataclass(frozen=True)
class Patient:
    """Who is on the screen: an example, or a chart that somebody brought."""

    bench: Workbench
    values: _Values
    example: ExamplePatient | None = None
    chart: Chart | None = None

    @property
    def title(self) -> str:
        if self.example:
            return self.example.title
        return "A patient on a FHIR server" if self.chart and self.chart.read else "A chart of your own"

    @property
    def address(self) -> str:
        """The path of this patient's pages."""
        return f"{BASE}/examples/{self.example.name}" if self.example else f"{BASE}/chart"

    @property
    def rules_at(self) -> str:
        """The path of the pages of the rules that are asked; "" where there are none."""
        return self.bench.rules_at(self.bench.offers[self.calls[self.call]])

    def named(self, draft: Mapping[str, Any]) -> str:
        """What a draft orders, as its own words say."""
        return named(draft)

    def is_own(self, call: str) -> bool:
        """The call is one of the example's, with its own context."""
        return self.example is not None and any(own.name == call for own in self.example.calls)

    @property
    def width(self) -> str:
        """The width of the column of cards."""
        asked = self.values.get("width", "")
        return asked if asked in WIDTHS else "360"

    @property
    def call(self) -> str:
        """The name of the call: one of the example's, or a hook."""
        asked = (self.values.getlist("call") or [""])[-1]  # a button that names a call comes after the list of them
        return asked if asked in self.calls else next(iter(self.calls), "")

    @property
    def calls(self) -> dict[str, str]:
        """Every call that can be made, with its hook: the example's own first."""
        own = [(call.name, call.hook) for call in self.example.calls] if self.example else []
        served = {name: hook for name, hook in own if hook in self.bench.offers}
        return served | {hook: hook for hook in self.bench.offers if hook not in served}

    @property
    def day(self) -> date:
        """The day that was asked for, else that of the example's call, else today."""
        try:
            asked = date.fromisoformat(self.values.get("day", ""))
        except ValueError:
            asked = None
        if asked is not None and _DAYS[0] <= asked <= _DAYS[1]:
            return asked
        days = {call.name: call.as_of for call in self.example.calls} if self.example else {}
        return days.get(self.call) or next(iter(days.values()), self.bench.today)

    @property
    def accepted(self) -> list[str]:
        """The suggestions that were accepted, by their names."""
        named = [name for name in self.values.getlist("accept") if name.partition(":")[0] in self.calls]
        return list(dict.fromkeys(named))

    def case(self, name: str) -> Case:
        """The call of that name, with the drafts that it brings itself."""
        offer = self.bench.offers[self.calls[name]]
        own = [call for call in self.example.calls if call.name == name] if self.example else []
        if own:
            context = with_user(own[0].context, self.user)
            return Case(offer, self.bundle, context, self.day, own[0].known, own[0].failing)
        context = with_user(plain_context(self._id), self.user)
        sent = self.chart.sent if self.chart else None
        if sent is not None:
            templates = {key: query for key, query in offer.service.prefetch.items() if key in self.bench.keys}
            sent = completed(sent, {"entry": self._added}, context, templates)
        return Case(offer, self.bundle, context, self.day, sent=sent)

    @property
    def user(self) -> str:
        """The kind of user that was chosen; "" for that of the call."""
        asked = self.values.get("user", "")
        return asked if asked in USERS else ""

    @property
    def _manual(self) -> Manual | None:
        return self.bench.offers[self.calls[self.call]].knowledge.manual

    @property
    def fields(self) -> tuple[Field, ...]:
        """What of the patient can be changed in place."""
        return self._manual.fields if self._manual else ()

    @property
    def order_names(self) -> dict[str, str]:
        """Orders that are often written, with their resource type."""
        return dict(self._manual.orders) if self._manual else {}

    @cached_property
    def _entered(self) -> tuple[list[Fact], list[str]]:
        new = [self.values.get(name, "").strip() for name in ("new_fact", "new_value", "new_on")]
        return facts_of([*self.values.getlist("fact"), "|".join(new)], self.fields, self.day)

    @property
    def facts(self) -> list[Fact]:
        """The facts that were entered."""
        return self._entered[0]

    @property
    def unused(self) -> list[str]:
        """What was entered and could not be used."""
        return [*self._entered[1], *self._written[1]]

    @cached_property
    def _written(self) -> tuple[list[Order], list[str]]:
        return orders_of([*self.values.getlist("order"), written_in(self.values)])

    @property
    def orders(self) -> list[Order]:
        """The orders that were written."""
        return self._written[0]

    @property
    def _chart(self) -> Mapping[str, Any]:
        """The chart as it was."""
        return self.example.bundle if self.example else self.chart.bundle if self.chart else {}

    @cached_property
    def _added(self) -> list[Json]:
        return added_by(self.facts, self._id, self._chart)

    @cached_property
    def bundle(self) -> Mapping[str, Any]:
        """The chart, with the facts that were entered."""
        return changed(self._chart, self._added) if self._added else self._chart

    @property
    def _id(self) -> str:
        if self.chart is not None:
            return self.chart.patient_id
        contexts = [call.context for call in self.example.calls] if self.example else []
        return next((str(context["patientId"]) for context in contexts if context.get("patientId")), "")

    @cached_property
    def drafts(self) -> list[Json]:
        """The draft orders on the screen."""
        first = self.accepted[0].partition(":")[0] if self.accepted else self.call
        brought = [
            drafts_of(self.case(name).context, self.bench.offers[self.calls[name]].hook)
            for name in dict.fromkeys((self.call, first))
        ]
        written = [
            draft_of(order, number, self.order_names, self._id, self.day) for number, order in enumerate(self.orders, 1)
        ]
        drafts = [*next(filter(None, brought), []), *written]
        return accepted(drafts, self.accepted, self._cards_at)

    def _cards_at(self, name: str, drafts: Sequence[Json]) -> list[Json]:
        return self._asked(self._with(self.case(name), drafts)).cards

    def _with(self, case: Case, drafts: Sequence[Json]) -> Case:
        """The case with those drafts; with its own where they are the same, selections and all."""
        hook = case.offer.hook
        if list(drafts) == drafts_of(case.context, hook):
            return case
        return replace(case, context=with_drafts(case.context, hook, drafts))

    @property
    def rules_address(self) -> str:
        """The address of those pages, as a card's link has it."""
        return self._rules_address(self.bench.offers[self.calls[self.call]])

    def _rules_address(self, offer: Offer) -> str:
        at, address = self.bench.rules_at(offer), self.bench.address
        return f"{address}{at}" if at and address else ""

    def _asked(self, case: Case) -> Outcome:
        return asked(case, self.bench.settings.zone, self._rules_address(case.offer))

    @cached_property
    def before(self) -> Outcome | None:
        """This call without what was entered, written or accepted on the page; None where nothing was."""
        if not (self.facts or self.orders or self.accepted):
            return None
        kept = [(name, value) for name, value in self.values.items(multi=True) if not _changes(name)]
        return Patient(self.bench, MultiDict([*kept, ("call", self.call)]), self.example, self.chart).outcome()

    @cached_property
    def changes(self) -> Changes:
        """What of the cards changed on the page."""
        return Changes(self.before.cards if self.before else None)

    @property
    def shared(self) -> str:
        """What an address of this page says beside the example: call, day, user. Nothing that was entered is in it."""
        named = {"call": self.call, "day": self.day.isoformat(), "user": self.user}
        return urlencode({name: value for name, value in named.items() if value})

    def outcome(self) -> Outcome:
        """The call on the screen, made."""
        return self._asked(self._with(self.case(self.call), self.drafts))

    def replayed(self) -> Outcome:
        """The call on the screen as it is made from the chart alone."""
        return self._asked(self._with(self.case(self.call), self.drafts).replayed)


def _changes(name: str) -> bool:
    """A value of the form changes the chart or its orders."""
    return name in ("fact", "order", "accept", "call") or name.startswith(("new_", "order_"))
