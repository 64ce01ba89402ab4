"""A request of ours is over in time, brings no more than it may, and reaches nobody that it should not."""

from __future__ import annotations

import gzip
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from cds_service.outbound import Fetched, Outbound, OutboundFailed, may_connect
from tests.engine.access.hostile import Write, dripping, full, writing
from tests.engine.service.around import serving, silent

JSON = {"Content-Type": "application/json"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def got(url: str, seconds: float = 5.0, outbound: Outbound | None = None, **more: Any) -> Fetched:
    until = time.monotonic() + seconds
    return (outbound or Outbound()).get(url, **{"headers": {}, "until": until, "most_bytes": 1000, **more})


def failure(url: str, seconds: float = 5.0, **more: Any) -> str:
    with pytest.raises(OutboundFailed) as failed:
        got(url, seconds, **more)
    return failed.value.reason


def unused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_an_answer_comes_back_with_status_and_body() -> None:
    with serving(lambda _: (200, JSON, b'{"a": 1}')) as server:
        assert got(f"{server.base}/x?y=1") == Fetched(200, b'{"a": 1}')
        assert server.asked == ["/x?y=1"]


def test_the_headers_given_are_sent() -> None:
    with serving(lambda _: (200, JSON, b"")) as server:
        got(server.base, headers={"Authorization": "Bearer abc"})
        assert server.authorizations == ["Bearer abc"]


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 500, 503])
def test_of_an_answer_that_is_no_200_only_the_status_comes_back(status: int) -> None:
    with serving(lambda _: (status, {}, b"" if status == 204 else b"secret")) as server:
        assert got(server.base) == Fetched(status, b"")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.conformance("FA-10", "SE-18")
def test_a_redirect_is_an_error_and_is_not_followed(status: int) -> None:
    with (
        serving(lambda _: (200, JSON, b"{}")) as other,
        serving(lambda _: (status, {"Location": other.base}, b"")) as server,
    ):
        assert failure(server.base) == "redirected"
        assert other.asked == []


@pytest.mark.parametrize("sent", ["application/json", "APPLICATION/JSON; charset=utf-8", " application/json ;x"])
def test_a_media_type_is_compared_without_case_and_parameters(sent: str) -> None:
    with serving(lambda _: (200, {"Content-Type": sent}, b"{}")) as server:
        assert got(server.base, media_types=frozenset({"application/json"})).body == b"{}"


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {"Content-Type": "application/jsonx"}, {}])
def test_an_answer_of_another_type_is_an_error_where_types_are_named(headers: dict[str, str]) -> None:
    with serving(lambda _: (200, headers, b"{}")) as server:
        assert failure(server.base, media_types=frozenset({"application/json"})) == "wrong type"
        assert got(server.base).body == b"{}"


def test_a_body_may_be_as_large_as_allowed_and_no_byte_larger() -> None:
    with serving(lambda path: (200, JSON, b"x" * int(path[1:]))) as server:
        assert len(got(f"{server.base}/1000").body) == 1000
        assert failure(f"{server.base}/1001") == "too large"


def test_a_body_is_decompressed() -> None:
    with serving(lambda _: (200, {**JSON, "Content-Encoding": "gzip"}, gzip.compress(b"abc"))) as server:
        assert got(server.base).body == b"abc"


def test_a_small_body_that_grows_without_measure_is_stopped_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"\0" * 40_000_000)
    with serving(lambda _: (200, {**JSON, "Content-Encoding": "gzip"}, bomb)) as server:
        tracemalloc.start()
        try:
            assert failure(server.base) == "too large"
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.conformance("SE-18")
def test_an_endless_body_is_stopped_by_its_size() -> None:
    def endless(write: Write) -> None:
        write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    with writing(endless) as server:
        assert failure(server.base, most_bytes=1_000_000) == "too large"


DRIPS = {
    "a status line": dripping(b"HTTP/1.1 ", b"2"),
    "a header": dripping(OK + b"X-A: ", b"x"),
    "many headers": dripping(OK, b"X-A: x\r\n"),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body of a kept connection": dripping(OK + b"Content-Length: 900\r\n\r\n", b"x"),
    "a body of a connection to be closed": dripping(OK + b"Connection: close\r\nContent-Length: 900\r\n\r\n", b"x"),
    "a body without length": dripping(OK + b"Connection: close\r\n\r\n", b"x"),
    "a body of HTTP 1.0": dripping(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", b"x"),
    "a body in chunks": dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "the size of a chunk": dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
}


@pytest.mark.parametrize("script", DRIPS.values(), ids=DRIPS.keys())
@pytest.mark.conformance("FA-09", "SE-18")
def test_a_server_that_drips_is_left_at_the_deadline(script: Callable[[Write], None]) -> None:
    with writing(script) as server:
        started = time.monotonic()
        assert failure(server.base, 0.4) == "slow"
        assert 0.3 < time.monotonic() - started < 1.2


def test_the_deadline_holds_on_a_connection_that_was_kept() -> None:
    scripts = iter([lambda write: write(OK + b"Content-Length: 2\r\n\r\n{}"), DRIPS["a header"]])
    with writing(lambda write: next(scripts)(write), times=2) as server:
        outbound = Outbound()
        assert got(server.base, outbound=outbound).body == b"{}"
        started = time.monotonic()
        assert failure(server.base, 0.4, outbound=outbound) == "slow"
        assert 0.3 < time.monotonic() - started < 1.2
        assert len(server.heads) == 2


def test_a_server_that_takes_the_connection_and_says_nothing_is_left_at_the_deadline() -> None:
    with silent() as base:
        started = time.monotonic()
        assert failure(base, 0.4) == "slow"
        assert 0.3 < time.monotonic() - started < 1.2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_does_not_take_the_connection_is_unreachable_by_the_deadline(scheme: str) -> None:
    with full() as base:
        started = time.monotonic()
        assert failure(base.replace("http", scheme), 0.4) == "unreachable"
        assert 0.3 < time.monotonic() - started < 1.2


@pytest.mark.parametrize("script", [dripping(b"", b""), dripping(b"\x16\x03\x03\x20\x00", b"\x02")])
def test_the_deadline_holds_while_tls_is_agreed(script: Callable[[Write], None]) -> None:
    with writing(script, is_to_listen=False) as server:
        started = time.monotonic()
        assert failure(server.base.replace("http", "https"), 0.4) == "slow"
        assert time.monotonic() - started < 1.2


def test_a_request_without_any_time_left_is_not_made() -> None:
    with serving(lambda _: (200, JSON, b"{}")) as server:
        assert failure(server.base, -1.0) == "slow"
        assert server.asked == []


def test_the_end_of_one_deadline_does_not_touch_the_next_request() -> None:
    with serving(lambda _: (200, JSON, b"{}")) as server:
        outbound = Outbound()
        assert got(server.base, 0.2, outbound=outbound).status == 200
        time.sleep(0.3)
        assert got(server.base, outbound=outbound).status == 200


def test_a_refused_connection_is_unreachable() -> None:
    assert failure(unused()) == "unreachable"


def test_a_name_that_nobody_has_is_unreachable() -> None:
    assert failure("http://nobody.invalid/") == "unreachable"


def test_a_network_that_cannot_be_reached_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way(*_: object) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(socket.socket, "connect", no_way)
    assert failure("http://127.0.0.1:9/") == "unreachable"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        OK + b"Content-Length: 10\r\n\r\nshort",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
        OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_whole_http_is_broken(sent: bytes) -> None:
    with writing(lambda write: write(sent)) as server:
        assert failure(server.base) == "broken"


@pytest.mark.parametrize(
    "url", ["", "no address", "http://", "http://[::1", "ftp://127.0.0.1/x", "http://127.0.0.1:x/"]
)
def test_what_is_no_web_address_is_an_error_like_others(url: str) -> None:
    assert failure(url) in ("broken", "unreachable")


def test_a_plain_server_asked_by_tls_is_no_answer() -> None:
    with serving(lambda _: (200, JSON, b"{}")) as server:
        assert failure(server.base.replace("http", "https")) == "broken"
        assert server.asked == []


def test_a_connection_is_kept_for_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: (200, JSON, b"{}")) as server:
        outbound, made, reached = Outbound(), socket.socket.connect, []

        def noted(self: socket.socket, address: Any) -> None:
            reached.append(address)
            made(self, address)

        monkeypatch.setattr(socket.socket, "connect", noted)
        for _ in range(3):
            got(server.base, outbound=outbound)
        assert (len(server.asked), len(reached)) == (3, 1)


def test_a_kept_connection_that_the_server_closed_is_made_anew() -> None:
    with writing(lambda write: write(OK + b"Content-Length: 2\r\n\r\n{}")) as server:
        outbound = Outbound()
        for _ in range(2):
            assert got(server.base, outbound=outbound).body == b"{}"
            time.sleep(0.05)
        assert len(server.heads) == 2


def test_cookies_are_not_kept() -> None:
    with writing(lambda write: write(OK + b"Set-Cookie: a=1; Path=/\r\nContent-Length: 0\r\n\r\n")) as server:
        outbound = Outbound()
        for _ in range(2):
            got(server.base, outbound=outbound)
            time.sleep(0.05)
        assert len(server.heads) == 2
        assert not any("cookie" in head.lower() for head in server.heads)


def test_proxies_and_passwords_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / ".netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, unused())
    monkeypatch.setenv("no_proxy", "")
    with serving(lambda _: (200, JSON, b"{}")) as server:
        assert got(server.base).status == 200
        assert server.authorizations == [None]


# Which addresses a name may stand for


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name stand for the addresses; the list holds those that were connected to."""
    tried: list[str] = []

    def found(_host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ip_address(each.partition("%")[0]).version], socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    def noted(_: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket.socket, "connect", noted)
    return tried


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1%eth0", "::"])
@pytest.mark.conformance("FA-11", "SE-18")
def test_a_name_that_was_turned_to_this_very_host_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    tried = answering(monkeypatch, address)
    assert failure("http://fhir.hospital.test/") == "forbidden"
    assert tried == []


def test_of_a_names_addresses_only_those_that_may_be_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = answering(monkeypatch, "127.0.0.1", "10.0.0.7", "169.254.1.1", "192.0.2.1")
    assert failure("http://fhir.hospital.test/") == "unreachable"
    assert tried == ["10.0.0.7", "192.0.2.1"]


def test_localhost_means_loopback_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = answering(monkeypatch, "10.0.0.7", "127.0.0.1")
    assert failure("http://localhost:81/") == "unreachable"
    assert tried == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "address", "may"),
    [
        ("fhir.hospital.test", "10.1.2.3", True),
        ("fhir.hospital.test", "192.168.0.1", True),
        ("fhir.hospital.test", "192.0.2.1", True),
        ("fhir.hospital.test", "127.0.0.2", False),
        ("fhir.hospital.test", "169.254.169.254", False),
        ("fhir.hospital.test", "::ffff:169.254.169.254", False),
        ("fhir.hospital.test", "224.0.0.1", False),
        ("fhir.hospital.test", "::", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("169.254.1.1", "169.254.1.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "10.0.0.1", False),
        ("localhost", "::1", True),
        ("localhost", "10.0.0.1", False),
        ("::1", "::1", True),
    ],
)
def test_a_host_may_stand_for_this_address(host: str, address: str, may: bool) -> None:
    assert may_connect(host, ip_address(address)) is may


def test_a_reason_names_nothing_of_the_request() -> None:
    with pytest.raises(OutboundFailed) as failed:
        got(f"{unused()}/Patient/marker", headers={"Authorization": "Bearer marker"})
    assert "marker" not in json.dumps(str(failed.value))
    assert failed.value.__cause__ is None
