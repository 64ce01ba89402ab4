"""Checks the envelope of a request, all members but the patient's data, against the JSON Schema of its hook.

The schemas in `schemas/` say what must be there, and in `description` what a client should send instead. Reading the
body, and everything within prefetch, is left to `protocol.request` and `cds_service.fhir`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
        shared: Registry[Any] = Registry().with_resource(
            "envelope.json", DRAFT202012.create_resource(schema("envelope"))
        )
        self._validator = Draft202012Validator(schema(hook), registry=shared)

    def check(self, outline: Mapping[str, Any]) -> None:
        """Raise `EnvelopeInvalid` with every fault, ordered by path. A path has one fault, the first found.

        `outline` is the request with its scalars as they are; lists and the objects below `context` may be empty.
        """
        faults: dict[str, Fault] = {}
        for error in self._validator.iter_errors(outline):
            for fault in _faults(error):
                faults.setdefault(fault.expression, fault)
        if faults:
            raise EnvelopeInvalid(*(faults[path] for path in sorted(faults)))


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
