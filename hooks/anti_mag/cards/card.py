"""How every card of this package is put together, so that it is read in ten seconds and still shows its working (C0.5).

A card module says what to do, in bold, and why. This one adds what is missing and the data that decided, puts numbers
in the place of evidence keys and days into words, and makes the explanation that a program reads, with all facts,
numbers and evidence. The link to the page of the rule is the engine's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from cds_service.cards import Action, Card, Coding, Explanation, Indicator, Source, Suggestion
from cds_service.knowledge.contract import Evidence, Finding, Rule, Threshold, Thresholds, Truth
from cds_service.knowledge.numbers import amount
from cds_service.markdown import breakable, escaped
from cds_service.record import Fact
from hooks.anti_mag.cards import data_used
from hooks.anti_mag.cards.citations import numbered
from hooks.anti_mag.cards.dates import with_dates_in_words
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

SUMMARY_LENGTH = 110
"""Characters of a summary at most: more is cut off in a narrow column."""
_WHOSE = {"default": "service default", "site": "set by this site"}
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
    deciding: Sequence[Fact] = (),
    lines: Sequence[str] = (),
    told: Collection[Fact] = (),
    orders: Sequence[str] = (),
    is_missing_told: bool = False,
    most: int = data_used.MOST,
) -> Card:
    """A card from what it says and the answers it rests on.

    `paragraphs` are Markdown: first what to do, in bold, then why, in at most five paragraphs or bullets. Text from the
    chart in them must be escaped by the caller; days stand as FHIR writes them, evidence by its key, "(LEGER2013)". The
    first evidence with an address becomes the source.

    Of the facts behind the card `deciding` are shown first and `told`, which the paragraphs say already, not again;
    `lines` stand above all of them, and at most `most` are shown. `orders` are names of the orders that it concerns,
    escaped. With `is_missing_told` the paragraphs name what is missing.
    """
    evidence = unique([*(key for answer in behind for key in answer.rule.cites), *more_evidence])
    linkable = [item for key in evidence if (item := EVIDENCE[key]).url and picture.layout.may_link(item.url)]
    said = numbered(paragraphs, linkable, picture.layout)
    facts = unique([*(fact for answer in behind for fact in answer.finding.facts), *more_facts])
    missing = unique(item for answer in behind for item in answer.finding.missing)
    shown = _shown(facts, deciding, told)
    parts = [
        said.text,
        *([f"Concerns the order: {'; '.join(unique(orders))}."] if orders else []),
        *([_not_known(missing)] if missing and not is_missing_told else []),
    ]
    text = "\n\n".join(part for part in parts if part)
    data = _data(picture, behind, shown, facts, lines, most)
    if data and text.splitlines()[-1].startswith("- "):
        data = ["Decided on:", *data]  # two lists in a row would be read as one
    return Card(
        summary=_shortened(breakable(with_dates_in_words(summary))),
        detail=breakable(with_dates_in_words("\n\n".join([text, *data]))),
        indicator=indicator,
        source=_source(linkable[0], topic),
        links=said.links,
        explanation=Explanation(
            findings=tuple(answer.rule.note(answer.finding) for answer in behind),
            facts=tuple(facts),
            missing=tuple(missing),
            evidence=tuple(unique([*evidence, *said.keys])),
            thresholds=tuple(map(picture.thresholds.note, _used(behind))),
        ),
        suggestions=tuple(_as_labelled(suggestion) for suggestion in suggestions),
        selection_behavior=selection_behavior if suggestions else None,
        override_reasons=OVERRIDE_REASONS if indicator >= Indicator.WARNING else (),
    )


def _shown(facts: Sequence[Fact], deciding: Sequence[Fact], told: Collection[Fact]) -> list[Fact]:
    """The facts that are still to be told, deciding ones first. Two facts are one where they say the same of one
    resource, whatever either is called."""
    first = {_identity(fact): place for place, fact in reversed(list(enumerate(deciding)))}
    known = {_identity(fact) for fact in told}
    left = [fact for fact in facts if _identity(fact) not in known]
    return sorted(left, key=lambda fact: first.get(_identity(fact), len(deciding)))


def _identity(fact: Fact) -> tuple[object, ...]:
    return fact.reference, fact.value, fact.unit, fact.date


def _source(first: Evidence, topic: str) -> Source:
    return Source(first.label, first.url, Coding(TOPIC_SYSTEM, topic, TOPICS[topic].title))


def _not_known(missing: Sequence[str]) -> str:
    return f"Not known: {'; '.join(escaped(item) for item in missing)}."


def _data(
    picture: ClinicalPicture,
    behind: Sequence[Answer],
    shown: Sequence[Fact],
    facts: Sequence[Fact],
    lines: Sequence[str],
    most: int,
) -> list[str]:
    """What the card was decided on: some lines, or as the site wants all of it, with the rules."""
    if picture.layout.detail == "short":
        made = [data_used.listed(shown, lines, partial(_limit, behind, picture.thresholds), most)]
    else:
        rules = ", ".join(f"{answer.rule.logic} ({answer.rule.id})" for answer in behind)
        made = [data_used.listed((), lines, lambda _: ""), data_used.whole_table(facts), f"Rules: {rules}."]
    return [part for part in made if part]


def _limit(behind: Sequence[Answer], thresholds: Thresholds, key: str) -> str:
    """The number that a fact of a kind was held against, where a rule behind the card uses it."""
    if not any(key in answer.rule.thresholds for answer in behind):
        return ""
    row = thresholds.row(key)
    return _marked(replace(row, unit="") if row.unit == "points" else row)


def _as_labelled(suggestion: Suggestion) -> Suggestion:
    """The recommended one says so in its label: some EHRs do not show the mark. Days in words."""
    label = with_dates_in_words(suggestion.label) + (" (recommended)" if suggestion.is_recommended else "")
    actions = tuple(_in_words(action) for action in suggestion.actions)
    is_said = label == suggestion.label and actions == suggestion.actions
    return suggestion if is_said else replace(suggestion, label=label, actions=actions)


def _in_words(action: Action) -> Action:
    description = with_dates_in_words(action.description)
    return action if description == action.description else replace(action, description=description)


def _shortened(summary: str) -> str:
    """The summary, its end cut off where names from the chart make it too long."""
    if len(summary) <= SUMMARY_LENGTH:
        return summary
    return f"{summary[: SUMMARY_LENGTH - 1].rsplit(maxsplit=1)[0].rstrip(' ,;:')}…"


def _used(behind: Iterable[Answer]) -> list[str]:
    return unique(key for answer in behind for key in answer.rule.thresholds)


def marked(thresholds: Thresholds, key: str) -> str:
    """A number in force with its unit, and whose it is where no source says it: "7000 BTU (service default)"."""
    row = thresholds.row(key)
    return _marked(replace(row, value=thresholds[key]))


def _marked(row: Threshold) -> str:
    return amount(row) if row.origin == "source" else f"{amount(row)} ({whose_number(row)})"


def whose_number(row: Threshold) -> str:
    """Whose number one is that no source says, told where it stands in a sentence."""
    return _WHOSE[row.origin]


def year_or_days(days: int) -> str:
    """A span that a site may have set, in words: "year" for 365 days."""
    return "year" if days == _YEAR else f"{days} days"


Item = TypeVar("Item")


def unique(items: Iterable[Item]) -> list[Item]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))
