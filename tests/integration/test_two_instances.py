"""Two instances behind nginx, with one PostgreSQL: no call is lost in an upgrade of one after the other."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cds_service.commands.signing import make_key, read_key
from tests.docs.blocks import free_port
from tests.docs.repository import ROOT, text
from tests.integration.postgres_server import PostgresServer

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx")
ISSUER, BASE = "https://test-client.hospital.example.org", "https://cds.hospital.example.org"
PATH = "/cds-services/anti-mag-patient-view"
CLIENTS = 3
BODY = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/1", "patientId": "1"},
    "prefetch": {"patient": None},
}


class Instance:
    """One instance with two workers, at a port of its own."""

    def __init__(self, folder: Path, store: str, name: str) -> None:
        self.port = free_port()
        self._site = folder / f"{name}.toml"
        self._site.write_text(
            f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "{folder}/x.jwks.json"\n'
            f'[store]\nurl = "{store}"\n[audit]\npath = "{folder}/{name}.jsonl"\n'
        )
        self.start()

    def start(self) -> None:
        ours = {"CDS_PROFILE": "production", "CDS_CONFIG": str(self._site), "PORT": self.port, "CDS_HASH_KEY": "k" * 32}
        command = [sys.executable, "-m", "cds_service.cli", "serve", "--workers", "2"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | ours, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while _status(self.port, "/readyz") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait(20)


class Nginx:
    """nginx with the upstream of the guide."""

    def __init__(self, folder: Path, first: Instance, second: Instance) -> None:
        self.port = free_port()
        (block,) = re.findall(r"```nginx\n(.*?)```", text("docs/how-to/run-two-instances.md"), re.DOTALL)
        self._upstream = block.replace("8081", first.port).replace("8082", second.port)
        self._folder = folder
        self._write(self._upstream)
        self._process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
        time.sleep(0.5)

    def without(self, instance: Instance) -> None:
        """Mark it down and reload."""
        self._write(self._upstream.replace(f"{instance.port} max_fails=0", f"{instance.port} max_fails=0 down"))
        self._process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def with_both(self) -> None:
        self._write(self._upstream)
        self._process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _write(self, upstream: str) -> None:
        temporary = "\n".join(f"{one}_temp_path {self._folder}/{one};" for one in ("client_body", "proxy", "fastcgi"))
        temporary += f"\nuwsgi_temp_path {self._folder}/uwsgi;\nscgi_temp_path {self._folder}/scgi;"
        (self._folder / "nginx.conf").write_text(
            f"daemon off;\npid {self._folder}/nginx.pid;\nerror_log {self._folder}/nginx.log;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}\nproxy_connect_timeout 2s;\nproxy_read_timeout 15s;\n{upstream}\n"
            f"server {{ listen 127.0.0.1:{self.port}; location /cds-services {{ proxy_pass http://cds; }} }}\n}}\n"
        )


def _status(port: str, path: str, token: str = "") -> int:
    """The status of a GET, or with a token of a call; 0 where there was no answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=15)
    try:
        connection.request("POST" if token else "GET", path, json.dumps(BODY) if token else None, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@contextmanager
def calls_to(port: str, token: Callable[[], str]) -> Iterator[list[int]]:
    """Signed calls, one after the other by each of a few clients, and how each was answered."""
    answered: list[int] = []
    is_over = threading.Event()

    def call() -> None:
        while not is_over.is_set():
            answered.append(_status(port, PATH, token()))
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
        instances = [Instance(tmp_path, url, name) for name in ("first", "second")]
        nginx = Nginx(tmp_path, *instances)
        ends.callback(nginx.stop)
        for instance in instances:
            ends.callback(instance.stop)
        token = key.token(f"{BASE}{PATH}")
        assert [_status(one.port, PATH, token) for one in instances] == [200, 401]
        with calls_to(nginx.port, lambda: key.token(f"{BASE}{PATH}")) as answered:
            for instance in instances:
                nginx.without(instance)
                instance.stop()
                assert _status(nginx.port, PATH, key.token(f"{BASE}{PATH}")) == 200
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
