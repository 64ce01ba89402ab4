"""What each safety gate says on the `rituximabSafety` card: urgency, headline, one or two sentences, tests to propose.

Urgency is that of the decision logic (C4); the cap of the hook is put on by `rituximab_safety`. The words of G6, G8b,
G12, G13 and G15 are in `condition_gates`, those of G7, G10b, G16 and G17 in `timing_gates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Thresholds
from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped
from hooks.anti_mag.cards import condition_gates, timing_gates
from hooks.anti_mag.cards.card import Answer, marked, whose_number
from hooks.anti_mag.cards.dose_wording import dose_note
from hooks.anti_mag.cards.gate_note import GateNote, named
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.drafts import RITUXIMAB
from hooks.anti_mag.picture.gate_scope import current_course, drugs_checked, gated
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, Marker, MarkerState
from hooks.anti_mag.picture.immunoglobulin import IgmValue
from hooks.anti_mag.picture.overlap import Overlap, overlap_of

MARKER_WORDS: Mapping[MarkerState, str] = {
    "positive": "positive",
    "negative": "negative",
    "expired": "negative, but too old",
    "pending": "result pending",
    "withdrawn": "result withdrawn, to be repeated",
    "indeterminate": "result unclear",
    "unread": "a result could not be read",
    "missing": "no result on record",
    "unknown": "could not be read",
}


def hepatitis_b_serology(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G1: critical before the first dose of a course, a warning for its later doses."""
    hepatitis_b = picture.hepatitis_b
    markers = {"HBsAg": hepatitis_b.surface_antigen, "anti-HBc": hepatitis_b.core_antibody}
    open_markers = {name: marker for name, marker in markers.items() if not marker.is_settled}
    is_later_dose = _is_later_dose(picture)
    told = "; ".join(f"{name}: {_marker(marker)}" for name, marker in open_markers.items())
    sentences = [
        f"{told}. Have both results before the dose (anti-HBc total or IgG), and anti-HBs (ASCO2020, MHRA2013)."
    ]
    if hepatitis_b.core_igm_only:
        sentences.append("An IgM-type anti-HBc alone does not answer the question.")
    if hepatitis_b.problem.holds:
        sentences.append("Hepatitis B is on the problem list.")
    sentences.append("Draw them before any immunoglobulin.")
    if is_later_dose:
        sentences.append("The course has begun: settle this before its next dose.")
    wanted = {"hbsag": hepatitis_b.surface_antigen, "anti_hbc": hepatitis_b.core_antibody}
    tests = [name for name, marker in wanted.items() if not marker.is_settled]
    if not hepatitis_b.surface_antibody.is_settled:
        tests.append("anti_hbs")
    return GateNote(
        Indicator.WARNING if is_later_dose else Indicator.CRITICAL,
        f"hepatitis B not settled ({' and '.join(open_markers)})",
        f"**Hepatitis B serology:** {' '.join(sentences)}",
        tuple(tests),
        tells=tuple(fact for marker in open_markers.values() for fact in marker.facts),
    )


def _is_later_dose(picture: ClinicalPicture) -> bool:
    """Every draft continues a course: of rituximab the current one, of another antibody one with a dose on record."""
    given = {antibody.therapy for antibody in picture.contraindications.antibodies if antibody.is_given}
    return all(
        current_course(picture) is not None if draft.therapy in RITUXIMAB else draft.therapy in given
        for draft in gated(picture, "G1")
    )


def _marker(marker: Marker) -> str:
    """A marker's state in words, and the day of the result that it rests on."""
    words = MARKER_WORDS[marker.state]
    if marker.state == "unread":
        words = unread_in_words(marker.unread[0], "result", "a")
    elif marker.facts:
        words = f"{words} ({marker.facts[0].date or 'no date'})"
    is_told = marker.is_ordered and marker.state != "pending"
    return f"{words}; ordered, result pending" if is_told else words


def active_hepatitis_b(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G2: critical."""
    signs = []
    if picture.hepatitis_b.surface_antigen.state == "positive":
        signs.append("HBsAg positive")
    if picture.hepatitis_b.dna.state == "positive":
        signs.append("HBV-DNA positive")
    found = " and ".join(signs) or "on the problem list"
    return GateNote(
        Indicator.CRITICAL,
        f"active hepatitis B ({found})",
        f"**Active hepatitis B ({found}):** do not give {drugs_checked(picture, 'G2')}; see hepatology before any "
        "dose. The label has a boxed warning of reactivation (MHRA2013, RTXUSPI).",
        () if picture.hepatitis_b.dna.is_settled else ("hbv_dna",),
    )


def past_hepatitis_b(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G3: critical with neither HBV-DNA nor antiviral, a warning with one of them, information with both."""
    lacking = answer.finding.missing
    indicator = (Indicator.INFO, Indicator.WARNING, Indicator.CRITICAL)[len(lacking)]
    contact = _contact(picture.hepatitis_b)
    without = f", without {' or '.join(lacking)}" if lacking else ""
    sentences = [
        f"Settle first: {' and '.join(lacking)}." if lacking else "HBV-DNA and antiviral are in place.",
        f"An antiviral runs through treatment and for at least {how_long(picture.thresholds)} after the last dose; "
        "monitoring instead only with reliable follow-up (ASCO2020).",
        *low_barrier(picture.hepatitis_b),
    ]
    if picture.hepatitis_b.passive_core.holds:
        sentences.append(
            "Immunoglobulin was given within "
            f"{marked(picture.thresholds, 'hbv.passive_months')} before the first positive anti-HBc, which may be the "
            "donor's: "
            "look for a sample taken before, or HBV-DNA."
        )
    return GateNote(
        indicator,
        f"past hepatitis B ({contact}){without}",
        f"**Past hepatitis B ({contact}):** {' '.join(sentences)}",
        ("hbv_dna",) if "HBV-DNA" in lacking else (),
    )


def _contact(hepatitis_b: HepatitisB) -> str:
    if hepatitis_b.past_antigen.holds:
        return f"HBsAg positive of {hepatitis_b.past_antigen.facts[0].date}"
    has_core = hepatitis_b.core_antibody.state == "positive"
    return "anti-HBc positive" if has_core else "hepatitis B on the problem list"


def how_long(thresholds: Thresholds) -> str:
    """The months of antiviral cover after the last dose, and on what guidelines differ."""
    months, longer = thresholds["hbv.antiviral_months"], thresholds["hbv.antiviral_months_longer"]
    row = thresholds.row("hbv.antiviral_months")
    own = f" ({whose_number(row)})" if row.is_site_value else ""
    return f"{months} months{own} (ASCO and AGA say 12, EASL {longer}) (HBVDUR2024)"


def low_barrier(hepatitis_b: HepatitisB) -> list[str]:
    """What to ask where nothing runs but an antiviral to which the virus easily becomes resistant."""
    if not hepatitis_b.low_barrier.holds:
        return []
    drugs = named(hepatitis_b.low_barrier.facts, "antiviral")
    return [f"{drugs} has a low barrier to resistance: ask hepatology about entecavir or tenofovir (AGA2025)."]


def igm_too_high(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G4: critical."""
    current = picture.igm.current
    assert current is not None  # it made the gate stand
    limit, drug = marked(picture.thresholds, "igm.gate.critical"), drugs_checked(picture, "G4")
    return GateNote(
        Indicator.CRITICAL,
        f"IgM {_level(current)}, plasma exchange first",
        f"**IgM {_level(current)}{_doubt(current)}:** at {limit} or more, exchange plasma before {drug} "
        f"or start without {drug}, together with haematology (IWWM8TX). Rituximab can raise IgM further "
        "(TREON2004).",
        needs_exchange=True,
        tells=(current.fact,),
    )


def igm_not_known(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G4b: a warning."""
    asked = next((fact for fact in answer.finding.facts if fact in picture.igm.unclear), None)
    if asked is not None:
        text = f"{asked.value} was sent without a unit: {asked.value} mg/dL or {asked.value} g/L? Ask the laboratory."
        return GateNote(Indicator.WARNING, "unit of IgM unknown", f"**IgM:** {text} Or measure it again now.", ("igm",))
    if picture.igm.unread:
        told = unread_in_words(picture.igm.unread[0], "IgM")
        return GateNote(
            Indicator.WARNING,
            "the newest IgM could not be read",
            f"**IgM:** {told}. Look it up, or measure it again before the dose: an older value does not answer it.",
            ("igm",),
        )
    current, values = picture.igm.current, picture.igm.values
    if current is not None:
        state = f"only a value that cannot settle it: {_level(current)}{_doubt(current)}"
    elif values:
        state = f"the newest value is too old ({values[0].on.isoformat()})"
    else:
        state = "no usable value on record"
    return GateNote(
        Indicator.WARNING,
        "no current IgM",
        f"**IgM:** {state}. Measure it before the dose (IWWM8TX); it counts for "
        f"{marked(picture.thresholds, 'igm.max_age')}.{_protein(picture)}",
        ("igm",),
    )


def _protein(picture: ClinicalPicture) -> str:
    """A very high M-protein beside an IgM that is not known: named, never merged with it (B2.07)."""
    protein = picture.igm.high_protein
    if protein is None or not picture.diagnosis.has_gammopathy:
        return ""
    told = escaped(f"{protein.value} {protein.unit or ''}".strip())
    limit = marked(picture.thresholds, "igm.gate.critical")
    return f" The M-protein was {told} on {protein.date}: another quantity, but IgM may well be {limit} or more."


def igm_near_limit(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G4c: a warning."""
    current = picture.igm.current
    assert current is not None  # it made the gate stand
    return GateNote(
        Indicator.WARNING,
        f"IgM {_level(current)}, near the limit",
        f"**IgM {_level(current)}{_doubt(current)}:** measure serum viscosity, and agree with haematology what is "
        f"done if IgM flares to {marked(picture.thresholds, 'igm.gate.critical')} (GUSTINE2017, IWWM8TX).",
        () if picture.hyperviscosity.viscosity else ("viscosity",),
        tells=(current.fact,),
    )


def _level(value: IgmValue) -> str:
    return f"{value.bound}{value.mg_dl.normalize():f} mg/dL"


def _doubt(value: IgmValue) -> str:
    """What to know of a value before it is believed: preliminary, unit inferred, its day."""
    doubts = [f"of {value.on.isoformat()}"]
    if value.is_preliminary:
        doubts.append("preliminary: confirm it")
    if value.is_implausible:
        sent = f"{value.fact.value} {unit_in_words(value.fact.unit or '')}".strip()
        doubts.append(f"sent as {escaped(sent)}: confirm it")
    if value.is_inferred:
        doubts.append("unit inferred from its reference range: confirm it")
    return f" ({', '.join(doubts)})"


def pregnancy(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G8: critical."""
    return GateNote(
        Indicator.CRITICAL,
        "pregnancy recorded",
        f"**Pregnancy is recorded:** do not start {_harmful(picture)} the fetus (RTXUSPI); speak with obstetrics "
        "first. Contraception is advised during treatment and for 12 months after it (WHITTAM2019).",
    )


def _harmful(picture: ClinicalPicture) -> str:
    """The label read is rituximab's."""
    drug = drugs_checked(picture, "G8")
    return "rituximab, it can harm" if drug == "rituximab" else f"{drug}: rituximab, of the same class, can harm"


def past_reaction(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G9: critical after a severe reaction, a warning where severity is not recorded, information after a mild one."""
    found = picture.contraindications
    if found.severe_reaction.holds:
        return GateNote(
            Indicator.CRITICAL,
            "severe past reaction to rituximab",
            "**Severe past reaction to rituximab or a murine protein:** do not give it again; severe infusion and "
            "mucocutaneous reactions can be fatal (RTXUSPI, CD20MON2024). Speak with allergology before any exception.",
        )
    if found.unclear_reaction.holds:
        return GateNote(
            Indicator.WARNING,
            "past reaction to rituximab, severity not recorded",
            "**Past reaction to rituximab or a murine protein, severity not recorded:** find out how severe it was "
            "before the dose (RTXUSPI).",
        )
    return GateNote(
        Indicator.INFO,
        "mild past reaction to rituximab",
        "**Mild past reaction to rituximab:** premedicate with an antihistamine and acetaminophen; after a reaction "
        "resume at half the rate or less (RTXUSPI).",
    )


def overlap(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G11: critical for two orders of one day, a warning otherwise."""
    return overlap_note(overlap_of(picture, gated(picture, "G11")), picture.thresholds, drugs_checked(picture, "G11"))


def overlap_note(found: Overlap, thresholds: Thresholds, drug: str = "rituximab") -> GateNote:
    """The note on an overlap that holds at least one fact."""
    if found.same_day:
        return GateNote(
            Indicator.CRITICAL,
            f"a second {drug} order for the same day",
            f"**Two {drug} orders for the same day:** remove one, or date them if they are for different days.",
        )
    months = marked(thresholds, "anti_cd20.overlap_months")
    if found.given:
        latest, drugs = max(fact.date or "" for fact in found.given), " and ".join(found.drugs)
        return GateNote(
            Indicator.WARNING,
            f"anti-CD20 treatment ({drugs}) given recently",
            f"**Anti-CD20 treatment ({drugs}) within {months}, last on {latest}**, outside this course: B cells may "
            "still be depleted. Is a further course meant?",
        )
    return GateNote(
        Indicator.WARNING,
        "another anti-CD20 order is active",
        "**Another anti-CD20 order is active:** see that the two are not the same treatment, ordered twice.",
    )


def leukoencephalopathy(picture: ClinicalPicture, answer: Answer) -> GateNote:  # noqa: ARG001
    """G14: critical."""
    return GateNote(
        Indicator.CRITICAL,
        "progressive multifocal leukoencephalopathy on record",
        f"**Progressive multifocal leukoencephalopathy is on record:** do not give {drugs_checked(picture, 'G14')}, "
        "the label warns of it (RTXUSPI); see neurology.",
    )


def dose(picture: ClinicalPicture, answer: Answer) -> GateNote:
    """G10: critical when far off, a warning when off or not checkable."""
    return GateNote(*dose_note(picture), tells=answer.finding.facts)


Wording = Callable[[ClinicalPicture, Answer], GateNote]

WORDING: Mapping[str, Wording] = {
    "G2": active_hepatitis_b,
    "G14": leukoencephalopathy,
    "G8": pregnancy,
    "G9": past_reaction,
    "G6": condition_gates.infection,
    "G1": hepatitis_b_serology,
    "G4": igm_too_high,
    "G7": timing_gates.live_vaccine,
    "G3": past_hepatitis_b,
    "G11": overlap,
    "G10": dose,
    "G17": timing_gates.subcutaneous_form,
    "G10b": timing_gates.schedule,
    "G16": timing_gates.plasma_exchange,
    "G8b": condition_gates.pregnancy_not_excluded,
    "G12": condition_gates.low_counts,
    "G13": condition_gates.open_diagnosis,
    "G4c": igm_near_limit,
    "G4b": igm_not_known,
    "G15": condition_gates.other_disease,
}
"""Gates of the card; among equally urgent ones the earlier stands first. G5 speaks on the `hyperviscosity` card."""
