"""A site file that names a place or a value that can't work is refused by `check`, in one line that names it."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service.audit import Audit
from cds_service.audit.chain import key_of
from cds_service.cli import main
from cds_service.store import Database


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"CDS_CONFIG": "", "CDS_HASH_KEY": "", **environment})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "empty.pem").write_text("no certificate")
    (tmp_path / "private.json").write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-384", "d": "AA"}]}))
    (tmp_path / "short.jsonl.key").write_text("abc")
    (tmp_path / "none.jsonl.key").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[audit]\npath = "{0}"', "audit] path"),
        ('[audit]\npath = "{0}/short.jsonl"', "audit] path"),
        ('[audit]\npath = "{0}/none.jsonl"', "audit] path"),
        ('[store]\nurl = "sqlite:///{0}"', "store] url"),
        ('[store]\nurl = "sqlite:///{0}/none/x.db"', "store] url"),
        ('[store]\nurl = "sqlite://"', "store] url"),
        ('[store]\nurl = "postgresql://cds@db.test:99999/cds"', "store] url"),
        ('[service]\nca_file = "{0}/empty.pem"', "service] ca_file"),
        ('[service]\nbase_url = "https://cds.test/cds-services"', "service] base_url"),
        ('[service]\nbase_url = "https://cds.test/cds-services/"', "service] base_url"),
        ('[admin]\nname = "ann"\npassword_hash = "geheim"', "admin] password_hash"),
        ('[[clients]]\nissuer = "x"\njwks_file = "{0}/private.json"', "clients] jwks_file"),
        (f'[audit]\npath = "{"x" * 5000}"', "audit] path"),
        (f'[audit]\npath = "{"x" * 256}"', "audit] path"),
        ('[audit]\npath = "a\\u0000b"', "audit] path"),
        ('[audit]\npath = "{0}/none/audit.jsonl"', "audit] path"),
        (f'[service]\nca_file = "{"x" * 5000}"', "service] ca_file"),
        (f'[store]\nurl = "sqlite:///{"x" * 5000}"', "store] url"),
        ('[store]\nurl = "sqlite:///a\\u0000b"', "store] url"),
        ('[[clients]]\nissuer = "x"\njwks_file = "/dev/zero"', "clients] jwks_file"),
        ("[limits]\nfhir_seconds = nan", "limits] fhir_seconds"),
        ("[limits]\nfhir_seconds = -inf", "limits] fhir_seconds"),
    ],
)
def test_what_cannot_work_is_one_fault_in_one_line(folder: Path, text: str, told: str) -> None:
    file = folder / "site.toml"
    file.write_text(text.format(folder))
    result = run("check", str(file))
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert told in result.output
    assert "geheim" not in result.output


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a =", [""]),
        ("clients = 5", ["[clients]", "[service] base_url"]),
        ('[[clients]]\njwks_url = "https://x.test/k"', ["[clients 1] issuer", "[service] base_url"]),
        ("[service]\nbase_url = 5", ["[service] base_url", "[clients]"]),
        ("[audit]\npath = 5\n[repeats]\nsuppress = true", ["[audit] path", "[clients]", "[service] base_url"]),
        ("[limits]\nfhir_seconds = nan", ["[limits] fhir_seconds", "[clients]", "[service] base_url"]),
        ("[repeats]\nsuppress = true", ["[repeats] suppress", "[clients]", "[service] base_url"]),
    ],
)
def test_one_fault_is_told_once_and_what_follows_from_it_not_at_all(folder: Path, text: str, places: list[str]) -> None:
    (folder / "site.toml").write_text(text)
    result = run("check", str(folder / "site.toml"), "--for", "production")
    assert result.exit_code == 1
    told = [line.removeprefix(f"{folder}/site.toml: ") for line in result.output.splitlines()]
    assert [line[: len(place)] for line, place in zip(told, places, strict=True)] == places


def test_keys_made_at_once_are_one_key_and_leave_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDS_HASH_KEY", raising=False)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key_of, [tmp_path / "a.jsonl"] * 16))
    assert len(keys) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["a.jsonl.key"]
    assert stat.S_IMODE((tmp_path / "a.jsonl.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(("length", "is_taken"), [(0, False), (31, False), (32, True)])
def test_a_key_of_fewer_than_32_bytes_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int, is_taken: bool
) -> None:
    monkeypatch.delenv("CDS_HASH_KEY", raising=False)
    (tmp_path / "a.jsonl.key").write_text("k" * length)
    if is_taken:
        Audit(str(tmp_path / "a.jsonl"))
    else:
        with pytest.raises(OSError, match="fewer than 32 bytes"):
            Audit(str(tmp_path / "a.jsonl"))


def test_verify_makes_no_key(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    assert run("audit", "verify", str(tmp_path / "a.jsonl")).exit_code == 1
    assert [one.name for one in tmp_path.iterdir()] == ["a.jsonl"]


def test_nobody_else_may_read_the_store(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/store.db").migrate()
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
