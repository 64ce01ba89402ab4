"""What the gates on the patient's condition say on the `rituximabSafety` card: G6, G8b, G12, G13, G15.

Urgency is that of the decision logic (C4); where a number is this service's default, the text says so.
"""

from __future__ import annotations

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Thresholds
from cds_service.knowledge.numbers import unit_in_words
from hooks.anti_mag.cards.card import Answer, marked, whose_number
from hooks.anti_mag.cards.gate_note import GateNote, named
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.counts import LowCount
from hooks.anti_mag.picture.gate_scope import drugs_checked


def infection(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G6: critical for a severe infection, a warning for a suspected one, information for a minor one or fever."""
    found, drug = picture.infection, drugs_checked(picture, "G6")
    if found.severe.holds:
        return GateNote(
            Indicator.CRITICAL,
            "severe infection is active",
            f"**Severe infection is active:** {named(found.severe.facts, 'on the problem list')}. Defer {drug} "
            "until it is under control (RTXUSPI); if it is over, close the entry.",
            tells=found.severe.facts,
        )
    if found.suspected.holds:
        return GateNote(
            Indicator.WARNING,
            "severe infection is suspected",
            f"**Severe infection is suspected:** {named(found.suspected.facts, 'on the problem list')}. Settle it "
            "before the dose: rituximab is not given in a severe active infection (RTXUSPI).",
            tells=found.suspected.facts,
        )
    return GateNote(
        Indicator.INFO,
        "infection or fever on record",
        f"**Infection or fever:** {named(found.minor.facts, 'on the problem list')}. Examine before the dose; if it "
        f"turns out to be serious, defer {drug} (RTXUSPI).",
        tells=found.minor.facts,
    )


def pregnancy_not_excluded(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G8b: a warning."""
    days = picture.thresholds.days("pregnancy.test_fresh")
    last = f" The last test is of {answer.finding.facts[0].date}." if answer.finding.facts else ""
    is_ordered = "pregnancy_test" in picture.drafts.tests_ordered
    ordered = " A test is ordered; its result is not there yet." if is_ordered else ""
    return GateNote(
        Indicator.WARNING,
        f"no pregnancy test within {days} days",
        f"**Pregnancy is not excluded:** no negative test within {marked(picture.thresholds, 'pregnancy.test_fresh')}."
        f"{last}{ordered} Test before the dose: rituximab can harm the fetus (RTXUSPI). Agree on contraception during "
        "treatment and for 12 months after it (WHITTAM2019). Menopause, sterilisation or hysterectomy: put it on the "
        "problem list, and this is not asked again.",
        ("pregnancy_test",),
    )


def low_counts(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G12: a warning."""
    low, unread = picture.counts.low, picture.counts.unread
    if not low:
        told = "; ".join(unread_in_words(one, one.fact.what) for one in unread)
        names = list(dict.fromkeys(one.fact.what for one in unread))
        return GateNote(
            Indicator.WARNING,
            f"{' and '.join(names)} could not be read",
            f"**Blood count and IgG:** {told}. Look it up before the dose: an older value does not answer it.",
            tuple(dict.fromkeys(_test_of(name) for name in names)),
        )
    told = "; ".join(_low(one, picture.thresholds) for one in low)
    tests = [_test_of(one.name) for one in low]
    replaced = f" {when_replaced(picture.thresholds)}" if "igg" in tests else ""
    return GateNote(
        Indicator.WARNING,
        f"low {' and '.join(one.name for one in low)}",
        f"**Low before rituximab:** {told}. Find the reason and decide with haematology before the dose.{replaced}",
        tuple(dict.fromkeys(tests)),
        tells=tuple(one.fact for one in low),
    )


def when_replaced(thresholds: Thresholds) -> str:
    """From which IgG on immunoglobulin is replaced: what is agreed and what is not."""
    low, very_low = thresholds["igg.replacement"], thresholds["igg.very_low"]
    return (
        f"When IgG is replaced is not formally agreed (ASHED2020); a work group considers it below {low} mg/dL with "
        f"recurrent infections, or below {very_low} (AAAAI2022)."
    )


def _test_of(measure: str) -> str:
    return "igg" if measure == "IgG" else "blood_count"


def _low(one: LowCount, thresholds: Thresholds) -> str:
    limit = {"neutrophils": "counts.neutrophils", "platelets": "counts.platelets", "IgG": "counts.igg"}[one.name]
    doubt = ", preliminary: confirm it" if one.is_preliminary else ""
    value = f"{one.value:f} {unit_in_words(one.unit)}"
    number = f"{thresholds[limit]:f} ({whose_number(thresholds.row(limit))})"
    return f"{one.name} {value} ({one.fact.date}{doubt}), below {number}"


def open_diagnosis(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G13: a warning for a red flag, information for possible disease."""
    missing = "; ".join(answer.finding.missing)
    possible = f"Anti-MAG neuropathy is only possible here; not on record: {missing}." if missing else ""
    flags = picture.red_flags
    if not flags.coded.holds:
        return GateNote(Indicator.INFO, "the diagnosis is only possible", f"**Diagnosis:** {possible}")
    words = " and ".join(flags.names)
    if flags.treated_first:
        first = " and ".join(flags.treated_first)
        return GateNote(
            Indicator.WARNING,
            f"{first} on record, treated first",
            f"**{first[:1].upper()}{first[1:]} on record:** it is treated first, with haematology. "
            f"Is rituximab part of that treatment? Then put it on the order as the reason. {possible}".strip(),
        )
    return GateNote(
        Indicator.WARNING,
        f"red flag not resolved ({words})",
        f"**Red flag not resolved ({words}):** look for amyloid, POEMS, lymphoma and cryoglobulins before rituximab "
        f"(JADPRO2022, BMJWM). {possible}".strip(),
    )


def other_disease(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G15: information."""
    found = picture.comorbidity
    told, heads = [], []
    if found.heart.holds:
        heads.append("heart disease")
        told.append(
            f"**Heart disease:** {named(found.heart.facts, 'on the problem list')}. Watch heart rhythm and circulation "
            "during the infusion (RTXUSPI)."
        )
    if found.multiple_sclerosis.holds:
        heads.append("multiple sclerosis")
        told.append(
            "**Multiple sclerosis:** in one patient relapses followed rituximab while the neuropathy improved "
            "(BENEDETTIMS2007)."
        )
    return GateNote(Indicator.INFO, " and ".join(heads), " ".join(told), tells=found.heart.facts)
