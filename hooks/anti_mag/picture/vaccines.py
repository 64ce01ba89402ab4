"""Live vaccines: given shortly before rituximab, or ordered while it is at work.

Decides which vaccines are live: by code, and by name where nothing is coded. A product that may be live or not counts,
and is said to be unclear. How loud that is, is left to the gate. Inactivated vaccines are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from cds_service.codes import Concept
from cds_service.record import Fact, Immunization, Medicine, Order
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.code_sets import code_set, code_sets
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.contraindications import is_given

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture
    from hooks.anti_mag.picture.drafts import DraftOrder

LIVE = code_sets("live_vaccine_cvx", "live_vaccine_sct", "live_vaccine_rxnorm", "live_vaccine_atc")
PERHAPS_LIVE = code_set("live_or_unspecified_vaccine_cvx")
Liveness = Literal["", "live", "perhaps live"]
Conflict = Literal["during", "before", "day unknown"]

_LIVE_NAME = re.compile(
    r"\b(m-m-r|priorix|proquad|varivax|stamaril|yf-vax|ervebo|flumist|vivotif|vaxchora|ixchiq|dengvaxia|rotateq|rotarix"
    r"|acam ?2000)\b"
    r"|\blive[- ]attenuated\b|\bvaccin\w*,? live\b|\blive\b.{0,20}\bvaccin"
)
_LIVE_DISEASE = re.compile(r"\b(measles|mumps|rubella|mmrv?|varicella|chickenpox|yellow fever|bcg|rotavirus)\b")
CVX = "http://hl7.org/fhir/sid/cvx"
_VACCINE = re.compile(r"\bvaccin\w*\b")
_NOT_LIVE = re.compile(
    r"\b(recombinant|inactivated|glycoprotein|shingrix|immune ?globulin|immunoglobulin|antibod\w*|tit(er|re)|igg|igm)\b"
)


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A live vaccine that was given. `on` is the last day that it can have been."""

    on: date
    fact: Fact
    is_certain: bool = True
    """False for a product that may be live or not."""


@dataclass(frozen=True, slots=True)
class Vaccination:
    """The live vaccines on record."""

    live: tuple[Vaccine, ...] = ()
    """Newest first; those without a date are left out."""
    is_readable: bool = True


def vaccination_of(chart: Chart) -> Vaccination:
    """The live vaccines given, from immunizations and from medicines that are vaccines."""
    given: list[Immunization | Medicine] = [
        immunization
        for immunization in chart.record.immunizations
        if immunization.status in ("completed", "unknown", "")
    ]
    given += [medicine for medicine in chart.record.medicines if is_given(medicine)]
    live = [
        Vaccine(min(item.when.end, chart.today), item.fact("live vaccine"), found == "live")
        for item in given
        if item.when is not None and (found := liveness(chart, item.concept, is_vaccine=isinstance(item, Immunization)))
    ]
    newest_first = sorted(live, key=lambda vaccine: (vaccine.on, vaccine.fact.reference), reverse=True)
    return Vaccination(tuple(newest_first), chart.record.knows("immunizations"))


def liveness(chart: Chart, concept: Concept, *, is_vaccine: bool = False) -> Liveness:
    """Whether a product is a live vaccine, by code; by name only where it has no vaccine code (CVX). Of what is known
    to be a vaccine (`is_vaccine`), the name need not say so."""
    if chart.holds(concept, *LIVE):
        return "live"
    if chart.holds(concept, PERHAPS_LIVE):
        return "perhaps live"
    words = concept.words
    if any(system == CVX for system, _ in concept.codes) or _NOT_LIVE.search(words):
        return ""
    is_against = _LIVE_DISEASE.search(words) and (is_vaccine or _VACCINE.search(words))
    is_named = _LIVE_NAME.search(words) or is_against
    return "live" if is_named else ""


# Beside rituximab


def given_too_close(picture: ClinicalPicture, drafts: Sequence[DraftOrder]) -> tuple[Vaccine, ...]:
    """Live vaccines in the days before the next dose of `drafts`. Threshold: `live_vaccine.before` (d)."""
    if not drafts:
        return ()
    dose = min(next_day(draft.order, picture.today) for draft in drafts)
    too_close = timedelta(days=picture.thresholds.days("live_vaccine.before"))
    return tuple(vaccine for vaccine in picture.vaccination.live if dose - vaccine.on <= too_close)


def ordered_conflict(picture: ClinicalPicture, draft: DraftOrder) -> Conflict | None:
    """How a live vaccine that is being ordered meets rituximab: during its time, shortly before a planned dose, or
    after rituximab of an unknown day. Thresholds: `live_vaccine.before` (d), `live_vaccine.after_months` (mo)."""
    day = next_day(draft.order, picture.today)
    planned = _planned(picture)
    months = int(picture.thresholds["live_vaccine.after_months"])
    spans = [(course.day_zero, course.last_dose) for course in picture.rituximab.courses]
    spans += [(dose, dose) for dose in planned]
    if any(first <= day <= months_after(last, months) for first, last in spans):
        return "during"
    too_close = picture.thresholds.days("live_vaccine.before")
    if any(0 < (dose - day).days <= too_close for dose in planned):
        return "before"
    return "day unknown" if picture.rituximab.undated else None


def next_day(order: Order, today: date) -> date:
    """The first day from today on for which the order is meant; today where it names none."""
    named = [order.when, *(event for dosage in order.dosages for event in dosage.events)]
    return min((when.start for when in named if when is not None and when.start >= today), default=today)


def _planned(picture: ClinicalPicture) -> list[date]:
    drafted = [next_day(draft.order, picture.today) for draft in picture.drafts.all_rituximab]
    due = picture.rituximab.next_dose_due
    return [*drafted, *([due] if due else [])]
