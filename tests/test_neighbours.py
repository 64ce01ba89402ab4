"""Packages of other projects that have the names of ours: the service says so in one sentence and does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cds_service.neighbours import stranger

ROOT = Path(__file__).parents[1]
SAID = "is not the one that belongs to this service. Install this service in an environment of its own."


def ended(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of the service with another project's packages first in the search path."""
    told = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "CDS_PROFILE": "sandbox", "PORT": "28461"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=told, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("fhir_examples", ("cds_service.cli", "--version")),
        ("hooks", ("cds_service.cli", "serve")),
        ("hooks", ("gunicorn", "--config", "python:cds_service.web.gunicorn_conf", "--bind", "127.0.0.1:28461")),
    ],
)
def test_another_projects_package_is_told_and_not_run(tmp_path: Path, package: str, command: tuple[str, ...]) -> None:
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("print('foreign code')")
    said = ended(tmp_path, *command)
    assert said.returncode != 0
    assert f"The package {package} that Python finds ({tmp_path / package}) {SAID}" in said.stderr
    assert "Traceback" not in said.stderr
    assert "foreign code" not in said.stdout


def test_a_module_of_that_name_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text("")
    assert (
        f"The package hooks that Python finds ({tmp_path / 'hooks.py'}) {SAID}"
        in ended(tmp_path, "cds_service.main").stderr
    )


def test_ours_are_no_strangers() -> None:
    assert stranger("hooks", "anti_mag") == ""
    assert stranger("fhir_examples", "example") == ""


def test_ours_that_was_overwritten_is_a_stranger() -> None:
    assert SAID in stranger("hooks", "no_such_part")


@pytest.mark.parametrize(("optional", "is_told"), [(False, True), (True, False)])
def test_what_is_not_there_at_all_is_told_unless_it_may_be_left_out(optional: bool, is_told: bool) -> None:
    assert (SAID in stranger("no_such_package", "part", optional=optional)) is is_told


def test_the_command_says_the_versions_of_service_and_knowledge(tmp_path: Path) -> None:
    from cds_service import __version__
    from cds_service.main import KNOWLEDGE

    said = ended(tmp_path, "cds_service.cli", "--version").stdout
    assert said == f"cds-service {__version__}, knowledge {KNOWLEDGE.id} {KNOWLEDGE.version}\n"
