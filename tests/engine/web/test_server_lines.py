"""gunicorn's own lines and answers: in our form, and without a word of what a client sent."""

from __future__ import annotations

import json
import logging

import pytest

from cds_service.settings import Settings
from cds_service.web.server_errors import refusal
from cds_service.web.server_log import JsonLines


def line(level: int, message: str, *args: object, error: BaseException | None = None) -> dict[str, object]:
    exc_info = (type(error), error, None) if error else None
    record = logging.LogRecord("gunicorn.error", level, "", 0, message, args, exc_info)
    made: dict[str, object] = json.loads(JsonLines().format(record))
    return made


def test_what_gunicorn_says_of_itself_is_written_out() -> None:
    assert line(logging.INFO, "Listening at: %s", "http://127.0.0.1:1")["server"] == "Listening at: http://127.0.0.1:1"


def test_a_warning_that_quotes_a_request_is_cut_before_the_quotation() -> None:
    told = line(logging.WARNING, "Invalid request from ip=192.0.2.1: Invalid HTTP request line: 'marker'")
    assert told["server"] == "Invalid request from ip=192.0.2.1"


def test_an_error_is_logged_by_its_type_alone() -> None:
    told = line(logging.ERROR, "Error handling request %s", "/marker", error=ValueError("marker"))
    assert told["failure"] == "ValueError"
    assert "marker" not in json.dumps(told)


@pytest.mark.parametrize(
    ("message", "args", "told"),
    [
        ("Worker (pid:%s) exited with code %s.", (7, 1), "Worker (pid:7) exited with code 1."),
        ("Worker (pid:%s) was sent %s! Perhaps out of memory?", (7, "SIGKILL"), None),
        ("WORKER TIMEOUT (pid:%s)", (7,), "WORKER TIMEOUT (pid:7)"),
        ("Can't connect to %s", ("('127.0.0.1', 80)",), "Can't connect to ('127.0.0.1', 80)"),
        ("connection to ('127.0.0.1', 80) failed: [Errno 98] Address already in use", (), None),
    ],
)
def test_an_error_of_the_server_itself_has_its_facts(message: str, args: tuple[object, ...], told: str | None) -> None:
    assert line(logging.ERROR, message, *args)["server"] == (told or (message % args if args else message))


@pytest.mark.parametrize(
    ("status", "number", "reason"),
    [(400, 0, "Bad Request"), (408, 0, "Request Timeout"), (503, 2, "Service Unavailable")],
)
def test_what_the_server_answers_by_itself_is_an_outcome(status: int, number: int, reason: str) -> None:
    head, _, body = refusal(status).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"HTTP/1.1 {status} {reason}"
    assert {"Connection: close", "Content-Type: application/json", "X-Content-Type-Options: nosniff"} <= set(lines)
    assert f"Content-Length: {len(body)}" in lines
    assert (f"Retry-After: {number}" in lines) is bool(number)
    assert json.loads(body)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("origins", "line"),
    [
        ((), None),
        (("*",), b"*"),
        (("https://one.example.org",), b"https://one.example.org"),
        (("https://one.example.org", "https://two.example.org"), None),
    ],
)
def test_an_answer_of_the_server_itself_can_be_read_by_the_one_origin_that_may(
    origins: tuple[str, ...], line: bytes | None
) -> None:
    settings = Settings(profile="production", namespace="hiccups", allow_origins=origins)
    head, _, body = refusal(431, settings).partition(b"\r\n\r\n")
    (issue,) = json.loads(body)["issue"]
    assert issue["details"]["coding"] == [{"system": "urn:hiccups:error", "code": "CDS-106"}]
    found = [
        value for name, _, value in (row.partition(b": ") for row in head.split(b"\r\n")) if name.endswith(b"-Origin")
    ]
    assert found == ([line] if line else [])
