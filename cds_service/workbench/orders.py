"""Orders that somebody writes on the page: a drug or procedure by name or code, with dose and schedule, as a draft.

In a form an order is a short text, "Water|250|mg|1|d|4|atc|V07AC"; what cannot be used of it is left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cds_service.fhir.elements import many
from cds_service.workbench.entered import MOST, number_of
from cds_service.workbench.search import Json

UNITS = ("mg", "mg/m2", "g", "g/kg", "mg/kg")
PERIODS: Mapping[str, str] = {"wk": "weeks", "d": "days", "mo": "months"}
SYSTEMS: Mapping[str, tuple[str, str]] = {
    "rxnorm": ("RxNorm", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    "atc": ("ATC", "http://www.whocc.no/atc"),
}
"""Code systems of drugs, with their names and FHIR's addresses of them."""
_CODE = re.compile(r"[A-Za-z0-9.-]{1,20}", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_PARTS = ("name", "dose", "unit", "period", "per", "count", "system", "code")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Order:
    """One order; what was not said of it is ""."""

    name: str
    dose: str = ""
    unit: str = ""
    period: str = ""
    per: str = ""
    count: str = ""
    system: str = ""
    code: str = ""

    @property
    def text(self) -> str:
        """As it stands in a form."""
        return "|".join(getattr(self, part) for part in _PARTS).rstrip("|")

    @property
    def words(self) -> str:
        """As the page says it."""
        code = f"{SYSTEMS[self.system][0]} {self.code}" if self.code else ""
        dose = f"{self.dose} {self.unit}" if self.dose else ""
        schedule = f"every {self.period} {PERIODS[self.per]}" if self.period else ""
        schedule = f"every {PERIODS[self.per][:-1]}" if self.period == "1" else schedule
        doses = f"doses: {self.count}" if self.count else ""
        return ", ".join(part for part in (self.name, code, dose, schedule, doses) if part)


def written_in(values: Mapping[str, str]) -> str:
    """The text of the order in the fields of a form; a name or code that was typed goes before one that was chosen."""
    parts = [values.get(f"order_{name}", "").replace("|", " ").strip() for name in _PARTS]
    if not parts[0] and not parts[-1]:
        parts[0] = values.get("order_listed", "").replace("|", " ").strip()
    return "|".join(parts)


def orders_of(texts: Iterable[str]) -> tuple[list[Order], list[str]]:
    """The orders, and in words what could not be used. A text with neither name nor code is no order."""
    orders: list[Order] = []
    unused: list[str] = []
    for text in list(dict.fromkeys(texts))[:MOST]:
        parts = [part.strip() for part in text.split("|")]
        typed = Order(*(parts + [""] * len(_PARTS))[: len(_PARTS)])
        order = _usable(typed, unused)
        if order.name or order.code:
            orders.append(order)
    return list(dict.fromkeys(orders)), unused


def _usable(typed: Order, unused: list[str]) -> Order:
    """What of an order can be used."""
    name = typed.name[:_LONGEST]
    dose, period = number_of(typed.dose), number_of(typed.period)
    has_code = typed.system in SYSTEMS and bool(_CODE.fullmatch(typed.code))
    faults = {
        f"the dose {typed.dose[:40]!r} is no number with a unit": typed.dose and not (dose and typed.unit in UNITS),
        f"the interval {typed.period[:40]!r} is no number": typed.period and not (period and typed.per in PERIODS),
        f"{typed.count[:40]!r} is no number of doses": typed.count and not _COUNT.fullmatch(typed.count),
        f"the code {typed.code[:40]!r} is no code, or its system was not chosen": typed.code and not has_code,
    }
    if name or typed.code:
        unused += [f"{name or 'Order'}: {fault}, and was not used" for fault, is_one in faults.items() if is_one]
    made = Order(name)
    if dose and typed.unit in UNITS:
        made = replace(made, dose=dose, unit=typed.unit)
    if period and typed.per in PERIODS:
        made = replace(made, period=period, per=typed.per)
    if _COUNT.fullmatch(typed.count):
        made = replace(made, count=typed.count)
    return replace(made, system=typed.system, code=typed.code.upper()) if has_code else made


def draft_of(order: Order, number: int, kinds: Mapping[str, str], patient_id: str, day: date) -> Json:
    """The order as a draft. `kinds` are resource types by name."""
    kind = kinds.get(order.name, "MedicationRequest")
    made: Json = {
        "resourceType": kind,
        "id": f"written-{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient_id}"},
        "authoredOn": day.isoformat(),
    }
    concept: Json = {"text": order.name} if order.name else {}
    if order.code:
        concept["coding"] = [{"system": SYSTEMS[order.system][1], "code": order.code}]
    if kind != "MedicationRequest":
        return made | {"code": concept}
    dosage = _dosage(order)
    return made | {"medicationCodeableConcept": concept} | ({"dosageInstruction": [dosage]} if dosage else {})


def named(draft: Mapping[str, Any]) -> str:
    """What a draft orders, as its own words or codes say."""
    concept = draft.get("medicationCodeableConcept") or draft.get("code")
    said = concept if isinstance(concept, dict) else {}
    codings = [coding for coding in many(said.get("coding")) if isinstance(coding, dict)]
    codes = [str(coding["code"]) for coding in codings if "code" in coding]
    return f"{draft.get('resourceType', '')}: {said.get('text') or ', '.join(codes) or draft.get('id', '')}"


def _dosage(order: Order) -> Json:
    made: Json = {}
    if order.dose:
        quantity = {"unit": order.unit, "system": "http://unitsofmeasure.org", "code": order.unit}
        made["doseAndRate"] = [{"doseQuantity": {"value": Decimal(order.dose), **quantity}}]
    repeat: Json = {}
    if order.period:
        repeat |= {"frequency": 1, "period": Decimal(order.period), "periodUnit": order.per}
    if order.count:
        repeat["count"] = int(order.count)
    return made | ({"timing": {"repeat": repeat}} if repeat else {})
