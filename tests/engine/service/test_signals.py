"""What the running service does when it is told to look again: a new site file, a key that was withdrawn."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.service.around import BASE, ISSUER, Key, fhir, serving
from tests.engine.service.processes import Server, running


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def hung_up(server: Server) -> None:
    """SIGHUP, and both workers are new ones."""
    before = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not before & set(server.workers()) and len(server.workers()) == 2)


def hooks_of(server: Server) -> set[str]:
    return {one["hook"] for one in json.loads(server.ask("GET", "/cds-services").body)["services"]}


def lines(server: Server, begins: str) -> list[str]:
    told = [json.loads(line) for line in server.said if line.startswith("{")]
    return [line["server"] for line in told if str(line.get("server", "")).startswith(begins)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as started:
        yield started


def test_a_new_site_file_is_taken_and_a_bad_one_is_not(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    sound = file.read_text()
    assert "order-select" in hooks_of(server)
    file.write_text(f"{sound}[hooks]\norder-select = false\n[limits]\nbody_bytes = 2000\n")
    hung_up(server)
    assert "order-select" not in hooks_of(server)
    assert server.ask("POST", server.path, "x" * 3000).status == 413
    assert lines(server, "Site file") == [f"Site file taken: {file}"]

    file.write_text(f"{sound}[hooks]\norder-select = 5\n[limits]\nbody_bytes = 0\n")
    hung_up(server)
    assert "order-select" not in hooks_of(server)
    assert server.view().status == 200
    (line,) = lines(server, "Site file refused")
    assert line.startswith("Site file refused, the old one stays: CDS-006: ")
    assert "[hooks] order-select" in line
    assert "[limits] body_bytes" in line

    file.unlink()
    hung_up(server)
    assert server.view().status == 200
    assert len(lines(server, "Site file refused")) == 2

    file.write_text(sound)
    hung_up(server)
    assert "order-select" in hooks_of(server)


def test_a_key_that_was_withdrawn_is_dropped_at_once(tmp_path: Path) -> None:
    old, new = Key("old"), Key("new")
    with serving(lambda _: fhir({"keys": [old.jwk]})) as keys:
        clients = f'[[clients]]\nissuer = "{ISSUER}"\njwks_url = "{keys.base}"\n'
        with running(tmp_path, f'[service]\nbase_url = "{BASE}"\n{clients}', "production") as server:

            def called(key: Key) -> int:
                return server.view(token=key.token(f"{BASE}{server.path}")).status

            assert [called(old) for _ in range(8)] == [200] * 8
            keys.answer = lambda _: fhir({"keys": [new.jwk]})
            assert [called(old) for _ in range(8)] == [200] * 8  # It is fresh for an hour.
            hung_up(server)
            assert [called(old) for _ in range(8)] == [401] * 8
            assert called(new) == 200
