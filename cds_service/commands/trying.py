"""`cds-service try`: plays an example patient against a running service and shows its cards in the terminal.

Decides how a card reads as plain text. What the patients are is left to `fhir_examples`, what the cards say to the
service that answers.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import requests

from cds_service.commands.administration import site_of_environment
from cds_service.commands.patients import PatientUnusable, calls_of, patients_named, request_for
from cds_service.commands.signing import ClientKey, read_key
from cds_service.knowledge.numbers import unit_in_words
from fhir_examples.example import Call, Example, load, names

_TIMEOUT_SECONDS = 20
_WIDTH = 100
_COLOURS = {"critical": "red", "warning": "yellow", "info": "cyan"}


@click.command("try")
@click.argument("example", required=False)
@click.option("--hook", help="Only the calls of this hook, such as patient-view.")
@click.option("--call", "call_name", help="Only the call of this name, such as order-sign-doubled.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the service listens.")
@click.option("--json", "as_json", is_flag=True, help="Print the service's answers as JSON.")
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Sign each call with this key of `trust keygen`; `aud` is below the site's base_url (CDS_CONFIG), else --url.",
)
@click.option("--list", "listing", is_flag=True, help="List the examples.")
def try_example(
    example: str | None,
    hook: str | None,
    call_name: str | None,
    url: str,
    as_json: bool,
    key: Path | None,
    listing: bool,
) -> None:
    """Post EXAMPLE, moved to today, to a running service and print the cards.

    EXAMPLE is a patient of fhir_examples, or a folder of patients laid out like it.
    """
    if listing or example is None:
        _list_examples()
        return
    chosen = [(patient, calls_of(patient, call_name, hook)) for patient in patients_named(example)]
    door = _Door(url.rstrip("/"), *((read_key(key), _public(url)) if key else ()))
    services = _services(door)
    today = datetime.now(UTC).date()
    for patient, calls in chosen:
        answers = {call.name: _answer(door, services, patient, call, today) for call in calls}
        if as_json:
            click.echo(json.dumps(answers, indent=2, ensure_ascii=False))
            continue
        click.secho(patient.title, bold=True)
        for name, answered in answers.items():
            _show(name, answered.get("cards", []))


def _list_examples() -> None:
    width = max(len(name) for name in names())
    for name in names():
        patient = load(name)
        click.echo(f"{name:<{width}}  {patient.title} ({', '.join(call.name for call in patient.calls)})")


@dataclass(frozen=True, slots=True)
class _Door:
    """A running service, and how to be let in."""

    url: str
    key: ClientKey | None = None
    public: str = ""
    """The address that its tokens must name."""

    def headers(self, path: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key.token(self.public + path)}"} if self.key else {}


def _public(url: str) -> str:
    base = site_of_environment().service.base_url if os.environ.get("CDS_CONFIG") else ""
    return (base or url).rstrip("/")


def _services(door: _Door) -> list[dict[str, Any]]:
    services: list[dict[str, Any]] = _exchange("GET", door, "/cds-services").get("services", [])
    return services


def _answer(
    door: _Door, services: Sequence[dict[str, Any]], patient: Example, call: Call, today: date
) -> dict[str, Any]:
    service = next((item for item in services if item["hook"] == call.hook), None)
    if service is None:
        raise click.ClickException(f"The service at {door.url} offers no {call.hook}.")
    try:
        body = request_for(patient, call, service.get("prefetch", {}), today)
    except PatientUnusable as fault:
        raise click.ClickException(f"This chart cannot answer what {door.url} asks for: {fault}.") from None
    return _exchange("POST", door, f"/cds-services/{service['id']}", body)


def _exchange(method: str, door: _Door, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One JSON exchange. Whatever goes wrong becomes one line for the user."""
    address = f"{door.url}{path}"
    try:
        response = requests.request(method, address, json=body, headers=door.headers(path), timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as fault:
        raise click.ClickException(f"No service answers at {address} ({type(fault).__name__}).") from None
    try:
        answered = response.json()
    except ValueError:
        answered = None
    if response.status_code != 200 or not isinstance(answered, dict):
        raise click.ClickException(f"{address} answered {response.status_code}: {_reason(answered)}.")
    return answered


def _reason(answered: object) -> str:
    """What an OperationOutcome says; the members are read one by one because the answer may be anybody's."""
    issues = answered.get("issue") if isinstance(answered, dict) else None
    texts = [issue.get("details", {}).get("text") for issue in issues or () if isinstance(issue, dict)]
    return "; ".join(text for text in texts if text) or "no CDS Hooks answer"


def _show(name: str, cards: Sequence[dict[str, Any]]) -> None:
    click.echo(f"\n== {name}: {len(cards)} card{'' if len(cards) == 1 else 's'}")
    for card in cards:
        indicator = card["indicator"]
        click.echo()
        click.secho(f"[{indicator.upper()}] {card['summary']}", fg=_COLOURS.get(indicator), bold=True)
        for line in readable(card.get("detail", "")):
            click.echo(f"  {line}".rstrip())
        for suggestion in card.get("suggestions", ()):
            mark = "*" if suggestion.get("isRecommended") else "-"
            click.echo(f"  {mark} Suggestion: {suggestion['label']}")
            for action in suggestion.get("actions", ()):
                click.echo(f"      {action['type']}: {action['description']}")
                for dose in doses(action.get("resource") or {}):
                    click.echo(f"      dose: {dose}")
        for link in card.get("links", ()):
            click.echo(f"  > {link['label']}: {link['url']}")


def doses(resource: dict[str, Any]) -> Iterator[str]:
    """Each dosage line of a draft order, from its structured fields: "375 mg/m2, every week, 4 doses"."""
    for dosage in resource.get("dosageInstruction", ()):
        amounts = [item.get("doseQuantity") or {} for item in dosage.get("doseAndRate", ())]
        parts = [f"{amount['value']} {amount.get('unit', '')}".strip() for amount in amounts if "value" in amount]
        repeat = dosage.get("timing", {}).get("repeat", {})
        if "period" in repeat:
            times = "" if repeat.get("frequency", 1) == 1 else f"{repeat['frequency']} times "
            units = unit_in_words(repeat.get("periodUnit", ""))
            one = repeat["period"] == 1
            parts.append(f"{times}every {units.removesuffix('s') if one else str(repeat['period']) + ' ' + units}")
        if "count" in repeat:
            parts.append(f"{repeat['count']} doses")
        yield ", ".join(parts) or dosage.get("text", "not stated")


def readable(markdown: str) -> Iterator[str]:
    """A card's Markdown as plain lines: no mark-up, tables as aligned columns, text wrapped."""
    rows: list[list[str]] = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([_plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
            continue
        yield from _aligned(rows)
        rows = []
        indent = "  " if line.startswith(("- ", "* ", "1. ")) else ""
        yield from textwrap.wrap(_plain(line), _WIDTH, subsequent_indent=indent) or [""]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    kept = [row for row in rows if not all(set(cell) <= set(":-") for cell in row)]
    widths = [max(len(cell) for cell in column) for column in zip(*kept, strict=False)]
    for row in kept:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def _plain(markdown: str) -> str:
    text = re.sub(r"(?<!\\)\[([^\]]*)\]\(([^)]*)\)", r"\1 (\2)", markdown.strip())
    text = re.sub(r"(?<!\\)(\*\*|`|^#+ )", "", text)
    return re.sub(r"\\([^\w\s])", r"\1", text)
