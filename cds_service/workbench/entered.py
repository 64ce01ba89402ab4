"""What somebody enters on the page: facts that change the chart, and orders. Both become FHIR, as an EHR writes it.

They stand in a form as short texts, "glasses|3|2026-01-20" and "Water|250|mg|1|d|4"; what cannot be used of them is
left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.knowledge.fields import Field
from cds_service.workbench.search import Json

UNITS = ("mg", "mg/m2", "g", "g/kg", "mg/kg")
PERIODS = ("d", "wk", "mo")
MOST = 60
"""Facts, and orders, that are taken from one page."""
_NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?", re.ASCII)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with a value that fits it, and its day."""

    field: Field
    value: str
    on: date

    @property
    def name(self) -> str:
        """As it stands in an address."""
        return f"{self.field.id}|{self.value}|{self.on.isoformat()}"

    @property
    def words(self) -> str:
        """As the page says it."""
        said = dict(self.field.options).get(self.value, f"{self.value} {self.field.unit}")
        return f"{self.field.title}: {said}, {self.on.isoformat()}"


def facts_of(named: Sequence[str], fields: Iterable[Field], today: date) -> tuple[list[Fact], list[str]]:
    """The facts, and in words what could not be used. A day that is none is `today`."""
    known = {field.id: field for field in fields}
    facts: list[Fact] = []
    unused: list[str] = []
    for name in list(dict.fromkeys(named))[:MOST]:
        id, value, day = (*name.split("|"), "", "")[:3]
        field = known.get(id)
        if field is None or not value.strip():
            continue
        fitting = _fitting(field, value.strip())
        if fitting is None:
            unused.append(f"{field.title}: {value.strip()[:_LONGEST]!r} was not used, since it is no number")
        else:
            facts.append(Fact(field, fitting, _day(day) or today))
    return facts, unused


def _fitting(field: Field, value: str) -> str | None:
    if field.options:
        return value if value in dict(field.options) else None
    number = value.replace(",", ".", 1)
    return number if _NUMBER.fullmatch(number) else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2150 else None


def changed(bundle: Mapping[str, object], facts: Iterable[Fact], patient_id: str) -> Json:
    """The chart with the facts added to it."""
    listed = bundle.get("entry")
    entries = list(listed) if isinstance(listed, list) else []
    for number, fact in enumerate(facts, 1):
        resource = dict(fact.field.write(fact.value, fact.on, f"Patient/{patient_id}"))
        entries.append({"resource": {"resourceType": resource["resourceType"], "id": f"entered-{number}", **resource}})
    return {**bundle, "entry": entries}


def order_of(text: str, number: int, kinds: Mapping[str, str], patient_id: str, day: date) -> Json | None:
    """The draft order that a text stands for; None where it names nothing. `kinds` are resource types by name."""
    name, dose, unit, period, period_unit, count = (*(part.strip() for part in text.split("|")), *[""] * 6)[:6]
    if not name:
        return None
    kind = kinds.get(name, "MedicationRequest")
    made: Json = {
        "resourceType": kind,
        "id": f"written-{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient_id}"},
        "authoredOn": day.isoformat(),
    }
    concept = {"text": name[:_LONGEST]}
    if kind != "MedicationRequest":
        return made | {"code": concept}
    dosage = _dosage(dose, unit, period, period_unit, count)
    return made | {"medicationCodeableConcept": concept} | ({"dosageInstruction": [dosage]} if dosage else {})


def _dosage(dose: str, unit: str, period: str, period_unit: str, count: str) -> Json:
    made: Json = {}
    if _NUMBER.fullmatch(dose) and unit in UNITS:
        quantity = {"value": Decimal(dose), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
        made["doseAndRate"] = [{"doseQuantity": quantity}]
    repeat: Json = {}
    if _NUMBER.fullmatch(period) and period_unit in PERIODS:
        repeat |= {"frequency": 1, "period": Decimal(period), "periodUnit": period_unit}
    if count.isascii() and count.isdigit() and 0 < int(count[:4]) < 1000:
        repeat["count"] = int(count[:4])
    return made | ({"timing": {"repeat": repeat}} if repeat else {})
