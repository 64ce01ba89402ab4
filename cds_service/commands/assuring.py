"""`cds-service assure`: a site's own patients against the configured knowledge, with a verdict a call, before go-live.

A patient is a folder as in `fhir_examples`: the chart, the hook calls, and the cards that clinicians expect of each.
Everything happens in this process; each call is answered on its own day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import click
import msgspec

from cds_service.cards import Card
from cds_service.commands.configured import configured_here
from cds_service.commands.explaining import trace_of
from cds_service.commands.patients import (
    PatientUnusable,
    files_of_the_patient,
    folders_in,
    patient_in,
    request_for,
)
from cds_service.errors import RequestError
from cds_service.knowledge.silences import conditions_failed, silences
from cds_service.protocol.offer import Offer, offers_of
from cds_service.protocol.response import ranked
from fhir_examples.example import Call, Example, Json


@dataclass(frozen=True, slots=True)
class Verdict:
    """One call of one patient; `differences` is empty where the cards are those expected."""

    patient: str
    call: str
    differences: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the cards differ, as far as the rules can tell."""


@click.command("assure")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", help="The site's file; without it that of CDS_CONFIG.")
@click.option("--why", is_flag=True, help="Say for each difference which condition of which rule made it.")
def assure(directory: Path, config: str | None, *, why: bool) -> None:
    """Play the patients of DIR against the configured knowledge. Exit code 1 for any difference."""
    site, knowledge = configured_here(config)
    offers = list(offers_of([knowledge]).values())
    verdicts = list(verdicts_of(directory, offers, site.time_zone))
    for verdict in verdicts:
        word, colour = ("differs", "red") if verdict.differences else ("as expected", "green")
        click.secho(f"{word:<12} {verdict.patient} {verdict.call}".rstrip(), fg=colour)
        for line in (*verdict.differences, *(verdict.reasons if why else ())):
            click.echo(f"             {line}")
    differing = sum(bool(verdict.differences) for verdict in verdicts)
    click.echo(f"{len(verdicts)} calls, {differing} differ.")
    if differing or not verdicts:
        raise click.ClickException("Not as expected." if verdicts else f"{directory} holds no patients.")


def verdicts_of(directory: Path, offers: Sequence[Offer], zone: tzinfo) -> Iterator[Verdict]:
    """The verdict of every call, patient by patient; `directory` holds folders of patients, or is one."""
    for folder in folders_in(directory):
        try:
            patient = patient_in(folder)
        except PatientUnusable as fault:
            yield Verdict(folder.name, "", (str(fault),))
            continue
        for call in patient.calls:
            differences = tuple(_differences(patient, call, offers, zone))
            reasons = tuple(_reasons(patient, call, offers)) if differences else ()
            yield Verdict(folder.name, call.name, differences, reasons)


def _reasons(patient: Example, call: Call, offers: Sequence[Offer]) -> Iterator[str]:
    """For each card that was expected and is not there why it is silent; for each rule behind one what it says."""
    try:
        with files_of_the_patient(patient.name):
            expected = [_outline(item) for item in patient.expected(call)]
        trace = trace_of({offer.service.id: offer for offer in offers}, patient, call)
    except PatientUnusable:
        return
    offer = next(offer for offer in offers if offer.hook.name == call.hook)
    if trace is None or offer.knowledge.manual is None:
        return
    shown = ranked(trace.cards, offer.knowledge.topics)
    silent = dict(silences(offer.knowledge.manual, trace, shown))
    for topic, _, _ in expected:
        if topic in silent:
            yield f"why: {topic} is silent, {silent[topic]}"
    logics = {logic for _, _, rules in expected for logic, _ in rules}
    for verdict in trace.verdicts:
        if verdict.rule.logic in logics:
            since = "; ".join(conditions_failed(verdict, trace.picture))
            yield f"why: {verdict.rule.logic} is {verdict.finding.truth.value}" + (f", since {since}" if since else "")


def _differences(patient: Example, call: Call, offers: Sequence[Offer], zone: tzinfo) -> Iterator[str]:
    offer = next((offer for offer in offers if offer.hook.name == call.hook), None)
    if offer is None:
        yield f"the hook {call.hook} is not served here"
        return
    try:
        with files_of_the_patient(patient.name):
            expected = [_outline(item) for item in patient.expected(call)]
        request = request_for(patient, call, offer.service.prefetch)
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
