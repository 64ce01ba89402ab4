"""`cds-service check`: whether a site's file and the knowledge can be served, and if not, every row that is wrong.

What a sound site file is, is decided where it is read; this command adds what only the whole shows: services that
cannot be offered, rules that a hook names and nobody wrote, templates that are too long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from cds_service.errors import StartUpError
from cds_service.knowledge.contract import Knowledge, KnowledgeBroken
from cds_service.knowledge.templates import LONGEST_QUERY, longest_query
from cds_service.protocol.offer import offers_of
from cds_service.site import Site


@click.command("check")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
def check(file: str | None) -> None:
    """Check FILE, a site's settings (without it that of CDS_CONFIG), and the knowledge. Exit code 1 for any fault."""
    path = os.environ.get("CDS_CONFIG", "") if file is None else file
    try:
        from cds_service.main import configured

        site, knowledge = configured(path, os.environ.get("CDS_PROFILE", "sandbox"))
        offers_of([knowledge])
    except KnowledgeBroken as error:
        _refuse(str(error).splitlines())
    except StartUpError as error:
        _refuse([f"{fault.text} {fault.advice}" for fault in error.faults])
    faults = list(faults_of(knowledge))
    if faults:
        _refuse(faults)
    for line in _told(path, site, knowledge):
        click.echo(line)


def faults_of(knowledge: Knowledge) -> Iterator[str]:
    """What is wrong with a knowledge package that loads and can be offered."""
    for service in knowledge.services:
        for key, template in service.prefetch.items():
            if (length := longest_query(template)) > LONGEST_QUERY:
                yield f"{service.id}: the query of {key} has {length} characters; at most {LONGEST_QUERY} pass"


def _told(path: str, site: Site, knowledge: Knowledge) -> Iterator[str]:
    yield f"{path or 'No site file'}: sound."
    for service in knowledge.services:
        yield f"service     {service.id} ({len(service.prefetch)} prefetch keys)"
    yield f"time zone   {site.time_zone}"
    for key, value in site.thresholds.items():
        yield f"threshold   {key} = {value}"
    for name, codes in site.codes.items():
        for system, code in codes:
            yield f"code        {name}: {system}|{code}"
    for name, coding in site.catalogue.items():
        yield f"catalogue   {name}: {coding.system}|{coding.code}"
    if site.cards.detail != "short":
        yield f"cards       {site.cards.detail}"
    for topic, is_on in site.cards.topics.items():
        yield f"card        {topic} {'on' if is_on else 'off'}"
    for host in sorted(site.links or ()):
        yield f"link host   {host}"
    for code, display in site.override_reasons:
        yield f"reason      {code}: {display}"


def _refuse(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
    raise click.exceptions.Exit(1)
