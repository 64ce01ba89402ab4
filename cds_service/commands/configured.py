"""What a command runs with: the site and the knowledge of a site's file, of CDS_CONFIG where none is named."""

from __future__ import annotations

import os

import click

from cds_service.errors import StartUpError
from cds_service.knowledge.contract import Knowledge
from cds_service.site import Site


def configured_here(config: str | None = None) -> tuple[Site, Knowledge]:
    """Ends the command in one sentence where the file is not sound."""
    # Here, so that the commands are listed without loading the knowledge.
    from cds_service.main import configured

    try:
        return configured(os.environ.get("CDS_CONFIG", "") if config is None else config)
    except StartUpError as error:
        raise click.ClickException(str(error)) from None
