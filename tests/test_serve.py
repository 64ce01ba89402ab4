"""`cds-service serve` with the knowledge that it ships with: what someone meets who starts the service."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("CDS_PROFILE", "CDS_CONFIG", "PORT")}
    return kept | {"PYTHONUNBUFFERED": "1"} | variables


def test_serve_says_where_it_is_answers_and_stops_when_asked() -> None:
    port = free_port()
    command = [sys.executable, "-m", "cds_service.cli", "serve", "--workers", "2"]
    served = environment(CDS_PROFILE="sandbox", PORT=port)
    with subprocess.Popen(
        command, cwd=ROOT, env=served, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if sum("Booting worker" in heard for heard in said) == 2:
                    break
            assert f"http://127.0.0.1:{port}/cds-services" in said[0]
            tries = [line for line in said if line.startswith("Try it:")]
            assert len(tries) == 1
            assert tries[0].rstrip().endswith(f"cds-service try EXAMPLE --url http://127.0.0.1:{port}")
            assert "when the browser asks" in "".join(said)
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
            connection.request("GET", "/cds-services")
            services = json.loads(connection.getresponse().read())["services"]
            for service in services:
                body = {
                    "hook": service["hook"],
                    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
                    "context": {
                        "userId": "Practitioner/1",
                        "patientId": "1",
                        "encounterId": "1",
                        "performer": "Organization/1",
                    },
                    "prefetch": {"patient": None},
                }
                path = f"/cds-services/{service['id']}"
                connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
                response = connection.getresponse()
                assert response.status == 200
                assert "cards" in json.loads(response.read())
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=15) == 0
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "CDS-001: The environment variable CDS_PROFILE is not set."),
        ({"CDS_PROFILE": "production"}, "CDS-003: CDS_PROFILE=production needs a site file"),
    ],
)
def test_a_server_that_must_not_start_ends_with_one_sentence(variables: dict[str, str], sentence: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
