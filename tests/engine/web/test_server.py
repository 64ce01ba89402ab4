"""The toy service under gunicorn, as `cds-service serve` sets it up: what only a real socket shows."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cds_service.settings import BODY_LIMIT, LONGEST_HEADER, LONGEST_TOKEN
from tests.engine.calls import call

ROOT = Path(__file__).parents[3]
SERVICE = "/cds-services/hiccups-patient-view"
JSON = {"Content-Type": "application/json"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def gunicorn() -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:cds_service.web.gunicorn_conf", "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "tests.toy_disease.served:application()"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        booted = 0
        for line in process.stderr:
            booted += "Booting worker" in line
            if booted == 2:
                break
        assert booted == 2
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with gunicorn() as (_, port):
        yield port


def answer(connection: http.client.HTTPConnection) -> tuple[int, dict[str, object]]:
    response = connection.getresponse()
    assert response.getheader("Content-Type") == "application/json"
    return response.status, json.loads(response.read())


def test_a_chunked_body_is_read(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", SERVICE, iter([json.dumps(call()).encode()]), JSON, encode_chunked=True)
    status, body = answer(connection)
    assert status == 200
    assert "cards" in body


@pytest.mark.conformance("RQ-14")
def test_a_chunked_body_over_the_limit_is_a_413_in_json(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    chunks = [b" " * 1024 * 1024] * (BODY_LIMIT // (1024 * 1024)) + [b"  "]
    connection.request("POST", SERVICE, iter(chunks), JSON, encode_chunked=True)
    status, body = answer(connection)
    assert status == 413
    assert body["resourceType"] == "OperationOutcome"


@pytest.mark.conformance("RQ-14")
def test_a_body_that_announces_too_many_bytes_is_a_413_before_it_is_sent(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", SERVICE)
    for name, value in (JSON | {"Content-Length": str(BODY_LIMIT * 2)}).items():
        connection.putheader(name, value)
    connection.endheaders()
    assert answer(connection)[0] == 413


@pytest.mark.conformance("RQ-14")
def test_a_body_longer_than_its_length_header_is_not_read_beyond_it(port: int) -> None:
    body = json.dumps(call()).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", SERVICE)
    for name, value in (JSON | {"Content-Length": str(len(body) - 1)}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    assert answer(connection)[0] == 400


@pytest.mark.conformance("ST-05")
def test_a_chunk_size_that_is_no_number_is_a_400(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", SERVICE)
    for name, value in (JSON | {"Transfer-Encoding": "chunked"}).items():
        connection.putheader(name, value)
    connection.endheaders(b"zz\r\n{}\r\n0\r\n\r\n")
    assert answer(connection)[0] == 400


HEADERS = {
    "the longest token": ({"Authorization": "Bearer " + "x" * LONGEST_TOKEN}, 200),
    "the longest field": ({"X": "x" * (LONGEST_HEADER - len("X: \r\n"))}, 200),
    "a longer field": ({"X": "x" * (LONGEST_HEADER - len("X: \r\n") + 1)}, 431),
    "a field without end": ({"Authorization": "Bearer " + "x" * 3_000_000}, 431),
    "many fields": ({f"X-{number}": "x" for number in range(200)}, 431),
}


@pytest.mark.parametrize("size", [0, 3_000_000])
@pytest.mark.parametrize(("headers", "expected"), HEADERS.values(), ids=HEADERS)
def test_header_fields_that_are_too_long_are_a_431_that_a_browser_can_read(
    port: int, headers: dict[str, str], expected: int, size: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps(call(filler="x" * size))
    try:
        connection.request("POST", SERVICE, body, JSON | {"Origin": "https://app.example.org"} | headers)
    except ConnectionError:
        assert expected == 431  # It may answer before all is sent.
    response = connection.getresponse()
    assert response.status == expected
    assert response.getheader("Content-Type") == "application/json"
    assert response.getheader("Access-Control-Allow-Origin") == "*"
    if expected == 431:
        (issue,) = json.loads(response.read())["issue"]
        assert issue["details"]["coding"] == [{"system": "urn:hiccups:error", "code": "CDS-106"}]


@pytest.mark.conformance("ST-10")
def test_a_412_says_precondition_failed(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", SERVICE, json.dumps(call(prefetch={})), JSON)
    response = connection.getresponse()
    assert (response.status, response.reason.upper()) == (412, "PRECONDITION FAILED")


@pytest.mark.conformance("RS-03")
def test_answers_take_far_less_than_half_a_second(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    times = []
    for _ in range(50):
        begun = time.perf_counter()
        connection.request("POST", SERVICE, json.dumps(call()), JSON)
        assert answer(connection)[0] == 200
        times.append(time.perf_counter() - begun)
    assert sorted(times)[47] < 0.5


def test_a_request_to_stop_is_obeyed_cleanly() -> None:
    with gunicorn() as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/cds-services")
        assert answer(connection)[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
