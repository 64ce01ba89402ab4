"""Hiccups: a knowledge package of one page, so that the engine is tested without any real disease.

A haemoglobin below 12 g/dL gets water. An order in hand gets a sip of advice, an espresso is stopped, and one named
"boom" breaks the package, as a fault in real knowledge would. What is being entered or booked is noted.
"""

from cds_service.cards import Action, Card, Coding, Explanation, FindingNote, Indicator, Link, Source, Suggestion
from cds_service.codes import CodeSet
from cds_service.knowledge.contract import Advice, HookCall, Knowledge, Service, Vocabulary
from cds_service.markdown import escaped
from cds_service.record import Fact, Order, PatientRecord
from cds_service.values import Quantity

HAEMOGLOBIN = CodeSet("haemoglobin", frozenset({("http://loinc.org", "718-7")}))
ON_RECORD = {"orders": "MedicationRequest", "conditions": "Condition", "allergies": "AllergyIntolerance"}
GUIDE = "https://example.org/hiccups"
HOOKS = (
    *("patient-view", "order-select", "order-sign", "order-dispatch", "appointment-book", "encounter-start"),
    *("encounter-discharge", "medication-refill", "problem-list-item-create", "allergyintolerance-create"),
)
REASONS = (Coding("urn:hiccups:override-reason", "notThirsty", "Not thirsty"),)


def card_about(
    topic: str, summary: str, indicator: Indicator, *facts: Fact, suggestion: Suggestion | None = None
) -> Card:
    return Card(
        summary=summary,
        detail=f"{summary}.\n\nHold your breath first.",
        indicator=indicator,
        source=Source("Guide to hiccups", GUIDE, Coding("urn:hiccups:topic", topic)),
        links=(Link("Guide to hiccups", GUIDE),),
        explanation=Explanation((FindingNote("water.is_low", "W-1", "YES"),), facts, evidence=("GUIDE",)),
        suggestions=(suggestion,) if suggestion else (),
        selection_behavior="at-most-one" if suggestion else None,
        override_reasons=REASONS if indicator >= Indicator.WARNING else (),
    )


def advise(call: HookCall) -> Advice:
    chosen = [order for order in call.record.in_hand if order.is_selected]
    cards = (*_water(call), *(_about_draft(order) for order in chosen), *_noted(call.record))
    return Advice(cards, tuple(note for card in cards for note in card.explanation.findings))


def _noted(record: PatientRecord) -> list[Card]:
    entered = [problem.concept.text for problem in record.problems if problem.is_new]
    entered += [allergy.substances[0].text for allergy in record.allergies if allergy.is_new]
    entered += [booked.when.received if booked.when else "some day" for booked in record.appointments]
    return [card_about("note", f"Noted: {escaped(what)}", Indicator.INFO) for what in entered]


def _water(call: HookCall) -> list[Card]:
    low = [
        result
        for result in call.record.results
        if HAEMOGLOBIN.holds(result.concept) and isinstance(result.value, Quantity) and result.value.value < 12
    ]
    draft = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{call.record.patient.id}"},
        "code": {"text": "Water"},
    }
    suggestion = Suggestion("Order water", (Action("create", "A glass of water", draft),), is_recommended=True)
    facts = [result.fact("haemoglobin") for result in low]
    return [card_about("water", "Offer water", Indicator.INFO, *facts, suggestion=suggestion)] if low else []


def _about_draft(order: Order) -> Card:
    name = order.concept.text
    if name == "boom":
        raise ValueError(f"cannot advise on {name} for Jane Doe")
    if name == "espresso":
        decaf = Suggestion("Drink decaf", (Action("update", "The same, without caffeine", order.resource),))
        return card_about("stop", "Do not drink this now", Indicator.CRITICAL, order.fact("draft"), suggestion=decaf)
    return card_about("sip", f"Sip slowly: {escaped(name)}"[:139], Indicator.WARNING, order.fact("draft"))


def _service(hook: str) -> Service:
    prefetch = {
        "patient": "Patient/{{context.patientId}}",
        **{key: f"{kind}?patient={{{{context.patientId}}}}" for key, kind in ON_RECORD.items()},
        "laboratory": "Observation?patient={{context.patientId}}&code=http://loinc.org|718-7",
    }
    return Service(f"hiccups-{hook}", hook, "Hiccups", "Advises water against hiccups.", "", prefetch)


KNOWLEDGE = Knowledge(
    id="hiccups",
    title="Hiccups",
    version="1",
    services=tuple(_service(hook) for hook in HOOKS),
    vocabulary=Vocabulary(frozenset(HAEMOGLOBIN.codes)),
    topics=("stop", "water", "sip", "note"),
    extension="org.example.hiccups.explanation",
    advise=advise,
)
