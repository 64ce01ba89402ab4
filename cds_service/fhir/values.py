"""An Observation's value[x], whichever variant was sent, as a `Value`.

A text that is a titre or a number is read as one: "Positive 1:6400" is a `Titre` that keeps the whole text in
`received`, "38 g/L" a `Quantity`, "positive" a `Text`. A Ratio is a titre only when it is one to something, without
units.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from cds_service.codes import Concept
from cds_service.fhir.concepts import concept_of
from cds_service.fhir.elements import CONCEPTS, QUANTITY, RATIO, RAW_ABSENT, Quantity, Ratio, is_absent, item
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import LONGEST, NotANumber, Number, number_in, plausible, range_in
from cds_service.fhir.quantities import in_unit, measured
from cds_service.fhir.titres import TitreAmbiguous, titre_in
from cds_service.fhir.units import unit_of
from cds_service.record import Between, GapReason, Text, Titre, Value
from cds_service.record import Quantity as Measured


class Valued(msgspec.Struct, rename="camel"):
    """The value[x] of an Observation or of one of its components."""

    value_quantity: msgspec.Raw = RAW_ABSENT
    value_codeable_concept: msgspec.Raw = RAW_ABSENT
    value_ratio: msgspec.Raw = RAW_ABSENT
    value_string: Any = None
    value_integer: Any = None
    value_decimal: msgspec.Raw = RAW_ABSENT
    value_boolean: Any = None
    value_date_time: Any = None
    value_range: Any = None
    value_period: Any = None
    value_time: Any = None
    value_sampled_data: Any = None


def value_of(sent: Valued, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    """The value, or None where there is none or (with a gap) where it can't be read."""
    if not is_absent(sent.value_quantity):
        quantity = item(sent.value_quantity, QUANTITY, notes, "valueQuantity")
        return None if quantity is None else measured(quantity, aliases, notes, "valueQuantity")
    if not is_absent(sent.value_codeable_concept):
        concepts = item(sent.value_codeable_concept, CONCEPTS, notes, "valueCodeableConcept")
        return _concept_value(concept_of(concepts), aliases, notes)
    if not is_absent(sent.value_ratio):
        ratio = item(sent.value_ratio, RATIO, notes, "valueRatio")
        return None if ratio is None else _ratio_value(ratio, aliases, notes)
    if not is_absent(sent.value_decimal):
        return measured(Quantity(value=sent.value_decimal), aliases, notes, "valueDecimal")
    return _plain_value(sent, aliases, notes)


def text_value(text: str, aliases: Mapping[str, str], notes: Notes) -> Value:
    """A text as the titre or the number that it is, else as `Text`; what is ambiguous stays text, with a gap."""
    received = text.strip()
    if len(received) > LONGEST:
        return Text(received)
    try:
        return titre_in(received) or _number_value(received, aliases, notes)
    except (TitreAmbiguous, NotANumber) as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"{received}: {error}")
        return Text(received)


def _number_value(received: str, aliases: Mapping[str, str], notes: Notes) -> Value:
    ends = range_in(received)
    if ends is not None:
        return _between(*ends, received, aliases)
    found = number_in(received)
    if found is None:
        return Text(received)
    unit = unit_of(found.rest, aliases) or unit_of(found.rest.strip("()"), aliases)
    if found.rest and unit is None:
        # "3 days ago" is prose, "3+" an answer, "3 xyz/L" a quantity whose unit is unknown
        if " " not in found.rest and any(map(str.isalpha, found.rest)):
            notes.add(GapReason.UNIT_UNKNOWN, f"{received}: the unit is not in the unit table")
        return Text(received)
    if found.value is None:
        notes.add(GapReason.VALUE_UNREADABLE, f"{received}: {found.why}")
        return Text(received)
    return in_unit(found.value, found.comparator, unit, received)


def _between(low: Number, high: Number, received: str, aliases: Mapping[str, str]) -> Value:
    units = {rest: unit_of(rest, aliases) for rest in (low.rest, high.rest) if rest}
    unit = next(iter(units.values()), None)
    if low.value is None or high.value is None or (units and (unit is None or set(units.values()) != {unit})):
        return Text(received)
    return Between(low.value, high.value, None if unit is None else unit.ucum, received)


def _concept_value(concept: Concept, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    if concept.codes or not concept.text:
        return concept or None
    read = text_value(concept.text, aliases, notes)
    return concept if isinstance(read, Text) else read


def _ratio_value(ratio: Ratio, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    numerator, denominator = ratio.numerator, ratio.denominator
    if numerator is None or denominator is None:
        notes.add(GapReason.VALUE_UNREADABLE, "valueRatio: it lacks its numerator or denominator")
        return None
    above = measured(numerator, aliases, notes, "valueRatio.numerator")
    below = measured(denominator, aliases, notes, "valueRatio.denominator")
    if not (isinstance(above, Measured) and isinstance(below, Measured)):
        return None
    if _is_one(above) and below.unit in (None, "1") and below.value > 0:
        return Titre(below.value, below.comparator, f"{above.received}:{below.received}")
    notes.add(GapReason.VALUE_UNREADABLE, "valueRatio: it is no titre")
    return Text(f"{above.received} : {below.received}")


def _is_one(quantity: Measured) -> bool:
    return quantity.value == 1 and quantity.unit in (None, "1") and not quantity.comparator


def _plain_value(sent: Valued, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    if isinstance(sent.value_string, str | int):
        text = str(sent.value_string).strip()
        return text_value(text, aliases, notes) if text else None
    if isinstance(sent.value_integer, str | int) and not isinstance(sent.value_integer, bool):
        return _integer_value(str(sent.value_integer), notes)
    if isinstance(sent.value_boolean, bool | str):
        return Text(str(sent.value_boolean).lower())
    if isinstance(sent.value_date_time, str):
        return Text(sent.value_date_time)
    others = (sent.value_string, sent.value_integer, sent.value_boolean, sent.value_date_time, sent.value_range)
    if any(other is not None for other in (*others, sent.value_period, sent.value_time, sent.value_sampled_data)):
        notes.add(GapReason.VALUE_UNREADABLE, "its kind of value is not read")
    return None


def _integer_value(digits: str, notes: Notes) -> Measured | None:
    try:
        if not digits.strip().lstrip("-").isdecimal():
            raise NotANumber("it is no whole number")
        return Measured(plausible(Decimal(digits.strip())), None, received=digits.strip())
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"valueInteger: {error}")
        return None
