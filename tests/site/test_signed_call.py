"""A first signed call without writing crypto: keys of a test client, a token, and `try` that signs by itself."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service.cli import main
from tests.engine.service.around import BASE
from tests.engine.service.processes import running

ISSUER = "https://test-client.hospital.example.org"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDS_CONFIG", raising=False)
    return tmp_path


def site_with(table: str, folder: Path) -> None:
    (folder / "site.toml").write_text(f'[service]\nbase_url = "{BASE}"\n{table}')


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_client_made_by_keygen_is_answered_in_production(folder: Path, algorithm: str) -> None:
    made = run("trust", "keygen", "--issuer", ISSUER, "--algorithm", algorithm)
    assert made.exit_code == 0
    table = made.stdout.replace('"test-client.jwks.json"', f'"{folder}/test-client.jwks.json"')
    with running(folder, f'[service]\nbase_url = "{BASE}"\n{table}', "production") as server:
        url = f"http://127.0.0.1:{server.port}"
        unsigned = server.command("try", "first_line_rituximab", "--url", url)
        assert unsigned.returncode == 1
        assert "answered 401" in unsigned.stderr
        signed = server.command("try", "first_line_rituximab", "--url", url, "--key", f"{folder}/test-client.key.json")
        assert signed.returncode == 0, signed.stderr
        assert "rituximab" in signed.stdout
        token = server.command("trust", "sign", "--issuer", ISSUER, "--service", server.service["id"]).stdout.strip()
        assert server.command("trust", "check", token).returncode == 0
        assert server.view(token=token).status == 200
        checked = server.command("trust", "check", token)
        assert "was used before" in checked.stderr
        assert server.view(token=token).status == 401


def test_the_private_key_is_its_owners_alone_and_never_written_over(folder: Path) -> None:
    assert run("trust", "keygen", "--issuer", ISSUER, "--name", "a").exit_code == 0
    private, public = folder / "a.key.json", folder / "a.jwks.json"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "d" in json.loads(private.read_text())
    assert not {"d", "p", "q", "k"} & set(json.loads(public.read_text())["keys"][0])
    before = private.read_text()
    again = run("trust", "keygen", "--issuer", ISSUER, "--name", "a")
    assert (again.exit_code, len(again.output.splitlines())) == (1, 1)
    assert private.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--issuer", "https://other.test", "--service", "anti-mag-patient-view"], "is no client of the site's file"),
        (["--issuer", "https://ehr.test", "--service", "anti-mag-patient-view"], "is no test client"),
        (["--issuer", ISSUER, "--service", "patient-view"], "There is no service patient-view; there are anti-mag-"),
        (["--issuer", ISSUER, "--service", "anti-mag-patient-view", "--key", "none"], "none: it cannot be read"),
        (["--issuer", ISSUER, "--service", "anti-mag-patient-view", "--key", "site.toml"], "it is no key of"),
    ],
)
def test_what_cannot_be_signed_is_said_in_one_line(folder: Path, arguments: list[str], said: str) -> None:
    table = run("trust", "keygen", "--issuer", ISSUER).stdout
    site_with(f'{table}[[clients]]\nissuer = "https://ehr.test"\njwks_url = "https://ehr.test/keys"\n', folder)
    result = CliRunner().invoke(main, ["trust", "sign", *arguments], env={"CDS_CONFIG": "site.toml"})
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", "5", '{"iss": "x", "kid": "k", "alg": "HS256", "d": "x"}', "null"])
def test_a_file_that_is_no_key_is_said_to_be_none(folder: Path, text: str) -> None:
    (folder / "x.json").write_text(text)
    result = run("try", "first_line_rituximab", "--key", "x.json")
    assert result.exit_code == 1
    assert result.output == "Error: x.json: it is no key of `cds-service trust keygen`.\n"


def test_a_public_key_signs_nothing(folder: Path) -> None:
    run("trust", "keygen", "--issuer", ISSUER)
    (key,) = json.loads((folder / "test-client.jwks.json").read_text())["keys"]
    (folder / "x.json").write_text(json.dumps({**key, "iss": ISSUER}))
    assert "it is no key of" in run("try", "first_line_rituximab", "--key", "x.json").output
