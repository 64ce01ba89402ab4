"""The data types of FHIR as this service reads them: a typed projection of the members it uses, lenient about form.

Members that cost only themselves when they are spoilt are kept raw and read by `item` and `items`; what is typed here
is essential, and spoils its resource. An array where R4 has one object, and one object where it has an array, are read.
Unknown members are skipped.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from cds_service.fhir.notes import Notes
from cds_service.record import GapReason

RAW_ABSENT = msgspec.Raw(b"")
Token = str | int | None
"""A string, or the number that some clients send in its place."""


class Coding(msgspec.Struct):
    """A FHIR Coding."""

    system: Token = None
    code: Token = None
    display: Token = None


class CodeableConcept(msgspec.Struct):
    """A FHIR CodeableConcept."""

    coding: list[Coding | None] | Coding | None = None
    text: Token = None


Concepts = CodeableConcept | list[CodeableConcept | str | None] | str | None
"""A CodeableConcept, an array of them, or a bare string where one belongs."""


class Reference(msgspec.Struct):
    """A FHIR Reference."""

    reference: Token = None
    display: Token = None


References = Reference | list[Reference | None] | str | None


class Quantity(msgspec.Struct):
    """A FHIR Quantity; its number stays raw, so that a spoilt one costs only itself."""

    value: msgspec.Raw = RAW_ABSENT
    comparator: Token = None
    unit: Token = None
    system: Token = None
    code: Token = None


class Ratio(msgspec.Struct):
    """A FHIR Ratio."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Period(msgspec.Struct):
    """A FHIR Period."""

    start: Any = None
    end: Any = None


class ReferenceRange(msgspec.Struct):
    """One of an Observation's reference ranges."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: Concepts = None
    applies_to: Any = msgspec.field(default=None, name="appliesTo")
    age: Any = None
    text: Token = None


class Repeat(msgspec.Struct, rename="camel"):
    """A Timing's `repeat`."""

    count: int | None = None
    frequency: int | None = None
    period: msgspec.Raw = RAW_ABSENT
    period_unit: Token = None
    bounds_period: msgspec.Raw = RAW_ABSENT


class Timing(msgspec.Struct):
    """A FHIR Timing."""

    event: Any = None
    repeat: msgspec.Raw = RAW_ABSENT


class DoseAndRate(msgspec.Struct, rename="camel"):
    """A Dosage's `doseAndRate`."""

    dose_quantity: Quantity | None = None


class Dosage(msgspec.Struct, rename="camel"):
    """A FHIR Dosage, or the `dosage` of a MedicationAdministration."""

    text: Token = None
    timing: msgspec.Raw = RAW_ABSENT
    dose_and_rate: msgspec.Raw = RAW_ABSENT
    dose_quantity: msgspec.Raw = RAW_ABSENT
    """Where STU3 had it."""
    dose: msgspec.Raw = RAW_ABSENT
    """Of a MedicationAdministration."""


Element = TypeVar("Element")

CONCEPTS: msgspec.json.Decoder[Concepts] = msgspec.json.Decoder(Concepts, strict=False)
REFERENCE = msgspec.json.Decoder(Reference, strict=False)
QUANTITY = msgspec.json.Decoder(Quantity, strict=False)
RATIO = msgspec.json.Decoder(Ratio, strict=False)
PERIOD = msgspec.json.Decoder(Period, strict=False)
REFERENCE_RANGE = msgspec.json.Decoder(ReferenceRange, strict=False)
REPEAT = msgspec.json.Decoder(Repeat, strict=False)
TIMING = msgspec.json.Decoder(Timing, strict=False)
DOSE_AND_RATE = msgspec.json.Decoder(DoseAndRate, strict=False)
DOSAGE = msgspec.json.Decoder(Dosage, strict=False)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])

UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError, ArithmeticError)
"""What decoding raises when JSON has another shape than asked for, is nested too deep, is no UTF-8, or has a number
that no type can hold."""


def is_absent(raw: msgspec.Raw) -> bool:
    """True for a member that was not sent, or sent as null."""
    return bytes(raw) in (b"", b"null")


def parts(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The members of an array, or the one value that stands where an array belongs; nulls are left out."""
    if is_absent(raw):
        return []
    members = _RAWS.decode(raw) if bytes(raw).startswith(b"[") else [raw]
    return [member for member in members if not is_absent(member)]


def items(
    raw: msgspec.Raw,
    decoder: msgspec.json.Decoder[Element],
    notes: Notes,
    name: str,
    reason: GapReason = GapReason.VALUE_UNREADABLE,
) -> list[Element]:
    """Every readable member of an element that repeats; an unreadable one costs itself and is noted."""
    read = []
    for part in parts(raw):
        try:
            read.append(decoder.decode(part))
        except UNREADABLE as error:
            notes.add(reason, f"{name}: {error}")
    return read


def item(
    raw: msgspec.Raw,
    decoder: msgspec.json.Decoder[Element],
    notes: Notes,
    name: str,
    reason: GapReason = GapReason.VALUE_UNREADABLE,
) -> Element | None:
    """The one value of an element that does not repeat. Of several the first is read, and the others are noted."""
    read = items(raw, decoder, notes, name, reason)
    if len(read) > 1:
        notes.add(reason, f"{name}: {len(read)} values where one belongs, the first was read")
    return read[0] if read else None
