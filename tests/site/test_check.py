"""`cds-service check` judges for the profile that a file is for, lists what it read, and asks around where told to."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service.cli import main
from cds_service.store import Database
from tests.engine.service.around import Key, fhir, serving

PRODUCTION = """
[service]
base_url = "https://cds.test/"
[[clients]]
issuer = "https://ehr.test"
jwks_file = "keys.json"
tenants = ["north"]
fhir_servers = ["https://ehr.test/fhir"]
[store]
url = "sqlite:///kept.db"
[audit]
path = "audit.jsonl"
[admin]
name = "ann"
password_hash = "scrypt:32768:8:1$salt$abcdef"
[limits]
fhir_seconds = 2
[repeats]
suppress = true
"""


def check(*arguments: str, **environment: str) -> Result:
    given = {"CDS_CONFIG": "", "CDS_PROFILE": "", "CDS_HASH_KEY": None, **environment}
    return CliRunner().invoke(main, ["check", *arguments], env=given)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    keys = [Key("k1").jwk, Key("k2", "RS384").jwk, Key("k3").jwk | {"use": "enc"}]
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    (tmp_path / "site.toml").write_text(PRODUCTION)
    return tmp_path


def test_the_file_is_judged_for_the_profile_that_is_named(folder: Path) -> None:
    (folder / "site.toml").write_text('time_zone = "Europe/Zurich"\n')
    for arguments, environment in ((["--for", "production"], {}), ([], {"CDS_PROFILE": "production"})):
        result = check("site.toml", *arguments, **environment)
        assert result.exit_code == 1
        assert [line.split(":")[1].strip() for line in result.stderr.splitlines()] == [
            "[clients]",
            "[service] base_url",
        ]
        assert "sound" not in result.output


def test_of_a_file_that_production_refuses_it_is_never_said_that_it_is_sound_and_no_more(folder: Path) -> None:
    (folder / "site.toml").write_text('time_zone = "Europe/Zurich"\n')
    result = check("site.toml")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:3] == [
        "site.toml: sound for sandbox.",
        "production  would refuse it: [clients]: no client is trusted",
        "production  would refuse it: [service] base_url: it is missing",
    ]
    (folder / "site.toml").write_text(PRODUCTION)
    assert "would refuse" not in check("site.toml").stdout


def test_production_without_a_file_is_refused() -> None:
    assert check("--for", "production").exit_code == 1


def test_what_was_read_is_listed() -> None:
    result = check("site.toml", "--for", "production")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "site.toml: sound for production."
    for line in (
        "address     https://cds.test/cds-services/SERVICE, the `aud` of tokens",
        "client      https://ehr.test: ES384, RS384; tokens once, up to 3600 s; clocks within 30 s; tenants north",
        "keys        https://ehr.test: 'k1' (ES384), 'k2' (RS384), 'k3' (of no use) in keys.json",
        "FHIR server https://ehr.test: https://ehr.test/fhir",
        "store       sqlite:///kept.db",
        "audit       audit.jsonl, sealed with the key beside it",
        "limit       fhir_seconds = 2",
        "limit       requests_in_flight = 64",
        "admin       open to ann",
        "repeats     held back: information 30 days, warnings 7",
    ):
        assert line in lines
    assert "sealed with CDS_HASH_KEY" in check("site.toml", CDS_HASH_KEY="x" * 32).stdout


def test_no_secret_is_listed(folder: Path) -> None:
    (folder / "site.toml").write_text(PRODUCTION.replace("sqlite:///kept.db", "postgresql://cds:geheim@db.test/cds"))
    result = check("site.toml")
    assert "store       postgresql://cds:***@db.test/cds, 4 connections a worker" in result.stdout.splitlines()
    for secret in ("geheim", "scrypt", "abcdef"):
        assert secret not in result.output


def test_nothing_is_asked_unless_told_to(folder: Path) -> None:
    with serving(lambda _: fhir({"keys": []})) as keys:
        (folder / "site.toml").write_text(at(keys.base))
        assert check("site.toml").exit_code == 0
    assert keys.asked == []


def at(base: str) -> str:
    return PRODUCTION.replace('jwks_file = "keys.json"', f'jwks_url = "{base}/keys"')


def test_online_the_key_sets_are_fetched_and_the_database_is_opened(folder: Path) -> None:
    with serving(lambda _: fhir({"keys": [Key("k1").jwk]})) as keys:
        (folder / "site.toml").write_text(at(keys.base))
        result = check("site.toml", "--for", "production", "--online")
        assert result.exit_code == 0, result.output
        assert f"online      https://ehr.test: {keys.base}/keys gives 'k1' (ES384)" in result.stdout
    assert keys.asked == ["/keys"]
    assert "online      store: its file is not there yet; the first start makes it" in result.stdout
    assert not (folder / "kept.db").exists()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, b""), "answers 404, and no key set"),
        ((200, {}, b"{}"), "answers what is no JWK Set"),
        (fhir({"keys": []}), "gives no key"),
        (fhir({"keys": [Key("k1", "RS384").jwk | {"alg": "RS256"}]}), "gives 'k1' (of no use)"),
        (None, "gives no key set (unreachable)"),
    ],
)
def test_a_key_server_that_gives_no_key_of_use_is_a_fault(folder: Path, answer: object, told: str) -> None:
    with serving(lambda _: answer) as keys:  # type: ignore[arg-type,return-value]
        (folder / "site.toml").write_text(at(keys.base if answer else "https://127.0.0.1:1"))
        result = check("site.toml", "--online")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("https://ehr.test: ")
    assert line.endswith(told)


@pytest.mark.parametrize(
    ("version", "code", "told"),
    [
        ("0001", 0, "its tables are those of migration 0001, the newest"),
        ("0000", 0, "its tables are older; the start brings them to migration 0001"),
        ("9999", 0, "its tables are those of a newer version than this one, which has 0001"),
        (None, 1, "store: the database does not answer"),
    ],
)
def test_online_the_migration_is_compared(folder: Path, version: str | None, code: int, told: str) -> None:
    if version is None:
        (folder / "kept.db").write_text("no database" * 100)
    else:
        Database("sqlite:///kept.db").migrate()
        with sqlite3.connect("kept.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [version])
    result = check("site.toml", "--online")
    assert result.exit_code == code
    assert told in result.output
