"""`cds-service assure`: a site's own patients against the configured knowledge, with a verdict a call, before go-live.

A patient is a folder as in `fhir_examples`: the chart, the hook calls, and the cards that clinicians expect of each.
Everything happens in this process; each call is answered on its own day.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import click
import msgspec

from cds_service.cards import Card
from cds_service.errors import RequestError, StartUpError
from cds_service.protocol.offer import Offer, offers_of
from fhir_examples.example import Call, Example, Json, load, names
from fhir_examples.request import request_of


class PatientUnusable(Exception):
    """A folder that cannot be played: a file is missing or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One call of one patient; `differences` is empty where the cards are those expected."""

    patient: str
    call: str
    differences: tuple[str, ...] = ()


@click.command("assure")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", help="The site's file; without it that of CDS_CONFIG.")
def assure(directory: Path, config: str | None) -> None:
    """Play the patients of DIR against the configured knowledge. Exit code 1 for any difference."""
    from cds_service.main import configured

    try:
        site, knowledge = configured(os.environ.get("CDS_CONFIG", "") if config is None else config)
        offers = list(offers_of([knowledge]).values())
    except StartUpError as error:
        raise click.ClickException(str(error)) from None
    verdicts = list(verdicts_of(directory, offers, site.time_zone))
    for verdict in verdicts:
        word, colour = ("differs", "red") if verdict.differences else ("as expected", "green")
        click.secho(f"{word:<12} {verdict.patient} {verdict.call}".rstrip(), fg=colour)
        for difference in verdict.differences:
            click.echo(f"             {difference}")
    differing = sum(bool(verdict.differences) for verdict in verdicts)
    click.echo(f"{len(verdicts)} calls, {differing} differ.")
    if differing or not verdicts:
        raise click.ClickException("Not as expected." if verdicts else f"{directory} holds no patients.")


def verdicts_of(directory: Path, offers: Sequence[Offer], zone: tzinfo) -> Iterator[Verdict]:
    """The verdict of every call, patient by patient; `directory` holds folders of patients, or is one."""
    root, found = directory, names(directory)
    if (directory / "bundle.json").is_file():
        root, found = directory.resolve().parent, [directory.resolve().name]
    for name in found:
        try:
            with _files_of_the_patient():
                patient = load(name, root)
        except PatientUnusable as fault:
            yield Verdict(name, "", (str(fault),))
            continue
        for call in patient.calls:
            yield Verdict(name, call.name, tuple(_differences(patient, call, offers, zone)))


def _differences(patient: Example, call: Call, offers: Sequence[Offer], zone: tzinfo) -> Iterator[str]:
    offer = next((offer for offer in offers if offer.hook.name == call.hook), None)
    if offer is None:
        yield f"the hook {call.hook} is not served here"
        return
    try:
        with _files_of_the_patient():
            expected = [_outline(item) for item in patient.expected(call)]
            request = request_of(patient, call, offer.service.prefetch)
        cards = offer.cards(msgspec.json.encode(request), today=call.as_of, zone=zone)
    except (PatientUnusable, RequestError) as fault:
        yield str(fault)
        return
    yield from compared([(topic, indicator) for topic, indicator, _ in expected], cards)
    for (topic, indicator, rules), card in zip(expected, cards, strict=False):
        if (topic, indicator) == (card.topic, card.indicator.code):
            behind = {(note.logic, note.truth) for note in card.explanation.findings}
            for logic, truth in sorted(rules - behind):
                yield f"{topic}: {logic} {truth} is not behind it, but {_pairs(behind)}"


def compared(expected: Sequence[tuple[str, str]], cards: Sequence[Card]) -> Iterator[str]:
    """One line where topics, urgency or order of the cards are others than expected."""
    given = [(card.topic, card.indicator.code) for card in cards]
    if given != list(expected):
        yield f"expected: {_listed(expected)}"
        yield f"given:    {_listed(given)}"


def _listed(cards: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{topic} ({indicator})" for topic, indicator in cards) or "no card"


def _pairs(behind: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{logic} {truth}" for logic, truth in sorted(behind))


def _outline(item: Json) -> tuple[str, str, set[tuple[str, str]]]:
    return item["topic"], item["indicator"], {(rule["logic"], rule["truth"]) for rule in item.get("rules", ())}


@contextmanager
def _files_of_the_patient() -> Iterator[None]:
    """Faults of the patient's files become one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise PatientUnusable(f"there is no {Path(error.filename).name}") from None
    except KeyError as error:
        raise PatientUnusable(f"a file of this patient has no {error}") from None
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise PatientUnusable(f"a file of this patient cannot be used: {error}") from None
