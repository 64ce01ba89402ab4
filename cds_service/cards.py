"""The CDS Hooks 2.0 card and its parts, as values that cannot be built wrong.

What the specification or this service demands of a card is checked when it is made: a card without source, topic,
explanation or guideline link does not exist. Ranking and uuids are left to `cds_service.protocol.response`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Literal

from cds_service.record import Fact

SUMMARY_LIMIT = 140
"""CDS Hooks 2.0, card attributes: a summary has fewer characters than this."""

Truthword = Literal["YES", "NO", "UNKNOWN"]


class Indicator(IntEnum):
    """Urgency, comparable: INFO < WARNING < CRITICAL."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Coding:
    """A code with its system; `display` may be empty."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute link to a guideline or source."""

    label: str
    url: str

    def __post_init__(self) -> None:
        _require(bool(self.label.strip()), "a link needs a label")
        _require(self.url.startswith("https://"), f"a link needs an absolute https address, not {self.url!r}")


@dataclass(frozen=True, slots=True)
class Source:
    """The primary source of a card's guidance; `topic` says what the card is about."""

    label: str
    url: str
    topic: Coding

    def __post_init__(self) -> None:
        _require(bool(self.label.strip()), "a source needs a label")
        _require(self.url.startswith("https://"), f"a source needs an absolute https address, not {self.url!r}")
        _require(self.topic.code.isalnum() and self.topic.code.isascii(), "a topic code has letters and digits only")


@dataclass(frozen=True, slots=True)
class Action:
    """`create` and `update` carry a whole FHIR R4 resource, `delete` the relative reference of the user's draft."""

    type: Literal["create", "update", "delete"]
    description: str
    resource: Mapping[str, Any] | None = None
    resource_id: str | None = None

    def __post_init__(self) -> None:
        _require(bool(self.description.strip()), "an action needs a description")
        has_target = self.resource_id is not None if self.type == "delete" else self.resource is not None
        _require(has_target, f"a {self.type} action needs its target")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something the user may accept; its actions apply together."""

    label: str
    actions: tuple[Action, ...]
    is_recommended: bool = False
    replaces: tuple[str, ...] = ()
    """Drafts of the user in whose place this comes, as "MedicationRequest/1". The text says so; for a client that wants
    it, they are deleted where the resource type is the same."""

    def __post_init__(self) -> None:
        _require(bool(self.label.strip()), "a suggestion needs a label")
        _require(bool(self.actions), "a suggestion needs an action")


@dataclass(frozen=True, slots=True)
class FindingNote:
    """One finding behind a card: the rule's id, its id in the decision logic, and its truth."""

    rule: str
    logic: str
    truth: Truthword


Origin = Literal["source", "default", "site"]
"""Whose a number is: a source's, this service's own, or set by the site."""


@dataclass(frozen=True, slots=True)
class ThresholdNote:
    """One number that a finding behind a card rests on, and whose it is."""

    id: str
    value: Decimal
    unit: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the card is there. Goes out as an extension whose name the knowledge gives (`Knowledge.extension`)."""

    findings: tuple[FindingNote, ...]
    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    thresholds: tuple[ThresholdNote, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.findings), "a card rests on at least one finding")
        _require(bool(self.evidence), "a card cites at least one piece of evidence")


@dataclass(frozen=True, slots=True)
class Card:
    """One card, one decision. `detail` is GitHub Flavored Markdown without raw HTML."""

    summary: str
    detail: str
    indicator: Indicator
    source: Source
    links: tuple[Link, ...]
    explanation: Explanation
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: Literal["at-most-one", "any"] | None = None
    override_reasons: tuple[Coding, ...] = ()

    def __post_init__(self) -> None:
        _require(len(self.summary.strip()) > 0 and len(self.summary) < SUMMARY_LIMIT, f"summary: {self.summary!r}")
        _require("\n" not in self.summary, "a summary is one line")
        _require(bool(self.detail.strip()), "a card needs detail")
        _require(bool(self.links), "a card needs at least one guideline link")
        _require(bool(self.suggestions) == (self.selection_behavior is not None), "suggestions need selectionBehavior")
        if self.selection_behavior == "at-most-one":
            recommended = sum(suggestion.is_recommended for suggestion in self.suggestions)
            _require(recommended <= 1, "at-most-one allows one recommended suggestion")
        if self.indicator >= Indicator.WARNING:
            _require(bool(self.override_reasons), "a warning or critical card offers override reasons")

    @property
    def topic(self) -> str:
        return self.source.topic.code


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise ValueError(fault)
