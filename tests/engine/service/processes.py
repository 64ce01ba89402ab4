"""The service as processes: `cds-service serve` with two workers, a site of its own, and clients that call at once."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engine.calls import PATIENT, bundle, call
from tests.engine.service.around import fhir, serving

ROOT = Path(__file__).parents[3]
BROKEN = (ConnectionError, http.client.HTTPException)
"""What a client sees whose server is gone."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """gunicorn with its workers, which share the process group of `process`."""

    process: subprocess.Popen[str]
    port: int
    environment: dict[str, str]
    service: dict[str, Any] = field(default_factory=dict)
    """The service of patient-view, as discovery describes it."""
    said: list[str] = field(default_factory=list)
    """All lines so far, of both streams."""

    @property
    def path(self) -> str:
        return f"/cds-services/{self.service['id']}"

    def ask(self, method: str, path: str, body: object = None, token: str = "") -> Answer:
        """One request over a connection of its own."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read(), time.monotonic() - started)
        finally:
            connection.close()

    def view(self, fhir_server: str = "", token: str = "", absent: Sequence[str] = ()) -> Answer:
        """Open a chart: every key is prefetched but those of `absent`."""
        prefetch = {key: bundle() for key in self.service["prefetch"]} | {"patient": PATIENT}
        kept = {key: value for key, value in prefetch.items() if key not in absent}
        body = call(prefetch=kept) | ({"fhirServer": fhir_server} if fhir_server else {})
        return self.ask("POST", self.path, body, token)

    def workers(self) -> list[int]:
        parent = self.process.pid
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What someone types into a shell of the same host."""
        command = [sys.executable, "-m", "cds_service.cli", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment_of(folder: Path, site: str, profile: str, port: int) -> dict[str, str]:
    file = folder / "site.toml"
    file.write_text(f'[store]\nurl = "sqlite:///{folder}/store.db"\n[audit]\npath = "{folder}/audit.jsonl"\n{site}')
    ours = ("CDS_", "PROMETHEUS_", "GUNICORN_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"CDS_PROFILE": profile, "CDS_CONFIG": str(file), "PORT": str(port), "PYTHONUNBUFFERED": "1"}


@contextmanager
def running(folder: Path, site: str = "", profile: str = "sandbox") -> Iterator[Server]:
    """`cds-service serve` with both workers up; whatever is left of it is ended."""
    port = free_port()
    environment = environment_of(folder, site, profile, port)
    command = [sys.executable, "-m", "cds_service.cli", "serve", "--workers", "2"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    is_up = threading.Event()
    reader = threading.Thread(target=_listen, args=(process, said, is_up), daemon=True)
    reader.start()
    try:
        assert is_up.wait(20), "".join(said)
        server = Server(process, port, environment, said=said)
        services = json.loads(server.ask("GET", "/cds-services").body)["services"]
        server.service.update(next(service for service in services if service["hook"] == "patient-view"))
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        _end(process)
        reader.join(5)
    assert "Traceback" not in "".join(said), "".join(said)


def _listen(process: subprocess.Popen[str], said: list[str], is_up: threading.Event) -> None:
    """Read all that the server says, so that it never waits for a reader."""
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if sum("Booting worker" in heard for heard in said) >= 2:
            is_up.set()


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def at_once(times: int, work: Callable[[int], Answer | None]) -> list[Answer | None]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def statuses(answers: Sequence[Answer | None]) -> list[int]:
    return [answer.status if answer else 0 for answer in answers]


def counted(server: Server) -> float:
    """Calls of patient-view that were answered with 200, as the counts of all workers say."""
    text = server.ask("GET", "/metrics").body.decode()
    found = re.findall(r"^cds_request_seconds_count\{(.*)\} (\S+)$", text, re.MULTILINE)
    ours = (f'service="{server.service["id"]}"', 'status="200"')
    return sum(float(count) for labels, count in found if all(label in labels for label in ours))


@contextmanager
def holding(seconds: float) -> Iterator[tuple[str, Callable[[int], bool]]]:
    """A FHIR server that answers after some time, and a function that waits until it was asked so many times."""
    asked, never = threading.Semaphore(0), threading.Event()

    def answer(_: str) -> tuple[int, dict[str, str], bytes]:
        asked.release()
        never.wait(seconds)
        return fhir(bundle())

    with serving(answer) as told:
        yield told.base, lambda times: all(asked.acquire(timeout=10) for _ in range(times))
