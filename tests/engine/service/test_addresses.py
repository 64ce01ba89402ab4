"""Which network address a host that a site listed may stand for, whatever the name server says."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address

import pytest

from cds_service.outbound import Outbound, OutboundFailed, may_connect


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", str(ip_address(0)), "224.0.0.1"]
)
@pytest.mark.conformance("FA-11")
def test_a_name_may_not_stand_for_this_host_or_the_link(address: str) -> None:
    assert not may_connect("fhir.hospital.example.org", ip_address(address))


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.9", "fd00::7", "93.184.216.34"])
def test_a_name_may_stand_for_a_private_server_and_a_public_one(address: str) -> None:
    assert may_connect("fhir.hospital.example.org", ip_address(address))


@pytest.mark.parametrize(
    ("host", "address", "may"),
    [
        ("localhost", "127.0.0.1", True),
        ("localhost", "10.1.2.3", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.4", False),
    ],
)
def test_an_address_that_is_listed_stands_for_itself(host: str, address: str, may: bool) -> None:
    assert may_connect(host, ip_address(address)) is may


def test_a_name_that_turns_to_this_host_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        url = f"http://fhir.hospital.example.org:{port}/Patient/1"
        with pytest.raises(OutboundFailed, match="forbidden"):
            Outbound().get(url, headers={}, until=time.monotonic() + 2, most_bytes=1000)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
