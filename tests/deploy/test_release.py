"""`make release`: the same bytes twice, sums that fit, bill and licences of all that the runtime lock installs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from cds_service import __version__
from hatch_build import Addresses
from release.locked import LockNotInstalled, packages
from tests.docs.locks import here, version
from tests.docs.repository import ROOT

NAME, WHEEL = f"anti-mag-cds-{__version__}", f"anti_mag_cds-{__version__}-py3-none-any.whl"
LOCKED = {f"{name}=={version(pin)}" for name, pin in here("requirements.lock").items()}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _release(tmp_path_factory.mktemp("first") / "dist")


def _release(folder: Path) -> Path:
    told = os.environ | {"SOURCE_DATE_EPOCH": "1764288000"}
    subprocess.run([sys.executable, "-m", "release", str(folder)], cwd=ROOT, env=told, check=True, capture_output=True)
    return folder


def test_it_holds_package_source_bill_licences_and_the_sums_of_all(released: Path) -> None:
    files = {path.name for path in released.iterdir()}
    others = {f"{NAME}.cdx.json", f"{NAME}-licences.txt", "SHA256SUMS"}
    assert files == {WHEEL, f"anti_mag_cds-{__version__}.tar.gz"} | others
    sums = dict(reversed(line.split("  ")) for line in (released / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: hashlib.sha256((released / name).read_bytes()).hexdigest() for name in files - {"SHA256SUMS"}}


def test_a_second_release_of_the_same_source_has_the_same_bytes(released: Path, tmp_path: Path) -> None:
    assert (_release(tmp_path / "again") / "SHA256SUMS").read_text() == (released / "SHA256SUMS").read_text()


def test_the_bill_lists_what_the_lock_installs_and_fits_its_schema(released: Path) -> None:
    text = (released / f"{NAME}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["metadata"]["component"]["version"] == __version__
    assert bill["metadata"]["timestamp"] == "2025-11-28T00:00:00+00:00"
    assert {f"{part['name']}=={part['version']}" for part in bill["components"]} == LOCKED
    assert [part["name"] for part in bill["components"] if not part["licenses"]] == []
    reached = {reference for one in bill["dependencies"] for reference in one.get("dependsOn", ())}
    assert reached == {part["bom-ref"] for part in bill["components"]}, "each is there because something asks for it"


def test_the_licence_report_names_all_of_them_and_brings_their_texts(released: Path) -> None:
    head, *texts = (released / f"{NAME}-licences.txt").read_text().split("=" * 80)
    lines = [line.split(maxsplit=2) for line in head.splitlines()[2:] if line]
    assert {f"{name}=={number}" for name, number, _ in lines} == LOCKED
    assert [line for line in lines if line[2] == "not said"] == []
    assert any("Pallets" in text for text in texts)


def test_the_wheel_holds_the_three_packages_and_names_no_address(released: Path) -> None:
    with zipfile.ZipFile(released / WHEEL) as wheel:
        folders = {name.split("/")[0] for name in wheel.namelist()}
        metadata = HeaderParser().parsestr(wheel.read(f"anti_mag_cds-{__version__}.dist-info/METADATA").decode())
    assert folders == {"cds_service", "hooks", "fhir_examples", f"anti_mag_cds-{__version__}.dist-info"}
    assert metadata.get_all("Project-URL") is None


@pytest.mark.parametrize("address", ["https://forge.example.org/cds", "https://forge.example.org/cds/"])
def test_one_setting_fills_the_addresses_of_the_project(address: str) -> None:
    assert _urls({"address": address}) == {
        "Homepage": "https://forge.example.org/cds",
        "Changelog": "https://forge.example.org/cds/blob/main/CHANGELOG.md",
        "Documentation": "https://forge.example.org/cds/tree/main/docs",
        "Issues": "https://forge.example.org/cds/issues",
    }
    assert _urls({}) == _urls({"address": ""}) == {}


@pytest.mark.parametrize(
    ("lock", "said"),
    [("packaging==1.0 \\\n", "packaging==1.0 is locked"), ("no-such-package==1.0 \\\n", "is locked and not installed")],
)
def test_where_something_else_is_installed_nothing_is_said_of_it(lock: str, said: str) -> None:
    with pytest.raises(LockNotInstalled, match=said):
        packages(lock)


def _urls(config: dict[str, Any]) -> object:
    metadata: dict[str, Any] = {}
    Addresses(str(ROOT), config).update(metadata)
    return metadata["urls"]
