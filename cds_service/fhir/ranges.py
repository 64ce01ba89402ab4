"""The laboratory's own reference range for a result, and its interpretation codes.

Of several ranges the one that is normal and for everybody counts; where that leaves more than one, none does. Numbers
are given in the unit of the result's value where that can be had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from cds_service.fhir.concepts import codes_of, text_of
from cds_service.fhir.elements import CONCEPTS, REFERENCE_RANGE, Concepts, Quantity, ReferenceRange, items
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import LONGEST
from cds_service.fhir.quantities import measured
from cds_service.fhir.units import convert
from cds_service.fhir.values import text_value
from cds_service.record import GapReason, Titre, Value
from cds_service.record import Quantity as Measured
from cds_service.record import ReferenceRange as Range

_INTERPRETATIONS: Mapping[str, str] = {
    "normal": "N", "abnormal": "A", "critical abnormal": "AA", "high": "H", "low": "L", "critical high": "HH",
    "critical low": "LL", "positive": "POS", "negative": "NEG", "detected": "DET", "not detected": "ND",
    "indeterminate": "IND", "reactive": "RR", "non-reactive": "NR", "weakly reactive": "WR", "equivocal": "E",
}  # fmt: skip
_CODES = frozenset(_INTERPRETATIONS.values()) | {"HU", "LU", "<", ">", "R", "S", "I"}
_BETWEEN = re.compile(r"(?P<low>[\d.,' ]*\d)\s*(?P<unit>[^\d\s<>–-]\S*)?\s*(?:-|–|to)\s*(?P<high>\d.*)", re.ASCII)
_Bound = tuple[Decimal, str | None]


def interpretations(raw: msgspec.Raw, notes: Notes) -> frozenset[str]:
    """Codes of v3-ObservationInterpretation, upper case; a text counts where it is a code or the name of one."""
    return frozenset(code for sent in items(raw, CONCEPTS, notes, "interpretation") for code in _codes(sent))


def _codes(sent: Concepts) -> set[str]:
    coded = {code.upper() for _, code in codes_of(sent)}
    if coded & _CODES:
        return coded & _CODES
    texts = {text_of(sent) if isinstance(sent, str) else text_of(getattr(sent, "text", None))}
    named = {_INTERPRETATIONS.get(text.lower(), text.upper()) for text in texts}
    return coded | (named & _CODES)


def range_of(raw: msgspec.Raw, value: Value | None, aliases: Mapping[str, str], notes: Notes) -> Range | None:
    """The range that counts, or None where there is none or (with a gap) no single one."""
    sent = items(raw, REFERENCE_RANGE, notes, "referenceRange")
    if len(sent) > 1:
        sent = [one for one in sent if _is_for_everybody(one)]
    if len(sent) != 1:
        if sent:
            notes.add(GapReason.VALUE_UNREADABLE, "referenceRange: several, and none that is the one for everybody")
        return None
    low, high = (_bound(side, aliases, notes) for side in (sent[0].low, sent[0].high))
    text = text_of(sent[0].text)
    if low is None and high is None and text:
        low, high = _from_text(text, aliases, Notes(notes.key, notes.source))
    return _in_unit_of(value, low, high, text, notes)


def _is_for_everybody(sent: ReferenceRange) -> bool:
    kinds = {code for _, code in codes_of(sent.type)}
    return (not kinds or "normal" in kinds) and not sent.applies_to and not sent.age


def _bound(sent: Quantity | None, aliases: Mapping[str, str], notes: Notes) -> _Bound | None:
    return None if sent is None else _figure(measured(sent, aliases, notes, "referenceRange"))


def _figure(value: Value | None) -> _Bound | None:
    match value:
        case Measured():
            return value.value, value.unit
        case Titre():
            return value.reciprocal, "{titer}"
        case _:
            return None


def _from_text(text: str, aliases: Mapping[str, str], notes: Notes) -> tuple[_Bound | None, _Bound | None]:
    """Bounds from "40 - 230 mg/dL", "<1000", "< 1:400"; none from any other text, which is no fault."""
    between = _BETWEEN.fullmatch(text) if len(text) <= LONGEST else None
    if between is not None:
        low, high = (text_value(between[side], aliases, notes) for side in ("low", "high"))
        if isinstance(low, Measured) and isinstance(high, Measured) and not (low.comparator or high.comparator):
            return (low.value, low.unit or high.unit), (high.value, high.unit)
        return None, None
    value = text_value(text, aliases, notes)
    if not isinstance(value, Measured | Titre) or not value.comparator:
        return None, None
    return (None, _figure(value)) if value.comparator in ("<", "<=") else (_figure(value), None)


def _in_unit_of(value: Value | None, low: _Bound | None, high: _Bound | None, text: str, notes: Notes) -> Range | None:
    own = value.unit if isinstance(value, Measured) else "{titer}" if isinstance(value, Titre) else None
    sent = {bound[1] for bound in (low, high) if bound is not None and bound[1] is not None}
    if len(sent) > 1:
        notes.add(GapReason.UNIT_UNKNOWN, "referenceRange: its two bounds have different units")
        return Range(text=text)
    # A range sent without unit is in the unit of its value; a value without unit leaves the range its own.
    unit = own or (sent.pop() if sent else None)
    bounds = [_converted(bound, unit) for bound in (low, high)]
    if any(bound is not None and number is None for bound, number in zip((low, high), bounds, strict=True)):
        notes.add(GapReason.UNIT_UNKNOWN, "referenceRange: its unit does not convert into that of the value")
        return Range(text=text)
    if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
        notes.add(GapReason.VALUE_UNREADABLE, "referenceRange: its lower bound is above its upper bound")
        return Range(text=text)
    if bounds == [None, None]:
        return Range(text=text) if text else None
    return Range(bounds[0], bounds[1], unit, text)


def _converted(bound: _Bound | None, unit: str | None) -> Decimal | None:
    if bound is None:
        return None
    number, own = bound
    return number if own is None or own == unit or unit is None else convert(Measured(number, own), unit)
