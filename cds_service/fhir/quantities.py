"""FHIR Quantities as quantities: which number, which unit, and when neither can be had.

With UCUM's system (or none) `code` decides and `unit` must not contradict it; a code of another system is not looked
at, and `unit` decides by the alias table. A unit that the table does not know leaves the value as text, so that it is
shown and never calculated with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from cds_service.fhir.concepts import text_of
from cds_service.fhir.elements import UNREADABLE, Quantity, is_absent
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import (
    AMBIGUOUS_NOTE,
    COMPARATORS,
    LONGEST,
    NotANumber,
    Number,
    decimal_of,
    number_in,
    plausible,
)
from cds_service.fhir.units import GENERIC, Unit, unit_of
from cds_service.record import Comparator, GapReason, Text, Titre
from cds_service.record import Quantity as Measured

_UCUM = frozenset({"", "http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
_JSON_DECIMAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_DECIMAL = msgspec.json.Decoder(Decimal)
_STRING = msgspec.json.Decoder(str)


class UnitUnknown(ValueError):
    """The unit is not in the table, or `code` and `unit` name different ones."""


def measured(sent: Quantity, aliases: Mapping[str, str], notes: Notes, name: str) -> Measured | Titre | Text | None:
    """What a Quantity says. None where it has no readable value; `Text` where its unit is unknown. Gaps are noted."""
    if is_absent(sent.value):
        return None
    received = _received(sent)
    try:
        value, comparator = _bounded(sent)
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"{name}: {error}")
        return None
    if value is None:
        notes.add(GapReason.VALUE_UNREADABLE, f"{name} {received}: {AMBIGUOUS_NOTE}")
        return Text(received)
    try:
        unit = _unit(sent, aliases)
    except UnitUnknown as error:
        notes.add(GapReason.UNIT_UNKNOWN, f"{name} {received}: {error}")
        return Text(received)
    return in_unit(value, comparator, unit, received)


def in_unit(value: Decimal, comparator: Comparator, unit: Unit | None, received: str) -> Measured | Titre:
    """A number with its unit; in titre units it is a titre."""
    if unit is not None and unit.ucum == "{titer}" and value > 0:
        return Titre(value, comparator, received)
    return Measured(value, None if unit is None else unit.ucum, comparator, received)


def amount(sent: Quantity | None, aliases: Mapping[str, str], notes: Notes, name: str) -> Measured | None:
    """An amount to calculate with: like `measured`, but None where it is no number with a known unit or none."""
    value = None if sent is None else measured(sent, aliases, notes, name)
    return value if isinstance(value, Measured) else None


def number(raw: msgspec.Raw) -> Number:
    """A JSON number, or a number sent as a string. Raises `NotANumber`."""
    try:
        if not bytes(raw).startswith(b'"'):
            return Number(plausible(_DECIMAL.decode(raw)), "", "")
        text = _STRING.decode(raw).strip()
    except UNREADABLE as error:
        raise NotANumber("the value is no number") from error
    if _JSON_DECIMAL.fullmatch(text):
        return Number(plausible(decimal_of(text)), "", "")
    found = number_in(text) if len(text) <= LONGEST else None
    if found is None or found.rest:
        raise NotANumber("the value is no number")
    return found


def _bounded(sent: Quantity) -> tuple[Decimal | None, Comparator]:
    found = number(sent.value)
    sign = text_of(sent.comparator)
    if sign not in COMPARATORS:
        raise NotANumber(f"the comparator {sign[:10]!r} is unknown")
    comparator = COMPARATORS[sign]
    if found.comparator and comparator and found.comparator != comparator:
        raise NotANumber("the value has two comparators")
    return found.value, comparator or found.comparator


def _unit(sent: Quantity, aliases: Mapping[str, str]) -> Unit | None:
    code, text = text_of(sent.code), text_of(sent.unit)
    if code and text_of(sent.system) not in _UCUM:
        if not text:
            raise UnitUnknown("the unit's code is of another system than UCUM")
        code = ""
    named = unit_of(text, aliases) if text else None
    if not code:
        if text and named is None:
            raise UnitUnknown("the unit is not in the unit table")
        return named
    coded = unit_of(code, aliases)
    if coded is None:
        raise UnitUnknown("the unit is not in the unit table")
    return coded if named is None else _reconciled(coded, named)


def _reconciled(coded: Unit, named: Unit) -> Unit:
    if coded.dimension == named.dimension and coded.factor == named.factor:
        return coded
    if coded.ucum in GENERIC and named.dimension.startswith("arbitrary"):
        return named
    raise UnitUnknown("code and unit name different units")


def _received(sent: Quantity) -> str:
    digits = bytes(sent.value).decode("utf-8", "replace").strip('"')
    return f"{text_of(sent.comparator)}{digits} {text_of(sent.unit) or text_of(sent.code)}".strip()
