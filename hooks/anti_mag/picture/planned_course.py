"""The course that the selected rituximab drafts would begin: from when, and whether it is a new one.

The drafts' own earliest day counts, today where they name none. What is too soon, or to be settled before, is left to
the rules.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hooks.anti_mag.picture.state import State

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture

WITHOUT_NEUROPATHY = frozenset({State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY})


def planned_start(picture: ClinicalPicture) -> date:
    """The first day from today on that a selected rituximab draft names; today where none does."""
    days = [
        when.start
        for draft in picture.drafts.rituximab
        for when in (draft.order.when, *(event for dosage in draft.order.dosages for event in dosage.events))
        if when is not None and when.start >= picture.today
    ]
    return min(days, default=picture.today)


def begins_course(picture: ClinicalPicture) -> bool:
    """The drafts begin a course in a neuropathy of ours, and continue none. Threshold: `course.gap` (d)."""
    if not picture.drafts.rituximab or picture.state in WITHOUT_NEUROPATHY:
        return False
    latest = picture.rituximab.latest
    gap = timedelta(days=picture.thresholds.days("course.gap"))
    return latest is None or planned_start(picture) - latest.last_dose > gap
