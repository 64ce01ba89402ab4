"""What is on the screen: the services that can be asked, and for one patient the call, the day and the drafts.

Decides what the values of an address or a form mean; whatever they are, there is a call to make. Making it is `case`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.fields import Field
from cds_service.knowledge.manual import Manual
from cds_service.parts import Parts
from cds_service.protocol.offer import Offer, offers_of
from cds_service.settings import Settings
from cds_service.web.manual import path_of
from cds_service.web.services import address_of
from cds_service.workbench.case import Case, Outcome, asked, plain_context
from cds_service.workbench.cast import Cast, ExamplePatient
from cds_service.workbench.drafts import accepted, drafts_of, with_drafts
from cds_service.workbench.entered import MOST, Fact, changed, facts_of, order_of
from cds_service.workbench.index import Entry, entries
from cds_service.workbench.intake import Chart
from cds_service.workbench.search import Json
from cds_service.workbench.second import Build

BASE = "/workbench"
WIDTHS = ("260", "360", "620")
"""Widths of a column of cards, in pixels, as EHRs have them."""
_DAYS = date(1950, 1, 1), date(2150, 1, 1)
_Values = MultiDict[str, str]


@dataclass(frozen=True)
class Workbench:
    """One for an application."""

    settings: Settings
    parts: Parts
    knowledge: tuple[Knowledge, ...]
    cast: Cast
    now: Callable[[], datetime]
    build: Build | None = None
    """Makes the knowledge of another site; None where that is not offered."""

    @cached_property
    def offers(self) -> Mapping[str, Offer]:
        """The services by hook. Where several packages serve one hook, the first of them is asked."""
        made: dict[str, Offer] = {}
        for offer in offers_of(self.knowledge).values():
            made.setdefault(offer.hook.name, offer)
        return made

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of the kinds of card, by topic."""
        return {code: title for manual in self._manuals for code, title in manual.topics.items()}

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What a person can say of a patient without FHIR, by the first package that asks."""
        return next((manual.fields for manual in self._manuals if manual.fields), ())

    @cached_property
    def order_names(self) -> dict[str, str]:
        """Orders that are often written, with their resource type."""
        return dict(pair for manual in self._manuals for pair in manual.orders)

    @property
    def _manuals(self) -> list[Manual]:
        return [package.manual for package in self.knowledge if package.manual is not None]

    @cached_property
    def listed(self) -> tuple[Entry, ...]:
        """The examples to choose from; read once."""
        return entries(self.cast, self.titles)

    @property
    def richest(self) -> Entry:
        """The example that shows most in one call, for those who come for the first time."""
        return max(self.listed, key=lambda entry: max((len(call.topics) for call in entry.calls), default=0))

    @property
    def today(self) -> date:
        return self.now().astimezone(self.settings.zone).date()

    @property
    def address(self) -> str:
        """The address of this service as its callers write it; "" where it is not known."""
        return address_of(self.settings, self.parts)

    @cached_property
    def books(self) -> Mapping[str, str]:
        """The paths of the books of rules, with their titles."""
        return {path: package.title for package in self.knowledge if (path := path_of(package, self.knowledge))}

    def rules_at(self, offer: Offer) -> str:
        """The path of the pages of the rules; "" where there are none."""
        path = path_of(offer.knowledge, self.knowledge)
        return f"{path}/rules" if path else ""


@dataclass(frozen=True)
class Patient:
    """Who is on the screen: an example, or a chart that somebody brought."""

    bench: Workbench
    values: _Values
    example: ExamplePatient | None = None
    chart: Chart | None = None

    @property
    def title(self) -> str:
        return self.example.title if self.example else "A chart of your own"

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
        concept = draft.get("medicationCodeableConcept") or draft.get("code")
        text = concept.get("text") if isinstance(concept, dict) else None
        return f"{draft.get('resourceType', '')}: {text or draft.get('id', '')}"

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
        bundle = self.bundle
        if own:
            return Case(offer, bundle, own[0].context, self.day, own[0].known, own[0].failing)
        return Case(offer, bundle, plain_context(self._id), self.day)

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
        return self._entered[1]

    @property
    def orders(self) -> list[str]:
        """The orders that were written, as texts."""
        new = [self.values.get(f"order_{name}", "") for name in ("name", "dose", "unit", "period", "per", "count")]
        written = [*self.values.getlist("order"), "|".join(part.replace("|", " ").strip() for part in new)]
        return [text for text in dict.fromkeys(written) if text.partition("|")[0].strip()][:MOST]

    @cached_property
    def bundle(self) -> Mapping[str, Any]:
        """The chart, with the facts that were entered."""
        chart = self.example.bundle if self.example else self.chart.bundle if self.chart else {}
        return changed(chart, self.facts, self._id) if self.facts else chart

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
            order_of(text, number, self.order_names, self._id, self.day) for number, text in enumerate(self.orders, 1)
        ]
        drafts = [*next(filter(None, brought), []), *(draft for draft in written if draft is not None)]
        return accepted(drafts, self.accepted, self._cards_at)

    def _cards_at(self, name: str, drafts: Sequence[Json]) -> list[Json]:
        return self._asked(self._with(self.case(name), drafts)).cards

    def _with(self, case: Case, drafts: Sequence[Json]) -> Case:
        """The case with those drafts; with its own where they are the same, selections and all."""
        hook = case.offer.hook
        if list(drafts) == drafts_of(case.context, hook):
            return case
        return Case(
            case.offer, case.bundle, with_drafts(case.context, hook, drafts), case.day, case.known, case.failing
        )

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
    def before(self) -> list[Json]:
        """The cards of this call without what was entered or accepted on the page."""
        kept = [(name, value) for name, value in self.values.items(multi=True) if not _changes(name)]
        as_it_was = Patient(self.bench, MultiDict([*kept, ("call", self.call)]), self.example, self.chart)
        return as_it_was.outcome().cards

    @property
    def is_changed(self) -> bool:
        """Something was entered, written or accepted on the page."""
        return bool(self.facts or self.orders or self.accepted)

    def is_new(self, card: Mapping[str, Any]) -> bool:
        """The card was not there, or said something else, before the changes on the page."""
        said = (card["source"]["topic"]["code"], card["summary"], card.get("detail"))
        there = [(one["source"]["topic"]["code"], one["summary"], one.get("detail")) for one in self.before]
        return self.is_changed and said not in there

    def gone(self, cards: Sequence[Mapping[str, Any]]) -> list[str]:
        """What cards of topics that are no longer there had said."""
        topics = {card["source"]["topic"]["code"] for card in cards}
        lost = (card for card in self.before if card["source"]["topic"]["code"] not in topics)
        return [card["summary"] for card in lost] if self.is_changed else []

    def outcome(self) -> Outcome:
        """The call on the screen, made."""
        return self._asked(self._with(self.case(self.call), self.drafts))


def _changes(name: str) -> bool:
    """A value of the form changes the chart or its orders."""
    return name in ("fact", "order", "accept", "call") or name.startswith(("new_", "order_"))
