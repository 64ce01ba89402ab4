"""What a stranger gets: the Makefile explains itself, the locks fit, and nothing names a machine or an index."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.docs.locks import LOCKS, applies, here, locked, named, version
from tests.docs.repository import ROOT, files, make_targets, text

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=outside, capture_output=True, text=True)


def unmet(wanted: list[Requirement], lock: str) -> set[str]:
    """What LOCK has not at all, in another version, or without an extra that is wanted."""
    pins = here(lock)
    return {str(item) for item in wanted if not _meets(item, pins.get(named(item)))}


def _meets(wanted: Requirement, pin: Requirement | None) -> bool:
    return pin is not None and wanted.specifier.contains(version(pin)) and wanted.extras <= pin.extras


def required_by(pin: Requirement) -> list[Requirement]:
    """What a locked package, with its extras, asks for on this system."""
    asked = [Requirement(line) for line in distribution(pin.name).requires or []]
    return [item for item in asked if any(applies(item, extra) for extra in {"", *pin.extras})]


def install_lines(name: str) -> list[str]:
    """The commands of NAME in which pip puts something in place; of the Makefile, as make says them."""
    said = make("--dry-run", "install", "install-dev", "VENV=none").stdout if name == "Makefile" else text(name)
    lines = said.replace("\\\n", " ").splitlines()
    return [line for line in lines if re.search(r"\bpip\b[^|;&`]* (?:install|wheel|download|sync)\b", line)]


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
    service = [Requirement(item) for item in PYPROJECT["project"]["dependencies"]]
    build = [Requirement(item) for item in groups["build"]]
    tools = [Requirement(item) for item in [*groups["dev"], *groups["fuzz"]] if isinstance(item, str)]
    assert unmet(service, "requirements.lock") == set()
    assert unmet(build, "requirements-build.lock") == set()
    assert unmet([*service, *build, *filter(applies, tools)], "requirements-dev.lock") == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_all_that_a_locked_package_asks_for_is_locked_with_its_extras(lock: str):
    pins = here(lock).values()
    assert pins
    assert {str(pin): missing for pin in pins if (missing := unmet(required_by(pin), lock))} == {}


def test_these_tests_run_on_what_is_locked():
    pins = here("requirements-dev.lock").values()
    assert {str(pin): distribution(pin.name).version for pin in pins} == {str(pin): version(pin) for pin in pins}


@pytest.mark.parametrize(
    ("wanted", "pin", "is_met"),
    [
        ("coverage[toml]>=7.10", "coverage[toml]==7.17", True),
        ("coverage[toml]>=7.10", "coverage==7.17", False),
        ("coverage>=7.10", "coverage[toml]==7.17", True),
        ("coverage>=7.18", "coverage==7.17", False),
        ("coverage>=7.10", None, False),
    ],
)
def test_a_lock_without_the_extra_or_the_version_does_not_meet_a_requirement(
    wanted: str, pin: str | None, is_met: bool
):
    assert _meets(Requirement(wanted), pin and Requirement(pin)) is is_met


@needs_make
@pytest.mark.parametrize("name", ["Makefile", "README.md", "Dockerfile", "deploy/install-version"])
def test_what_installs_from_a_lock_never_resolves_and_never_builds(name: str):
    lines = install_lines(name)
    from_locks = [line for line in lines if ".lock" in line]
    assert from_locks
    unresolved = ("--no-deps",)
    checked = ("--require-hashes", "--only-binary :all:")
    assert [line for line in lines if any(option not in line for option in unresolved)] == []
    assert [line for line in from_locks if any(option not in line for option in checked)] == []
    assert [
        line for line in lines if re.search(r"--editable|pip wheel", line) and "--no-build-isolation" not in line
    ] == []
    said = make("--dry-run", "install", "VENV=none").stdout if name == "Makefile" else text(name)
    assert re.search(r"\bpip\b.* check\b", said), "what is installed without resolving is checked afterwards"


def test_no_other_file_installs_anything():
    others = {str(path.relative_to(ROOT)) for path in files()} - {
        "Makefile",
        "README.md",
        "Dockerfile",
        "deploy/install-version",
    }
    shown = re.compile(r"pip3? +(?:--\S+ +)*(?:install|wheel|download|sync)\b|\buvx? +(?:pip|sync|add|run)\b")
    said = {name for name in others if not name.startswith("tests/") and shown.search(text(name))}
    assert said == {"docs/decisions/0003-lock-files-with-hashes.md"}, "the decision that explains it"


def test_tests_run_on_the_very_versions_that_the_service_runs_on():
    def versions(lock: str) -> set[tuple[str, str, str]]:
        return {(item.name, str(item.specifier), str(item.marker)) for item in locked(lock)}

    development = versions("requirements-dev.lock")
    assert versions("requirements.lock") <= development
    assert versions("requirements-build.lock") <= development


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_none_has_an_address(lock: str):
    packages = re.split(r"^(?=[a-z0-9])", text(lock), flags=re.MULTILINE)[1:]
    assert len(packages) == len(locked(lock)) > 0
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
