"""Checks the envelope of a request, all members but the patient's data, against the JSON Schema of its hook.

The schemas in `schemas/` say what must be there, and in `description` what a client should send instead. Reading the
body, and everything within prefetch, is left to `protocol.request` and `cds_service.fhir`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cds_service.errors import EnvelopeInvalid, Fault

_SCHEMAS = files("cds_service.protocol") / "schemas"


def schema(name: str) -> dict[str, Any]:
    """A JSON Schema of `schemas/`, by its name: a hook, "envelope", "response" and so on."""
    found: dict[str, Any] = json.loads((_SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return found


class Envelope:
    """The validator of one hook's envelope, built once."""

    def __init__(self, hook: str) -> None:
        own, envelope = schema(hook), schema("envelope")
        shared: Registry[Any] = Registry().with_resource("envelope.json", DRAFT202012.create_resource(envelope))
        self._validator = Draft202012Validator(own, registry=shared)
        self._is_sound = sound(own, {"envelope.json": envelope})

    def check(self, outline: Mapping[str, Any]) -> None:
        """Raise `EnvelopeInvalid` with every fault, ordered by path. A path has one fault, the first found.

        `outline` is the request with its scalars as they are; lists and the objects below `context` may be empty.
        """
        if self._is_sound(outline):
            return
        faults: dict[str, Fault] = {}
        for error in self._validator.iter_errors(outline):
            for fault in _faults(error):
                faults.setdefault(fault.expression, fault)
        if faults:
            raise EnvelopeInvalid(*(faults[path] for path in sorted(faults)))


def sound(described: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> Callable[[Any], bool]:
    """What a schema lets through, as one function: most calls are sound, and to look for faults in them takes a quarter
    of a millisecond. Knows the keywords that the envelopes use; KeyError at any other.

    `others` are the schemas that `described` refers to, by name.
    """
    parts = [_KEYWORDS[name](described, others) for name in described if name not in _SAYS_NOTHING]
    return lambda value: all(part(value) for part in parts)


Check = Callable[[Any], bool]
Others = Mapping[str, Mapping[str, Any]]
_TYPES: Mapping[str, type | tuple[type, ...]] = {"object": dict, "string": str, "null": type(None)}
_SAYS_NOTHING = frozenset({"$schema", "$comment", "$defs", "title", "description"})


def _of_type(described: Mapping[str, Any], _: Others) -> Check:
    named = described["type"]
    types = tuple(_TYPES[name] for name in ([named] if isinstance(named, str) else named))
    return lambda value: isinstance(value, types)


def _required(described: Mapping[str, Any], _: Others) -> Check:
    names = frozenset(described["required"])
    return lambda value: not isinstance(value, dict) or names <= value.keys()


def _properties(described: Mapping[str, Any], others: Others) -> Check:
    parts = [(name, sound(part, others)) for name, part in described["properties"].items()]
    return lambda value: not isinstance(value, dict) or all(part(value[name]) for name, part in parts if name in value)


def _enum(described: Mapping[str, Any], _: Others) -> Check:
    values = described["enum"]
    return lambda value: value in values


def _pattern(described: Mapping[str, Any], _: Others) -> Check:
    pattern = re.compile(described["pattern"])
    return lambda value: not isinstance(value, str) or pattern.search(value) is not None


def _all_of(described: Mapping[str, Any], others: Others) -> Check:
    parts = [sound(part, others) for part in described["allOf"]]
    return lambda value: all(part(value) for part in parts)


def _referred(described: Mapping[str, Any], others: Others) -> Check:
    name, _, path = described["$ref"].partition("#")
    found: Mapping[str, Any] = others[name or "envelope.json"]
    for member in path.split("/")[1:]:
        found = found[member]
    return sound(found, others)


_KEYWORDS: Mapping[str, Callable[[Mapping[str, Any], Others], Check]] = {
    "type": _of_type,
    "required": _required,
    "properties": _properties,
    "enum": _enum,
    "pattern": _pattern,
    "allOf": _all_of,
    "$ref": _referred,
}


def _faults(error: ValidationError) -> Iterator[Fault]:
    schema: Mapping[str, Any] = error.schema  # type: ignore[assignment]
    instance: Any = error.instance
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        for name in schema["required"]:
            if name not in instance:
                member = ".".join([*path, name])
                yield Fault("CDS-204", "required", f"{member} is missing.", _advice(schema["properties"][name]), member)
        return
    member = ".".join(path)
    match error.validator:
        case "enum":
            number, code, text = "CDS-206", "value", "is not the hook that this service serves"
        case "type":
            number, code, text = "CDS-205", "structure", f"is of the wrong type ({_kind(instance)})"
        case _:
            number, code, text = "CDS-205", "value", "is empty"
    yield Fault(number, code, f"{member} {text}.", _advice(schema), member)


def _advice(schema: Mapping[str, Any]) -> str:
    return str(schema["description"])


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"
