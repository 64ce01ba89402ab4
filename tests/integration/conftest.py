"""Tests with the real parts around the service: PostgreSQL, a FHIR server, gunicorn. `make test-integration` runs them.

Everything is started by the fixtures, on loopback, and stopped at the end; nothing of it outlives the run but what
Maven built in `.integration/`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration.hapi_server import HapiServer
from tests.integration.postgres_server import PostgresServer

ASKED_FOR = os.environ.get("INTEGRATION") == "1"


collect_ignore_glob = [] if ASKED_FOR else ["test_*.py"]
"""`make test` needs none of the real parts, and does not count what it leaves out."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer.started() as server:
        yield server


@pytest.fixture(scope="session")
def hapi() -> Iterator[HapiServer]:
    with HapiServer.started() as server:
        yield server
