"""`cds-service trust check` names the one address that was meant, and says that a token was used already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service.cli import main
from tests.engine.calls import call
from tests.engine.service.around import BASE, ISSUER, VIEW, Key, client_of, site_of

PATH = "/cds-services/hiccups-patient-view"


@pytest.fixture
def key() -> Key:
    return Key()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(token: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["trust", "check", token, *arguments], env={"CDS_CONFIG": "site.toml"})


@pytest.fixture
def site_file(tmp_path: Path, key: Key) -> str:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.jwk]}))
    text = f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "keys.json"\n'
    (tmp_path / "site.toml").write_text(text)
    return text


@pytest.mark.usefixtures("site_file")
@pytest.mark.parametrize(
    ("audience", "meant"),
    [
        (f"{BASE}/cds-services/anti-mag-order-sing", f"{BASE}/cds-services/anti-mag-order-sign"),
        ("https://cds.test/cds-services/anti-mag-patient-view", f"{BASE}/cds-services/anti-mag-patient-view"),
        (["x", f"{BASE}/anti-mag-patient-view/feedback"], f"{BASE}/cds-services/anti-mag-patient-view/feedback"),
        (BASE, f"{BASE}/cds-services"),
    ],
)
def test_trust_check_names_the_one_address_that_was_meant(key: Key, audience: object, meant: str) -> None:
    result = checked(key.token(audience))
    assert result.exit_code == 1
    assert result.output.strip().endswith(f"; the nearest address of this service is {meant}")
    assert result.output.count(f"{BASE}/cds-services") <= 2


def test_trust_check_says_that_a_token_was_used_already(site_file: str, key: Key) -> None:
    audience = f"{BASE}/cds-services/anti-mag-patient-view"
    token, client = key.token([audience, VIEW]), client_of(site_of(site_file), "production")
    assert "was not used yet" in checked(token).output
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post(PATH, json=call(), headers=headers).status_code == 200
    result = checked(token)
    assert (result.exit_code, "was used before" in result.output) == (1, True)
    assert "was not used yet" in checked(key.token([audience, VIEW])).output


@pytest.mark.usefixtures("site_file")
def test_trust_check_makes_no_store_and_says_where_it_cannot_ask_one(key: Key, tmp_path: Path) -> None:
    token = key.token(f"{BASE}/cds-services/anti-mag-patient-view")
    assert checked(token).exit_code == 0
    assert not (tmp_path / "cds-service.db").exists()
    (tmp_path / "cds-service.db").write_text("no database" * 100)
    result = checked(token)
    assert result.exit_code == 0
    assert "whether this token was used already cannot be told" in result.output
