"""Why a card is there and why another is not, as rows for a page. The answers are the rules' own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cds_service.cards import Card
from cds_service.knowledge.contract import Evidence, Threshold, Truth
from cds_service.knowledge.manual import Manual, Trace, Verdict
from cds_service.knowledge.numbers import filled
from cds_service.knowledge.silences import conditions_failed, silences
from cds_service.record import Fact

_ORDER = {Truth.YES: 0, Truth.UNKNOWN: 1, Truth.NO: 2}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule concluded."""

    logic: str
    sentence: str
    when: str
    """What makes the rule say so, in general."""
    truth: str
    is_heard: bool
    facts: tuple[Fact, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    """For a NO the conditions that failed, in the rule's own words."""
    thresholds: tuple[Threshold, ...]
    evidence: tuple[Evidence, ...]
    topics: tuple[str, ...]
    """Titles of the cards that it may stand on."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A kind of card that is not there, and why."""

    title: str
    reason: tuple[str, ...]
    """In pieces, of which every second is the id of a rule."""


@dataclass(frozen=True, slots=True)
class Why:
    """All of it, what holds first."""

    state: str
    answers: tuple[Answer, ...]
    silences: tuple[Silence, ...]

    def behind(self, silence: Silence) -> list[Answer]:
        """The answers of the rules that a silence names."""
        return [answer for answer in self.answers if answer.logic in silence.reason[1::2]]

    def heard(self, truth: str) -> list[Answer]:
        """The answers of one truth of the rules that are heard at this hook."""
        return [answer for answer in self.answers if answer.is_heard and answer.truth == truth]

    @property
    def unheard(self) -> list[Answer]:
        """The answers of the rules that speak at other hooks."""
        return [answer for answer in self.answers if not answer.is_heard]


def why_of(manual: Manual, trace: Trace, shown: Sequence[Card]) -> Why:
    """What the rules concluded, and why each silent kind of card is silent; `shown` are the cards that went out."""
    answers = [_answer(manual, verdict, trace.picture) for verdict in trace.verdicts]
    return Why(
        trace.state,
        tuple(sorted(answers, key=lambda answer: _ORDER[Truth(answer.truth)])),
        tuple(
            Silence(manual.topics[topic], _pieces(manual, _in_titles(manual, reason)))
            for topic, reason in silences(manual, trace, shown)
        ),
    )


def _in_titles(manual: Manual, reason: str) -> str:
    """The reason with the titles of cards in place of their codes."""
    said, on, topics = reason.partition(", said on ")
    return f"{said}{on}{', '.join(f'“{manual.topics.get(code, code)}”' for code in topics.split(', '))}" if on else said


def _pieces(manual: Manual, reason: str) -> tuple[str, ...]:
    ids = "|".join(sorted((re.escape(rule.logic) for rule in manual.rules), key=len, reverse=True))
    return tuple(re.split(rf"(?<![\w-])({ids})(?![\w-])", reason))


def _answer(manual: Manual, verdict: Verdict, picture: object) -> Answer:
    rule, finding = verdict.rule, verdict.finding
    return Answer(
        logic=rule.logic,
        when=filled(rule.when(finding.truth), manual.thresholds),
        sentence=filled(rule.says, manual.thresholds),
        truth=finding.truth.value,
        is_heard=verdict.is_heard,
        facts=finding.facts,
        missing=finding.missing,
        reasons=tuple(conditions_failed(verdict, picture)),
        thresholds=tuple(manual.thresholds.row(key) for key in rule.thresholds),
        evidence=tuple(manual.evidence[key] for key in rule.cites),
        topics=tuple(manual.topics[code] for code in manual.topics_of(rule)),
    )
