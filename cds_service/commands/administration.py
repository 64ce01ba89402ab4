"""`cds-service trust ...`, `store ...` and `admin hash`: what an administrator asks on the service's host."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cds_service.commands.configured import configured_here
from cds_service.errors import KeysUnavailable
from cds_service.site import Site


def site_of_environment() -> Site:
    """The site of CDS_CONFIG; ends the command where its file is not sound."""
    return configured_here()[0]


@click.group()
def trust() -> None:
    """Trust in clients."""


@trust.command("check")
@click.argument("token")
@click.option("--audience", help="The address that the token was sent to; without it any service of base_url.")
def check(token: str, audience: str | None) -> None:
    """Say why TOKEN (`-` or a file name reads it from there) would be refused. Exit code 1 where it would be.

    Needs CDS_CONFIG. The token is not marked as used, and never leaves this host; the client's key set is fetched, and
    the store asked whether the token was used already.
    """
    from cds_service.main import KNOWLEDGE
    from cds_service.outbound import Outbound
    from cds_service.store import Database, Store, StoreUnavailable
    from cds_service.trust import KeySets, Trust, used_before
    from cds_service.trust.keys import fetcher
    from cds_service.trust.tokens import Refused

    site = site_of_environment()
    base = f"{site.service.base_url.rstrip('/')}/cds-services"
    paths = [base, *(f"{base}/{service.id}{end}" for service in KNOWLEDGE.services for end in ("", "/feedback"))]
    clients = {client.issuer: client for client in site.clients}
    used = Store(Database(site.store.url))
    examiner = Trust(clients, KeySets(fetcher(Outbound(site.service.ca_file))), used)
    unknown = ""
    try:
        client, claims = examiner.examine(_token(token), [audience] if audience else paths)
        if client.replay == "refuse" and used.database.is_there and used.is_used(client.issuer, claims.jti):
            raise used_before(client.issuer)
    except Refused as refused:
        raise click.ClickException(f"refused: {refused}") from None
    except KeysUnavailable as error:
        raise click.ClickException(str(error)) from None
    except StoreUnavailable:
        unknown = "The store does not answer: whether this token was used already cannot be told."
    until = datetime.fromtimestamp(claims.expires, UTC).isoformat()
    click.echo(f"accepted: a token of {client.issuer}, good until {until}")
    if client.replay == "refuse":
        click.echo(unknown or "It is accepted once, and was not used yet.")


@trust.command("keygen")
@click.option("--issuer", required=True, help="`iss` of its tokens, an address of yours that no EHR uses.")
@click.option("--name", default="test-client", show_default=True, help="Beginning of the names of its two files.")
@click.option(
    "--algorithm", type=click.Choice(["ES384", "RS384"]), default="ES384", show_default=True, help="Of its keys."
)
def keygen(issuer: str, name: str, algorithm: str) -> None:
    """Make the keys of a test client of yours, and print its table for the site's file."""
    from cds_service.commands.signing import make_key

    try:
        private, public = make_key(Path(), name, issuer, algorithm)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: it cannot be made ({error.strerror}).") from None
    click.echo(f"Made {private}, which is secret, and {public}. For the site's file, until you go live:", err=True)
    click.echo(f'[[clients]]\nissuer = {_toml(issuer)}\njwks_file = {_toml(str(public))}\nalgorithms = ["{algorithm}"]')


def _toml(text: str) -> str:
    """A text as TOML writes it; JSON's way to write one is TOML's too."""
    return json.dumps(text)


@trust.command("sign")
@click.option("--issuer", required=True, help="A test client of the site's file, made by `trust keygen`.")
@click.option("--service", required=True, help="Id of the service that will be called.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Its key, if not beside its key set.")
def sign(issuer: str, service: str, key: Path | None) -> None:
    """Print a token for one call of a service, good for five minutes. Needs CDS_CONFIG."""
    from cds_service.commands.signing import key_of, read_key

    site = site_of_environment()
    if not site.service.base_url:
        raise click.ClickException("The site's file has no [service] base_url, which `aud` is made of.")
    from cds_service.main import KNOWLEDGE

    ids = [one.id for one in KNOWLEDGE.services]
    if service not in ids:
        raise click.ClickException(f"There is no service {service}; there are {', '.join(ids)}.")
    beside = key_of(site, issuer) if key is None else key
    audience = f"{site.service.base_url.rstrip('/')}/cds-services/{service}"
    click.echo(read_key(beside).token(audience, issuer))


def _token(named: str) -> str:
    if named == "-":
        return sys.stdin.read().strip().removeprefix("Bearer ")
    is_file = len(named) < 255 and named.count(".") != 2 and Path(named).is_file()
    return (Path(named).read_text(encoding="utf-8") if is_file else named).strip().removeprefix("Bearer ")


@click.group()
def store() -> None:
    """The database of cards shown, feedback and tokens used."""


@store.command("delete-before")
@click.argument("day", metavar="DAY", type=click.DateTime(formats=["%Y-%m-%d"]))
def delete_before(day: datetime) -> None:
    """Delete cards shown and feedback received before DAY (midnight, UTC)."""
    from cds_service.store import Database, Store, StoreUnavailable

    try:
        gone = Store(Database(site_of_environment().store.url)).delete_before(day.replace(tzinfo=UTC).timestamp())
    except StoreUnavailable:
        raise click.ClickException("The database does not answer; run this again when it does.") from None
    click.echo(f"{gone} rows deleted.")


@store.command("migrate")
def migrate() -> None:
    """Bring the tables to their newest form; the service does so too when it starts."""
    from cds_service.store import Database, StoreUnavailable

    try:
        database = Database(site_of_environment().store.url)
        database.migrate()
    except StoreUnavailable:
        raise click.ClickException("The database does not answer; nothing was changed.") from None
    if database.state() == "newer tables":
        raise click.ClickException("The tables are those of a newer version; nothing was changed.")
    click.echo("The tables are in their newest form.")


@click.group()
def admin() -> None:
    """Access to the pages below /admin."""


@admin.command("hash")
@click.password_option(help="The password; asked for where it is not given.")
def hash_password(password: str) -> None:
    """Print the hash of a password, for [admin] password_hash of the site's file."""
    from werkzeug.security import generate_password_hash

    click.echo(generate_password_hash(password))
