"""Two instances behind nginx, with one PostgreSQL: no call is lost in an upgrade of one after the other."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cds_service.commands.signing import make_key, read_key
from tests.integration.instances import Instance, Nginx, status
from tests.integration.postgres_server import PostgresServer

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx")
ISSUER, BASE = "https://test-client.hospital.example.org", "https://cds.hospital.example.org"
PATH = "/cds-services/anti-mag-patient-view"
CLIENTS = 3
BODY = json.dumps(
    {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "1"},
        "prefetch": {"patient": None},
    }
).encode()


def site_file(folder: Path, store: str, name: str) -> Path:
    """The site's file of one instance."""
    file = folder / f"{name}.toml"
    file.write_text(
        f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "{folder}/x.jwks.json"\n'
        f'[store]\nurl = "{store}"\n[audit]\npath = "{folder}/{name}.jsonl"\n'
    )
    return file


@contextmanager
def calls_to(port: str, token: Callable[[], str]) -> Iterator[list[int]]:
    """Signed calls, one after the other by each of a few clients, and how each was answered."""
    answered: list[int] = []
    is_over = threading.Event()

    def call() -> None:
        while not is_over.is_set():
            answered.append(status(port, PATH, token(), BODY))
            time.sleep(0.02)

    clients = [threading.Thread(target=call) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield answered
    finally:
        is_over.set()
        for client in clients:
            client.join()


def test_an_upgrade_one_after_the_other_loses_no_call(postgres: PostgresServer, tmp_path: Path) -> None:
    private, _ = make_key(tmp_path, "x", ISSUER, "ES384")
    key = read_key(private)
    with ExitStack() as ends:
        url = postgres.database_url()
        instances = [Instance(site_file(tmp_path, url, name)) for name in ("first", "second")]
        nginx = Nginx(tmp_path, *instances)
        ends.callback(nginx.stop)
        for instance in instances:
            ends.callback(instance.stop)
        token = key.token(f"{BASE}{PATH}")
        assert [status(one.port, PATH, token, BODY) for one in instances] == [200, 401]
        with calls_to(nginx.port, lambda: key.token(f"{BASE}{PATH}")) as answered:
            for instance in instances:
                nginx.without(instance)
                instance.stop()
                assert status(nginx.port, PATH, key.token(f"{BASE}{PATH}"), BODY) == 200
                instance.start()
                nginx.with_both()
        assert len(answered) > 50
        assert set(answered) == {200}
        with calls_to(nginx.port, lambda: key.token(f"{BASE}{PATH}")) as answered:
            instances[0].stop()  # Without telling nginx.
            time.sleep(1)
        assert len(answered) > 20
        assert len(answered) - answered.count(200) <= CLIENTS  # What each had under way in that moment.
        instances[0].start()
