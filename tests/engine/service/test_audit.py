"""Every decision leaves a record, and what is done to the records is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fhir.resources.R4B.auditevent import AuditEvent
from flask.testing import FlaskClient

from cds_service.cli import main
from tests.engine.calls import call
from tests.engine.service.around import client_of, site_of

PATH = "/cds-services/hiccups-patient-view"
SITE = '[audit]\npath = "audit.jsonl"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text(SITE)
    monkeypatch.setenv("CDS_CONFIG", "site.toml")
    client = client_of(site_of(SITE))
    for _ in range(4):
        assert client.post(PATH, json=call()).status_code == 200
    return tmp_path / "audit.jsonl"


def verify() -> Result:
    return CliRunner().invoke(main, ["audit", "verify"])


@pytest.mark.conformance("SE-22")
def test_a_record_says_who_asked_what_was_concluded_and_nothing_of_the_patient(file: Path) -> None:
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(records) == 4
    first = records[0]
    assert (first["user"], first["hook"], first["rules"], first["version"]) == (
        "Practitioner/dr-1",
        "patient-view",
        {"W-1": "YES"},
        "1",
    )
    assert [card["topic"] for card in first["cards"]] == ["water"]
    assert len({record["patient"] for record in records}) == 1
    assert "pt-1" not in file.read_text()
    for record in records:
        del record["milliseconds"]  # They may be as many as the result is high.
    assert "9.5" not in json.dumps(records)


@pytest.mark.usefixtures("file")
def test_an_untouched_file_is_whole() -> None:
    result = verify()
    assert result.exit_code == 0, result.output
    assert "4 records" in result.output


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines(keepends=True)


CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "the first is gone": lambda lines: lines[1:],
    "one within is gone": lambda lines: [*lines[:1], *lines[2:]],
    "the last is gone": lambda lines: lines[:-1],
    "all are gone": lambda _: [],
    "two change places": lambda lines: [lines[1], lines[0], *lines[2:]],
    "one is there twice": lambda lines: [lines[0], *lines],
    "a word is another": lambda lines: [lines[0].replace("patient-view", "order-sign"), *lines[1:]],
    "a verdict is another": lambda lines: [*lines[:2], lines[2].replace("YES", "NO"), *lines[3:]],
    "a line is cut": lambda lines: [*lines[:3], lines[3][:40]],
    "a line is added": lambda lines: [*lines, "{}\n"],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_done_to_the_records_is_found(file: Path, change: Callable[[list[str]], list[str]]) -> None:
    file.write_text("".join(change(lines_of(file))))
    assert verify().exit_code == 1


def test_each_process_has_a_chain_of_its_own_and_a_restart_goes_on(file: Path) -> None:
    client_of(site_of(SITE)).post(PATH, json=call())
    assert verify().exit_code == 0
    assert len({json.loads(line)["writer"] for line in lines_of(file)}) == 2


@pytest.mark.usefixtures("file")
def test_another_key_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_HASH_KEY", "another")
    assert verify().exit_code == 1


@pytest.mark.usefixtures("file")
def test_records_go_out_as_audit_events() -> None:
    result = CliRunner().invoke(main, ["audit", "export"])
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(events) == 4
    for event in events:
        AuditEvent.model_validate(event)


def test_a_file_that_cannot_be_written_costs_no_card(file: Path) -> None:
    client: FlaskClient = client_of(site_of(SITE))
    client.post(PATH, json=call())
    file.unlink()
    file.mkdir()
    assert len(client.post(PATH, json=call()).get_json()["cards"]) == 1
