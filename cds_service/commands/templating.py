"""`cds-service templates`: the prefetch templates of discovery as a table, for an EHR into which people copy them.

They are those of the site's file, local codes included. What an EHR does with them is for its analyst to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import click

from cds_service.commands.configured import configured_here
from cds_service.knowledge.contract import Knowledge
from cds_service.knowledge.templates import longest_query
from cds_service.markdown import table
from cds_service.spreadsheet import as_csv

COLUMNS = ("service", "hook", "key", "template", "resource", "characters", "characters escaped")


def rows_of(knowledge: Knowledge) -> Iterator[dict[str, object]]:
    """One row for each key of each service: the template, the type it asks for, and how long it is as typed and as
    it may get on its way."""
    for service in knowledge.services:
        for key, template in service.prefetch.items():
            told = (service.id, service.hook, key, template, re.split(r"[/?]", template)[0], len(template))
            yield dict(zip(COLUMNS, (*told, longest_query(template)), strict=True))


def _csv(knowledge: Knowledge) -> str:
    return as_csv(COLUMNS, rows_of(knowledge))


def _markdown(knowledge: Knowledge) -> str:
    """A table a service."""
    rows = list(rows_of(knowledge))
    parts = []
    for service in knowledge.services:
        lines = [_line(row) for row in rows if row["service"] == service.id]
        parts.append(f"## {service.id} ({service.hook})\n\n{table(['key', 'template', 'characters'], lines)}\n")
    return "\n".join(parts)


def _line(row: Mapping[str, object]) -> list[str]:
    template = str(row["template"]).replace("|", "\\|")
    return [f"`{row['key']}`", f"`{template}`", str(row["characters"])]


FORMS: Mapping[str, Callable[[Knowledge], str]] = {"csv": _csv, "md": _markdown}


@click.command("templates")
@click.option("--as", "form", type=click.Choice(list(FORMS)), default="md", show_default=True, help="The form.")
def templates(form: str) -> None:
    """Print the prefetch templates of every service (environment: CDS_CONFIG), to be copied into an EHR."""
    _, knowledge = configured_here()
    click.echo(FORMS[form](knowledge), nl=False)
