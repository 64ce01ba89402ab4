"""The guide of containers: what it makes on the way is what the packages in deploy/ take."""

from __future__ import annotations

import re
import shutil
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from tests.docs.blocks import blocks_of, ran
from tests.docs.repository import ROOT, text

GUIDE = "docs/how-to/run-in-containers.md"
STARTED = re.compile(r"\b(docker|kubectl|helm|curl) ")


@pytest.mark.skipif(not shutil.which("openssl"), reason="the guide calls openssl")
def test_the_folder_that_the_guide_makes_is_a_sound_site(tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(GUIDE) if not STARTED.search(block)]
    assert len(blocks) == 2
    (tmp_path / "data").mkdir()
    # As in the container: the folder of the settings is the working directory, and what is kept has a place.
    seen = f"cd site/etc\nsed -i 's|/data/|{tmp_path}/data/|' site.toml\ncds-service check site.toml --for production"
    ended = ran("\n".join([*blocks, seen]), tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "sound for production" in ended.stdout
    site = tmp_path / "site"
    assert site.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in (site / "etc").iterdir()} == {"site.toml", "test-client.jwks.json"}, "no private key"
    mounted = [path for folder in ("etc", "secrets") for path in (site / folder).iterdir()]
    assert [path for path in mounted if path.stat().st_mode & 0o444 != 0o444] == [], "the container is another user"
    secret = ConfigParser()
    secret.read(site / "secrets" / "database.conf")
    assert secret["cds"]["password"] == (site / "secrets" / "database-password").read_text().strip() != ""


def test_the_guide_and_compose_name_the_same_files() -> None:
    compose = text("deploy/compose.yaml")
    for file in ("etc", "secrets/database.conf", "secrets/database-password"):
        assert f"}}/{file}" in compose
        assert f"site/{file}" in text(GUIDE)
    database = yaml.safe_load(compose)["services"]["database"]["environment"]
    assert f"dbname={database['POSTGRES_DB']}\\nuser={database['POSTGRES_USER']}\\n" in text(GUIDE)


def test_whatever_the_guide_calls_lies_where_it_says() -> None:
    named = re.findall(r"(?<![\w/])(deploy/[\w./-]+)", "\n".join(blocks_of(GUIDE)))
    assert {"deploy/compose.yaml", "deploy/kubernetes/overlays/hospital", "deploy/helm/anti-mag-cds"} == set(named)
    assert [place for place in named if not (ROOT / place).exists()] == []
