"""One chart in which everything is in place for rituximab, in edits of which every kind of spoilt data is shown.

Signed as it stands, its order gets no card: what a test adds is the only thing that can be spoken of. Everything is
dated back from `TODAY`, and goes through the service's own door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from fhir_examples.example import Json
from fhir_examples.replay import cards_for, client_on, service_for

TODAY = date(2026, 6, 15)
LOINC, UCUM, RXNORM = "http://loinc.org", "http://unitsofmeasure.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
SUBJECT = {"reference": "Patient/field-1"}
ORDER_HOOKS = ("order-select", "order-sign", "order-dispatch", "medication-refill")


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).isoformat()


def coded(code: str, system: str = LOINC, **members: Any) -> Json:
    return {"coding": [{"system": system, "code": code}], **members}


def quantity(value: Any, unit: str, code: str | None = None, **members: Any) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit, **members}


def result(id: str, loinc: str, ago: int, **members: Any) -> Json:
    """An Observation; a member that is None is left out."""
    made = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": coded(loinc),
        "subject": SUBJECT,
        "effectiveDateTime": day(ago),
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


def problem(id: str, code: Json, **members: Any) -> Json:
    made = {
        "resourceType": "Condition",
        "id": id,
        "clinicalStatus": coded("active", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        "verificationStatus": coded("confirmed", "http://terminology.hl7.org/CodeSystem/condition-ver-status"),
        "code": code,
        "subject": SUBJECT,
        "onsetDateTime": day(500),
        "recordedDate": day(500),
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


def order(id: str = "draft-1", **members: Any) -> Json:
    """A draft of rituximab, 710 mg weekly four times; a member that is None is left out."""
    made = {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "subject": SUBJECT,
        "authoredOn": day(0),
        "medicationCodeableConcept": coded("121191", RXNORM, text="rituximab"),
        "reasonReference": [{"reference": "Condition/neuropathy-1"}],
        "dosageInstruction": [
            {
                "timing": {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnit": "wk"}},
                "doseAndRate": [{"doseQuantity": quantity(710, "mg")}],
            }
        ],
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


def given(ago: int, **members: Any) -> Json:
    """One infusion of rituximab; a member that is None is left out."""
    made = {
        "resourceType": "MedicationAdministration",
        "id": f"infusion-{ago}",
        "status": "completed",
        "subject": SUBJECT,
        "effectiveDateTime": day(ago),
        "medicationCodeableConcept": coded("121191", RXNORM),
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


MAN = {"resourceType": "Patient", "id": "field-1", "gender": "male", "birthDate": "1957-02-11"}
WOMAN = MAN | {"gender": "female", "birthDate": "1991-09-30"}
ORPHANET = "https://www.orpha.net"
OURS = (
    problem("neuropathy-1", coded("209004", ORPHANET, text="Anti-MAG neuropathy")),
    problem("gammopathy-1", coded("D47.2", "http://hl7.org/fhir/sid/icd-10-cm", text="IgM MGUS")),
)
NEGATIVE = {"valueCodeableConcept": coded("260385009", "http://snomed.info/sct", text="Negative")}
IGM, IGG, NEUTROPHILS, PLATELETS, ANTI_MAG, VISCOSITY = "2472-9", "2465-3", "751-8", "777-3", "39087-2", "3128-6"
HBSAG, ANTI_HBC, HCG = "5196-1", "13952-7", "2118-8"
LABORATORY = (
    result("igm-old", IGM, 25, valueQuantity=quantity(640, "mg/dL")),
    result("igg-old", IGG, 25, valueQuantity=quantity(1010, "mg/dL")),
    result("neutrophils-old", NEUTROPHILS, 25, valueQuantity=quantity(4.1, "10*3/uL")),
    result("platelets-old", PLATELETS, 25, valueQuantity=quantity(251, "10*3/uL")),
    result(
        "anti-mag-old",
        ANTI_MAG,
        120,
        valueQuantity=quantity(31000, "BTU", "{BTU}"),
        referenceRange=[{"high": quantity(1500, "BTU", "{BTU}")}],
    ),
)
SEROLOGY = (result("hbsag-old", HBSAG, 40, **NEGATIVE), result("anti-hbc-old", ANTI_HBC, 40, **NEGATIVE))
SIZE = (
    result("height-1", "8302-2", 30, valueQuantity=quantity(176, "cm")),
    result("weight-1", "29463-7", 30, valueQuantity=quantity(74, "kg")),
)
HELD = {
    "conditions": OURS,
    "laboratory": LABORATORY,
    "hepatitisB": SEROLOGY,
    "vitalSigns": SIZE,
}


@dataclass(frozen=True)
class Told:
    """What came back, as a reader and as a machine would see it."""

    cards: list[Json]

    @cached_property
    def topics(self) -> set[str]:
        return {card["source"]["topic"]["code"] for card in self.cards}

    @cached_property
    def logic(self) -> set[str]:
        """Of the findings that hold."""
        return {found["logic"] for found in self._findings if found["truth"] == "YES"}

    @cached_property
    def unknown(self) -> set[str]:
        return {found["logic"] for found in self._findings if found["truth"] == "UNKNOWN"}

    @cached_property
    def words(self) -> str:
        missing = (text for card in self.cards for text in self._explained(card).get("missing", ()))
        return "\n".join(
            [part for card in self.cards for part in (card["summary"], card.get("detail", ""))] + [*missing]
        )

    def indicator(self, topic: str) -> str:
        (found,) = (card["indicator"] for card in self.cards if card["source"]["topic"]["code"] == topic)
        return str(found)

    @property
    def _findings(self) -> list[Json]:
        return [found for card in self.cards for found in self._explained(card)["findings"]]

    @staticmethod
    def _explained(card: Json) -> Json:
        told: Json = card["extension"]["org.anti-mag-cds.explanation"]
        return told


def bundle(*resources: Any, **members: Any) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **members}


def ask(hook: str, *added: Json, patient: Json = MAN, context: Json | None = None, **keys: Any) -> Told:
    """The answer to the chart with `added` results in the key of theirs, other contents for some `keys` (a list of
    resources, or any value as it is to be sent)."""
    asked = service_for(hook, client_on(TODAY))["prefetch"]
    held: dict[str, Any] = {**dict.fromkeys(asked, ()), **{k: v for k, v in HELD.items() if k in asked}, **keys}
    prefetch = {
        key: bundle(*value) if isinstance(value, tuple | list) else value for key, value in held.items() if key in asked
    }
    for one in added:
        prefetch[key_of(one)]["entry"].append({"resource": one})
    prefetch["patient"] = patient
    ids: Json = {"patientId": "field-1", "userId": "Practitioner/neurologist-1"}
    if hook in ("encounter-start", "encounter-discharge"):
        ids["encounterId"] = "encounter-1"
    if hook == "order-dispatch":
        ids = {"patientId": "field-1", "performer": "Organization/infusions"}
    request = {
        "hook": hook,
        "hookInstance": "5e0c2f2a-3a51-4a6e-9d0b-6b5f0f6f3f11",
        "context": ids | (context or {}),
        "prefetch": prefetch,
    }
    return Told(cards_for(request, TODAY))


def key_of(resource: Json) -> str:
    """The prefetch key in which an EHR would send it."""
    match resource["resourceType"]:
        case "Observation" | "DiagnosticReport":
            codes = str(resource)
            if any(code in codes for code in (HBSAG, ANTI_HBC, "epatitis B", "HBsAg", "anti-HBc")):
                return "hepatitisB"
            return "pregnancyTests" if HCG in codes or "hCG" in codes else "laboratory"
        case "Condition":
            return "conditions"
        case kind:
            return f"{kind[0].lower()}{kind[1:]}s"


def sign(*added: Json, draft: Any = None, **keys: Any) -> Told:
    """The order is signed."""
    return ask("order-sign", *added, context={"draftOrders": bundle(draft or order())}, **keys)


def view(*added: Json, **keys: Any) -> Told:
    return ask("patient-view", *added, **keys)


def ordered(hook: str, *drafts: Any, **keys: Any) -> Told:
    """These orders are what an order hook is about."""
    names = [f"{one.get('resourceType', '')}/{one.get('id', '')}" for one in drafts if isinstance(one, dict)]
    match hook:
        case "order-select":
            context = {"draftOrders": bundle(*drafts), "selections": names}
        case "order-dispatch":
            context = {"dispatchedOrders": names}
            keys = {"medicationRequests": [one | {"status": "active"} for one in drafts]} | keys
        case "medication-refill":
            context = {"medications": bundle(*drafts)}
        case _:
            context = {"draftOrders": bundle(*drafts)}
    return ask(hook, context=context, **keys)
