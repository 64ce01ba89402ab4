"""How every card of this package is put together, so that each shows its working (C0.5).

A card module says what to say; this one adds the data used, what is missing, the rules and evidence behind it, the
sentence on this service's own defaults, the guideline links and the override reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from cds_service.cards import Card, Coding, Explanation, Indicator, Link, Source, Suggestion
from cds_service.knowledge.contract import Evidence, Finding, Rule, Threshold, Thresholds, Truth
from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped, table
from cds_service.record import Fact
from hooks.anti_mag.knowledge_data import EVIDENCE
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.topics import TOPICS

TOPIC_SYSTEM = "urn:anti-mag-cds:topic"
OVERRIDE_SYSTEM = "urn:anti-mag-cds:override-reason"

OVERRIDE_REASONS = tuple(
    Coding(OVERRIDE_SYSTEM, code, display)
    for code, display in (
        ("alreadyDone", "Already done or planned elsewhere"),
        ("specialistDecision", "Decided with neurology or haematology"),
        ("notApplicable", "Does not apply to this patient"),
        ("benefitOutweighsRisk", "Benefit outweighs the risk in this patient"),
        ("patientDeclined", "Patient declined"),
        ("dataWrong", "The data used are wrong or out of date"),
    )
)


_YEAR = 365


@dataclass(frozen=True, slots=True)
class Answer:
    """A rule together with its finding for this call."""

    rule: Rule[ClinicalPicture]
    finding: Finding


class Answers(dict[str, Answer]):
    """The answers that a card may say, by logic id.

    `absorbed` are those that it stands for without saying them, `heard` all of the call.
    """

    def __init__(
        self, said: Mapping[str, Answer], heard: Mapping[str, Answer], absorbed: Sequence[Answer] = ()
    ) -> None:
        super().__init__(said)
        self.heard = heard
        self.absorbed = tuple(absorbed)


def truth_of(answers: Mapping[str, Answer], logic: str) -> Truth:
    """What a rule answered, by its logic id; NO for one that is not heard at this hook."""
    return answers[logic].finding.truth if logic in answers else Truth.NO


def is_yes(answers: Mapping[str, Answer], logic: str) -> bool:
    """The rule is heard at this hook and answered YES."""
    return truth_of(answers, logic) is Truth.YES


def make_card(
    picture: ClinicalPicture,
    topic: str,
    indicator: Indicator,
    summary: str,
    paragraphs: Sequence[str],
    behind: Sequence[Answer],
    *,
    suggestions: Sequence[Suggestion] = (),
    selection_behavior: Literal["at-most-one", "any"] = "any",
    more_evidence: Sequence[str] = (),
    more_facts: Sequence[Fact] = (),
) -> Card:
    """A card from what it says and the answers it rests on.

    `paragraphs` are Markdown, most important first; text from the chart in them must be escaped by the caller. The
    first evidence key that has an address becomes the source; each with an address becomes a link.
    """
    evidence = unique([*(key for answer in behind for key in answer.rule.cites), *more_evidence])
    facts = unique([*(fact for answer in behind for fact in answer.finding.facts), *more_facts])
    missing = unique(item for answer in behind for item in answer.finding.missing)
    linked = [EVIDENCE[key] for key in evidence if EVIDENCE[key].url]
    return Card(
        summary=summary,
        detail="\n\n".join([*paragraphs, *_working(facts, missing, behind, evidence, picture.thresholds)]),
        indicator=indicator,
        source=_source(linked, topic),
        links=tuple(Link(item.label, item.url) for item in linked),
        explanation=Explanation(
            findings=tuple(answer.rule.note(answer.finding) for answer in behind),
            facts=tuple(facts),
            missing=tuple(missing),
            evidence=tuple(evidence),
        ),
        suggestions=tuple(suggestions),
        selection_behavior=selection_behavior if suggestions else None,
        override_reasons=OVERRIDE_REASONS if indicator >= Indicator.WARNING else (),
    )


def _source(linked: Sequence[Evidence], topic: str) -> Source:
    first = linked[0]
    return Source(first.label, first.url, Coding(TOPIC_SYSTEM, topic, TOPICS[topic].title))


def _working(
    facts: Sequence[Fact],
    missing: Sequence[str],
    behind: Sequence[Answer],
    evidence: Sequence[str],
    thresholds: Thresholds,
) -> list[str]:
    parts = []
    if facts:
        head = ["What", "Value", "Date", "Status", "Record"]
        parts.append("**Data used**\n\n" + table(head, (_row(fact) for fact in facts)))
    if missing:
        parts.append("**Not known:** " + "; ".join(escaped(item) for item in missing) + ".")
    defaults = own_defaults(behind, thresholds)
    if defaults:
        parts.append("**This service's own defaults**, which a site may change: " + "; ".join(defaults) + ".")
    set_here = site_numbers(behind, thresholds)
    if set_here:
        parts.append("**Numbers set by this site**: " + "; ".join(set_here) + ".")
    rules = ", ".join(f"{answer.rule.id} ({answer.rule.logic})" for answer in behind)
    parts.append(f"Rule: {rules}. Evidence: {', '.join(evidence)}.")
    return parts


def own_defaults(behind: Iterable[Answer], thresholds: Thresholds) -> list[str]:
    """The numbers marked D (or K, taken as D) that the answers used, in words: "IgM age 90 d"."""
    return [_number(row) for row in _used(behind, thresholds) if row.mark in ("D", "K") and not row.is_site_value]


def site_numbers(behind: Iterable[Answer], thresholds: Thresholds) -> list[str]:
    """The numbers that the answers used and the site set, in words."""
    return [_number(row) for row in _used(behind, thresholds) if row.is_site_value]


def _used(behind: Iterable[Answer], thresholds: Thresholds) -> list[Threshold]:
    return [thresholds.row(key) for key in unique(key for answer in behind for key in answer.rule.thresholds)]


def _number(row: Threshold) -> str:
    return f"{row.why} ({row.comparator} {row.value} {unit_in_words(row.unit)})".replace(" )", ")")


def whose_number(row: Threshold) -> str:
    """Whose number a default is, said where it stands in a sentence."""
    return "set by this site" if row.is_site_value else "service default"


def year_or_days(days: int) -> str:
    """A span that a site may have set, in words: "year" for 365 days."""
    return "year" if days == _YEAR else f"{days} days"


Item = TypeVar("Item")


def unique(items: Iterable[Item]) -> list[Item]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))


def _row(fact: Fact) -> list[str]:
    cells = (fact.what, fact.date or "no date", fact.status or "", fact.reference)
    what, day, status, reference = (escaped(cell) for cell in cells)
    return [what, _value(fact), day, status, reference]


def _value(fact: Fact) -> str:
    if fact.value is None:
        return "recorded"
    return escaped(f"{fact.value} {unit_in_words(fact.unit or '')}".strip())
