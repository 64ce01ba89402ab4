"""An objection to a card or a rule, to print or to send: the rule, the patient in words, and room for what is wrong.

Nothing is sent from here: with an address of the site the browser is offered a mail that the user sees before it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from cds_service.knowledge.manual import Manual
from cds_service.knowledge.numbers import filled
from cds_service.workbench.case import Outcome
from cds_service.workbench.drawing import drawn
from cds_service.workbench.patient import Patient

_MOST_ROWS = 20
_LONGEST_MAIL = 1800
"""Characters of a mail that every browser hands on."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What is known of it before the user has said what is wrong. `mail` is "" where the site names no address."""

    rules: tuple[tuple[str, str], ...]
    """Id and sentence."""
    cards: tuple[str, ...]
    patient: tuple[str, ...]
    """The newest of what the course shows, in words."""
    mail: str


def objection_to(patient: Patient, outcome: Outcome) -> Objection:
    """An objection to the rules that the address names."""
    manual = outcome.case.offer.knowledge.manual
    named = patient.values.get("about", "").split()
    rules = tuple(_rules(manual, named)) if manual else ()
    ids = {logic for logic, _ in rules}
    cards = tuple(card["summary"] for card in outcome.cards if ids & set(outcome.rules_of(card)))
    facts = tuple(_facts(manual, outcome)) if manual else ()
    address = patient.bench.parts.site.workbench.objections
    lines = [patient.title, f"{outcome.case.offer.hook.name}, {patient.day.isoformat()}", *cards]
    lines += [f"{logic}: {sentence}" for logic, sentence in rules]
    lines += [*facts, "", "What is wrong:", "", "Source:", ""]
    subject = quote(f"Objection to {' '.join(sorted(ids)) or 'a card'}")
    mail = f"mailto:{address}?subject={subject}&body={quote(chr(10).join(lines)[:_LONGEST_MAIL])}" if address else ""
    return Objection(rules, cards, facts, mail)


def _rules(manual: Manual, named: list[str]) -> Iterator[tuple[str, str]]:
    for rule in manual.rules:
        if rule.logic in named:
            yield rule.logic, filled(rule.says, manual.thresholds)


def _facts(manual: Manual, outcome: Outcome) -> Iterator[str]:
    if manual.timeline is None or outcome.call is None:
        return
    rows = drawn(manual.timeline(outcome.call)).rows
    yield from (row.title for row in reversed(rows[-_MOST_ROWS:]))
