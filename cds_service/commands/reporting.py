"""`cds-service feedback report`: what users did with the cards, for a terminal, a spreadsheet or a program."""

from __future__ import annotations

import json

import click

from cds_service.commands.administration import site_of_environment
from cds_service.spreadsheet import as_csv, plain
from cds_service.store import Database, Store, StoreUnavailable
from cds_service.store.report import as_table, rows_of


@click.group()
def feedback() -> None:
    """Feedback on cards."""


@feedback.command("report")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="The form.",
)
@click.option("--entries", is_flag=True, help="One line for each feedback, not one for each rule and month.")
def report(form: str, *, entries: bool) -> None:
    """Print, rule by rule and month by month, what was shown, accepted and overridden, and why.

    Reads the store of CDS_CONFIG, else the file that the service keeps in this folder.
    """
    store = Store(Database(site_of_environment().store.url))
    try:
        store.database.migrate()
        columns, rows = rows_of(store, is_by_entry=entries)
    except StoreUnavailable:
        raise click.ClickException("The store does not answer.") from None
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        click.echo(as_csv(columns, rows), nl=False)
    else:
        click.echo(as_table(columns, [{name: plain(value) for name, value in row.items()} for row in rows]))
