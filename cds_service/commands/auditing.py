"""`cds-service audit`: whether the records of decisions are whole, and the same as FHIR AuditEvents."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from cds_service.audit.chain import heads_of, known_key_of
from cds_service.audit.export import audit_event
from cds_service.audit.verify import records_in, verified
from cds_service.commands.administration import site_of_environment


@click.group()
def audit() -> None:
    """The records of decisions ([audit] path of the site's file)."""


@audit.command("verify")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
def verify(files: tuple[Path, ...]) -> None:
    """Check every record of FILES, the oldest first (without any, of the file of CDS_CONFIG).

    The file of heads and the key are those beside the last of them that has any, else those of CDS_CONFIG. Exit code 1
    for any record that was changed or is gone.
    """
    paths = _paths(files)
    place = _place(paths)
    try:
        found = verified(paths, heads_of(place), known_key_of(place))
    except OSError as error:
        name = error.filename or place
        raise click.ClickException(f"{name}: it cannot be read ({error.strerror})") from None
    for finding in found.findings:
        click.echo(finding.text, err=finding.is_fault)
    count = sum(finding.is_fault for finding in found.findings)
    named = ", ".join(map(str, paths))
    if count:
        raise click.ClickException(f"{named}: {count} faults")
    click.echo(f"{named}: {found.records} records of {len(found.chains)} writers, whole and unchanged")


@audit.command("export")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
def export(files: tuple[Path, ...]) -> None:
    """Print every record of FILES (without any, of the file of CDS_CONFIG) as an R4 AuditEvent, one a line."""
    for record in records_in(_paths(files)):
        click.echo(json.dumps(audit_event(record), ensure_ascii=False))


def _paths(files: Sequence[Path]) -> list[Path]:
    named = list(files) or [Path(path) for path in [site_of_environment().audit.path] if path]
    if not named:
        raise click.ClickException("No file: the site's file (CDS_CONFIG) has no [audit] path.")
    for path in named:
        if not path.is_file():
            raise click.ClickException(f"{path}: there is no such file")
    return named


def _place(paths: Sequence[Path]) -> Path:
    """The file whose name those of heads and key follow: a file that was moved away has none of its own."""
    beside = next((path for path in reversed(paths) if heads_of(path).is_file()), None)
    if beside is not None or not os.environ.get("CDS_CONFIG"):
        return beside or paths[-1]
    return Path(site_of_environment().audit.path or paths[-1])
