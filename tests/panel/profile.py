"""How a person of the panel is written down, and the chart and calls that follow.

A profile is a handful of statements in a clinician's words; the everyday findings around them come from the generator
of the example patients, in the manner and language of the person's country.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fhir_examples.everyday import every, everyday
from fhir_examples.example import Call, Example, Json
from fhir_examples.writing import ChartWriter, concept, draft, order_context, person

TODAY = date(2026, 3, 10)
USER = "Practitioner/physician-1"
LANGUAGE_OF = {"DE": "de", "AT": "de", "FR": "fr", "IT": "it", "ES": "es"}


@dataclass(frozen=True)
class Statement:
    """One thing that is on record: the writer's method, its arguments."""

    kind: str
    text: str
    on: str
    rest: tuple[Any, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def write(self, writer: ChartWriter) -> None:
        getattr(writer, self.kind)(self.text, date.fromisoformat(self.on), *self.rest, **self.more)


@dataclass(frozen=True)
class Ordered:
    """Something that is ordered for the person today, with what the order says it is for."""

    text: str
    codes: tuple[str, ...] = ()
    reason: str = ""
    reason_codes: tuple[str, ...] = ()
    resource_type: str = "MedicationRequest"

    def draft(self, patient: Json) -> Json:
        reason = {"reasonCode": [concept(self.reason, *self.reason_codes)]} if self.reason else {}
        return draft(self.text, *self.codes, of=patient, on=TODAY, resource_type=self.resource_type, **reason)


@dataclass(frozen=True)
class Profile:
    """One person. `story` says in a sentence what is the matter."""

    name: str
    story: str
    gender: str
    born: str
    country: str
    statements: tuple[Statement, ...]
    orders: tuple[Ordered, ...]

    def example(self) -> Example:
        """The chart, and the calls that an EHR makes: the chart opened, each order selected and signed, the rest."""
        writer = self._writer()
        calls = (*self._order_calls(writer.patient), *self._other_calls(writer))
        return Example(self.name, self.story, writer.bundle(self.name), calls)

    def signed(self) -> Example:
        """The chart with all orders on record, as they are sent to those who carry them out."""
        writer = self._writer()
        drafts = [ordered.draft(writer.patient) | {"status": "active"} for ordered in self.orders]
        writer.resources += drafts
        context = {
            "patientId": writer.patient["id"],
            "performer": "Organization/pharmacy-1",
            "dispatchedOrders": [f"{item['resourceType']}/{item['id']}" for item in drafts],
        }
        call = Call("order-dispatch", "order-dispatch", TODAY, context, None)
        return Example(self.name, self.story, writer.bundle(self.name), (call,))

    def _writer(self) -> ChartWriter:
        name = self.name.replace("_", " ").title()
        identity = f"panel-{self.name.replace('_', '-')}"
        born = date.fromisoformat(self.born)
        writer = ChartWriter(person(identity, name, "Panel", self.gender, born, "Anytown", self.country))
        for statement in self.statements:
            statement.write(writer)
        days = every(122, max(TODAY - timedelta(days=1100), born), TODAY)
        everyday(writer, days, country=self.country, language=LANGUAGE_OF.get(self.country, "en"))
        return writer

    def _order_calls(self, patient: Json) -> Iterator[Call]:
        context = {"userId": USER, "patientId": patient["id"]}
        yield Call("patient-view", "patient-view", TODAY, context, None)
        sessions = [[ordered] for ordered in self.orders]
        if len(self.orders) > 1:
            sessions.append(list(self.orders))
        for number, session in enumerate(sessions, 1):
            for hook in ("order-select", "order-sign"):
                drafts = [ordered.draft(patient) for ordered in session]
                ordering = order_context(patient, drafts, is_selecting=hook == "order-select")
                yield Call(f"{hook}-{number}", hook, TODAY, ordering, None)

    def _other_calls(self, writer: ChartWriter) -> Iterator[Call]:
        patient = writer.patient
        problems = [item for item in writer.resources if item["resourceType"] == "Condition"]
        medicines = [item.draft(patient) for item in self.orders if item.resource_type == "MedicationRequest"]
        own: dict[str, dict[str, Any]] = {
            "encounter-start": {"encounterId": "encounter-1"},
            "encounter-discharge": {"encounterId": "encounter-1"},
            "appointment-book": {"appointments": _collection([_visit(patient)])},
            "medication-refill": {"medications": _collection(medicines)},
            "problem-list-item-create": {"conditions": _collection(problems)},
            "allergyintolerance-create": {"allergyIntolerance": _collection([_penicillin(patient)])},
        }
        for hook, members in own.items():
            yield Call(hook, hook, TODAY, {"userId": USER, "patientId": patient["id"]} | members, None)


def _collection(items: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in items]}


def _visit(patient: Json) -> Json:
    start = TODAY + timedelta(days=28)
    return {
        "resourceType": "Appointment",
        "id": "visit-1",
        "status": "proposed",
        "start": f"{start}T09:00:00Z",
        "end": f"{start}T09:30:00Z",
        "participant": [{"actor": {"reference": f"Patient/{patient['id']}"}, "status": "accepted"}],
    }


def _penicillin(patient: Json) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": "penicillin-1",
        "code": concept("Penicillin"),
        "patient": {"reference": f"Patient/{patient['id']}"},
        "reaction": [{"manifestation": [{"text": "Rash"}], "severity": "mild"}],
    }


def problem(text: str, on: str, *codes: str, **more: Any) -> Statement:
    return Statement("problem", text, on, codes, more)


def result(text: str, on: str, value: float | str, unit: str = "", *codes: str, **more: Any) -> Statement:
    return Statement("result", text, on, (value, unit, *codes), more)


def finding(text: str, on: str, answer: str, *codes: str, **more: Any) -> Statement:
    return Statement("finding", text, on, (answer, *codes), more)


def medicine(text: str, on: str, *codes: str, **more: Any) -> Statement:
    return Statement("medicine", text, on, codes, more)


def given(text: str, on: str, mg: float, *codes: str) -> Statement:
    return Statement("given", text, on, (mg, *codes))


def procedure(text: str, on: str, *codes: str) -> Statement:
    return Statement("procedure", text, on, codes)


def vaccine(text: str, on: str) -> Statement:
    return Statement("immunization", text, on)


def allergy(text: str, on: str, manifestation: str, severity: str = "mild") -> Statement:
    return Statement("allergy", text, on, (manifestation, severity))


def ordered(text: str, *codes: str, reason: str = "", reason_codes: tuple[str, ...] = (), **more: str) -> Ordered:
    return Ordered(text, codes, reason, reason_codes, **more)


def hepatitis_b_negative(on: str) -> tuple[Statement, ...]:
    """What every rituximab order needs: both markers, negative within the year."""
    return (
        finding("HBsAg", on, "Non-reactive", "loinc|5196-1", answer_code="sct|260415000"),
        finding("Anti-HBc, total", on, "Non-reactive", "loinc|13952-7", answer_code="sct|260415000"),
    )


def igm(on: str, value: float, unit: str = "mg/dL") -> Statement:
    """A serum IgM with the adult range in its unit."""
    low, high = (40, 230) if unit == "mg/dL" else (0.4, 2.3)
    return result("IgM, serum", on, value, unit, "loinc|2472-9", low=low, high=high)


def immunofixation(on: str, text: str) -> Statement:
    return result("Immunofixation, serum", on, text, "", "loinc|25700-6")


def conduction(on: str, pattern: str, text: str) -> Statement:
    return finding("Nerve conduction study", on, text, "assessment|ncs-pattern", answer_code=f"assessment|{pattern}")
