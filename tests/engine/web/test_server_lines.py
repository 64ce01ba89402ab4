"""gunicorn's own lines and answers: in our form, and without a word of what a client sent."""

from __future__ import annotations

import json
import logging
import socket

import pytest

from cds_service.settings import Settings
from cds_service.web.server_errors import write_error
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


def test_http_that_cannot_be_read_is_answered_with_an_outcome() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_error(ours, 400, "Bad Request", "marker")
        head, _, body = theirs.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    assert b"marker" not in body


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
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_error(ours, 431, "Request Header Fields Too Large", "marker", settings=settings)
        head, _, body = theirs.recv(4096).partition(b"\r\n\r\n")
    (issue,) = json.loads(body)["issue"]
    assert issue["details"]["coding"] == [{"system": "urn:hiccups:error", "code": "CDS-106"}]
    found = [
        value for name, _, value in (row.partition(b": ") for row in head.split(b"\r\n")) if name.endswith(b"-Origin")
    ]
    assert found == ([line] if line else [])
