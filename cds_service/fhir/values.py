"""An Observation's value[x], a dose and any other Quantity as values: which number, which unit, and when neither can be
had.

With UCUM's system (or none) `code` decides and `unit` must not contradict it; a code of another system is not looked
at, and `unit` decides by the alias table. A unit that the table does not know leaves the value as text, so that it is
shown and never calculated with. A text that is a titre or a number is read as one: "Positive 1:6400" is a `Titre` that
keeps the whole text in `received`, "38 g/L" a `Quantity`, "positive" a `Text`. A Ratio is a titre only when it is one
to something, without units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cds_service.codes import Concept
from cds_service.fhir.answers import answer_in
from cds_service.fhir.elements import Json, JsonObject, codings, concept_of, first, many, member, only, text
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import (
    LONGEST,
    NotANumber,
    Number,
    comparator_of,
    decimal_of,
    number_in,
    plausible,
    range_in,
)
from cds_service.fhir.titres import TitreAmbiguous, titre_in
from cds_service.fhir.units import GENERIC, Unit, unit_of
from cds_service.record import GapReason
from cds_service.values import Between, Comparator, Quantity, Text, Titre, Value

_UCUM = frozenset({"", "http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
_JSON_DECIMAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_PLAIN = ("valueString", "valueInteger", "valueBoolean", "valueDateTime")
_NEVER_READ = ("valuePeriod", "valueTime", "valueSampledData", "valueAttachment")
VALUES = ("valueQuantity", "valueCodeableConcept", "valueRange", "valueRatio", "valueDecimal", *_PLAIN, *_NEVER_READ)
"""The forms of value[x], in the order in which they are looked for."""
_BESIDE = frozenset({"id", "extension"})
_BESIDE_NUMBER = _BESIDE | {"unit", "code", "system", "comparator"}
"""Members of a Quantity that say nothing without its number."""
_NOTHING: tuple[Json, ...] = (None, "", {}, [])
_ONES = frozenset({None, "1", "{titer}"})


class UnitUnknown(ValueError):
    """The unit is not in the table, or `code` and `unit` name different ones."""


def value_of(members: Mapping[str, Json], aliases: Mapping[str, str], notes: Notes) -> Value | None:
    """The value of an Observation or of a component, or None where there is none or (with a gap) where it can't be
    read."""
    for name in VALUES:
        sent = members.get(name)
        if sent is not None and (type(sent) is not dict or _says_something(name, sent)):
            return _read(name, sent, aliases, notes)
    return None


def received_of(members: Mapping[str, Json]) -> str:
    """The value as it came, for showing; "" where no value was sent, also where it says of itself that it is absent.
    One in a form that FHIR does not have is shown too; a note (a comment, in older versions) stands for one where it
    says that something may be there."""
    for name in (*VALUES, *(name for name in members if name.startswith("value") and name not in VALUES)):
        sent = first(members.get(name))
        if isinstance(sent, dict) and _says_something(name, sent):
            return _shown(sent)
        if not isinstance(sent, dict) and sent is not None:
            return text(sent) or ("" if sent == "" else str(sent))
    return next((f"note: {remark}" for remark in _remarks(members) if _may_be_there(remark)), "")


def _remarks(members: Mapping[str, Json]) -> Iterator[str]:
    for name in ("note", "comments", "comment"):
        for sent in many(members.get(name)):
            yield text(member(sent, "text")) or text(sent)


def _may_be_there(remark: str) -> bool:
    return len(remark) <= LONGEST and answer_in(remark) in ("positive", "weak", "unclear")


def _says_something(name: str, sent: JsonObject) -> bool:
    """False for an object without what belongs there: a unit without a number, a reason why there is nothing."""
    beside = _BESIDE_NUMBER if name == "valueQuantity" else _BESIDE
    return any(
        part not in _NOTHING for member, part in sent.items() if member not in beside and not member.startswith("_")
    )


def _shown(sent: JsonObject) -> str:
    if sent.get("value") is not None:
        return _received(sent)
    ends = [_received(part) for side in ("low", "high") for part in many(sent.get(side)) if isinstance(part, dict)]
    if ends:
        return " to ".join(ends)
    return _concept_told(sent) or str(sent)[:LONGEST]


def _concept_told(sent: JsonObject) -> str:
    """Its text or displays, else its codes."""
    return concept_of(sent).text or ", ".join(filter(None, (text(coding.get("code")) for coding in codings(sent))))


def _read(name: str, sent: Json, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    match name:
        case "valueQuantity":
            quantity = only(sent, notes, name)
            return None if quantity is None else measured(quantity, aliases, notes, name)
        case "valueCodeableConcept":
            return _concept_value(concept_of(sent), aliases, notes)
        case "valueRange":
            ends = only(sent, notes, name)
            return None if ends is None else _range_value(ends, aliases, notes)
        case "valueRatio":
            ratio = only(sent, notes, name)
            return None if ratio is None else _ratio_value(ratio, aliases, notes)
        case "valueDecimal":
            return measured({"value": first(sent)}, aliases, notes, name)
        case _:
            return _plain_value(name, first(sent), aliases, notes)


def measured(sent: JsonObject, aliases: Mapping[str, str], notes: Notes, name: str) -> Value | None:
    """What a Quantity says. None where it has no readable value; `Text` where its unit is unknown. Gaps are noted."""
    if sent.get("value") is None:
        return None
    received = _received(sent)
    try:
        found, comparator = _bounded(sent)
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"{name}: {error}")
        return None
    if found.value is None:
        notes.add(GapReason.VALUE_UNREADABLE, f"{name} {received}: {found.why}")
        return Text(received)
    try:
        unit = _unit(sent, aliases)
    except UnitUnknown as error:
        notes.add(GapReason.UNIT_UNKNOWN, f"{name} {received}: {error}")
        return Text(received)
    return in_unit(found.value, comparator, unit, received)


def in_unit(value: Decimal, comparator: Comparator, unit: Unit | None, received: str) -> Quantity | Titre:
    """A number with its unit; in titre units it is a titre."""
    if unit is not None and unit.ucum == "{titer}" and value > 0:
        return Titre(value, comparator, received)
    return Quantity(value, None if unit is None else unit.ucum, comparator, received)


def amount(sent: JsonObject | None, aliases: Mapping[str, str], notes: Notes, name: str) -> Quantity | None:
    """An amount to calculate with: like `measured`, but None where it is no number with a known unit or none."""
    value = None if sent is None else measured(sent, aliases, notes, name)
    return value if isinstance(value, Quantity) else None


def number(sent: Json) -> Number:
    """A JSON number, or a number sent as a string. Raises `NotANumber`."""
    if isinstance(sent, Decimal):
        return Number(plausible(sent), "", "")
    if isinstance(sent, int) and not isinstance(sent, bool):
        return Number(plausible(Decimal(sent)), "", "")
    if not isinstance(sent, str):
        raise NotANumber("the value is no number")
    digits = sent.strip()
    if _JSON_DECIMAL.fullmatch(digits):
        return Number(plausible(decimal_of(digits)), "", "")
    found = number_in(digits) if len(digits) <= LONGEST else None
    if found is None or found.rest:
        raise NotANumber("the value is no number")
    return found


def text_value(sent: str, aliases: Mapping[str, str], notes: Notes) -> Value:
    """A text as the titre or the number that it is, else as `Text`; what is ambiguous stays text, with a gap."""
    received = sent.strip()
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


def _range_value(sent: JsonObject, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    """A Range; of one end alone, a bound. What is not two numbers in order in one unit stays text."""
    received = _shown(sent)
    ends = {side: only(sent.get(side), notes, f"valueRange.{side}") for side in ("low", "high")}
    read = {side: measured(end, aliases, notes, f"valueRange.{side}") for side, end in ends.items() if end is not None}
    match read.get("low"), read.get("high"):
        case Quantity(low, unit, ""), None if len(read) == 1:
            return Quantity(low, unit, ">=", received)
        case None, Quantity(high, unit, "") if len(read) == 1:
            return Quantity(high, unit, "<=", received)
        case Quantity(low, below, ""), Quantity(high, above, "") if (
            0 < low <= high and len({below, above} - {None}) < 2
        ):
            return Between(low, high, below or above, received)
    notes.add(GapReason.VALUE_UNREADABLE, f"valueRange: {received} is no range")
    return Text(received)


def _ratio_value(ratio: JsonObject, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    numerator, denominator = (
        only(ratio.get(side), notes, f"valueRatio.{side}") for side in ("numerator", "denominator")
    )
    if numerator is None or denominator is None:
        notes.add(GapReason.VALUE_UNREADABLE, "valueRatio: it lacks its numerator or denominator")
        return None
    above = measured(numerator, aliases, notes, "valueRatio.numerator")
    below = measured(denominator, aliases, notes, "valueRatio.denominator")
    titre = _one_to(above, below)
    if titre is None and (above is not None and below is not None):
        notes.add(GapReason.VALUE_UNREADABLE, "valueRatio: it is no titre")
        return Text(f"{_received(numerator)} : {_received(denominator)}")
    return titre


def _one_to(above: Value | None, below: Value | None) -> Titre | None:
    """One to something, each without a unit or in titre units."""
    if not (isinstance(above, Quantity | Titre) and isinstance(below, Quantity | Titre)):
        return None
    one = above.reciprocal if isinstance(above, Titre) else above.value
    many = below.reciprocal if isinstance(below, Titre) else below.value
    units = {value.unit for value in (above, below) if isinstance(value, Quantity)}
    if one != 1 or above.comparator or many <= 0 or not units <= _ONES:
        return None
    return Titre(many, below.comparator, f"{above.received}:{below.received}")


def _plain_value(name: str, sent: Json, aliases: Mapping[str, str], notes: Notes) -> Value | None:
    words = text(sent)
    match name:
        case "valueString" if words or sent == "" or isinstance(sent, str):
            return text_value(words, aliases, notes) if words else None
        case "valueInteger" if words:
            return _integer_value(words, notes)
        case "valueBoolean" if isinstance(sent, bool | str):
            return Text(str(sent).lower())
        case "valueDateTime" if isinstance(sent, str):
            return Text(sent)
    notes.add(GapReason.VALUE_UNREADABLE, "its kind of value is not read")
    return None


def _integer_value(digits: str, notes: Notes) -> Quantity | None:
    try:
        if not digits.lstrip("-").isdecimal():
            raise NotANumber("it is no whole number")
        return Quantity(plausible(Decimal(digits)), None, received=digits)
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"valueInteger: {error}")
        return None


def _bounded(sent: JsonObject) -> tuple[Number, Comparator]:
    found = number(sent.get("value"))
    if sent.get("comparator") is None:
        return found, found.comparator
    sign = text(sent.get("comparator"))
    if not sign and sent.get("comparator") not in _NOTHING:
        raise NotANumber("its comparator can't be read")
    try:
        comparator = comparator_of(sign)
    except KeyError:
        raise NotANumber(f"the comparator {sign[:10]!r} is unknown") from None
    if found.comparator and comparator and found.comparator != comparator:
        raise NotANumber("the value has two comparators")
    return found, comparator or found.comparator


def _unit(sent: JsonObject, aliases: Mapping[str, str]) -> Unit | None:
    code, words = text(sent.get("code")), text(sent.get("unit"))
    if code == words:
        code = ""  # Whatever system it is of, it says no more.
    if code and text(sent.get("system")) not in _UCUM:
        if not words:
            raise UnitUnknown("the unit's code is of another system than UCUM")
        code = ""
    named = unit_of(words, aliases) if words else None
    if not code:
        if words and named is None:
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


def _received(sent: JsonObject) -> str:
    value, comparator = sent.get("value"), text(sent.get("comparator"))
    return f"{comparator}{text(value) or value} {text(sent.get('unit')) or text(sent.get('code'))}".strip()
