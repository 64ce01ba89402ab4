"""`cds-service check` and `assure` before go-live, and a service that starts on a sound file only."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

from cds_service.cli import main
from cds_service.commands.checking import faults_of
from cds_service.knowledge.load import load_evidence
from cds_service.knowledge.rows import DataFile
from cds_service.main import application, configured
from cds_service.settings import Settings
from fhir_examples.example import FOLDER, load
from hooks.anti_mag.knowledge import KNOWLEDGE

EXAMPLE_FILE = Path(__file__).parents[2] / "docs" / "how-to" / "site.example.toml"
BROKEN = 'colour = 1\n[thresholds]\n"igm.fresh" = 900\n[cards]\nhyperviscosity = false\n'


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(item) for item in arguments], env={"CDS_CONFIG": "", **environment})


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


# check


def test_the_example_file_is_sound_and_check_tells_what_it_changes() -> None:
    result = run("check", EXAMPLE_FILE)
    assert result.exit_code == 0
    assert "sound for sandbox." in result.output
    assert "threshold   igm.fresh = 21" in result.output
    assert "card        supportiveCare off" in result.output


def test_the_example_file_shows_every_table() -> None:
    site, _ = configured(str(EXAMPLE_FILE))
    assert site.thresholds
    assert site.codes["buhlmann_codes"]
    assert site.catalogue
    assert site.cards
    assert site.hooks
    assert site.links
    assert site.override_reasons
    assert str(site.time_zone) == "Europe/Zurich"


def test_without_a_file_the_knowledge_alone_is_checked() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "No site file: sound for sandbox." in result.output


def test_check_tells_each_fault_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, BROKEN)
    for result in (run("check", path), run("check", CDS_CONFIG=str(path))):
        assert result.exit_code == 1
        assert result.stderr.splitlines() == [
            f"{path}: colour: there is no such table or key. Allowed: time_zone, thresholds, codes, catalogue, cards, "
            "hooks, links, override_reasons, service, clients, store, audit, limits, repeats, admin, workbench.",
            f"{path}: [thresholds] igm.fresh: 900 is outside the bounds. Allowed: 7 to 60 d.",
            f"{path}: [cards] hyperviscosity: a safety card cannot be switched off. Allowed: true, or no such line.",
        ]


def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[override_reasons]\na = "Für'.encode("latin-1"))
    for path, word in ((tmp_path / "none.toml", "cannot be read"), (latin, "not in UTF-8")):
        result = run("check", path)
        assert result.exit_code == 1
        assert word in result.stderr


def test_what_only_the_whole_shows_is_a_fault_too() -> None:
    assert list(faults_of(KNOWLEDGE)) == []
    service = replace(KNOWLEDGE.services[0], prefetch={"laboratory": "x" * 1801, "vitalSigns": "x" * 1800})
    (fault,) = faults_of(replace(KNOWLEDGE, services=(service,)))
    assert "the query of laboratory has 1801 characters" in fault


def test_knowledge_that_does_not_load_is_told_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[one]\nlabel = 1\n[two]\n[three]\ncolour = 2\n"

    def broken(path: str, _: str) -> None:
        assert path == ""
        load_evidence(DataFile("evidence.toml", text))

    monkeypatch.setattr("cds_service.main.configured", broken)
    result = run("check")
    assert result.exit_code == 1
    assert [line.split(":")[1].strip() for line in result.stderr.splitlines()] == ["one", "two", "three"]


# serve


@pytest.mark.parametrize("command", ["serve", "application"])
def test_the_service_does_not_start_on_a_broken_file(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, BROKEN)))
    if command == "serve":  # In a process of its own: it says for the whole process where counts are kept.
        with socket.create_server(("127.0.0.1", 0)) as free:
            monkeypatch.setenv("PORT", str(free.getsockname()[1]))
        started = [sys.executable, "-m", "cds_service.cli", "serve"]
        result = subprocess.run(started, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == 1
        said = result.stderr
    else:
        with pytest.raises(SystemExit) as ended:
            application()
        said = str(ended.value)
    assert said.count("CDS-006") == 3
    assert len(said.splitlines()) == 3


def test_the_service_that_starts_is_the_configured_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[hooks]\norder-select = false\n[codes]\nigm_serum = [{ system = "urn:oid:1.2.3", code = "IGM" }]\n'
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, text)))
    services = application().test_client().get("/cds-services").get_json()["services"]
    assert "order-select" not in {service["hook"] for service in services}
    assert "urn:oid:1.2.3|IGM" in services[0]["prefetch"]["laboratory"]


@pytest.mark.parametrize(
    "text", ["", EXAMPLE_FILE.read_text(encoding="utf-8")], ids=["no site file", "the example file"]
)
def test_no_query_that_discovery_asks_for_has_more_than_1800_characters(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    text = text.replace("postgresql+psycopg://cds@database.hospital.example.org/cds", "sqlite:///cds.db")
    monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, text)))
    services = application().test_client().get("/cds-services").get_json()["services"]
    queries = [query for service in services for query in service["prefetch"].values()]
    assert len(services) == 10
    assert max(len(quote(query.replace("{{context.patientId}}", "x" * 64), safe="")) for query in queries) <= 1800


@pytest.mark.conformance("DI-10")
@pytest.mark.parametrize("version", ["2.0.0", "2.0.1", "3.0.0-ballot", "STU2"])
def test_discovery_says_the_version_of_the_specification_where_a_site_sets_it(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, f'[service]\nspecification_version = "{version}"\n')))
    services = application().test_client().get("/cds-services").get_json()["services"]
    assert {service["version"] for service in services} == {version}


def test_discovery_and_cards_of_the_service_are_the_same_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    monkeypatch.delenv("CDS_CONFIG", raising=False)
    accepts = {"Accept-Encoding": "gzip"}
    client = application().test_client()
    example = load("first_line_rituximab")
    request = example.request(example.calls[0])
    path = f"/cds-services/anti-mag-{example.calls[0].hook}"
    plain, short = client.get("/cds-services"), client.get("/cds-services", headers=accepts)
    assert gzip.decompress(short.get_data()) == plain.get_data()
    assert len(short.get_data()) * 5 < len(plain.get_data())
    cards, packed = client.post(path, json=request), client.post(path, json=request, headers=accepts)
    unpacked = json.loads(gzip.decompress(packed.get_data()))
    assert [card["summary"] for card in unpacked["cards"]] == [card["summary"] for card in cards.get_json()["cards"]]
    assert packed.headers["Access-Control-Allow-Origin"] == "*"


def test_today_is_the_day_in_the_sites_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    started: list[Settings] = []
    monkeypatch.setattr("cds_service.main.create_app", lambda settings, *_, **__: started.append(settings))
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    for text in ('time_zone = "Pacific/Kiritimati"', ""):
        monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, text)))
        application()
    evening = datetime(2026, 3, 10, 11, 30, tzinfo=UTC)
    assert [evening.astimezone(settings.zone).day for settings in started] == [11, 10]


def test_the_largest_request_is_the_sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    monkeypatch.setenv("CDS_CONFIG", str(written(tmp_path, "[limits]\nbody_bytes = 1000\n")))
    client = application().test_client()
    answer = client.post("/cds-services/anti-mag-patient-view", data="x" * 1001, content_type="application/json")
    assert answer.status_code == 413


# assure


def patients(tmp_path: Path, *names: str) -> Path:
    for name in names:
        shutil.copytree(FOLDER / name, tmp_path / "patients" / name)
    return tmp_path / "patients"


def test_patients_that_get_the_cards_expected_pass(tmp_path: Path) -> None:
    result = run("assure", patients(tmp_path, "unrelated_patient", "order_without_hepatitis_b"))
    assert result.exit_code == 0
    assert "as expected  unrelated_patient" in result.output
    assert "0 differ." in result.output


def test_one_patient_can_be_named_by_folder_and_needs_no_story(tmp_path: Path) -> None:
    folder = patients(tmp_path, "unrelated_patient") / "unrelated_patient"
    (folder / "story.md").unlink()
    result = run("assure", folder)
    assert result.exit_code == 0
    assert "as expected  unrelated_patient" in result.output


def test_a_site_that_changes_the_cards_shows_in_the_verdict(tmp_path: Path) -> None:
    folder = patients(tmp_path, "first_line_rituximab")
    config = written(tmp_path, "[cards]\nsupportiveCare = false\n")
    result = run("assure", folder, "--config", config)
    assert result.exit_code == 1
    assert "differs      first_line_rituximab patient-view" in result.output
    assert "expected: rituximab (info), diagnosticWorkUp (info), supportiveCare (info)" in result.output
    assert "given:    rituximab (info), diagnosticWorkUp (info)" in result.output


def test_a_difference_has_its_reason_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = patients(tmp_path, "first_line_rituximab", "unrelated_patient")
    path = folder / "first_line_rituximab" / "expected-patient-view.json"
    expected = [{"topic": "alternativeTherapy", "indicator": "info", "rules": [{"logic": "RF-1", "truth": "YES"}]}]
    path.write_text(json.dumps(expected), encoding="utf-8")
    assert "why: " not in run("assure", folder).output
    told = run("assure", folder, "--why").output
    assert "why: alternativeTherapy is silent, RF-1 does not hold" in told
    assert "why: RF-1 is NO, since rituximab has treated neuropathy: no" in told
    assert told.count("why: ") == 2


def test_a_rule_that_is_not_behind_its_card_is_a_difference(tmp_path: Path) -> None:
    folder = patients(tmp_path, "first_line_rituximab")
    path = folder / "first_line_rituximab" / "expected-patient-view.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    expected[0]["rules"][0]["truth"] = "UNKNOWN"
    path.write_text(json.dumps(expected), encoding="utf-8")
    result = run("assure", folder)
    assert result.exit_code == 1
    assert "rituximab: TX-1 UNKNOWN is not behind it, but TX-1 YES" in result.output


def test_a_hook_that_the_site_switched_off_is_a_difference(tmp_path: Path) -> None:
    config = written(tmp_path, "[hooks]\npatient-view = false\n")
    result = run("assure", patients(tmp_path, "unrelated_patient"), CDS_CONFIG=str(config))
    assert result.exit_code == 1
    assert "the hook patient-view is not served here" in result.output


@pytest.mark.parametrize(
    ("file", "text", "word"),
    [
        ("bundle.json", "{", "cannot be used"),
        ("calls.json", None, "there is no calls.json"),
        ("calls.json", '[{"name": "x"}]', "has no 'hook'"),
        ("expected-patient-view.json", None, "there is no expected-patient-view.json"),
        ("expected-patient-view.json", '[{"topic": "rituximab"}]', "has no 'indicator'"),
        ("bundle.json", '{"resourceType": "Bundle", "entry": [{"resource": {}}]}', "has no"),
    ],
)
def test_a_folder_that_cannot_be_played_is_a_difference_and_no_crash(
    file: str, text: str | None, word: str, tmp_path: Path
) -> None:
    folder = patients(tmp_path, "first_line_rituximab", "unrelated_patient")
    path = folder / "first_line_rituximab" / file
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    result = run("assure", folder)
    assert result.exit_code == 1
    assert word in result.output
    assert "as expected  unrelated_patient" in result.output


def test_a_folder_without_patients_is_no_success(tmp_path: Path) -> None:
    result = run("assure", tmp_path)
    assert result.exit_code == 1
    assert "holds no patients" in result.output


def test_a_broken_file_stops_before_any_patient(tmp_path: Path) -> None:
    result = run("assure", patients(tmp_path, "unrelated_patient"), "--config", written(tmp_path, BROKEN))
    assert result.exit_code == 1
    assert "CDS-006" in result.output
    assert "unrelated_patient" not in result.output
