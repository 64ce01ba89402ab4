"""`cds-service check`: whether a site's file and the knowledge can be served, and if not, every row that is wrong.

What a sound site file is, is decided where it is read; this command adds what only the whole shows: services that
cannot be offered, rules that a hook names and nobody wrote, templates that are too long; and with `--online` whether
the key servers and the database that the file names are there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from cds_service.commands.listing import listed
from cds_service.errors import StartUpError
from cds_service.knowledge.contract import Knowledge, KnowledgeBroken
from cds_service.knowledge.templates import LONGEST_QUERY, longest_query
from cds_service.protocol.offer import offers_of
from cds_service.site import Site

PROFILES = ("sandbox", "production")


@click.command("check")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option(
    "--for", "profile", type=click.Choice(PROFILES), help="Profile to judge for; without it that of CDS_PROFILE."
)
@click.option("--online", is_flag=True, help="Fetch the clients' key sets and open the database too.")
def check(file: str | None, profile: str | None, *, online: bool) -> None:
    """Check FILE, a site's settings (without it that of CDS_CONFIG), and the knowledge. Exit code 1 for any fault."""
    path = os.environ.get("CDS_CONFIG", "") if file is None else file
    named = profile or os.environ.get("CDS_PROFILE", "")
    judged_for = named if named in PROFILES else "sandbox"
    try:
        from cds_service.main import configured

        site, knowledge = configured(path, judged_for)
        offers_of([knowledge])
    except KnowledgeBroken as error:
        _refuse(str(error).splitlines())
    except StartUpError as error:
        _refuse([f"{fault.text} {fault.advice}" for fault in error.faults])
    if judged_for == "production" and not path:
        _refuse(["Production needs a site file that names the clients to trust."])
    faults = list(faults_of(knowledge))
    if faults:
        _refuse(faults)
    click.echo(f"{path or 'No site file'}: sound for {judged_for}.")
    for line in (*_objections(site, path, judged_for), *listed(site, knowledge)):
        click.echo(line)
    if online:
        _ask_around(site)


def faults_of(knowledge: Knowledge) -> Iterator[str]:
    """What is wrong with a knowledge package that loads and can be offered."""
    for service in knowledge.services:
        for key, template in service.prefetch.items():
            if (length := longest_query(template)) > LONGEST_QUERY:
                yield f"{service.id}: the query of {key} has {length} characters; at most {LONGEST_QUERY} pass"


def _objections(site: Site, path: str, judged_for: str) -> Iterator[str]:
    """Why production would not start with a file that was judged for the sandbox."""
    from cds_service.parts import faults_of as faults_for

    if path and judged_for != "production":
        for fault in faults_for(site, "production"):
            yield f"production  would refuse it: {fault.place}{fault.what}"


def _ask_around(site: Site) -> None:
    from cds_service.commands.asking import answers

    faults = []
    for answer in answers(site):
        if answer.is_fault:
            faults.append(answer.text)
        else:
            click.echo(f"online      {answer.text}")
    if faults:
        _refuse(faults)


def _refuse(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
    raise click.exceptions.Exit(1)
