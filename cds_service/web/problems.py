"""Answers for what went wrong: every error becomes an OperationOutcome, and this is where statuses live.

The one place that catches everything. An error that nobody foresaw is logged by its type and stack alone: its message
may quote the patient's data.
"""

from __future__ import annotations

import logging
import traceback
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
    MethodRefused,
    PathUnknown,
    PatientNotObtained,
    RequestBroken,
    ServiceFailed,
)
from cds_service.settings import Settings

_STATUS: dict[type[CdsError], int] = {
    PathUnknown: 404,
    MethodRefused: 405,
    ContentTypeRefused: 415,
    BodyTooLarge: 413,
    RequestBroken: 400,
    BodyUnreadable: 400,
    EnvelopeInvalid: 400,
    PatientNotObtained: 412,
}
_log = logging.getLogger("cds_service.failures")


def answer_problems(app: Flask, settings: Settings) -> None:
    """Register the answers to errors of every kind."""
    system = f"urn:{settings.namespace}:error"

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
        _log.error("%s", msgspec.json.encode(_trace(error)).decode())
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


def _outcome(error: CdsError, system: str) -> Response:
    body = {"resourceType": "OperationOutcome", "issue": [_issue(fault, system) for fault in error.faults]}
    return Response(msgspec.json.encode(body), _STATUS.get(type(error), 500), mimetype="application/json")


def _issue(fault: Fault, system: str) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": "error",
        "code": fault.code,
        "details": {"coding": [{"system": system, "code": fault.number}], "text": fault.text},
        "diagnostics": fault.advice,
    }
    return issue | ({"expression": [fault.expression]} if fault.expression else {})


def _trace(error: BaseException) -> dict[str, Any]:
    """What failed and where, without messages and values; the cause before its effect."""
    steps: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(link.__traceback__)]
        steps = [*frames, type(link).__name__, *steps]
        link = link.__cause__ or link.__context__
    return {"failure": type(error).__name__, "stack": steps}
