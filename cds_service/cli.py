"""The command line: `cds-service serve` runs the service, the other commands show what it knows and does.

Commands are imported when they are called for, so that `--help` and `serve` start fast.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from runpy import run_module

import click

from cds_service import __version__
from cds_service.errors import StartUpError
from cds_service.settings import Settings
from cds_service.web.ports import fault_of

_ELSEWHERE = {
    "admin": ("cds_service.commands.administration", "admin"),
    "assure": ("cds_service.commands.assuring", "assure"),
    "audit": ("cds_service.commands.auditing", "audit"),
    "check": ("cds_service.commands.checking", "check"),
    "explain": ("cds_service.commands.explaining", "explain"),
    "feedback": ("cds_service.commands.reporting", "feedback"),
    "rules": ("cds_service.commands.printing", "rules"),
    "store": ("cds_service.commands.administration", "store"),
    "templates": ("cds_service.commands.templating", "templates"),
    "trust": ("cds_service.commands.administration", "trust"),
    "try": ("cds_service.commands.trying", "try_example"),
}

_SERVER = "cds_service.web.gunicorn_conf"


class _Commands(click.Group):
    """A group whose larger commands live in modules of their own, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


def _say_versions(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    """Of the program, and of the knowledge as `/readyz` names it."""
    if is_asked and not context.resilient_parsing:
        knowledge = import_module("cds_service.main").KNOWLEDGE
        click.echo(f"cds-service {__version__}, knowledge {knowledge.id} {knowledge.version}")
        context.exit()


@click.group(cls=_Commands)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_versions,
    help="Say the versions of the service and of its knowledge.",
)  # fmt: skip
def main() -> None:
    """Decision support over CDS Hooks."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one for each core unless said.")
def serve(host: str, workers: int | None) -> None:
    """Run the service (environment: CDS_PROFILE, PORT, CDS_CONFIG)."""
    try:
        settings = Settings.from_environment(os.environ, namespace="")
        if fault := fault_of(host, settings.port):
            raise click.ClickException(fault)
        import_module(_SERVER)  # Says where counts are kept, before what counts is imported.
        base = _public_base(settings) if settings.config else ""
    except StartUpError as error:
        raise click.ClickException(str(error)) from None
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    click.echo(f"Services:  {base or address}/cds-services")
    if base:
        click.echo(f"Listening: {address}")
    if settings.profile == "sandbox":
        _invite(address)
    sys.stdout.flush()
    sys.argv = ["gunicorn", "--config", f"python:{_SERVER}", "--bind", f"{host}:{settings.port}"]
    sys.argv += ["--workers", str(workers)] if workers else []
    run_module("gunicorn", run_name="__main__", alter_sys=True)  # In this process: what is imported stays.


def _public_base(settings: Settings) -> str:
    """The address below which the site's file says that clients reach us, "" where it says none. Raises
    `StartUpError`."""
    site, _ = import_module("cds_service.main").configured(settings.config, settings.profile)
    return str(site.service.base_url).rstrip("/")


def _invite(address: str) -> None:
    click.echo(f"Workbench: {address}/workbench")
    click.echo(f"Try it:    {_own_command()} try EXAMPLE --url {address}")
    click.echo(f"           {_own_command()} try --list names the examples")
    click.echo(f"Sandbox:   add {address}/cds-services at https://sandbox.cds-hooks.org")
    click.echo("           and allow that page to reach this computer (local network access) when the browser asks")


def _own_command() -> str:
    """How to call this command from here: its script beside the interpreter, as a short path where it has one."""
    script = Path(sys.executable).with_name("cds-service")
    if not script.is_file():
        return "cds-service"
    return str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)


if __name__ == "__main__":
    main()
