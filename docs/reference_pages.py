"""Writes the reference in docs/reference from the code: `python -m docs.reference_pages` (make docs).

Commands, settings and environment, error numbers, metrics, routes, and the OpenAPI document. What each thing is for is
said where it is made (help of a command, docstring of a field or view, help of a metric); this module lays it out only.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import click
from flask import Flask
from prometheus_client import Counter, Histogram

from cds_service import errors, metrics
from cds_service.app import create_app
from cds_service.cli import main as commands
from cds_service.main import KNOWLEDGE, NAMESPACE, cast
from cds_service.protocol.offer import offers_of
from cds_service.settings import ENVIRONMENT, Settings
from cds_service.site.service_tables import TABLES, Checker
from cds_service.web.openapi import document
from cds_service.web.problems import status_of

REFERENCE = Path(__file__).parent / "reference"
WRITTEN = "<!-- Written by make docs from the code; change it there. -->"


def pages() -> dict[str, str]:
    """Every file of the reference that the code gives, by its name."""
    made = {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "metrics.md": metrics_page(),
        "routes.md": routes_page(),
    }
    described = document(offers_of([KNOWLEDGE]).values())
    return made | {"openapi.json": json.dumps(described, ensure_ascii=False, indent=1) + "\n"}


def commands_page() -> str:
    """Each command of `cds-service` with its arguments and options."""
    parts = [_head("Commands"), "`cds-service COMMAND --help` says the same."]
    for name, command in sorted(_commands(commands, "cds-service")):
        context = click.Context(command, info_name=name)
        parts += [f"## {name}", f"    {command.get_usage(context).removeprefix('Usage: ')}", _prose(command.help or "")]
        options = [(_option(one), _does(one)) for one in command.params if isinstance(one, click.Option)]
        parts += [_table(("option", "what it does"), options)] if options else []
    return _page(parts)


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command, info_name=name)
    for one in command.list_commands(context):
        if (found := command.get_command(context, one)) is not None:
            yield from _commands(found, f"{name} {one}")


def _option(option: click.Option) -> str:
    name = ", ".join(option.opts)
    return f"`{name}`" if option.is_flag else f"`{name} {option.make_metavar(click.Context(click.Command('')))}`"


def _does(option: click.Option) -> str:
    shown = str(option.default) if option.show_default else ""
    parts = [_prose(option.help or "")]
    parts += ["It must be there."] if option.required else []
    parts += [f"Without it: `{shown}`."] if shown else []
    return " ".join(part for part in parts if part)


def settings_page() -> str:
    """The environment, and the tables of a site's file that set up the service."""
    parts = [_head("Settings"), "## Environment", environment_table(), "## The site's file"]
    parts += [
        "Of the file that `CDS_CONFIG` names, these tables set up the service itself. Those that change the knowledge "
        "are in [Configure a site](../how-to/configure-a-site.md#the-tables). Relative paths count from the working "
        "directory of the service."
    ]
    for name, (made, checkers) in TABLES.items():
        shown, _, does = (inspect.getdoc(made) or "").partition(": ")
        parts += [f"### {shown.replace('`', '')}", does[:1].upper() + does[1:]]
        told, defaults = _docstrings(made), _defaults(made)
        rows = [(f"`{key}`", told[key], _allowed(check), defaults[key]) for key, check in checkers.items()]
        parts += [_table(("key", "what it sets", "what may stand there", "without it"), rows)]
        assert shown in (f"`[{name}]`", f"`[[{name}]]`"), name
    return _page(parts)


def environment_table() -> str:
    """The variables that the service reads."""
    rows = [(f"`{name}`", values, without) for name, (values, without) in ENVIRONMENT.items()]
    return _table(("environment variable", "values", "without it"), rows)


def _allowed(check: Checker) -> str:
    """What may stand there, as the check says it of what is nothing."""
    return check(object())


def _docstrings(made: type) -> Mapping[str, str]:
    """What stands below each field."""
    (body,) = (
        node.body for node in ast.parse(textwrap.dedent(inspect.getsource(made))).body if isinstance(node, ast.ClassDef)
    )
    told = {}
    for field, below in pairwise(body):
        if not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            told[field.target.id] = _prose(ast.literal_eval(below.value))
    return told


def _defaults(made: type) -> Mapping[str, str]:
    parameters = inspect.signature(made).parameters.values()
    return {one.name: _default(one.default) for one in parameters}


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "must be there"
    if value in ("", (), None):
        return "none"
    if isinstance(value, Decimal):
        return f"`{value}`"
    return f"`{json.dumps(value)}`"


def errors_page() -> str:
    """The error numbers with the status that each is answered with."""
    rows = []
    for number, what, raised in re.findall(
        r"^\| (CDS-\d+) \| (.+?) +\| `(\w+)` +\|$", errors.__doc__ or "", re.MULTILINE
    ):
        kind = getattr(errors, raised)
        status = "does not start" if kind is errors.StartUpError else str(status_of(kind))
        rows.append((f"`{number}`", what, status))
    told = (
        "Every answer that is an error has an OperationOutcome as its body: `issue[].details.coding` holds the number "
        f"(system `urn:{NAMESPACE}:error`), `details.text` what is wrong, `diagnostics` what to do about it, "
        "`expression` where. Why a token was refused is told to nobody outside: see "
        "[What is logged](../operations/what-is-logged.md)."
    )
    return _page([_head("Error numbers"), told, _table(("number", "what went wrong", "HTTP status"), rows)])


def metrics_page() -> str:
    """What `/metrics` counts."""
    rows = []
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Histogram):
            (family,) = metric.describe()
            ending = "_total" if family.type == "counter" else ""
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append((f"`{family.name}{ending}`", family.type, labels, family.documentation))
    told = (
        "`/metrics` gives them in the text format of Prometheus, summed over the workers. A labelled one appears "
        "when it has counted for the first time. [Monitor](../how-to/monitor.md) says what to look at."
    )
    return _page([_head("Metrics"), told, _table(("metric", "type", "labels", "what it counts"), rows)])


def routes_page() -> str:
    """What is served where."""
    app = create_app(Settings("production", NAMESPACE), [KNOWLEDGE], cast=cast())
    ids = [service.id for service in KNOWLEDGE.services]
    rows = {}
    for rule in app.url_map.iter_rules():
        path = re.sub("|".join(re.escape(id) for id in ids), "{id}", re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule))
        rows[path] = (f"`{path}`", _methods(rule.methods or ()), _purpose(app, rule.endpoint))
    told = (
        f"`{{id}}` is one of {', '.join(f'`{id}`' for id in ids)}. [openapi.json](openapi.json) describes discovery, "
        "calls and feedback whole. In production, calls and feedback need a client's token. Every GET answers HEAD "
        "too, and each path OPTIONS. Where the workbench is on, its pages are below `/workbench`."
    )
    return _page([_head("Routes"), told, _table(("path", "method", "what it gives"), rows.values())])


def _methods(methods: Iterable[str]) -> str:
    return ", ".join(sorted(set(methods) - {"HEAD", "OPTIONS"}))


def _purpose(app: Flask, endpoint: str) -> str:
    return (inspect.getdoc(app.view_functions[endpoint]) or "").partition("\n")[0]


def _head(title: str) -> str:
    return f"# {title}\n\n{WRITTEN}"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _prose(text: str) -> str:
    """Paragraphs, each on a line of its own."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n"))


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(columns)]
    lines += [("---",) * len(lines[0]), *(tuple(cell.replace("|", r"\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    """Write the reference."""
    for name, page in pages().items():
        (REFERENCE / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
