"""The door under fire: clients that are slow, silent, broken, too many or too large harm nobody but themselves."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.engine.calls import PATIENT, bundle, call, haemoglobin
from tests.engine.service.around import Key, silent
from tests.engine.service.processes import (
    ROOT,
    Server,
    at_once,
    counted,
    environment_of,
    holding,
    running,
    statuses,
)
from tests.engine.service.wire import (
    answer_of,
    connected,
    dripping,
    held,
    memory_of,
    post,
    quick,
    told,
    view,
)

SOON = 3.0
"""Seconds in which somebody else's call is answered: one on an idle machine, three beside other tests. It was 70."""
LIMITS = """
[limits]
header_seconds = 2
body_seconds = 4
waiting_seconds = 1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("fire"), LIMITS) as started:
        started.view()
        yield started


def assert_others_are_served(server: Server) -> None:
    answers = quick(server)
    assert statuses(answers) == [200] * 20
    assert max(answer.seconds for answer in answers) < SOON


# Left open


def left_open(server: Server) -> dict[str, bytes]:
    body = view(server)
    return {
        "an answered Connection: close": post(server, body, headers="Connection: close\r\n"),
        "an answered HTTP/1.0": post(server, body, version="1.0"),
        "an answered keep-alive": post(server, body),
        "a 400": b"NONSENSE\r\n\r\n",
        "a body that is not finished": post(server, b"{", length=1000),
        "a 413 to a body that is not sent": post(server, length=2**40),
        "a broken chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    }


@pytest.mark.parametrize("kind", range(7))
def test_connections_that_are_left_open_are_in_nobodys_way(server: Server, kind: int) -> None:
    sent = list(left_open(server).values())[kind]
    with held(server, [sent] * 80):
        assert_others_are_served(server)


def test_an_unfinished_body_without_a_token_is_in_nobodys_way_either(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [Key().jwk]}))
    site = (
        '[service]\nbase_url = "https://cds.example.org"\n[[clients]]\nissuer = "https://ehr.example.org"\n'
        f'jwks_file = "{tmp_path}/keys.json"\n[limits]\nbody_seconds = 2\n'
    )
    with running(tmp_path, site, "production") as production:
        with held(production, [post(production, b"{", length=1000)] * 80):
            answers = at_once(20, lambda _: production.view())
        assert statuses(answers) == [401] * 20
        assert max(answer.seconds for answer in answers if answer) < SOON


# Slow


def slow(server: Server) -> list[bytes]:
    head = f"POST {server.path} HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode()
    chunked = f"POST {server.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return [head] * 75 + [post(server, b"{", length=50_000)] * 75 + [chunked + b"ffff\r\n"] * 75 + [b"P"] * 75


def test_three_hundred_slow_clients_harm_nobody_and_are_let_go(server: Server) -> None:
    begun = time.monotonic()
    with held(server, slow(server)) as connections, dripping(connections):
        while time.monotonic() - begun < 3.5:
            assert_others_are_served(server)
        with ThreadPoolExecutor(300) as pool:
            said = list(pool.map(lambda connection: told(connection, 6), connections))
    assert Counter(answer[:12] for answer in said) == {b"HTTP/1.1 408": 300}
    assert all(b'"OperationOutcome"' in answer for answer in said)


def test_a_head_has_its_time_and_no_more(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        time.sleep(1.2)
        connection.sendall(b"Host: x\r\n\r\n")
        assert answer_of(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        begun = time.monotonic()
        assert told(connection).startswith(b"HTTP/1.1 408")
    assert 1.8 < time.monotonic() - begun < 6


def test_a_body_must_arrive_at_the_least_rate(tmp_path: Path) -> None:
    """Of two that would both be whole in time, the one that pauses too long is let go."""
    with running(tmp_path, "[limits]\nbody_seconds = 30\nbody_bytes_per_second = 20000\n") as server:
        body = view(server).ljust(200_000)
        with connected(server) as steady, connected(server) as slow:
            begun = time.monotonic()
            for connection in (steady, slow):
                connection.sendall(post(server, body[:1000], length=len(body)))
            for place in range(1000, len(body), 20_000):
                steady.sendall(body[place : place + 20_000])
                time.sleep(0.5)
            assert answer_of(steady).startswith(b"HTTP/1.1 200")
            assert told(slow).startswith(b"HTTP/1.1 408")
        assert time.monotonic() - begun < 10


def test_clients_that_do_not_read_their_answers_harm_nobody(server: Server) -> None:
    """Each asks for a page again and again, until neither side's buffers take more."""
    page = b"GET /cds-services HTTP/1.1\r\nHost: x\r\n\r\n" * 200
    with held(server, [page] * 20):
        assert_others_are_served(server)


def test_calls_on_one_connection_are_answered_in_turn(server: Server) -> None:
    paths = [b"/healthz", b"/nowhere", b"/cds-services", b"/healthz"]
    with connected(server) as connection:
        connection.sendall(b"".join(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths))
        seen = told(connection, 2)
    assert [int(part[:3]) for part in seen.split(b"HTTP/1.1 ")[1:]] == [200, 404, 200, 200]


# Signals


@pytest.mark.parametrize("case", ["reload", "one worker stops"])
def test_the_door_is_as_wide_after_a_signal_as_before(tmp_path: Path, case: str) -> None:
    with running(tmp_path) as server:
        before = set(server.workers())
        if case == "reload":
            server.process.send_signal(signal.SIGHUP)
            gone = before
        else:
            gone = {min(before)}
            os.kill(min(before), signal.SIGTERM)
        wait_until(lambda: not gone & set(server.workers()) and len(server.workers()) == 2)
        answers = at_once(150, lambda _: server.view())
    assert statuses(answers) == [200] * 150


def wait_until(is_so: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_twenty_calls_in_flight_are_answered_before_the_server_stops(tmp_path: Path) -> None:
    with running(tmp_path) as server, holding(1.5) as (base, is_asked), ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(server.view, base, absent=["laboratory"]) for _ in range(20)]
        assert is_asked(20)
        server.process.send_signal(signal.SIGTERM)
        assert statuses([call.result() for call in calls]) == [200] * 20
        assert server.process.wait(9) == 0


def test_a_body_that_never_ends_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with running(tmp_path) as server, held(server, [post(server, b"{", length=9000)] * 4) as connections:
        with dripping(connections):
            time.sleep(0.5)
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(15) == 0
        assert time.monotonic() - begun < 9


# Slow FHIR servers


def test_calls_that_wait_for_a_fhir_server_keep_nobody_waiting(server: Server) -> None:
    with silent() as base, ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(server.view, base, absent=["laboratory"]) for _ in range(60)]
        time.sleep(0.7)
        assert_others_are_served(server)
        assert not any(one.done() for one in waiting)
        assert statuses([one.result() for one in waiting]) == [200] * 60


# Too much


def chart(server: Server, megabytes: float) -> bytes:
    """A call with a chart of that size."""
    prefetch = {key: bundle() for key in server.service["prefetch"]} | {"patient": PATIENT}
    one = len(json.dumps(haemoglobin()))
    results = [{"resource": haemoglobin(id=f"hb-{place}")} for place in range(int(megabytes * 1e6 / (one + 20)))]
    prefetch["laboratory"] = {"resourceType": "Bundle", "type": "searchset", "entry": results}
    return json.dumps(call(prefetch=prefetch)).encode()


def send(server: Server, body: bytes, seconds: float = 40) -> tuple[int, str]:
    """Status and Retry-After of a call."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=seconds)
    try:
        connection.request("POST", server.path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Retry-After", "")
    finally:
        connection.close()


def test_large_charts_beyond_the_room_wait_or_are_told_so(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        body = chart(server, 12.8)
        with ThreadPoolExecutor(64) as pool:
            calls = [pool.submit(send, server, body) for _ in range(64)]
            most = 0.0
            while not all(one.done() for one in calls):
                most = max(most, memory_of(server))
                assert server.ask("GET", "/healthz").seconds < SOON
                time.sleep(0.1)
            answers = [one.result() for one in calls]
        assert {status for status, _ in answers} <= {200, 503}
        assert (200, "") in answers
        assert all(later for status, later in answers if status == 503)
        assert most < 800
        wait_until(lambda: memory_of(server) < 400, 60)


def test_a_call_that_waited_too_long_is_told_so(server: Server) -> None:
    """All room is held by bodies that still arrive."""
    body, holder = chart(server, 0.2), post(server, b"{", length=16 * 1024 * 1024)
    with held(server, [holder] * 8) as connections, dripping(connections, 0.1):
        begun = time.monotonic()
        assert send(server, body) == (503, "2")
        assert 0.9 < time.monotonic() - begun < 2.5
        assert_others_are_served(server)


def test_a_call_whose_caller_has_gone_is_not_begun(server: Server) -> None:
    body, before = chart(server, 3), counted(server)
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda _: send_and_leave(server, post(server, body)), range(30)))
    wait_until(lambda: send(server, body)[0] == 200)
    assert counted(server) - before < 20


def send_and_leave(server: Server, sent: bytes) -> None:
    with connected(server) as connection, suppress(OSError):
        connection.sendall(sent)


def test_unfinished_large_bodies_give_way_to_those_that_wait(tmp_path: Path) -> None:
    with running(tmp_path, "[limits]\nbytes_in_hand = 1048576\nbody_bytes_per_second = 1\n") as server:
        body = chart(server, 0.5)
        with held(server, [post(server, b"{" * 900_000, length=1_000_000)] * 4):
            answers = at_once(4, lambda _: server.ask("POST", server.path, json.loads(body)))
    assert statuses(answers) == [200] * 4


@pytest.mark.parametrize("name", ["admin", "somebody"])
def test_guessing_passwords_costs_the_guesser_alone(tmp_path: Path, name: str) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "cds_service.cli", "admin", "hash", "--password", "right"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    site = f'[admin]\nname = "admin"\npassword_hash = "{made.stdout.strip()}"\n'

    def guess(server: Server, password: str) -> tuple[int, float]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        begun = time.monotonic()
        told = base64.b64encode(f"{name}:{password}".encode()).decode()
        connection.request("GET", "/admin/feedback", headers={"Authorization": f"Basic {told}"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, time.monotonic() - begun

    with running(tmp_path, site) as server, ThreadPoolExecutor(64) as pool:
        guesses = [pool.submit(guess, server, f"wrong {place}") for place in range(64)]
        assert_others_are_served(server)
        answers = Counter(one.result()[0] for one in guesses)
        assert set(answers) == {401, 503}
        assert answers[401] < 16
        assert memory_of(server) < 400
        assert guess(server, "right")[0] == (200 if name == "admin" else 401)


# What is no HTTP


BROKEN = {
    "no request line": b"NONSENSE\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no Host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a name with a blank": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n",
    "a folded line": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
    "lines without CR": b"GET /healthz HTTP/1.1\nHost: a\n\nX: y\r\n\r\n",
    "two lengths": b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a broken chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk that is too long": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "another version": b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_http_gets_one_answer_in_our_form(server: Server, kind: str) -> None:
    with connected(server) as connection:
        connection.sendall(BROKEN[kind] + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        said = told(connection)
    assert said.count(b"HTTP/1.1 ") == 1
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"X-Content-Type-Options: nosniff" in head
    assert json.loads(body)["resourceType"] == "OperationOutcome"


def test_a_refused_call_with_broken_chunks_gets_one_answer(server: Server) -> None:
    head = f"POST {server.path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(server) as connection:
        connection.sendall(head.encode() + b"zz\r\n{}\r\n0\r\n\r\n")
        assert told(connection).count(b"HTTP/1.1 ") == 1


def test_old_clients_need_no_host(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert told(connection).startswith(b"HTTP/1.1 200")


def test_a_client_that_asks_for_leave_gets_it_before_it_sends_its_body(server: Server) -> None:
    body = view(server)
    with connected(server) as connection:
        connection.sendall(post(server, length=len(body), headers="Expect: 100-continue\r\n"))
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert answer_of(connection).startswith(b"HTTP/1.1 200")


# Lines and starts


SERVE = [sys.executable, "-m", "cds_service.cli", "serve"]
GUNICORN = [sys.executable, "-m", "gunicorn", "--bind"]


def started_at_a_taken_port(folder: Path, command: list[str]) -> tuple[subprocess.CompletedProcess[str], str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        environment = environment_of(folder, "", "sandbox", taken.getsockname()[1])
        command = [*command, address] if command is GUNICORN else command
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False
        )
    return ended, address


def test_a_port_that_is_taken_ends_in_one_sentence_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    ended, address = started_at_a_taken_port(tmp_path, SERVE)
    assert time.monotonic() - begun < SOON
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Error: Nothing can listen at {address} (Address already in use): " + (
        "set PORT or --host to another address.\n"
    )


def test_a_bare_gunicorn_says_so_too(tmp_path: Path) -> None:
    ended, address = started_at_a_taken_port(tmp_path, GUNICORN)
    assert ended.returncode == 1
    assert f"Nothing can listen at {address}" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
