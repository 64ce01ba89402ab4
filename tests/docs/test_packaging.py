"""What a stranger gets: the Makefile explains itself, the locks fit, and nothing names a machine or an index."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.docs.repository import ROOT, files, make_targets, text

LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=outside, capture_output=True, text=True)


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text(lock), re.MULTILINE))


def unmet(requirements: list[str], lock: str) -> set[str]:
    pins = pinned(lock)
    wanted = [Requirement(text) for text in requirements]
    return {str(item) for item in wanted if not _meets(item, pins.get(re.sub(r"[._]+", "-", item.name.lower())))}


def _meets(wanted: Requirement, version: str | None) -> bool:
    return version is not None and wanted.specifier.contains(version)


@needs_make
def test_every_make_target_is_in_make_help():
    shown = make("help").stdout
    assert {target for target in make_targets() if f"make {target} " not in shown} == set()


@needs_make
def test_a_python_that_is_too_old_gets_one_line_that_says_what_to_install(tmp_path: Path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$1" in -c) echo "too old" ;; *) echo "Python 3.10.1" ;; esac\n')
    old.chmod(0o755)
    result = make("test", f"PYTHON={old}", f"VENV={tmp_path.name}-none")
    assert result.returncode != 0
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "needs Python 3.11 or newer and found Python 3.10.1" in result.stderr


@needs_make
def test_a_python_that_cannot_make_environments_gets_one_line_that_says_what_to_install(tmp_path: Path):
    bare = tmp_path / "python3"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *) echo fine ;; esac\n')
    bare.chmod(0o755)
    result = make("run", f"PYTHON={bare}", f"VENV={tmp_path.name}-none")
    assert result.returncode != 0
    assert len((result.stdout + result.stderr).splitlines()) == 1
    assert "python3-venv" in result.stderr


def test_the_locks_meet_what_the_project_asks_for():
    groups = PYPROJECT["dependency-groups"]
    tools = [item for item in groups["dev"] if isinstance(item, str)]
    assert unmet(PYPROJECT["project"]["dependencies"], "requirements.lock") == set()
    assert unmet(groups["build"], "requirements-build.lock") == set()
    assert unmet([*PYPROJECT["project"]["dependencies"], *groups["build"], *tools], "requirements-dev.lock") == set()


def test_tests_run_on_the_very_versions_that_the_service_runs_on():
    development = pinned("requirements-dev.lock")
    assert pinned("requirements.lock").items() <= development.items()
    assert pinned("requirements-build.lock").items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_none_has_an_address(lock: str):
    packages = re.split(r"^(?=[a-z0-9-]+==)", text(lock), flags=re.MULTILINE)[1:]
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text(lock)
    assert "--index" not in text(lock)
    assert "--find-links" not in text(lock)


def test_this_python_is_one_that_the_project_supports():
    assert sys.version_info >= (3, 11)
    assert PYPROJECT["project"]["requires-python"] == ">=3.11"


def test_no_file_names_a_package_index_or_a_place_on_someones_machine():
    index = r"\bpypi\.org|pythonhosted|index-url\s*=|--extra-index-url\s"
    places = r"(?<![\w.])/(?:root|home|Users|work|workspace)/\w"
    said = [
        f"{path.relative_to(ROOT)}: {line.strip()[:120]}"
        for path in files()
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(f"{index}|{places}", line)
    ]
    assert said == []


def test_the_licence_is_the_whole_apache_licence():
    licence = text("LICENSE")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert licence.rstrip().endswith("limitations under the License.")


def test_every_code_system_in_the_data_has_its_notice():
    notice = text("NOTICE")
    systems = tomllib.loads(text("hooks/anti_mag/data/codes.toml"))["systems"]
    names = {
        "loinc": "LOINC",
        "sct": "SNOMED CT",
        "rxnorm": "RxNorm",
        "icd10cm": "ICD-10-CM",
        "icd10who": "ICD-10,",
        "icd9cm": "ICD-9-CM",
        "icd10pcs": "ICD-10-PCS",
        "icd11": "ICD-11",
        "icdo3": "ICD-O-3",
        "atc": "ATC",
        "cvx": "CVX",
        "hcpcs": "HCPCS",
        "mondo": "MONDO",
        "orpha": "Orphanet",
        "hpo": "HPO",
    }
    assert set(systems) - set(names) == {"assessment"}, "a code system without a notice, or a notice without a system"
    assert {name for name in names.values() if name not in notice} == set()
