"""What this package publishes for people to read: the rulebook, where it speaks, its conflicts, the scores it reads.

Decides how the states and scores are named. How it is printed is the
engine's matter.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import partial
from typing import Literal

from cds_service.knowledge.contract import HookCall
from cds_service.knowledge.manual import Assessment, GivesWay, Manual, Trace, Verdict
from hooks.anti_mag import rules
from hooks.anti_mag.advice import advise, heard_by, picture_for
from hooks.anti_mag.cards import gives_way
from hooks.anti_mag.configuration import DEFAULT, Configuration
from hooks.anti_mag.fields import FIELDS
from hooks.anti_mag.fields import ORDERS as ORDERS_WRITTEN
from hooks.anti_mag.hooks import EVERYWHERE
from hooks.anti_mag.knowledge_data import (
    CODES,
    CONFLICTS,
    EVIDENCE,
    EXERCISES,
    GLOSSARY,
    PLANS,
    RULINGS,
    SOURCE_ATTRIBUTES,
    THERAPIES,
)
from hooks.anti_mag.picture.scales import SCALES, Scale
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.timeline import timeline
from hooks.anti_mag.topics import TOPICS

ASSESSMENT_SYSTEM = "urn:anti-mag-cds:assessment"

STATES: Mapping[State, str] = {
    State.OUT_OF_SCOPE: "out of scope",
    State.GAMMOPATHY_ONLY: "IgM gammopathy without neuropathy",
    State.SUSPECTED: "suspected",
    State.WORK_UP: "work-up incomplete",
    State.SEVERITY_UNKNOWN: "confirmed or probable, severity unknown",
    State.MILD_STABLE: "mild and stable",
    State.TREATABLE: "disabling or progressive",
    State.PLANNED: "rituximab planned",
    State.FLARE_WINDOW: "within the flare window after the first dose",
    State.ASSESSMENT: "response being assessed",
    State.REFRACTORY: "rituximab failed",
    State.RETREATMENT: "relapse after a response",
}

_RANKIN_CODE = ("http://loinc.org", "75859-9")
_PATTERNS = tuple((code, code.capitalize()) for code in ("demyelinating", "axonal", "mixed", "inexcitable", "normal"))
_COURSES = tuple((code, code.capitalize()) for code in ("improved", "stable", "worse"))
_CENTILES = frozenset({"i-rods"})
"""Scores that may have decimals."""


def manual_of(configuration: Configuration = DEFAULT, hooks: Container[str] = EVERYWHERE) -> Manual:
    """The manual of this package as a site runs it: with its numbers, its hooks and its cards."""
    topics = {code: topic.title for code, topic in TOPICS.items() if code not in configuration.topics_off}
    return Manual(
        rules=tuple(rules.BY_LOGIC.values()),
        thresholds=configuration.thresholds,
        evidence=EVIDENCE,
        hooks=tuple(hook for hook in EVERYWHERE if hook in hooks),
        topics=topics,
        trace=partial(trace, configuration=configuration),
        states={state.value: words for state, words in STATES.items()},
        conflicts=CONFLICTS,
        source_attributes=SOURCE_ATTRIBUTES,
        assessment_system=ASSESSMENT_SYSTEM,
        assessments=(*(_score(scale) for scale in SCALES.values()), *_choices()),
        exercises=EXERCISES,
        schedule=PLANS,
        drugs=THERAPIES.drugs(),
        rulings=RULINGS,
        glossary=GLOSSARY,
        fields=FIELDS,
        gives_way=tuple(GivesWay(row.topic, row.what, row.to, row.why) for row in gives_way.ANSWERS),
        orders=ORDERS_WRITTEN,
        timeline=partial(timeline, configuration=configuration),
    )


def trace(call: HookCall, configuration: Configuration = DEFAULT) -> Trace:
    """Every rule's answer to a call, whether it is heard at that hook or not, and the cards that are made of them."""
    picture = picture_for(call, configuration)
    heard = heard_by(picture)
    verdicts = tuple(Verdict(rule, rule(picture), id in heard) for id, rule in rules.BY_LOGIC.items())
    state = f"{picture.state.value}, {STATES[picture.state]}"
    return Trace(state, verdicts, advise(call, configuration).cards, picture)


def _score(scale: Scale) -> Assessment:
    (unit,) = scale.units if len(scale.units) == 1 else ("",)
    if unit:
        return Assessment(_code(scale.code_set), _display(scale), "quantity", unit=str(unit))
    kind: Literal["decimal", "integer"] = "decimal" if scale.name in _CENTILES or scale.highest is None else "integer"
    return Assessment(_code(scale.code_set), _display(scale), kind, highest=scale.highest)


def _choices() -> tuple[Assessment, ...]:
    pattern, course = "assessment_ncs_pattern", "assessment_clinical_course"
    return (
        Assessment(_code(pattern), _own_display(pattern), "choice", options=_PATTERNS),
        Assessment(_code(course), _own_display(course), "choice", options=_COURSES),
    )


def _code(code_set: str) -> tuple[str, str]:
    own = [code for code, _ in CODES[code_set].displays if code[0] == ASSESSMENT_SYSTEM]
    return own[0] if own else _RANKIN_CODE


def _display(scale: Scale) -> str:
    return _own_display(scale.code_set) if _code(scale.code_set) != _RANKIN_CODE else scale.label


def _own_display(code_set: str) -> str:
    return dict(CODES[code_set].displays)[_code(code_set)]
