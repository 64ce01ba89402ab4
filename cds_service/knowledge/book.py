"""The rulebook as one typed value that can be written down: what every printed form and page is made from.

Decides what belongs together (a rule with its thresholds, evidence, hooks, cards, conflicts and example patients), so
that all forms say the same. Layout is left to `cds_service.knowledge.printed` and `cds_service.web.pages`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from cds_service.knowledge.contract import Evidence, Knowledge, Rule, Series, Threshold
from cds_service.knowledge.manual import (
    Assessment,
    Conflict,
    DrugKind,
    Exercise,
    Exercises,
    Manual,
    Ruling,
    SourceAttribute,
    Term,
)
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
    title: str
    """What it looks for, in a few words: for lists of rules."""
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
    schedule: tuple[Series, ...]
    drugs: tuple[DrugKind, ...]
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
    """One kind of card: the logic ids of its rules that are heard at some hook, and at each, in the order of the book's
    hooks."""

    topic: CardTopic
    rules: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def heard(self, logic: str) -> tuple[bool, ...]:
        """Whether a rule is heard at each hook."""
        return tuple(logic in cell for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on one source: rules by logic id, all else by its own id or name."""

    rules: tuple[str, ...]
    thresholds: tuple[str, ...]
    schedule: tuple[str, ...]
    conflicts: tuple[str, ...]
    drugs: tuple[str, ...]
    words: tuple[str, ...]
    """Of the glossary."""


@dataclass(frozen=True, slots=True)
class Book:
    """The rulebook of one knowledge package."""

    id: str
    title: str
    version: str
    hooks: tuple[str, ...]
    rules: tuple[RuleEntry, ...]
    thresholds: tuple[Threshold, ...]
    schedule: tuple[Series, ...]
    drugs: tuple[DrugKind, ...]
    evidence: tuple[Evidence, ...]
    conflicts: tuple[Conflict, ...]
    rulings: tuple[Ruling, ...]
    glossary: tuple[Term, ...]
    matrix: tuple[MatrixRow, ...]
    states: tuple[PatientState, ...]
    source_attributes: tuple[SourceAttribute, ...]
    assessment_system: str
    assessments: tuple[Assessment, ...]

    def rules_by(self, number: str) -> tuple[str, ...]:
        """Logic ids of the rules that use a threshold or go by a check-up plan."""
        numbers = {
            rule.logic: [row.id for row in rule.thresholds] + [row.id for row in rule.schedule] for rule in self.rules
        }
        return tuple(logic for logic, used in numbers.items() if number in used)

    def rules_about(self, drugs: str) -> tuple[str, ...]:
        """Logic ids of the rules that are about a kind of drug."""
        return tuple(rule.logic for rule in self.rules if drugs in {kind.id for kind in rule.drugs})

    def rules_citing(self, ruling: int) -> tuple[str, ...]:
        """Logic ids of the rules whose own words name a ruling."""
        words = {
            rule.logic: " ".join((rule.sentence, rule.reasoning, *(when for _, when in rule.answers)))
            for rule in self.rules
        }
        return tuple(logic for logic, said in words.items() if ruling in rulings_in(said))

    def resting_on(self, key: str) -> Resting:
        """What rests on a source."""
        drugs = [drug.name for kind in self.drugs for drug in kind.drugs if key in drug.cites]
        return Resting(
            rules=tuple(rule.logic for rule in self.rules if key in {item.key for item in rule.evidence}),
            thresholds=tuple(row.id for row in self.thresholds if key in row.cites),
            schedule=tuple(row.id for row in self.schedule if key in row.cites),
            conflicts=tuple(conflict.id for conflict in self.conflicts if key in conflict.cites),
            drugs=tuple(dict.fromkeys(drugs)),
            words=tuple(term.word for term in self.glossary if key in term.cites),
        )


CITED_RULINGS = re.compile(r"\brulings? (\d+(?:(?:,| and| to|, and) \d+)*)")
"""Where a text cites rulings by their numbers: "rulings 3, 5 and 9"."""


def rulings_in(text: str) -> set[int]:
    """The rulings that a text names; "1 to 4" names four."""
    found: set[int] = set()
    for citation in CITED_RULINGS.findall(text):
        found |= {int(number) for number in re.findall(r"\d+", citation)}
        for first, last in re.findall(r"(\d+) to (\d+)", citation):
            found |= set(range(int(first), int(last) + 1))
    return found


def book_of(knowledge: Knowledge) -> Book:
    """The rulebook of a package, rules in the ranking order of their cards. Raises ValueError without a manual."""
    manual = knowledge.manual
    if manual is None:
        raise ValueError(f"the package {knowledge.id} publishes no manual")
    rules = tuple(_entry(rule, manual) for rule in _ordered(manual))
    named = {kind.id: kind for rule in rules for kind in rule.drugs}
    return Book(
        id=knowledge.id,
        title=knowledge.title,
        version=knowledge.version,
        hooks=manual.hooks,
        rules=rules,
        thresholds=tuple(manual.thresholds.row(id) for id in manual.thresholds),
        evidence=tuple(sorted(manual.evidence.values(), key=lambda item: item.key)),
        schedule=tuple(manual.schedule.values()),
        drugs=tuple(kind for id, kind in manual.drugs.items() if id in named),
        conflicts=manual.conflicts,
        rulings=manual.rulings,
        glossary=tuple(replace(term, meaning=filled(term.meaning, manual.thresholds)) for term in manual.glossary),
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
        title=_title(rule, manual.glossary),
        sentence=filled(rule.says, manual.thresholds),
        reasoning=filled(rule.reasoning, manual.thresholds),
        yes_when=filled(rule.yes_when, manual.thresholds),
        no_when=filled(rule.no_when, manual.thresholds),
        unknown_when=filled(rule.unknown_when, manual.thresholds),
        topics=tuple(CardTopic(code, manual.topics[code]) for code in manual.topics_of(rule)),
        hooks=tuple(hook for hook in manual.hooks if hook in rule.hooks),
        states=tuple(PatientState(code, manual.states.get(code, code)) for code in exercises.states),
        thresholds=tuple(manual.thresholds.row(id) for id in rule.thresholds),
        schedule=tuple(manual.schedule[id] for id in rule.schedule),
        drugs=tuple(manual.drugs[id] for id in rule.drugs),
        evidence=tuple(manual.evidence[key] for key in rule.cites),
        conflicts=tuple(conflict.id for conflict in manual.conflicts if rule.logic in conflict.rules),
        examples=exercises.calls,
        file=f"{rule.function.__module__.replace('.', '/')}.py",
        reads=exercises.reads,
        tests=exercises.tests,
    )


def _title(rule: Rule[Any], glossary: Iterable[Term]) -> str:
    """The sentence that ends its id, its words spelt as in the glossary: "dna_is_not_known" is "DNA is not known"."""
    title = rule.id.partition(".")[2]
    for spelling in sorted((word for term in glossary for word in term.word.split(", ")), key=len, reverse=True):
        slug = re.sub(r"\W", "_", spelling.lower())
        title = re.sub(rf"(?<![^_]){re.escape(slug)}(?![^_])", lambda _, word=spelling: word, title)  # type: ignore[misc]
    title = title.replace("_", " ")
    return title[:1].upper() + title[1:]


def _row(code: str, manual: Manual) -> MatrixRow:
    logic = [rule.logic for rule in _ordered(manual) if code in manual.topics_of(rule)]
    cells = tuple(tuple(id for id in logic if id in manual.heard_at(hook)) for hook in manual.hooks)
    heard = {id for cell in cells for id in cell}
    return MatrixRow(CardTopic(code, manual.topics[code]), tuple(id for id in logic if id in heard), cells)


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
    """The book as a JSON object. A rule names its thresholds, plans, drugs and evidence by id; they stand whole beside
    the rules, each with what uses it."""
    whole: dict[str, Any] = plain(book)
    for rule in whole["rules"]:
        rule["thresholds"] = [row["id"] for row in rule.get("thresholds", ())]
        rule["evidence"] = [row["key"] for row in rule["evidence"]]
        for member in {"schedule", "drugs"} & rule.keys():
            rule[member] = [row["id"] for row in rule[member]]
    for row in (*whole["thresholds"], *whole.get("schedule", ())):
        row["used_by"] = list(book.rules_by(row["id"]))
    for item in whole["evidence"]:
        item["used_by"] = plain(book.resting_on(item["key"]))
    whole["matrix"] = [
        {"topic": row.topic.code, "title": row.topic.title, "hooks": _heard(book, row)} for row in book.matrix
    ]
    return whole


def _heard(book: Book, row: MatrixRow) -> dict[str, list[str]]:
    return {hook: list(cell) for hook, cell in zip(book.hooks, row.cells, strict=True) if cell}
