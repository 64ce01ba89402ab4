"""`cds-service templates`: what discovery asks for, as a table to copy from."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.cli import main
from cds_service.main import KNOWLEDGE, configured

LOCAL = '[codes]\nigm_serum = [{ system = "https://lab.example.org", code = "IGM9", display = "IgM" }]\n'


def printed(form: str, config: str = "") -> str:
    result = CliRunner().invoke(main, ["templates", "--as", form], env={"CDS_CONFIG": config})
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("site", ["", LOCAL, "[hooks]\norder-sign = false\n"])
def test_the_table_is_what_discovery_says_for_this_site(site: str, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(site)
    _, knowledge = configured(str(tmp_path / "site.toml"))
    asked = {
        (service.id, service.hook, key, template)
        for service in knowledge.services
        for key, template in service.prefetch.items()
    }
    rows = list(csv.DictReader(io.StringIO(printed("csv", str(tmp_path / "site.toml")))))
    assert {(row["service"], row["hook"], row["key"], row["template"]) for row in rows} == asked
    assert len(rows) == len(asked)
    assert any("https://lab.example.org|IGM9" in row["template"] for row in rows) == (site == LOCAL)


def test_it_says_what_a_template_asks_for_and_how_long_it_is() -> None:
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(printed("csv")))}
    assert (rows["patient"]["resource"], rows["patient"]["characters"]) == ("Patient", "29")
    assert rows["laboratory"]["resource"] == "Observation"
    for row in rows.values():
        assert int(row["characters"]) == len(row["template"])
        assert int(row["characters escaped"]) > len(row["template"])


def test_the_same_stands_in_tables_for_people() -> None:
    page = printed("md")
    assert list(re.findall(r"^## (\S+) \(", page, re.MULTILINE)) == [one.id for one in KNOWLEDGE.services]
    cells = re.findall(r"^\| `(\w+)` \| `(.*)` \| \d+ \|$", page, re.MULTILINE)
    told = [(key, template.replace("\\|", "|")) for key, template in cells]
    assert told == [pair for one in KNOWLEDGE.services for pair in one.prefetch.items()]


def test_a_site_file_that_is_not_sound_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[thresholds\n")
    result = CliRunner().invoke(main, ["templates"], env={"CDS_CONFIG": str(tmp_path / "site.toml")})
    assert result.exit_code == 1
    assert "CDS-006" in result.output
    assert len(result.output.splitlines()) == 1
