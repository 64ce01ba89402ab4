"""`cds-service rules`: prints the rulebook as the site runs it, for people or for programs.

The forms are made elsewhere: Markdown and CSV in `cds_service.knowledge.printed`, HTML in `cds_service.web.pages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click
import msgspec

from cds_service.commands.configured import configured_here
from cds_service.knowledge.book import Book, as_json, book_of
from cds_service.knowledge.printed import as_csv, markdown
from cds_service.web.pages import single_page


def _json(book: Book) -> str:
    encoded = msgspec.json.Encoder(decimal_format="number").encode(as_json(book))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


FORMS: Mapping[str, Callable[[Book], str]] = {
    "md": markdown,
    "html": single_page,
    "json": _json,
    "csv": as_csv,
}


@click.command("rules")
@click.option("--as", "form", type=click.Choice(list(FORMS)), default="md", show_default=True, help="The form.")
def rules(form: str) -> None:
    """Print the rulebook (environment: CDS_CONFIG): rules with their numbers, evidence, hooks and examples."""
    _, knowledge = configured_here()
    click.echo(FORMS[form](book_of(knowledge)), nl=False)
