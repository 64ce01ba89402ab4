"""What a call costs in calls of our own functions: the same on every machine, so that a detour cannot creep in.

A bound has a tenth to spare, since the order of a set, or another Python, may cost a few calls more. Lower it where the
work of a call was made less.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import pytest
from flask.testing import FlaskClient

from bench.contenders import VIEW
from bench.patient import LARGE, SMALL, patient_view
from cds_service.app import create_app
from cds_service.main import KNOWLEDGE, NAMESPACE
from cds_service.settings import Settings
from fhir_examples.example import load

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OURS = tuple(str(Path(__file__).parent.parent / name) for name in ("cds_service", "hooks"))
INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
"""Functions of their own up to Python 3.11 only."""
MOST = {SMALL: 4_500, LARGE: 20_600}
"""Calls of our functions, by the resources of the body."""
MOST_OF_A_PAGE = 462_200
"""The same for the workbench's page of a chart of a thousand resources."""


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    settings = Settings.from_environment({"CDS_PROFILE": "sandbox"}, NAMESPACE)
    return create_app(settings, [KNOWLEDGE], lambda: NOW).test_client()


@contextmanager
def counted() -> Iterator[list[int]]:
    """How often a function of ours is called."""
    calls = [0]

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and code.co_name not in INLINED:
            calls[0] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def calls_of(client: FlaskClient, body: bytes) -> int:
    with counted() as calls:
        answer = client.post(VIEW, data=body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert len(answer.json["cards"]) == 3
    return calls[0]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_call_takes_no_more_calls_of_functions_than_it_needs(client: FlaskClient, size: int) -> None:
    calls_of(client, patient_view(size, 1, NOW.date()))  # What is made at the first call does not count.
    assert calls_of(client, patient_view(size, 2, NOW.date())) <= MOST[size] * 1.1


def test_the_page_of_a_large_chart_takes_no_more_than_it_needs(client: FlaskClient) -> None:
    sent = {"chart": json.dumps(load("twenty_years_of_anti_mag").bundle), "day": "2026-06-15"}
    assert client.post("/workbench/chart", data=sent).status_code == 200
    with counted() as calls:
        client.post("/workbench/chart", data=sent)
    assert calls[0] <= MOST_OF_A_PAGE * 1.1


def test_neither_the_fhir_models_nor_alembic_are_loaded_to_answer() -> None:
    loaded = (
        "import sys; import cds_service.main; print([m for m in ('fhir.resources', 'alembic') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
