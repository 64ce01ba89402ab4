"""`cds-service explain`: what every rule concludes from a patient, which condition failed, why a card is not there.

Everything happens in this process, without a running service. The reasons for silence are read off the rules' answers;
what they mean clinically is the knowledge's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

import click
import msgspec

from cds_service.commands.configured import configured_here
from cds_service.commands.patients import PatientUnusable, calls_of, files_of_the_patient, patients_named, request_for
from cds_service.knowledge.contract import HookCall, Knowledge, Thresholds, Truth
from cds_service.knowledge.manual import Trace, Verdict
from cds_service.knowledge.numbers import filled
from cds_service.knowledge.printed import number
from cds_service.knowledge.silences import conditions_failed, silences
from cds_service.protocol.offer import Offer, offers_of
from cds_service.protocol.response import ranked
from cds_service.record import Fact
from fhir_examples.example import Call, Example

_COLOURS = {Truth.YES: "green", Truth.NO: None, Truth.UNKNOWN: "yellow"}


@click.command("explain")
@click.argument("patient")
@click.option("--call", "call_name", help="Only the call of this name, such as order-sign.")
@click.option("--config", help="The site's file; without it that of CDS_CONFIG.")
def explain(patient: str, call_name: str | None, config: str | None) -> None:
    """Say what each rule concludes from PATIENT on the day of each call, and for a NO which condition failed.

    PATIENT is an example of fhir_examples, or a folder of patients laid out like it.
    """
    _, knowledge = configured_here(config)
    offers = offers_of([knowledge])
    for one in patients_named(patient):
        calls = calls_of(one, call_name)
        click.secho(one.title, bold=True)
        for call in calls:
            try:
                _show(knowledge, call, trace_of(offers, one, call))
            except PatientUnusable as fault:
                raise click.ClickException(f"{fault}.") from None


def trace_of(offers: Mapping[str, Offer], patient: Example, call: Call) -> Trace | None:
    """What the knowledge concludes from a patient's call on its day; None where it is not asked.

    Raises `PatientUnusable`, for a hook that is not served too.
    """
    offer = next((offer for offer in offers.values() if offer.hook.name == call.hook), None)
    if offer is None:
        raise PatientUnusable(f"{patient.name}: the hook {call.hook} is not served here")
    request = request_for(patient, call, offer.service.prefetch)
    with files_of_the_patient(patient.name):
        return traced(offers, request, call.as_of)


def traced(offers: Mapping[str, Offer], request: Mapping[str, Any], day: date) -> Trace | None:
    """What the knowledge concludes from a request on `day`. None where it is not asked, or publishes no manual."""
    call, manual = call_of(offers, request, day), _offer(offers, request).knowledge.manual
    return manual.trace(call) if call is not None and manual is not None else None


def call_of(offers: Mapping[str, Offer], request: Mapping[str, Any], day: date) -> HookCall | None:
    """A request as the knowledge gets it on `day`; None where it is not asked."""
    return _offer(offers, request).call(msgspec.json.encode(request), today=day, zone=UTC)


def _offer(offers: Mapping[str, Offer], request: Mapping[str, Any]) -> Offer:
    return next(offer for offer in offers.values() if offer.hook.name == request["hook"])


def _show(knowledge: Knowledge, call: Call, trace: Trace | None) -> None:
    click.echo(f"\n== {call.name} on {call.as_of.isoformat()}")
    if trace is None or knowledge.manual is None:
        click.echo("No rule is asked: the patient has died, or no clinician asks.")
        return
    click.echo(f"State: {trace.state}\n")
    for verdict in sorted(trace.verdicts, key=lambda item: not item.is_heard):
        _show_verdict(verdict, knowledge.manual.thresholds, trace.picture)
    click.echo("\nCards:")
    shown = ranked(trace.cards, knowledge.topics)
    for card in shown:
        click.echo(f"  {card.topic}: [{card.indicator.name}] {card.summary}")
    for topic, reason in silences(knowledge.manual, trace, shown):
        click.echo(f"  {topic}: silent, {reason}")


def _show_verdict(verdict: Verdict, thresholds: Thresholds, picture: object) -> None:
    rule, finding = verdict.rule, verdict.finding
    says = filled(rule.says, thresholds)
    heard = "" if verdict.is_heard else " (not heard at this hook)"
    click.secho(f"{finding.truth.value:<8}{rule.logic:<6} {says}{heard}", fg=_COLOURS[finding.truth])
    reasons = conditions_failed(verdict, picture)
    for reason in reasons:
        click.echo(f"{'':<15}no, since {reason}")
    if not reasons:
        click.echo(f"{'':<15}{finding.truth.value} {filled(rule.when(finding.truth), thresholds)}")
    for fact in finding.facts:
        click.echo(f"{'':<15}fact: {_fact(fact)}")
    for missing in finding.missing:
        click.echo(f"{'':<15}missing: {missing}")
    for row in map(thresholds.row, rule.thresholds):
        if row.is_site_value:
            click.echo(f"{'':<15}number: {row.why}: {number(row)}")


def _fact(fact: Fact) -> str:
    value = "" if fact.value is None else f"{fact.value} {fact.unit or ''}".strip()
    parts = (fact.what, value, fact.date or "no date", fact.status or "", fact.reference)
    return ", ".join(part for part in parts if part)
