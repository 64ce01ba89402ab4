"""What is on the screen, saved as a folder, is an example that the commands take."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from cds_service.access import Access, Servers
from cds_service.app import create_app
from cds_service.commands.assuring import assure
from cds_service.main import NAMESPACE, cast
from cds_service.outbound import Outbound
from cds_service.parts import Parts
from cds_service.settings import Settings
from cds_service.workbench.search import answer
from fhir_examples.example import load
from hooks.anti_mag import KNOWLEDGE
from tests.engine.service.around import fhir, serving
from tests.engine.workbench.pages import page


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
        "first_line_rituximab/save?user=Patient",
        "first_line_rituximab/save?order=|375|mg/m2|1|wk|4|rxnorm|121191&call=order-sign",
        "first_line_rituximab/save?order=Prednisone|60|mg|1|d&user=PractitionerRole&call=order-sign",
    ],
)
def test_what_is_saved_is_assured_as_it_was_shown(client: FlaskClient, query: str, tmp_path: Path) -> None:
    response = client.get(f"/workbench/examples/{query}")
    assert (response.status_code, response.mimetype) == (200, "application/zip")
    folder = unpacked(response.get_data(), tmp_path)
    done = CliRunner().invoke(assure, [str(folder)])
    assert done.exit_code == 0, done.output
    assert (folder / "story.md").read_text(encoding="utf-8").startswith("# ")


def test_user_and_drug_that_were_chosen_are_in_the_folder(client: FlaskClient, tmp_path: Path) -> None:
    chosen = "first_line_rituximab/save?order=|375|mg/m2|1|wk|4|rxnorm|121191&call=order-sign&user=PractitionerRole"
    folder = unpacked(client.get(f"/workbench/examples/{chosen}").get_data(), tmp_path)
    (call,) = json.loads((folder / "calls.json").read_text(encoding="utf-8"))
    assert call["context"]["userId"] == "PractitionerRole/workbench"
    (entry,) = call["context"]["draftOrders"]["entry"]
    (coding,) = entry["resource"]["medicationCodeableConcept"]["coding"]
    assert coding == {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "121191"}
    assert (
        json.loads((folder / "expected-order-sign.json").read_text(encoding="utf-8"))[0]["topic"] == "rituximabSafety"
    )


@pytest.mark.parametrize("beside", [{}, {"total": 900}], ids=["whole lists", "lists that were cut"])
def test_a_patient_of_a_server_is_saved_and_assured_too(tmp_path: Path, beside: dict[str, int]) -> None:
    bundle = load("first_line_rituximab").bundle

    def server(path: str) -> tuple[int, dict[str, str], bytes]:
        found = answer(bundle, unquote(path[1:]))
        if path.startswith("/Goal") or found is None:
            return fhir({}, 403)
        return fhir(found | beside if found["resourceType"] == "Bundle" else found)

    parts = Parts(access=Access(Outbound(), Servers(is_sandbox=True), 5.0))
    reading = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], parts=parts).test_client()
    with serving(server) as told:
        shown = reading.post("/workbench/server", data={"server": told.base, "patient": "pt-first-line"})
    read = page(shown)
    texts = [text for text in read.texts if text.startswith('{"resourceType"')]
    names = [item["name"] for item in read.all("textarea") if item.get("name", "").startswith("prefetch.")]
    values = dict(zip(names, texts, strict=False)) | {"day": "2026-03-10"}
    states = [item["value"] for item in read.all("input", name="read")]
    saved = reading.post("/workbench/chart/save", data=values | {"read": states})
    folder = unpacked(saved.get_data(), tmp_path)
    (call,) = json.loads((folder / "calls.json").read_text(encoding="utf-8"))
    assert "goals" not in call["known"]
    assert ("laboratory" in call["known"]) is not bool(beside)
    done = CliRunner().invoke(assure, [str(folder)])
    assert done.exit_code == 0, done.output


def test_a_chart_of_ones_own_is_saved_too_and_a_changed_expectation_is_a_difference(
    client: FlaskClient, tmp_path: Path
) -> None:
    values = {"chart": json.dumps(load("first_line_rituximab").bundle), "day": "2026-03-10"}
    folder = unpacked(client.post("/workbench/chart/save", data=values).get_data(), tmp_path)
    assert CliRunner().invoke(assure, [str(folder)]).exit_code == 0
    (folder / "expected-patient-view.json").write_text("[]", encoding="utf-8")
    assert CliRunner().invoke(assure, [str(folder)]).exit_code == 1
