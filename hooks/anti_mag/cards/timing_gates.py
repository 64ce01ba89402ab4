"""What the gates on timing and form say on the `rituximabSafety` card: G7, G10b, G16, G17.

Urgency is that of the decision logic (C4); where a number is this service's default, the text says so.
"""

from __future__ import annotations

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Thresholds
from cds_service.markdown import escaped
from hooks.anti_mag.cards.card import Answer, marked, whose_number
from hooks.anti_mag.cards.gate_note import GateNote, named
from hooks.anti_mag.cards.order_names import order_name
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.picture.gate_scope import gated, gated_beside
from hooks.anti_mag.picture.schedule import ScheduleCheck
from hooks.anti_mag.picture.vaccines import Conflict, given_too_close, ordered_conflict
from hooks.anti_mag.rules.gates_order import checked_schedules, is_by_surface, subcutaneous


def live_vaccine(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G7: critical for a live vaccine ordered while rituximab is at work; a warning for one given or ordered shortly
    before it, and where the product or the day of rituximab is unclear."""
    notes = []
    for draft in gated_beside(picture, "G7"):
        conflict = ordered_conflict(picture, draft)
        if conflict is not None:
            notes.append(_ordered(draft, conflict, picture.thresholds))
    given = given_too_close(picture, gated(picture, "G7"))
    if given:
        days = picture.thresholds.days("live_vaccine.before")
        unclear = "" if all(vaccine.is_certain for vaccine in given) else " Ask whether the product was a live one."
        told = named((vaccine.fact for vaccine in given), "vaccine")
        text = (
            f"**Live vaccine given within {days} days of the dose:** {told}. Vaccines are given more than four weeks "
            f"before the first dose (CD20MON2024): can the dose wait?{unclear}"
        )
        facts = tuple(vaccine.fact for vaccine in given)
        notes.append(GateNote(Indicator.WARNING, f"live vaccine given within {days} days", text, tells=facts))
    notes.sort(key=lambda note: note.indicator, reverse=True)
    told_facts = tuple(fact for note in notes for fact in note.tells)
    return GateNote(notes[0].indicator, notes[0].headline, " ".join(note.text for note in notes), tells=told_facts)


def _ordered(draft: DraftOrder, conflict: Conflict, thresholds: Thresholds) -> GateNote:
    is_live = draft.therapy == "live vaccine"
    product = "Live vaccine ordered" if is_live else "Vaccine ordered that may be live"
    ask = "" if is_live else " Ask first whether the product is a live one."
    months = marked(thresholds, "live_vaccine.after_months")
    if conflict == "during":
        indicator, headline = Indicator.CRITICAL if is_live else Indicator.WARNING, "while rituximab is at work"
        why = (
            "from the first dose of rituximab until "
            f"{months} after the last live virus vaccines are not recommended (RTXUSPI)"
        )
    elif conflict == "before":
        indicator, headline = Indicator.WARNING, "shortly before rituximab"
        why = "vaccines are given more than four weeks before the first dose (CD20MON2024)"
    else:
        indicator, headline = Indicator.WARNING, "after rituximab of unknown date"
        why = f"find out when rituximab was last given; live vaccines wait for {months} after it"
    text = f"**{product} {headline}** ({escaped(draft.name)}): {why}.{ask}"
    return GateNote(indicator, f"{product[0].lower()}{product[1:]} {headline}", text)


def schedule(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G10b: a warning."""
    off = [check for check in checked_schedules(picture) if check.too_many or check.too_close]
    told = " ".join(f"{_order(picture, check)}{_off(check, picture.thresholds)}" for check in off)
    headline = "too many doses" if off[0].too_many else "doses too close together"
    return GateNote(
        Indicator.WARNING,
        headline,
        f"**Schedule:** {told} Check it; doses of a course that has begun are counted too.",
    )


def _order(picture: ClinicalPicture, check: ScheduleCheck) -> str:
    """The order's name, where there are several (CA-12)."""
    several = len(picture.drafts.rituximab) > 1
    return f"{order_name(picture, check.draft)}: " if several else ""


def _off(check: ScheduleCheck, thresholds: Thresholds) -> str:
    faults = []
    if check.too_many:
        faults.append(f"it makes {check.doses} doses")
    if check.too_close and check.interval is not None:
        faults.append(f"two doses are {round(check.interval, 1).normalize():f} days apart")
    dose, most, least = f"{thresholds['dose.mg_m2']} mg/m²", "course.weekly_doses", "schedule.weekly_interval"
    if check.regimen == "fixed":
        dose, most, least = f"{thresholds['dose.fixed']} mg", "schedule.fixed_doses", "schedule.fixed_interval"
    return (
        f"{' and '.join(faults)}; the course of {dose} has {thresholds[most]} doses, at least {thresholds.days(least)} "
        "days apart."
    )


def plasma_exchange(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G16: a warning."""
    hours = picture.thresholds["exchange.after_rituximab"]
    whose = whose_number(picture.thresholds.row("exchange.after_rituximab"))
    dose = answer.finding.facts[0]
    is_planned = dose.what == "rituximab planned"
    told = f"dose planned for {dose.date}" if is_planned else f"last dose {dose.date}"
    then = "before the dose" if is_planned else "and decide with haematology whether the dose is repeated"
    return GateNote(
        Indicator.WARNING,
        f"plasma exchange within {hours} hours of rituximab",
        f"**Plasma exchange within {hours} hours ({whose}) of rituximab** ({told}): an exchange removes the drug. "
        "Hyperviscosity or severe worsening (SICONOLFI2024) does not wait; otherwise move the exchange"
        f"{' ' if is_planned else ', '}{then}.",
        tells=answer.finding.facts[:1],
    )


def subcutaneous_form(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G17: a warning."""
    told = []
    if any(is_by_surface(draft) for draft in subcutaneous(picture)):
        told.append("it is ordered in mg/m², the dose of the intravenous form")
    if not picture.rituximab.has_course:
        told.append("no earlier rituximab is on record, and it would be the first dose ever")
    return GateNote(
        Indicator.WARNING,
        "subcutaneous rituximab: check form and dose",
        f"**Subcutaneous rituximab with hyaluronidase:** {'; '.join(told)}. It is another product than the intravenous "
        "one (RTXBIOSIM). Is the intravenous form meant?",
    )
