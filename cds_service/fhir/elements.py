"""Plain JSON values of FHIR elements, read by total functions: whatever shape was sent, each of them gives an answer.

A resource is decoded whole, once, by `decoded`; numbers stay exact. An array where R4 has one object and one object
where it has an array are read; a member of another kind reads as if it were not there. Where that must be told, the
caller's `Notes` get a gap. What the values mean is left to the readers of the resource types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from cds_service.codes import Code, Concept
from cds_service.fhir.notes import Notes
from cds_service.fhir.systems import spellings
from cds_service.record import GapReason

Json = Any
"""Any JSON value: an object is a dict, an array a list, a number an int or an exact Decimal."""
JsonObject = dict[str, Any]

UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError, ArithmeticError)
"""What decoding raises when JSON is nested too deep or is no UTF-8."""

_LONGEST_WHOLE = 400
_SAYS_NOTHING = frozenset({"id", "extension", "system", "version", "userSelected"})
_STATUS_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/condition-",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-",
    "http://hl7.org/fhir/",
)


def _exact(digits: str) -> Decimal | str:
    """A number with a fraction or an exponent; the text itself, which is no number, where no Decimal can hold it."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _whole(digits: str) -> int | str:
    """A whole number; the text itself where it is longer than any number that means something."""
    return int(digits) if len(digits) <= _LONGEST_WHOLE else digits


_ANYTHING = msgspec.json.Decoder(Any, float_hook=_exact)
_AS_RECEIVED = msgspec.json.Decoder(dict[str, Any])


def decoded(raw: msgspec.Raw) -> Json:
    """The value, whole. Raises one of `UNREADABLE`."""
    try:
        return _ANYTHING.decode(raw)
    except msgspec.ValidationError:  # A whole number of thousands of digits.
        return json.loads(bytes(raw), parse_float=_exact, parse_int=_whole)


def as_received(raw: msgspec.Raw) -> JsonObject:
    """A resource to be handed back: with the numbers that JSON libraries write. Raises one of `UNREADABLE`."""
    return _AS_RECEIVED.decode(raw)


def many(value: Json) -> list[Json]:
    """The members of an array, or the one value that stands where an array belongs; nulls are left out."""
    if value is None:
        return []
    return [part for part in value if part is not None] if isinstance(value, list) else [value]


def objects(value: Json, notes: Notes, name: str, reason: GapReason = GapReason.VALUE_UNREADABLE) -> list[JsonObject]:
    """The objects of an element that repeats; whatever else stands there costs itself and is noted."""
    found = []
    for part in many(value):
        if isinstance(part, dict):
            found.append(part)
        else:
            notes.add(reason, f"{name}: it is no object")
    return found


def only(value: Json, notes: Notes, name: str, reason: GapReason = GapReason.VALUE_UNREADABLE) -> JsonObject | None:
    """The one object of an element that does not repeat. Of several the first is read, and the others are noted."""
    found = objects(value, notes, name, reason)
    if len(found) > 1:
        notes.add(reason, f"{name}: {len(found)} values where one belongs, the first was read")
    return found[0] if found else None


def first(value: Json) -> Json:
    """The value, or the first of an array that stands where one belongs."""
    return next(iter(many(value)), None) if isinstance(value, list) else value


def member(value: Json, name: str) -> Json:
    """The member of an object; None of anything else."""
    return value.get(name) if isinstance(value, dict) else None


def text(value: Json) -> str:
    """A string without the spaces around it, or a number as text; "" for anything else."""
    if type(value) is str:
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return text(first(value)) if isinstance(value, list) else ""


def is_true(value: Json) -> bool:
    """True for true, and for the text "true" that some clients send."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def codings(value: Json) -> list[JsonObject]:
    """The codings of one CodeableConcept or of several."""
    concepts = [value] if isinstance(value, dict) else many(value)
    return [
        coding
        for concept in concepts
        if isinstance(concept, dict)
        for coding in many(concept.get("coding"))
        if isinstance(coding, dict)
    ]


def codes_of(value: Json) -> frozenset[Code]:
    """Every code of one CodeableConcept or of several, under each spelling of its system that we know."""
    if type(value) is dict and type(sent := value.get("coding")) is list and len(sent) == 1 and type(sent[0]) is dict:
        system, code = sent[0].get("system"), sent[0].get("code")
        if type(system) is str and type(code) is str:  # As nearly all are.
            return _known_as(((system.strip(), code.strip()),))
    return _known_as(tuple((text(coding.get("system")), text(coding.get("code"))) for coding in codings(value)))


@lru_cache(maxsize=8192)
def _known_as(pairs: tuple[Code, ...]) -> frozenset[Code]:
    """What is remembered of past calls is codes, nothing of a patient, and is bounded."""
    return frozenset(spelling for system, code in pairs if code for spelling in spellings(system, code))


def concept_of(value: Json) -> Concept:
    """One concept with all codes of one CodeableConcept or of several, or of a bare string; its text is `text`, else
    the displays."""
    texts = [text(part) if isinstance(part, str) else text(member(part, "text")) for part in many(value)]
    shown = _listed(texts) or _listed([text(coding.get("display")) for coding in codings(value)])
    return Concept(codes_of(value), shown)


def union(concept: Concept, other: Concept) -> Concept:
    """The codes of both; the text of the first, else of the second."""
    return Concept(concept.codes | other.codes, concept.text or other.text)


def status_of(value: Json) -> str | None:
    """A FHIR status code, in lower case, with hyphens, from a code or a CodeableConcept; "" where there is none, None
    where something was sent that holds none.

    Where local codes stand beside HL7's, HL7's counts.
    """
    if isinstance(value, str):
        return _hyphenated(value)
    coded = [coding for coding in codings(value) if text(coding.get("code"))]
    standard = [coding for coding in coded if text(coding.get("system")).startswith(_STATUS_SYSTEMS)]
    for coding in standard or coded:
        return _hyphenated(text(coding.get("code")))
    said = _hyphenated(concept_of(value).text)
    return said or (None if _says_something(value) else "")


def _hyphenated(status: str) -> str:
    """ "Entered in Error" and "ENTERED_IN_ERROR" as "entered-in-error"."""
    if status.isalpha() and status.islower():
        return status
    return "-".join(status.lower().replace("_", " ").split())


MODIFIED = "it carries a modifier extension that this service does not understand"
"""Why what is not `unmarked` is not read."""


def unmarked(members: Mapping[str, Json]) -> bool:
    """False for a resource with a modifier extension: FHIR forbids to use it as if that were not there, and we
    understand none."""
    return not any(isinstance(part, dict) and part for part in many(members.get("modifierExtension")))


def _says_something(value: Json) -> bool:
    if isinstance(value, dict):
        return any(name not in ("id", "extension") for name in value)
    return any(part is not None and part != "" for part in many(value))


def says_something(value: Json) -> bool:
    """True where there is a word or a number in it, beside the names of code systems: something was meant."""
    if isinstance(value, dict):
        return any(says_something(part) for name, part in value.items() if name not in _SAYS_NOTHING)
    if isinstance(value, list):
        return any(map(says_something, value))
    return bool(text(value))


def _listed(texts: list[str]) -> str:
    return "; ".join(dict.fromkeys(part for part in texts if part))
