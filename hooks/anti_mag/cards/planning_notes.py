"""What the planning rules say on the `rituximabSafety` card, below the gates: baseline and flare plan (PL-1), an IgM
that came down to below the gates (PL-2), no reason to treat on record (MO-2).

Each says only what no gate of the same card says: an IgM near the limit is G4c's.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.cards import Indicator
from cds_service.markdown import escaped
from hooks.anti_mag.cards.card import Answer, marked
from hooks.anti_mag.cards.gate_note import GateNote
from hooks.anti_mag.cards.igm_wording import igm_in_words, in_mg_dl
from hooks.anti_mag.cards.safety_gates import Wording
from hooks.anti_mag.check_ups import igm_checks
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.planned_course import planned_start
from hooks.anti_mag.rules.planning import baseline_gaps

WHOM_TO_CALL = (
    "Tell the patient whom to call: neurology for new weakness or falls, haematology the same day for bleeding, visual "
    "trouble, headache or confusion."
)


def fallen_igm(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """PL-2: a warning."""
    current = picture.igm.current
    level = in_mg_dl(current) if current else ""
    peak = max((value for value in picture.igm.values if value.fact in answer.finding.facts), key=lambda v: v.mg_dl)
    return GateNote(
        Indicator.WARNING,
        f"IgM {level}, fallen from {in_mg_dl(peak)}",
        f"**IgM {level}, fallen from {igm_in_words(peak)}:** it can rise again after rituximab. Measure serum "
        "viscosity, and agree with haematology what is done if IgM returns to "
        f"{picture.thresholds['igm.gate.caution']} or {marked(picture.thresholds, 'igm.gate.critical')} "
        "(GUSTINE2017, IWWM8TX).",
        () if picture.hyperviscosity.viscosity else ("viscosity",),
        tells=(peak.fact,),
    )


def no_reason(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """MO-2: information."""
    if picture.disability.severity is Severity.MILD_STABLE:
        known = "the scores on record are those of mild, stable disease"
        wanted = "Record newer scores, or the reason to treat now"
    else:
        known = "no score is on record"
        wanted = "Record INCAT or ONLS and I-RODS before the first dose, or the reason to treat without them"
    return GateNote(
        Indicator.INFO,
        "no disability or progression recorded",
        f"**No disability or progression is recorded:** {known}. {wanted}. Immunotherapy is for significant or "
        "progressive disability (KHWAJA2022).",
    )


def baseline(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """PL-1: information; what is missing, and the dates of the IgM checks."""
    gaps = baseline_gaps(picture)
    listed = "; ".join(f"{escaped(gap.label)} ({escaped(gap.why)})" for gap in gaps)
    sentences = [
        f"{listed}.",
        *_old_igm(picture),
        *_elsewhere(picture),
        _flare_plan(picture),
        WHOM_TO_CALL,
    ]
    return GateNote(
        Indicator.INFO,
        f"baseline incomplete ({', '.join(gap.short for gap in gaps)})",
        f"**Baseline still to be had:** {' '.join(sentences)}",
        tuple(gap.test for gap in gaps if gap.test not in ("scores", "body")),
    )


def _old_igm(picture: ClinicalPicture) -> list[str]:
    """The age of an IgM that clears the gates and is not fresh (ruling 17)."""
    clearing = picture.igm.clearing
    if clearing is None or (picture.today - clearing.on).days <= picture.thresholds.days("igm.fresh"):
        return []
    age = (picture.today - clearing.on).days
    return [f"The IgM on record is {age} days old ({clearing.on.isoformat()}): repeat it before the first dose."]


def _elsewhere(picture: ClinicalPicture) -> list[str]:
    return [] if picture.rituximab.has_course else ["Ask whether rituximab was ever given elsewhere."]


def _flare_plan(picture: ClinicalPicture) -> str:
    start = planned_start(picture)
    days = ", ".join(check.on.isoformat() for check in igm_checks(start))
    weeks = ", ".join(str(check.place) for check in igm_checks(start))
    return (
        f"**Flare plan:** with a first dose on {start.isoformat()}, check IgM on {days} (weeks {weeks}) (GHOBRIAL2004)."
    )


PLANNING: Mapping[str, Wording] = {"PL-2": fallen_igm, "MO-2": no_reason, "PL-1": baseline}
"""Notes of the planning rules, in the order in which they stand below equally urgent gates."""
