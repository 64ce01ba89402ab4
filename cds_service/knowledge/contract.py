"""What a disease package gives the engine, and the words both halves use.

The engine knows services, facts and cards; the package under `hooks` knows the disease. This module is the wall
between them: `Knowledge` crosses it one way (package to engine), `HookCall` the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Generic, Literal, NoReturn, TypeVar

from cds_service.cards import Card, FindingNote, Origin, ThresholdNote
from cds_service.codes import Code
from cds_service.knowledge.numbers import names_in
from cds_service.knowledge.sentences import sentences_of
from cds_service.record import Fact, Patient, PatientRecord

if TYPE_CHECKING:
    from cds_service.knowledge.manual import Manual


class Truth(Enum):
    """Kleene's three values. `bool()` is forbidden, so that UNKNOWN is never taken for either of the others."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def of(cls, holds: bool | None) -> Truth:
        """YES for True, NO for False, UNKNOWN for None."""
        return cls.UNKNOWN if holds is None else cls.YES if holds else cls.NO

    def __and__(self, other: Truth) -> Truth:
        if Truth.NO in (self, other):
            return Truth.NO
        return Truth.UNKNOWN if Truth.UNKNOWN in (self, other) else Truth.YES

    def __or__(self, other: Truth) -> Truth:
        if Truth.YES in (self, other):
            return Truth.YES
        return Truth.UNKNOWN if Truth.UNKNOWN in (self, other) else Truth.NO

    def __invert__(self) -> Truth:
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}[self]

    def __bool__(self) -> NoReturn:
        raise TypeError("a Truth has three values: compare it with Truth.YES, Truth.NO or Truth.UNKNOWN")


Mark = Literal["V", "P", "K", "D"]
"""V: seen in the source. P: source read, number not seen. K: from general knowledge. D: this service's own default."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One source. `url` is "" where no checked address is known; such a source is named but never linked."""

    key: str
    citation: str
    year: str
    kind: str
    url: str
    checked: str
    """What was read of it, and where."""
    label: str
    """Short name for a card ("IWWM-8 treatment recommendations 2016")."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number of the decision logic, with its unit, origin and the bounds within which a site may change it."""

    id: str
    value: Decimal
    unit: str
    comparator: str
    since: date
    mark: Mark
    cites: tuple[str, ...]
    why: str
    site_may_change: bool = False
    bounds: tuple[Decimal, Decimal] | None = None
    shipped: Decimal | None = None
    """The package's own value, where a site has put its own in place of it."""

    @property
    def is_site_value(self) -> bool:
        return self.shipped is not None

    @property
    def origin(self) -> Origin:
        """Whose the number is; one from general knowledge counts as our own."""
        if self.is_site_value:
            return "site"
        return "default" if self.mark in ("D", "K") else "source"


class Thresholds(Mapping[str, Decimal]):
    """The thresholds in force: `thresholds["creatinine.raised"]` is the number, `.row(id)` all that is known of it."""

    def __init__(self, rows: Mapping[str, Threshold]) -> None:
        self._rows = dict(rows)
        self._notes: dict[str, ThresholdNote] = {}

    def __getitem__(self, key: str) -> Decimal:
        return self._rows[key].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def days(self, key: str) -> int:
        """A threshold that counts days, as a whole number."""
        row = self._rows[key]
        if row.unit != "d":
            raise ValueError(f"{key} is in {row.unit}, not in days")
        return int(row.value)

    def row(self, key: str) -> Threshold:
        return self._rows[key]

    def note(self, key: str) -> ThresholdNote:
        """The number as a card's explanation has it: made once, since nearly every card names some."""
        found = self._notes.get(key)
        if found is None:
            row = self._rows[key]
            found = self._notes[key] = ThresholdNote(row.id, row.value, row.unit, row.origin)
        return found

    def changed(self, values: Mapping[str, Decimal]) -> Thresholds:
        """The same thresholds with a site's values in place of some. KeyError for an id that is none of ours."""
        return Thresholds({**self._rows, **{key: _of_site(self._rows[key], value) for key, value in values.items()}})


def _of_site(row: Threshold, value: Decimal) -> Threshold:
    return replace(row, value=value, shipped=row.value if row.shipped is None else row.shipped)


@dataclass(frozen=True, slots=True)
class Series:
    """A row of whole numbers that belong together, such as the weeks of a check-up plan."""

    id: str
    values: tuple[int, ...]
    unit: str
    mark: Mark
    cites: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's answer, with the facts it rests on and what would settle an UNKNOWN."""

    truth: Truth
    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()

    @classmethod
    def yes(cls, *facts: Fact, missing: tuple[str, ...] = ()) -> Finding:
        return cls(Truth.YES, facts, missing)

    @classmethod
    def no(cls, *facts: Fact) -> Finding:
        return cls(Truth.NO, facts)

    @classmethod
    def unknown(cls, *missing: str, facts: tuple[Fact, ...] = ()) -> Finding:
        return cls(Truth.UNKNOWN, facts, missing)


Picture = TypeVar("Picture")
RuleFunction = Callable[[Picture], Finding]


@dataclass(frozen=True, slots=True)
class Rule(Generic[Picture]):
    """One recommendation as a pure function. Its sentences are read off its docstring and become the manual; a number
    that they name, `{course.gap}`, is filled in by `cds_service.knowledge.numbers`."""

    id: str
    logic: str
    says: str
    """The recommendation."""
    reasoning: str
    """Paragraphs, apart by an empty line; may be empty."""
    yes_when: str
    """When it answers YES, in words to follow that one: "when …", or "never: " and why."""
    no_when: str
    unknown_when: str
    cards: tuple[str, ...]
    """Topic codes of the cards that it may stand on."""
    hooks: tuple[str, ...]
    """Hooks at which it is heard."""
    cites: tuple[str, ...]
    thresholds: tuple[str, ...]
    schedule: tuple[str, ...]
    """Check-up plans that it goes by."""
    drugs: tuple[str, ...]
    """Kinds of drugs and other therapies that it is about."""
    function: RuleFunction[Picture]

    def __call__(self, picture: Picture) -> Finding:
        return self.function(picture)

    def when(self, truth: Truth) -> str:
        """When it gives that answer, in words."""
        return {Truth.YES: self.yes_when, Truth.NO: self.no_when, Truth.UNKNOWN: self.unknown_when}[truth]

    def note(self, finding: Finding) -> FindingNote:
        return FindingNote(self.id, self.logic, finding.truth.value)


class RuleBook(Generic[Picture]):
    """The rules of one disease. A rule without evidence, card or hook does not load, nor one that does not say in words
    when it answers YES, NO and UNKNOWN, and neither do two with one id.

    `topics`, `hooks`, `schedule` and `drugs` are those that a rule may name.
    """

    def __init__(
        self,
        evidence: Mapping[str, Evidence],
        thresholds: Thresholds,
        topics: Collection[str],
        hooks: Collection[str],
        schedule: Collection[str] = (),
        drugs: Collection[str] = (),
    ) -> None:
        self._schedule = schedule
        self._drugs = drugs
        self._evidence = evidence
        self._thresholds = thresholds
        self._topics = topics
        self._hooks = hooks
        self._rules: dict[str, Rule[Picture]] = {}

    def rule(
        self,
        id: str,
        *,
        logic: str,
        cards: tuple[str, ...],
        hooks: tuple[str, ...],
        cites: tuple[str, ...],
        thresholds: tuple[str, ...] = (),
        schedule: tuple[str, ...] = (),
        drugs: tuple[str, ...] = (),
    ) -> Callable[[RuleFunction[Picture]], Rule[Picture]]:
        """Register a rule. `id` is "topic.sentence", and the sentence is the function's name."""

        def register(function: RuleFunction[Picture]) -> Rule[Picture]:
            told = sentences_of(function.__doc__ or "")
            made = Rule(
                id=id,
                logic=logic,
                says=told.says,
                reasoning=told.reasoning,
                yes_when=told.yes_when,
                no_when=told.no_when,
                unknown_when=told.unknown_when,
                cards=cards,
                hooks=hooks,
                cites=cites,
                thresholds=thresholds,
                schedule=schedule,
                drugs=drugs,
                function=function,
            )
            self._check(made)
            self._rules[id] = made
            return made

        return register

    def _check(self, rule: Rule[Picture]) -> None:
        faults = []
        if rule.id in self._rules:
            faults.append("its id is taken")
        if rule.id.split(".", 1)[-1] != getattr(rule.function, "__name__", ""):
            faults.append("its id does not end in the function's name")
        if not rule.says:
            faults.append("it has no docstring")
        faults += [f"it does not say when it is {truth.value}" for truth in Truth if not rule.when(truth)]
        if not rule.cites:
            faults.append("it cites nothing")
        faults += [
            f"it cites {key}, which is not in the evidence table" for key in rule.cites if key not in self._evidence
        ]
        faults += [f"it names no {what}" for what, named in (("card", rule.cards), ("hook", rule.hooks)) if not named]
        faults += [f"it stands on {code}, which is no topic" for code in rule.cards if code not in self._topics]
        faults += [f"it is heard at {hook}, which is no hook of ours" for hook in rule.hooks if hook not in self._hooks]
        unprinted = sorted(set(names_in(rule.function.__doc__ or "")) - set(rule.thresholds))
        faults += [f"its sentence names {key}, which is none of its numbers" for key in unprinted]
        faults += [f"it uses {key}, which is no threshold" for key in rule.thresholds if key not in self._thresholds]
        faults += [f"it goes by {key}, which is no plan" for key in rule.schedule if key not in self._schedule]
        faults += [f"it is about {key}, which is no kind of drug" for key in rule.drugs if key not in self._drugs]
        if faults:
            raise KnowledgeBroken(f"rule {rule.id}: " + "; ".join(faults))

    def __getitem__(self, id: str) -> Rule[Picture]:
        return self._rules[id]

    def __iter__(self) -> Iterator[Rule[Picture]]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)


class KnowledgeBroken(Exception):
    """A fault in a knowledge package's data or rules; the service does not start on it."""


@dataclass(frozen=True, slots=True)
class Service:
    """One CDS service: one hook, one id, what it asks the EHR to prefetch."""

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    prefetch: Mapping[str, str]
    needed_if: Mapping[str, Callable[[Patient], bool]] = field(default_factory=dict)
    """Keys that only some patients need. `patient` itself is always needed, every other key is optional: what is not
    there counts as unknown."""


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call, read: everything that a disease package may look at. `today` is the day in the site's time zone."""

    hook: str
    record: PatientRecord
    today: date


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of the knowledge that raised in place of answering: a rule by its logic id, or a card by its topic."""

    part: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Advice:
    """What a package says of a call. A part that failed costs its own answer only, and is never silent."""

    cards: tuple[Card, ...] = ()
    """All of them, unranked and uncapped."""
    findings: tuple[FindingNote, ...] = ()
    """What every rule that is heard at the hook answered."""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the reader needs to know of a disease: which Observations to read, and arbitrary units it may meet."""

    result_codes: frozenset[Code]
    """Observations with none of these codes are skipped unread."""
    unit_aliases: Mapping[str, str] = field(default_factory=dict)
    """Spelling as sent, lower case, to an arbitrary UCUM unit ("btu" to "{BTU}"); never converted."""
    result_names: re.Pattern[str] | None = None
    """Finds, in lower case, the names of results that are worth reading where no public code says what they are."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a disease package exports: one value."""

    id: str
    title: str
    version: str
    services: tuple[Service, ...]
    vocabulary: Vocabulary
    topics: tuple[str, ...]
    """Topic codes in ranking order: cards of equal urgency keep it."""
    extension: str
    """Name of the explanation extension of its cards."""
    advise: Callable[[HookCall], Advice]
    """Pure: same call, same advice. Raises only where nothing at all could be said."""
    manual: Manual | None = None
    """What people read about the package; None where it publishes nothing."""
