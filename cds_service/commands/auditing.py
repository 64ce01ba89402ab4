"""`cds-service audit`: whether the records of decisions are whole, and the same as FHIR AuditEvents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from cds_service.audit.chain import faults, heads_of, known_key_of
from cds_service.audit.export import audit_event
from cds_service.commands.administration import site_of_environment


@click.group()
def audit() -> None:
    """The records of decisions ([audit] path of the site's file)."""


@audit.command("verify")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
def verify(file: str | None) -> None:
    """Check every record of FILE (without it that of CDS_CONFIG). Exit code 1 for any that was changed or is gone."""
    path = _path(file)
    try:
        found = list(faults(path, known_key_of(path)))
    except OSError as error:
        raise click.ClickException(f"{path}: it cannot be read ({error.strerror})") from None
    for fault in found:
        click.echo(fault, err=True)
    if found:
        raise click.ClickException(f"{path}: {len(found)} faults")
    records = sum(1 for _ in _records(path))
    writers = len(heads_of(path).read_text(encoding="ascii").splitlines())
    click.echo(f"{path}: {records} records of {writers} writers, whole and unchanged")


@audit.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
def export(file: str | None) -> None:
    """Print every record of FILE (without it that of CDS_CONFIG) as an R4 AuditEvent, one a line."""
    for record in _records(_path(file)):
        click.echo(json.dumps(audit_event(record), ensure_ascii=False))


def _path(file: str | None) -> Path:
    named = file or site_of_environment().audit.path
    if not named:
        raise click.ClickException("No file: the site's file (CDS_CONFIG) has no [audit] path.")
    path = Path(named)
    if not path.is_file():
        raise click.ClickException(f"{path}: there is no such file")
    return path


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                record = json.loads(line) if line.strip() else None
            except ValueError:
                continue  # `verify` names it.
            if isinstance(record, dict):
                yield record
