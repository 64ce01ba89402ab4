"""What a disease package publishes about itself for people to read, beyond what it needs to answer a call.

All of it is data of the package; how it is laid out is left to `cds_service.knowledge.book` and to the pages. A package
without a manual is served all the same, and has no pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cds_service.cards import Card
from cds_service.codes import Code
from cds_service.knowledge.contract import Evidence, Finding, HookCall, Rule, Series, Thresholds
from cds_service.knowledge.fields import Field
from cds_service.knowledge.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question on which the sources disagree, what each side says, and the reading that the package follows."""

    id: str
    question: str
    views: tuple[str, ...]
    reading: str
    cites: tuple[str, ...]
    rules: tuple[str, ...]
    """Logic ids of the rules that depend on the reading."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided where the sources leave room or differ; the package's texts cite it by its number."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word or abbreviation of the field or of the service, and what it means."""

    word: str
    """More than one spelling stand apart by commas."""
    group: str
    meaning: str
    cites: tuple[str, ...] = ()
    """Sources, where the meaning states a fact."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug or other therapy, and the sources that say why a rule is about it."""

    name: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrugKind:
    """Drugs and other therapies of which a rule asks the same, or one that it names by itself."""

    id: str
    title: str
    drugs: tuple[Drug, ...]


@dataclass(frozen=True, slots=True)
class SourceAttribute:
    """One attribute that 45 CFR 170.315(b)(11) asks for, and what is true of this package."""

    id: str
    name: str
    statement: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """A score or finding that the rules read, as an EHR would record it: a number with bounds, or one of `options`."""

    code: Code
    display: str
    kind: Literal["integer", "decimal", "quantity", "choice"]
    unit: str = ""
    """UCUM, for a quantity."""
    highest: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    """Value codes of the same code system, with their display."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A call of an example patient whose cards rest on a rule."""

    example: str
    call: str
    title: str
    truth: str


@dataclass(frozen=True, slots=True)
class Exercises:
    """Which example patients exercise a rule, the states that they are in when it holds, what it reads, its tests."""

    calls: tuple[Exercise, ...] = ()
    states: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Files that say what the rule asks of a patient's picture, as recorded."""
    tests: tuple[str, ...] = ()
    """Tests that show where the rule begins and ends, as "file::name"."""


@dataclass(frozen=True, slots=True)
class GivesWay:
    """On the cards of a topic, rules are silent where one of others is said."""

    topic: str
    rules: tuple[str, ...]
    """Logic ids, as all of them here."""
    to: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer to one call; `is_heard` tells whether the rule speaks at the hook of that call."""

    rule: Rule[Any]
    finding: Finding
    is_heard: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that the package concluded from one call: the patient's state, every rule, every card it made."""

    state: str
    verdicts: tuple[Verdict, ...]
    cards: tuple[Card, ...]
    picture: object = None
    """What the rules were asked about, for those who ask one of them again; None where it is not shown."""


@dataclass(frozen=True, slots=True)
class Manual:
    """The published half of a knowledge package."""

    rules: tuple[Rule[Any], ...]
    thresholds: Thresholds
    evidence: Mapping[str, Evidence]
    hooks: tuple[str, ...]
    """The hooks that are offered."""
    topics: Mapping[str, str]
    """Titles of the cards by topic code, in ranking order."""
    trace: Callable[[HookCall], Trace]
    states: Mapping[str, str] = field(default_factory=dict)
    """The states that a patient may be in, by code, in words."""
    conflicts: tuple[Conflict, ...] = ()
    source_attributes: tuple[SourceAttribute, ...] = ()
    assessment_system: str = ""
    assessments: tuple[Assessment, ...] = ()
    exercises: Mapping[str, Exercises] = field(default_factory=dict)
    """By logic id."""
    schedule: Mapping[str, Series] = field(default_factory=dict)
    """The check-up plans, by id."""
    drugs: Mapping[str, DrugKind] = field(default_factory=dict)
    """By the id that a rule names."""
    rulings: tuple[Ruling, ...] = ()
    glossary: tuple[Term, ...] = ()
    timeline: Callable[[HookCall], Timeline] | None = None
    """The patient's course, for a picture; None where the package draws none."""
    fields: tuple[Field, ...] = ()
    """What a person can say of a patient without FHIR."""
    gives_way: tuple[GivesWay, ...] = ()
    """What is not said beside what, and why."""
    orders: tuple[tuple[str, str], ...] = ()
    """Orders that are often written, by name, with their resource type."""

    def topics_of(self, rule: Rule[Any]) -> tuple[str, ...]:
        """Topic codes of the cards that a rule may stand on, in ranking order; those that are switched off left out."""
        return tuple(code for code in self.topics if code in rule.cards)

    def heard_at(self, hook: str) -> tuple[str, ...]:
        """Logic ids of the rules heard at a hook."""
        return tuple(rule.logic for rule in self.rules if hook in rule.hooks)
