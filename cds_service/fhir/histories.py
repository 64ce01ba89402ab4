"""Conditions, Procedures, Immunizations, AllergyIntolerances, Goals, Appointments: what the patient has had, undergone
and not tolerated, aims at, and is to come for.

A problem, procedure, vaccination or goal that was recorded for a day after today is left out, with a gap. An onset
after today, and any date of an allergy, loses only the date: that the patient has it may matter whatever the day. An
end that has passed makes a problem resolved, whatever its clinical status says; the German certainty of a diagnosis is
read as its status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cds_service.codes import Concept
from cds_service.fhir.elements import (
    JsonObject,
    codings,
    concept_of,
    first,
    is_true,
    many,
    member,
    status_of,
    text,
)
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.references import check_subject, name_of, references
from cds_service.fhir.scope import Scope
from cds_service.fhir.systems import spellings
from cds_service.record import Allergy, Appointment, GapReason, Goal, Immunization, Problem, Procedure, Reaction
from cds_service.values import When

_CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
_VERIFICATION = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"})
CLINICAL_STATUS: Mapping[str, str] = {
    "55561003": "active", "73425007": "inactive", "413322009": "resolved", "277022003": "remission",
    "246455001": "recurrence", "263855007": "relapse",
    "completed": "resolved", "ended": "resolved", "past": "resolved", "historical": "resolved", "beendet": "resolved",
    "abgeschlossen": "resolved", "ausgeheilt": "resolved", "résolu": "resolved", "resuelto": "resolved",
    "resolvido": "resolved", "risolto": "resolved", "inaktiv": "inactive", "inactif": "inactive",
    "inactivo": "inactive",
}  # fmt: skip
VERIFICATION_STATUS: Mapping[str, str] = {
    "410516002": "refuted", "415684004": "provisional",
    "ruled-out": "refuted", "excluded": "refuted", "ausgeschlossen": "refuted", "exclu": "refuted",
    "descartado": "refuted", "escluso": "refuted", "uitgesloten": "refuted", "suspected": "provisional",
    "possible": "provisional", "verdacht": "provisional", "verdachtsdiagnose": "provisional", "suspecté": "provisional",
    "sospecha": "provisional", "sospetto": "provisional",
}  # fmt: skip
"""SNOMED CT codes (known absent, suspected) and words that stand in the place of HL7's own."""

SEVERITIES: Mapping[str, str] = {
    "24484000": "severe", "371924009": "severe", "6736007": "moderate", "255604002": "mild", "399166001": "fatal",
    "sv": "severe", "mo": "moderate", "mi": "mild", "crith": "high", "critl": "low", "critu": "unable-to-assess",
    "life-threatening": "severe", "schwer": "severe", "sévère": "severe", "grave": "severe", "ernstig": "severe",
    "leicht": "mild", "mittel": "moderate", "mäßig": "moderate", "léger": "mild", "légère": "mild", "leve": "mild",
    "lieve": "mild", "licht": "mild", "modéré": "moderate", "moderado": "moderate", "matig": "moderate",
}  # fmt: skip
"""A reaction's severity and an allergy's criticality as other systems say them: SNOMED CT ("moderate to severe" as the
worse), HL7 v2 (table 0128), DSTU2, words."""

_ALLERGY_VERIFICATION = frozenset({"unconfirmed", "confirmed", "refuted", "entered-in-error"})
"""What the one status of a DSTU2 AllergyIntolerance says of its truth; what else it says is clinical."""

CERTAINTY = "icd-10-gm-diagnosesicherheit"
"""End of the addresses of the German extension that says how certain an ICD-10-GM code is."""
_CERTAINTIES: Mapping[str, tuple[str, str]] = {
    "A": ("", "refuted"),
    "V": ("", "provisional"),
    "Z": ("resolved", ""),
    "G": ("", "confirmed"),
}
"""Excluded, suspected, condition after, assured: as clinical and verification status."""
_GERMAN = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
_LETTERED = re.compile(r"[A-Za-z]\d\d(?:\.?[\d-]{1,2})?[*+!†]?\s*([AVZGavzg])", re.ASCII)


def problem_of(entry: Entry, scope: Scope, notes: Notes) -> Problem | None:
    """The problem that a Condition states; None, with a gap, when it was recorded for the future."""
    sent = entry.whole
    _check(sent, entry, scope)
    concept = concept_of(sent.get("code"))
    if not concept:
        raise ResourceUnreadable("it does not say which condition")
    recorded = _first_date(sent, ("recordedDate", "assertedDate", "dateRecorded"), scope, notes)
    onset = _onset(sent, scope, notes)
    if scope.is_future(recorded) or (recorded is None and scope.is_future(onset)):
        notes.add(GapReason.IN_FUTURE)
        return None
    clinical, verification = _statuses(sent, scope)
    return Problem(notes.source, concept, clinical, verification, _past(onset, scope, notes, "the onset"), recorded)


def procedure_of(entry: Entry, scope: Scope, notes: Notes) -> Procedure | None:
    """A Procedure; None, with a gap, when it lies in the future."""
    sent = entry.whole
    _check(sent, entry, scope)
    concept = concept_of(sent.get("code"))
    if not concept:
        raise ResourceUnreadable("it does not say which procedure")
    when = next(filter(None, _performed(sent, scope, notes)), None)
    if sent.get("performedAge") is not None or sent.get("performedRange") is not None:
        notes.add(GapReason.DATE_UNREADABLE, "its time is given as an age")
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    return Procedure(notes.source, concept, _status(sent, "status"), when)


def _performed(sent: JsonObject, scope: Scope, notes: Notes) -> Iterator[When | None]:
    """Its time in every form, those of R5 last."""
    yield scope.when(sent.get("performedDateTime"), notes, "performedDateTime")
    yield scope.span(sent.get("performedPeriod"), notes, "performedPeriod")
    yield scope.when(sent.get("performedString"), notes, "performedString")
    yield scope.when(sent.get("occurrenceDateTime"), notes, "occurrenceDateTime")
    yield scope.span(sent.get("occurrencePeriod"), notes, "occurrencePeriod")


def immunization_of(entry: Entry, scope: Scope, notes: Notes) -> Immunization | None:
    """An Immunization; None, with a gap, when it lies in the future."""
    sent = entry.whole
    _check(sent, entry, scope)
    concept = concept_of(sent.get("vaccineCode"))
    if not concept:
        raise ResourceUnreadable("it does not say which vaccine")
    when = _first_date(sent, ("occurrenceDateTime", "date", "occurrenceString"), scope, notes)
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    is_withheld = is_true(sent.get("wasNotGiven")) or is_true(sent.get("notGiven"))
    return Immunization(notes.source, concept, "not-done" if is_withheld else _status(sent, "status"), when)


def goal_of(entry: Entry, scope: Scope, notes: Notes) -> Goal | None:
    """A Goal; None, with a gap, when it begins in the future. The day by which it should be reached is not read."""
    sent = entry.whole
    _check(sent, entry, scope)
    concept = concept_of(sent.get("description"))
    if not concept:
        raise ResourceUnreadable("it does not say what is aimed at")
    when = _first_date(sent, ("startDate", "statusDate"), scope, notes)
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    return Goal(notes.source, concept, _status(sent, "lifecycleStatus") or _status(sent, "status"), when)


def allergy_of(entry: Entry, scope: Scope, notes: Notes) -> Allergy:
    """An AllergyIntolerance, with the substances named by its code, by its reactions, and by `substance` of older
    versions."""
    sent = entry.whole
    _check(sent, entry, scope)
    reactions = [part for part in many(sent.get("reaction")) if isinstance(part, dict)]
    places = [sent.get("code"), sent.get("substance"), *(reaction.get("substance") for reaction in reactions)]
    substances = tuple(dict.fromkeys(concept for place in places if (concept := concept_of(place))))
    if not substances:
        raise ResourceUnreadable("it does not say which substance")
    recorded = _first_date(sent, ("recordedDate", "assertedDate"), scope, notes)
    only_status, criticality = status_of(sent.get("status")) or "", _status_or_none(sent, "criticality", notes)
    is_of_truth = only_status in _ALLERGY_VERIFICATION
    return Allergy(
        source=notes.source,
        substances=substances,
        clinical_status=_status_or_none(sent, "clinicalStatus", notes) or ("" if is_of_truth else only_status),
        verification_status=_status_or_none(sent, "verificationStatus", notes) or (only_status if is_of_truth else ""),
        criticality=SEVERITIES.get(criticality, criticality),
        reactions=tuple(_reaction(reaction, notes) for reaction in reactions),
        recorded=_past(recorded, scope, notes, "the day of record"),
    )


def _check(sent: JsonObject, entry: Entry, scope: Scope) -> None:
    for name in ("subject", "patient"):
        check_subject(sent.get(name), entry, scope.library, scope.patient_names)


def _status(sent: JsonObject, name: str) -> str:
    status = status_of(sent.get(name))
    if status is None:
        raise ResourceUnreadable(f"its {name} can't be read")
    return status


def _status_or_none(sent: JsonObject, name: str, notes: Notes) -> str:
    """ "" where it can't be read too: an allergy without a status counts as one that is there."""
    status = status_of(sent.get(name))
    if status is None:
        notes.add(GapReason.VALUE_UNREADABLE, f"its {name} can't be read")
    return status or ""


def _first_date(sent: JsonObject, names: tuple[str, ...], scope: Scope, notes: Notes) -> When | None:
    """The date of the first of `names` that was sent."""
    return next((scope.when(sent[name], notes, name) for name in names if sent.get(name) is not None), None)


# The statuses of a problem


def _statuses(sent: JsonObject, scope: Scope) -> tuple[str, str]:
    clinical = _standard(sent, "clinicalStatus", _CLINICAL, CLINICAL_STATUS)
    verification = _standard(sent, "verificationStatus", _VERIFICATION, VERIFICATION_STATUS)
    certain_clinical, certain_verification = _certainty(sent)
    clinical = clinical or certain_clinical
    if certain_verification in ("refuted", "provisional") or not verification:
        verification = certain_verification or verification
    return "resolved" if _has_ended(sent, scope) else clinical, verification


def _standard(sent: JsonObject, name: str, own: frozenset[str], others: Mapping[str, str]) -> str:
    """The status as HL7's code: by its own code, or, where that is of the house, by its words; else as sent."""
    status = _status(sent, name)
    if not status or status in own:
        return status
    words = status_of(concept_of(sent[name]).text) or ""
    return words if words in own else others.get(status) or others.get(words, status)


def _has_ended(sent: JsonObject, scope: Scope) -> bool:
    """An end that has passed for certain: by its date, an age, a word, or the plain yes of older versions. What
    can't be read ends nothing."""
    if is_true(sent.get("abatementBoolean")) or any(sent.get(name) for name in ("abatementAge", "abatementRange")):
        return True
    said = status_of(text(sent.get("abatementString"))) or ""
    if CLINICAL_STATUS.get(said, said) in ("resolved", "inactive", "remission"):
        return True
    silent = Notes("", "")
    ends = [
        scope.when(sent.get("abatementDateTime"), silent, "abatementDateTime"),
        scope.period(sent.get("abatementPeriod"), silent, "abatementPeriod")[1],
        scope.when(sent.get("abatementString"), silent, "abatementString"),
        scope.when(sent.get("abatementDate"), silent, "abatementDate"),
    ]
    return any(end is not None and end.end <= scope.today for end in ends)


def _certainty(sent: JsonObject) -> tuple[str, str]:
    """Clinical and verification status by the German certainty, on the coding, the concept or the resource, or as a
    letter behind the code ("B18.1 A"); ("", "") without."""
    coded = codings(sent.get("code"))
    for place in (*coded, *(member(coding, "_code") for coding in coded), *many(sent.get("code")), sent):
        for extension in many(member(place, "extension")):
            if text(member(extension, "url")).lower().endswith(CERTAINTY):
                value = member(extension, "valueCoding") or member(extension, "valueCode")
                return _CERTAINTIES.get((text(member(value, "code")) or text(value)).upper(), ("", ""))
    return next(filter(None, map(_lettered, coded)), ("", ""))


def _lettered(coding: JsonObject) -> tuple[str, str] | None:
    """By the letter behind an ICD-10-GM code, which no such code has of its own."""
    code = text(coding.get("code"))
    found = _LETTERED.fullmatch(code) if code[-1:].isalpha() else None
    is_german = found and any(system == _GERMAN for system, _ in spellings(text(coding.get("system")), code))
    return _CERTAINTIES[found[1].upper()] if found and is_german else None


def _past(when: When | None, scope: Scope, notes: Notes, name: str) -> When | None:
    if not scope.is_future(when):
        return when
    notes.add(GapReason.IN_FUTURE, f"{name} was left out")
    return None


def _onset(sent: JsonObject, scope: Scope, notes: Notes) -> When | None:
    if sent.get("onsetAge") is not None or sent.get("onsetRange") is not None:
        notes.add(GapReason.DATE_UNREADABLE, "its onset is given as an age")
    if sent.get("onsetDateTime") is not None:
        return scope.when(sent["onsetDateTime"], notes, "onsetDateTime")
    if sent.get("onsetPeriod") is not None:
        start, end = scope.period(sent["onsetPeriod"], notes, "onsetPeriod")
        return start or end
    return scope.when(sent.get("onsetString"), notes, "onsetString")


# The reactions of an allergy


def _reaction(sent: JsonObject, notes: Notes) -> Reaction:
    """What is told in words of the reaction as a whole counts as a manifestation: often it is all there is."""
    manifestations = []
    for part in many(sent.get("manifestation")):
        if not isinstance(part, dict | str):
            notes.add(GapReason.VALUE_UNREADABLE, "manifestation: it is no concept")
        manifestations.append(concept_of(part) or concept_of(member(part, "concept")))
    manifestations.append(Concept(text=text(sent.get("description"))))
    severity = status_of(first(sent.get("severity"))) or ""
    return Reaction(tuple(concept for concept in manifestations if concept), SEVERITIES.get(severity, severity))


def appointment_of(entry: Entry, scope: Scope, notes: Notes) -> Appointment:
    """An Appointment with the day for which it is booked, or asked for.

    Raises `WrongPatient` where patients take part and none of them is this one, `ResourceUnreadable` where who takes
    part can't be told.
    """
    sent = entry.whole
    _check_participants(sent, scope)
    start = scope.when(sent.get("start"), notes, "start")
    return Appointment(notes.source, status_of(sent.get("status")) or "", start or _requested(sent, scope, notes))


def _requested(sent: JsonObject, scope: Scope, notes: Notes) -> When | None:
    """The earliest day on which one of the periods asked for begins."""
    starts = [scope.period(part, notes, "requestedPeriod")[0] for part in many(sent.get("requestedPeriod"))]
    return min((start for start in starts if start is not None), key=lambda when: when.start, default=None)


def _check_participants(sent: JsonObject, scope: Scope) -> None:
    taking_part = many(sent.get("participant"))
    if not all(isinstance(one, dict) for one in taking_part):
        raise ResourceUnreadable("who takes part can't be told")
    names = [name_of(reference) for one in taking_part for reference, _ in references(member(one, "actor"))]
    patients = [name for name in names if name.startswith("Patient/")]
    if patients and scope.patient_names.isdisjoint(patients):
        raise WrongPatient
