"""What is on the screen, saved as a folder, is an example that the commands take."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.commands.assuring import assure
from cds_service.main import NAMESPACE, cast
from cds_service.settings import Settings
from fhir_examples.example import load
from hooks.anti_mag import KNOWLEDGE


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], cast=cast()).test_client()


def unpacked(archive: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        held.extractall(folder)
    return folder / "my_patient"


@pytest.mark.parametrize(
    "query",
    [
        "first_line_rituximab/save?call=patient-view",
        "dose_error/save?call=order-sign-doubled",
        "search_failed/save",
        "unrelated_patient/save",
        "first_line_rituximab/save?fact=igm|4100|2026-03-10",
        "first_line_rituximab/save?accept=patient-view:rituximab:0&call=order-sign",
    ],
)
def test_what_is_saved_is_assured_as_it_was_shown(client: FlaskClient, query: str, tmp_path: Path) -> None:
    response = client.get(f"/workbench/examples/{query}")
    assert (response.status_code, response.mimetype) == (200, "application/zip")
    folder = unpacked(response.get_data(), tmp_path)
    done = CliRunner().invoke(assure, [str(folder)])
    assert done.exit_code == 0, done.output
    assert (folder / "story.md").read_text(encoding="utf-8").startswith("# ")


def test_a_chart_of_ones_own_is_saved_too_and_a_changed_expectation_is_a_difference(
    client: FlaskClient, tmp_path: Path
) -> None:
    values = {"chart": json.dumps(load("first_line_rituximab").bundle), "day": "2026-03-10"}
    folder = unpacked(client.post("/workbench/chart/save", data=values).get_data(), tmp_path)
    assert CliRunner().invoke(assure, [str(folder)]).exit_code == 0
    (folder / "expected-patient-view.json").write_text("[]", encoding="utf-8")
    assert CliRunner().invoke(assure, [str(folder)]).exit_code == 1
