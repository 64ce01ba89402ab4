"""`/openapi.json`: the service in OpenAPI 3.1, made of the JSON Schemas by which requests are checked.

Made at the first request for it and kept. The schemas describe what is said; that more is forgiven (an invalid
resource, an item of feedback that lacks something) they say in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from flask import Flask, Response

from cds_service import __version__
from cds_service.protocol.envelope import schema
from cds_service.protocol.offer import Offer

_ANSWERS = ("discovery", "response", "feedback", "feedback-answer", "outcome", "envelope")
_PROBLEMS = {
    "400": "The request is not JSON, or breaks the definition of the hook",
    "401": "The client's token is not accepted",
    "404": "There is no such service",
    "405": "The path does not answer this method",
    "412": "The patient was neither prefetched nor could be read",
    "413": "The body is too large",
    "415": "The content type is not JSON",
    "431": "A header field is too long",
    "500": "The service failed",
    "503": "Not now: send it again after the seconds in Retry-After",
}


def serve_openapi(app: Flask, offers: Iterable[Offer]) -> None:
    """Register `/openapi.json`."""
    described = tuple(offers)

    @cache
    def body() -> bytes:
        return msgspec.json.encode(document(described))

    @app.get("/openapi.json")
    def openapi() -> Response:
        """Discovery, calls and feedback in OpenAPI 3.1."""
        response = Response(body(), mimetype="application/json")
        response.headers["Cache-Control"] = "max-age=300"
        return response


def document(offers: Iterable[Offer]) -> dict[str, Any]:
    """The OpenAPI document of these services."""
    paths: dict[str, Any] = {"/cds-services": {"get": _operation("discovery", "The list of services", "discovery")}}
    hooks = set()
    for offer in offers:
        id, hook = offer.service.id, offer.hook.name
        hooks.add(hook)
        asked = _operation(id, offer.service.description, "response", takes=hook, may_fail=tuple(_PROBLEMS))
        told = _operation(
            f"{id}-feedback",
            "What users did with its cards",
            "feedback-answer",
            takes="feedback",
            may_fail=_OF_FEEDBACK,
        )
        paths |= {f"/cds-services/{id}": {"post": asked}, f"/cds-services/{id}/feedback": {"post": told}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CDS Hooks 2.0 service",
            "version": __version__,
            "description": "Decision support for an EHR, after CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"client": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"client": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {name: _component(name) for name in (*_ANSWERS, *sorted(hooks))},
        },
    }


_OF_FEEDBACK = ("400", "401", "404", "405", "413", "415", "431", "500", "503")


def _operation(
    id: str, summary: str, answers: str, *, takes: str = "", may_fail: Iterable[str] = ("401", "405", "431", "500")
) -> dict[str, Any]:
    responses = {"200": {"description": "The answer", **_json(answers)}}
    responses |= {status: {"description": _PROBLEMS[status], **_json("outcome")} for status in may_fail}
    made: dict[str, Any] = {"operationId": id, "summary": summary, "responses": responses}
    return made | ({"requestBody": {"required": True, **_json(takes)}} if takes else {})


def _json(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _component(name: str) -> dict[str, Any]:
    """A schema with its references turned to where it stands in the document."""
    made = {key: value for key, value in schema(name).items() if key != "$schema"}
    turned: dict[str, Any] = _turned(made, name)
    return turned


def _turned(value: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {
            key: _place(member, name) if key == "$ref" and isinstance(member, str) else _turned(member, name)
            for key, member in value.items()
        }
    return [_turned(item, name) for item in value] if isinstance(value, list) else value


def _place(reference: str, name: str) -> str:
    """ "envelope.json#/$defs/context" as "#/components/schemas/envelope/$defs/context"."""
    file, _, path = reference.partition("#")
    return f"#/components/schemas/{file.removesuffix('.json') or name}{path}"
