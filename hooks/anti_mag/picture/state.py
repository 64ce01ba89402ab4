"""Where the patient stands in the disease's course: the states S0 to S10 of the decision logic (C2).

The first state that fits, in the order of C2, is the patient's. Flags (hyperviscosity, pregnancy) are not states.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import Indication
from hooks.anti_mag.picture.outcome import Outcome, outcome_of

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture


class State(Enum):
    """The states, in C2's numbering."""

    OUT_OF_SCOPE = "S0"
    GAMMOPATHY_ONLY = "S0G"
    """An IgM gammopathy without neuropathy: hyperviscosity and order gates speak, nothing else (ruling 4)."""
    SUSPECTED = "S1"
    WORK_UP = "S2"
    SEVERITY_UNKNOWN = "S3"
    MILD_STABLE = "S4"
    TREATABLE = "S5"
    PLANNED = "S6"
    FLARE_WINDOW = "S7"
    ASSESSMENT = "S8"
    REFRACTORY = "S9"
    RETREATMENT = "S10"


_BY_SEVERITY = {
    Severity.UNKNOWN: State.SEVERITY_UNKNOWN,
    Severity.MILD_STABLE: State.MILD_STABLE,
    Severity.DISABLING: State.TREATABLE,
    Severity.PROGRESSIVE: State.TREATABLE,
}


def state_of(picture: ClinicalPicture) -> State:
    """The state of a picture whose own `state` is not looked at. Thresholds: `vigilance.window`,
    `assessment.window` and those of `outcome_of`."""
    diagnosis = picture.diagnosis
    if diagnosis.is_refuted or diagnosis.tier is Tier.NONE:
        return State.GAMMOPATHY_ONLY if diagnosis.has_gammopathy else State.OUT_OF_SCOPE
    return _after_rituximab(picture) or _before_rituximab(picture)


def _after_rituximab(picture: ClinicalPicture) -> State | None:
    course = picture.rituximab.latest
    day = course.day(picture.today) if course else None
    if day is not None and day <= picture.thresholds.days("vigilance.window"):
        return State.FLARE_WINDOW
    if is_planned(picture):
        return State.PLANNED
    outcome = outcome_of(picture)
    if outcome is Outcome.FAILED:
        return State.REFRACTORY
    if outcome is Outcome.RELAPSED:
        return State.RETREATMENT
    is_assessed = day is not None and day <= picture.thresholds.days("assessment.window")
    return State.ASSESSMENT if is_assessed and not picture.rituximab.treated_something_else else None


def _before_rituximab(picture: ClinicalPicture) -> State:
    diagnosis = picture.diagnosis
    if diagnosis.tier >= Tier.PROBABLE:
        return _BY_SEVERITY[picture.disability.severity]
    pieces = (
        diagnosis.neuropathy.holds,
        diagnosis.anti_mag.verdict == "positive",
        diagnosis.paraprotein.holds,
        diagnosis.nerve_pattern in ("demyelinating", "inexcitable"),
    )
    return State.WORK_UP if sum(pieces) > 1 else State.SUSPECTED


def is_planned(picture: ClinicalPicture) -> bool:
    """Rituximab is ordered or drafted, and not expressly for something else. An order on record counts whatever it is
    for: nobody is told to plan a second one beside it."""
    drafts = picture.drafts
    selected = [draft for draft in drafts.rituximab if draft.indication is not Indication.OTHER]
    is_drafted = bool(selected) or (drafts.has_any_rituximab and not drafts.rituximab)
    return is_drafted or bool(picture.rituximab.orders)
