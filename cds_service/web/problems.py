"""Answers for what went wrong: every error becomes an OperationOutcome, and this is where statuses live.

The one place that catches everything. An error that nobody foresaw is logged by its type and stack alone: its message
may quote the patient's data.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from cds_service.errors import (
    BodyTooLarge,
    BodyUnreadable,
    CdsError,
    ContentTypeRefused,
    EnvelopeInvalid,
    Fault,
    FeedbackUnusable,
    HeadersTooLong,
    KeysUnavailable,
    MethodRefused,
    Overloaded,
    PathUnknown,
    PatientNotObtained,
    RequestBroken,
    ServiceFailed,
    StoreUnavailable,
    TokenRefused,
)
from cds_service.settings import Settings
from cds_service.traces import log_failure

_STATUS: dict[type[CdsError], int] = {
    PathUnknown: 404,
    MethodRefused: 405,
    ContentTypeRefused: 415,
    BodyTooLarge: 413,
    RequestBroken: 400,
    HeadersTooLong: 431,
    BodyUnreadable: 400,
    EnvelopeInvalid: 400,
    PatientNotObtained: 412,
    TokenRefused: 401,
    FeedbackUnusable: 400,
    KeysUnavailable: 503,
    StoreUnavailable: 503,
    Overloaded: 503,
}
SETTINGS = "cds_service"
"""Where the settings are among an application's extensions, for the server's own answers."""
RETRY_AFTER = "2"
"""Seconds after which a client may try again what is not possible now."""


def answer_problems(app: Flask, settings: Settings) -> None:
    """Register the answers to errors of every kind."""
    app.extensions[SETTINGS] = settings
    system = error_system(settings)

    @app.errorhandler(CdsError)
    def known(error: CdsError) -> Response:
        return _outcome(error, system)

    @app.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> Response:
        response = _outcome(_translated(error, settings.body_limit), system)
        if isinstance(error, MethodNotAllowed):
            response.allow.update(error.valid_methods or ())
        return response

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log_failure(error)
        return _outcome(ServiceFailed(), system)


def _translated(error: HTTPException, body_limit: int) -> CdsError:
    match error:
        case NotFound():
            return PathUnknown()
        case MethodNotAllowed():
            return MethodRefused()
        case RequestEntityTooLarge():
            return BodyTooLarge(body_limit)
        case _:
            return ServiceFailed() if (error.code or 500) >= 500 else RequestBroken()


def outcome_of(error: CdsError, system: str) -> tuple[dict[str, Any], int]:
    """The body of the answer to an error, and its status."""
    body = {"resourceType": "OperationOutcome", "issue": [issue_of(fault, system) for fault in error.faults]}
    return body, status_of(type(error))


def _outcome(error: CdsError, system: str) -> Response:
    body, status = outcome_of(error, system)
    response = Response(msgspec.json.encode(body), status, mimetype="application/json")
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def status_of(kind: type[CdsError]) -> int:
    """The HTTP status of an error."""
    return _STATUS.get(kind, 500)


def error_system(settings: Settings) -> str:
    """The code system of our error numbers."""
    return f"urn:{settings.namespace}:error"


def issue_of(fault: Fault, system: str = "") -> dict[str, Any]:
    """The issue of an OperationOutcome; without the fault's number where `system` is not known."""
    coding = {"coding": [{"system": system, "code": fault.number}]} if system else {}
    issue: dict[str, Any] = {
        "severity": "error",
        "code": fault.code,
        "details": {**coding, "text": fault.text},
        "diagnostics": fault.advice,
    }
    return issue | ({"expression": [fault.expression]} if fault.expression else {})
