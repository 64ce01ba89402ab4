"""The rulebook as one typed value that can be written down: what every printed form and page is made from.

Decides what belongs together (a rule with its thresholds, evidence, hooks, cards, conflicts and example patients), so
that all forms say the same. Layout is left to `cds_service.knowledge.printed` and `cds_service.web.pages`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cds_service.knowledge.contract import Evidence, Knowledge, Rule, Threshold
from cds_service.knowledge.manual import Assessment, Conflict, Exercise, Exercises, Manual, SourceAttribute
from cds_service.knowledge.numbers import filled


@dataclass(frozen=True, slots=True)
class CardTopic:
    """A kind of card: its topic code and title."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class PatientState:
    """A state of the course of the disease."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule with all that is known of it. Thresholds and evidence are named by id; the book holds them whole."""

    id: str
    logic: str
    sentence: str
    reasoning: str
    """Paragraphs, apart by an empty line; may be empty."""
    yes_when: str
    """When the rule answers YES, in words to follow that one: "when …", or "never: " and why."""
    no_when: str
    unknown_when: str
    topics: tuple[CardTopic, ...]
    hooks: tuple[str, ...]
    states: tuple[PatientState, ...]
    """States of the example patients in whom the rule holds."""
    thresholds: tuple[Threshold, ...]
    evidence: tuple[Evidence, ...]
    conflicts: tuple[str, ...]
    examples: tuple[Exercise, ...]
    file: str
    """The file of its function."""
    reads: tuple[str, ...]
    """Files that say what it asks of a patient's picture."""
    tests: tuple[str, ...]
    """Tests that show where it begins and ends."""

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """Each answer with when the rule gives it."""
        return ("YES", self.yes_when), ("NO", self.no_when), ("UNKNOWN", self.unknown_when)

    @property
    def subject(self) -> str:
        """What the rule is about: the title of its first card."""
        return self.topics[0].title if self.topics else self.id


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One kind of card: the logic ids of its rules that are heard at each hook, in the order of the book's hooks."""

    topic: CardTopic
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The rulebook of one knowledge package."""

    id: str
    title: str
    version: str
    hooks: tuple[str, ...]
    rules: tuple[RuleEntry, ...]
    thresholds: tuple[Threshold, ...]
    evidence: tuple[Evidence, ...]
    conflicts: tuple[Conflict, ...]
    matrix: tuple[MatrixRow, ...]
    states: tuple[PatientState, ...]
    source_attributes: tuple[SourceAttribute, ...]
    assessment_system: str
    assessments: tuple[Assessment, ...]


def book_of(knowledge: Knowledge) -> Book:
    """The rulebook of a package, rules in the ranking order of their cards. Raises ValueError without a manual."""
    manual = knowledge.manual
    if manual is None:
        raise ValueError(f"the package {knowledge.id} publishes no manual")
    return Book(
        id=knowledge.id,
        title=knowledge.title,
        version=knowledge.version,
        hooks=manual.hooks,
        rules=tuple(_entry(rule, manual) for rule in _ordered(manual)),
        thresholds=tuple(manual.thresholds.row(id) for id in manual.thresholds),
        evidence=tuple(sorted(manual.evidence.values(), key=lambda item: item.key)),
        conflicts=manual.conflicts,
        matrix=tuple(_row(code, manual) for code in manual.topics),
        states=tuple(PatientState(code, title) for code, title in manual.states.items()),
        source_attributes=manual.source_attributes,
        assessment_system=manual.assessment_system,
        assessments=manual.assessments,
    )


def _ordered(manual: Manual) -> list[Rule[Any]]:
    places = {code: place for place, code in enumerate(manual.topics)}

    def place(rule: Rule[Any]) -> tuple[int, list[str | int]]:
        first = min((places[code] for code in manual.topics_of(rule)), default=len(places))
        return first, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", rule.logic)]

    return sorted(manual.rules, key=place)


def _entry(rule: Rule[Any], manual: Manual) -> RuleEntry:
    exercises = manual.exercises.get(rule.logic, Exercises())
    return RuleEntry(
        id=rule.id,
        logic=rule.logic,
        sentence=filled(rule.says, manual.thresholds),
        reasoning=filled(rule.reasoning, manual.thresholds),
        yes_when=filled(rule.yes_when, manual.thresholds),
        no_when=filled(rule.no_when, manual.thresholds),
        unknown_when=filled(rule.unknown_when, manual.thresholds),
        topics=tuple(CardTopic(code, manual.topics[code]) for code in manual.topics_of(rule)),
        hooks=tuple(hook for hook in manual.hooks if hook in rule.hooks),
        states=tuple(PatientState(code, manual.states.get(code, code)) for code in exercises.states),
        thresholds=tuple(manual.thresholds.row(id) for id in rule.thresholds),
        evidence=tuple(manual.evidence[key] for key in rule.cites),
        conflicts=tuple(conflict.id for conflict in manual.conflicts if rule.logic in conflict.rules),
        examples=exercises.calls,
        file=f"{rule.function.__module__.replace('.', '/')}.py",
        reads=exercises.reads,
        tests=exercises.tests,
    )


def _row(code: str, manual: Manual) -> MatrixRow:
    logic = [rule.logic for rule in _ordered(manual) if code in manual.topics_of(rule)]
    cells = tuple(tuple(id for id in logic if id in manual.heard_at(hook)) for hook in manual.hooks)
    return MatrixRow(CardTopic(code, manual.topics[code]), cells)


def plain(value: object) -> Any:  # noqa: ANN401 -- a JSON value has no narrower type
    """The value as JSON knows it: no member without a value, dates as ISO text, exact decimals kept as they are."""
    if hasattr(value, "__dataclass_fields__"):
        return plain(_shallow(value))
    if isinstance(value, Mapping):
        members = {str(name): plain(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | int | str | Decimal | None):
        return value
    return str(value)


def _shallow(value: object) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


def as_json(book: Book) -> dict[str, Any]:
    """The book as a JSON object. A rule names its thresholds and evidence by id; they stand whole beside the rules."""
    whole: dict[str, Any] = plain(book)
    for rule in whole["rules"]:
        rule["thresholds"] = [row["id"] for row in rule.get("thresholds", ())]
        rule["evidence"] = [row["key"] for row in rule["evidence"]]
    whole["matrix"] = [
        {"topic": row.topic.code, "title": row.topic.title, "hooks": _heard(book, row)} for row in book.matrix
    ]
    return whole


def _heard(book: Book, row: MatrixRow) -> dict[str, list[str]]:
    return {hook: list(cell) for hook, cell in zip(book.hooks, row.cells, strict=True) if cell}
