"""What happens to the audit file while the service runs: renamed, emptied, cut, its disk full, its heads gone."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from cds_service.cli import main
from tests.engine.calls import call
from tests.engine.service.around import client_of, site_of
from tests.engine.service.processes import running, statuses

PATH = "/cds-services/hiccups-patient-view"
SITE = '[audit]\npath = "audit.jsonl"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDS_HASH_KEY", raising=False)
    (tmp_path / "site.toml").write_text(SITE)
    monkeypatch.setenv("CDS_CONFIG", "site.toml")
    return tmp_path


@pytest.fixture
def client() -> FlaskClient:
    return client_of(site_of(SITE))


def decide(client: FlaskClient, times: int) -> None:
    for _ in range(times):
        assert client.post(PATH, json=call()).get_json()["cards"]


def verify(*files: str) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *files])


def state(client: FlaskClient) -> str:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    said: str = answer.get_json()["checks"]["audit"]
    return said


# Renamed


def test_chains_go_on_in_the_next_file_and_all_files_together_are_whole(client: FlaskClient) -> None:
    other = client_of(site_of(SITE))
    decide(client, 3)
    decide(other, 2)
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(other, 2)
    decide(client, 1)
    Path("audit.jsonl").rename("audit.jsonl.2")
    decide(client, 2)
    whole = verify("audit.jsonl.1", "audit.jsonl.2", "audit.jsonl")
    assert (whole.exit_code, whole.stderr) == (0, "")
    assert "10 records of 2 writers, whole and unchanged" in whole.stdout
    assert "earlier files" not in whole.stdout


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["audit.jsonl"], "goes on; its records 1 to 3 are in earlier files"),
        ([], "goes on; its records 1 to 3 are in earlier files"),
        (["audit.jsonl.1"], "goes on after record 3 in a file that was not given"),
    ],
)
def test_one_file_alone_is_whole_and_says_what_is_elsewhere(client: FlaskClient, files: list[str], said: str) -> None:
    decide(client_of(site_of(SITE)), 2)  # A writer that writes no more.
    decide(client, 3)
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(client, 2)
    result = verify(*files)
    assert result.exit_code == 0, result.output
    assert said in result.stdout


def test_files_in_another_order_or_with_one_missing_between_are_not_whole(client: FlaskClient) -> None:
    for number in (1, 2, 3):
        decide(client, 2)
        Path("audit.jsonl").rename(f"audit.jsonl.{number}")
    decide(client, 1)
    assert verify("audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3", "audit.jsonl").exit_code == 0
    assert verify("audit.jsonl.2", "audit.jsonl.1", "audit.jsonl.3", "audit.jsonl").exit_code == 1
    result = verify("audit.jsonl.1", "audit.jsonl.3", "audit.jsonl")
    assert result.exit_code == 1
    assert "records 3 to 4 of writer" in result.stderr
    assert "are in a file between, which was not given" in result.stderr


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_what_is_taken_from_a_later_file_is_found(client: FlaskClient, folder: Path, gone: int) -> None:
    decide(client, 3)
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(client, 3)
    lines = (folder / "audit.jsonl").read_text().splitlines(keepends=True)
    del lines[gone - 1]
    (folder / "audit.jsonl").write_text("".join(lines))
    for files in (["audit.jsonl"], ["audit.jsonl.1", "audit.jsonl"]):
        assert verify(*files).exit_code == 1


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_what_is_taken_from_the_end_of_an_earlier_file_is_found(client: FlaskClient, folder: Path, kept: int) -> None:
    decide(client, 3)
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(client, 3)
    lines = (folder / "audit.jsonl.1").read_text().splitlines(keepends=True)
    (folder / "audit.jsonl.1").write_text("".join(lines[:kept]))
    assert verify("audit.jsonl.1", "audit.jsonl").exit_code == 1


def test_the_first_record_of_a_file_cannot_be_made_to_look_like_the_first_of_a_next_file(
    client: FlaskClient, folder: Path
) -> None:
    decide(client, 4)
    lines = (folder / "audit.jsonl").read_text().splitlines(keepends=True)
    opens = json.loads(lines[0])["opens"]
    lines[2] = lines[2].replace("{", f'{{"opens":"{opens}","continues":true,', 1)
    (folder / "audit.jsonl").write_text("".join(lines[2:]))
    assert verify().exit_code == 1


def test_two_workers_go_on_in_a_new_file_after_sigusr1(folder: Path) -> None:
    with running(folder) as server:
        assert statuses([server.view() for _ in range(12)]) == [200] * 12
        (folder / "audit.jsonl").rename(folder / "audit-old.jsonl")
        server.process.send_signal(signal.SIGUSR1)
        assert statuses([server.view() for _ in range(12)]) == [200] * 12
        metrics = server.ask("GET", "/metrics").body.decode()
        verified = server.command("audit", "verify", str(folder / "audit-old.jsonl"), str(folder / "audit.jsonl"))
    assert 'place="audit"' not in metrics
    assert verified.returncode == 0, verified.stderr
    assert "24 records" in verified.stdout
    assert len((folder / "audit.jsonl").read_text().splitlines()) == 12


# Emptied, cut short


@pytest.mark.parametrize("kept", [0, 2])
def test_a_file_that_was_cut_short_says_what_is_missing_and_the_next_is_whole(
    client: FlaskClient, folder: Path, kept: int
) -> None:
    decide(client, 4)
    lines = (folder / "audit.jsonl").read_text().splitlines(keepends=True)
    os.truncate(folder / "audit.jsonl", len("".join(lines[:kept])))
    decide(client, 2)
    result = verify()
    assert result.exit_code == 1
    assert "the file had been cut short or emptied" in result.stderr
    assert f"records {kept + 1} to 4 of " in result.stderr
    assert len(result.stderr.splitlines()) == 2  # The last is the count.
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(client, 2)
    assert verify().exit_code == 0


# A full disk, a crash


def test_a_full_disk_leaves_no_piece_of_a_record_and_the_chain_goes_on(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(client, 2)
    write = os.write

    def fill(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[:100])

    with monkeypatch.context() as patch:
        patch.setattr("cds_service.audit.os.write", fill)
        decide(client, 1)
    assert state(client) == "unwritable"
    assert len((folder / "audit.jsonl").read_bytes().splitlines()) == 2
    assert (folder / "audit.jsonl").read_bytes().endswith(b"\n")
    assert verify().exit_code == 0
    decide(client, 2)
    assert state(client) == "ok"
    assert verify().exit_code == 0


def test_a_record_that_a_crash_cut_off_is_told_from_tampering(client: FlaskClient, folder: Path) -> None:
    file = folder / "audit.jsonl"
    decide(client, 2)
    with file.open("a") as end:
        end.write('{"time":"2026-')  # Another process began a record, and was killed.
    decide(client, 2)
    result = verify()
    assert result.exit_code == 0, result.output
    assert "audit.jsonl line 3: a record was cut off by a full disk or a crash" in result.stdout
    lines = file.read_text().splitlines(keepends=True)
    lines[1] = lines[1][:50] + "\n"
    file.write_text("".join(lines))
    result = verify()
    assert result.exit_code == 1
    assert "audit.jsonl line 2: it is no record" in result.stderr


def test_a_record_cut_off_to_hide_it_is_not_taken_for_a_crash(client: FlaskClient, folder: Path) -> None:
    decide(client, 3)
    file = folder / "audit.jsonl"
    os.truncate(file, file.stat().st_size - 40)
    decide(client_of(site_of(SITE)), 1)
    result = verify()
    assert result.exit_code == 1
    assert "record 3, at the end, are missing" in result.stderr


# The file of heads


def test_heads_that_were_taken_away_are_told_and_cost_no_record(client: FlaskClient, folder: Path) -> None:
    decide(client_of(site_of(SITE)), 2)
    decide(client, 2)
    before = lost(client)
    (folder / "audit.jsonl.heads").unlink()
    assert "audit.jsonl.heads is missing" in verify().stderr
    decide(client, 2)
    assert lost(client) == before
    result = verify()
    assert result.exit_code == 1
    assert "audit.jsonl line 5: the file of heads had been taken away" in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert "of writers that had ended before" in result.stdout
    Path("audit.jsonl").rename("audit.jsonl.1")
    decide(client, 2)
    assert verify().exit_code == 0


def test_heads_that_were_taken_away_while_the_service_was_stopped_are_told_too(
    client: FlaskClient, folder: Path
) -> None:
    decide(client, 2)
    (folder / "audit.jsonl.heads").unlink()
    decide(client_of(site_of(SITE)), 1)
    assert "audit.jsonl line 3: the file of heads had been taken away" in verify().stderr


def test_processes_that_begin_at_once_take_each_others_heads_for_what_they_are(folder: Path) -> None:
    clients = [client_of(site_of(SITE)) for _ in range(6)]
    for client in clients * 2:
        decide(client, 1)
    assert "headless" not in (folder / "audit.jsonl").read_text()
    assert verify().exit_code == 0


def lost(client: FlaskClient) -> str:
    found = [
        line for line in client.get("/metrics").text.splitlines() if 'cds_unavailable_total{place="audit"}' in line
    ]
    return found[0] if found else ""


# Readiness, the first start


def test_readiness_says_how_the_audit_file_is(client: FlaskClient, folder: Path) -> None:
    assert state(client) == "ok"
    decide(client, 1)
    shutil.move("audit.jsonl", "kept.jsonl")
    (folder / "audit.jsonl").mkdir()
    assert state(client) == "unwritable"
    decide(client, 1)
    (folder / "audit.jsonl").rmdir()
    assert state(client) == "unwritable"  # Until a record is written again.
    decide(client, 1)
    assert state(client) == "ok"


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cds_service.audit.chain.os.fsync", fill)


@pytest.mark.usefixtures("full")
def test_a_full_disk_at_the_first_start_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cds_service.main import application

    monkeypatch.setenv("CDS_PROFILE", "sandbox")
    with pytest.raises(SystemExit) as ended:
        application()
    said = str(ended.value)
    assert said.startswith(
        "CDS-006: [audit] path: its key cannot be kept beside audit.jsonl (No space left on device)."
    )
    assert len(said.splitlines()) == 1
    assert not list(folder.glob("audit.jsonl*"))
