"""The reference is what the code gives, whole."""

from __future__ import annotations

import re
from decimal import Decimal

import click
import pytest

from cds_service import metrics
from cds_service.cli import main
from cds_service.settings import ENVIRONMENT
from cds_service.site.service_tables import TABLES
from docs.reference_pages import REFERENCE, pages
from tests.docs.repository import files, text

PAGES = pages()
NAME = re.compile(
    r"""(?:os\.environ|environment)(?:\.get\(|\[)["']([A-Z_]+)["']|["']([A-Z_]+)["'] (?:not )?in os\.environ"""
)
HANDED_OVER = {"GUNICORN_FD", "LISTEN_FDS"}
"""Sockets that whoever starts the service hands to it; nobody sets them by hand."""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name], "make docs"


def test_every_command_with_every_option_is_told() -> None:
    for name in main.list_commands(click.Context(main)):
        assert f"## cds-service {name}" in PAGES["commands.md"]
    assert not re.findall(r"^\| `--[^|]*\| +\|$", PAGES["commands.md"], re.MULTILINE)


def test_every_key_says_what_it_sets_and_what_may_stand_there() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S[^|]*) \| (\S[^|]*) \| \S.* \|$", PAGES["settings.md"], re.MULTILINE)
    assert {key for _, checkers in TABLES.values() for key in checkers} <= {key for key, _, _ in rows}


@pytest.mark.parametrize(
    ("key", "without"),
    [
        ("body_bytes", "`16777216`"),
        ("fhir_seconds", f"`{Decimal(3)}`"),
        ("issuer", "must be there"),
        ("ca_file", "none"),
    ],
)
def test_what_is_so_without_a_key_is_told(key: str, without: str) -> None:
    assert re.search(rf"^\| `{key}` \| .* \| {without} \|$", PAGES["settings.md"], re.MULTILINE)


def test_every_environment_variable_that_the_code_reads_is_told() -> None:
    sources = [
        path.read_text(encoding="utf-8") for path in files() if "cds_service" in path.parts and path.suffix == ".py"
    ]
    read = {one or other for source in sources for one, other in NAME.findall(source)}
    assert {"CDS_PROFILE", "PORT", "CDS_HASH_KEY", "PROMETHEUS_MULTIPROC_DIR"} <= read
    assert read - HANDED_OVER <= set(ENVIRONMENT)
    assert {name for name in ENVIRONMENT if f"| `{name}` |" not in PAGES["settings.md"]} == set()


def test_every_number_of_an_error_is_told_with_the_status_it_is_answered_with() -> None:
    sources = [text(str(path)) for path in files() if "cds_service" in path.parts and path.suffix == ".py"]
    used = {number for source in sources for number in re.findall(r"CDS-\d{3}", source)}
    told = dict(re.findall(r"^\| `(CDS-\d+)` \| .* \| (.+) \|$", PAGES["errors.md"], re.MULTILINE))
    assert used == set(told)
    assert (told["CDS-001"], told["CDS-104"], told["CDS-301"], told["CDS-901"]) == (
        "does not start",
        "413",
        "412",
        "500",
    )


def test_every_metric_is_told_by_the_name_that_prometheus_sees() -> None:
    metrics.SHED.inc(0)
    shown = set(re.findall(r"^# TYPE (cds_\w+) ", metrics.exposition().decode(), re.MULTILINE))
    assert {
        name for name in shown if not name.endswith("_created") and f"| `{name}` |" not in PAGES["metrics.md"]
    } == set()


def test_every_route_says_what_it_gives() -> None:
    rows = re.findall(r"^\| `(/\S*)` \| ([A-Z, ]+) \| (.*) \|$", PAGES["routes.md"], re.MULTILINE)
    assert {"/", "/cds-services", "/cds-services/{id}", "/cds-services/{id}/feedback", "/readyz"} <= {
        row[0] for row in rows
    }
    assert all(purpose.strip() for _, _, purpose in rows)
