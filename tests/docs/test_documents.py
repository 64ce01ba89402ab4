"""The documents name only things that exist."""

import re
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, documents, make_targets, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
OURS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "GLOSSARY.md")


def test_the_readme_starts_and_tests_the_service_with_targets_that_exist():
    commands = set(re.findall(r"^make ([a-z-]+)", text("README.md"), re.MULTILINE))
    assert {"run", "test", "check", "bench"} <= commands
    assert commands <= make_targets()


def test_every_make_command_that_a_document_names_exists():
    named = {
        (path.name, target)
        for path in documents()
        for target in re.findall(r"`make ([a-z-]+)[^`]*`", path.read_text(encoding="utf-8"))
    }
    assert {pair for pair in named if pair[1] not in make_targets()} == set()


def test_every_script_and_option_in_the_readme_exists():
    from cds_service.cli import main

    context = main.make_context("cds-service", ["--help"], resilient_parsing=True)
    commands = set(re.findall(r"cds-service ([a-z]+)", text("README.md")))
    assert commands
    assert commands <= set(main.list_commands(context))


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path):
    missing = []
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        linked = path.parent / file if file else path
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            missing.append(target)
    assert missing == []


def test_every_invariant_names_a_check_that_exists():
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", text("ARCHITECTURE.md"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    checks = {number: re.findall(r"`([^`]+)`", checked) for number, checked in rows}
    assert all(checks.values())
    assert {check for names in checks.values() for check in names if not (ROOT / check).exists()} == set()


@pytest.mark.parametrize("name", OURS)
def test_every_path_that_a_document_names_exists(name: str):
    paths = re.findall(r"`((?:hooks|cds_service|fhir_examples|tests|docs|bench)/[\w./-]*)`", text(name))
    assert {path for path in paths if "NAME" not in path and not (ROOT / path).exists()} == set()


@pytest.mark.conformance("LI-09")
def test_what_the_readme_shows_of_the_service_is_up_to_date():
    from docs.readme import filled

    assert filled(text("README.md")) == text("README.md"), "make docs"


def test_every_environment_variable_that_the_settings_read_is_in_the_readme():
    read = set(re.findall(r'environment\.get\("([A-Z_]+)"', text("cds_service/settings.py")))
    assert read
    assert {name for name in read if f"`{name}`" not in text("README.md")} == set()


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
