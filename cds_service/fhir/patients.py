"""The patient in context, from the value of the prefetch key `patient`.

Only the patient of the hook's context is taken: identity is never inferred. A birth date that can't be read is an
unknown age, not an unknown patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from cds_service.fhir.dates import DateUnreadable, read_when
from cds_service.fhir.elements import UNREADABLE, Json, JsonObject, first, says_something, status_of, text
from cds_service.fhir.entries import Contents, Entry, Prefetched, contents_of
from cds_service.fhir.references import id_of
from cds_service.record import GapReason, Patient
from cds_service.values import When

_SEXES: Mapping[str, str] = dict.fromkeys(
    ("m", "man", "männlich", "maennlich", "homme", "hombre", "masculin", "masculino", "maschio", "mężczyzna"), "male"
) | dict.fromkeys(
    ("f", "w", "woman", "weiblich", "femme", "mujer", "féminin", "femenino", "feminino", "femmina", "kobieta"), "female"
)
"""HL7's letters (table 0001, AdministrativeGender) and the words of the sites' languages, as FHIR's codes."""
_DEAD, _ALIVE = frozenset({"true", "1", "y", "yes"}), frozenset({"false", "0", "n", "no", ""})
"""Table 0136 of HL7 v2 beside the truth values."""


class PatientNotRead(Exception):
    """The value of `patient` can't serve as the patient in context; it is always one of the kinds below."""


class PatientFailed(PatientNotRead):
    """The EHR sent an OperationOutcome."""


class NotAPatient(PatientNotRead):
    """The value is null, or neither a Patient nor a Bundle with one."""


class NotThisPatient(PatientNotRead):
    """The Patient has another id than the context, or none, or other Patients stand beside it."""


class PatientUnreadable(PatientNotRead):
    """The Patient is spoilt, or nested too deep."""


def read_patient(sent: Prefetched, patient_id: str) -> Patient:
    """The patient whose id the context names ("123" or "Patient/123"), from a Patient or a Bundle that holds just it.

    Raises `PatientFailed`, `NotAPatient`, `NotThisPatient` or `PatientUnreadable`, all of them `PatientNotRead`.
    """
    wanted = id_of(patient_id)
    contents = contents_of("patient", sent)
    found = [entry for entry in contents.entries if entry.type == "Patient"]
    if not found:
        raise _refusal(contents)
    if {_id(entry) for entry in found} != {wanted}:
        raise NotThisPatient("the Patient is another than the context's")
    try:
        whole = found[0].whole
    except UNREADABLE as error:
        raise PatientUnreadable(str(error)) from error
    return Patient(wanted, _sex(whole.get("gender")), _born(whole.get("birthDate")), _is_deceased(whole))


def _sex(sent: Json) -> str:
    said = status_of(sent) or ""
    return _SEXES.get(said, said)


def _id(entry: Entry) -> str:
    """The Patient's own id, else the one in its fullUrl."""
    return id_of(entry.source) if entry.source != "Patient" else ""


def _refusal(contents: Contents) -> PatientNotRead:
    reasons = {gap.reason for gap in contents.gaps}
    if reasons & {GapReason.KEY_FAILED, GapReason.KEY_INCOMPLETE}:
        return PatientFailed("the EHR reported an error for the patient")
    if reasons and not contents.entries:
        return PatientUnreadable("the value can't be read as a resource")
    return NotAPatient("the value holds no Patient")


def _is_deceased(sent: JsonObject) -> bool:
    """Raises `PatientUnreadable` where it is told in a way that says neither."""
    told = first(sent.get("deceasedBoolean"))
    words = text(told).lower() if not isinstance(told, bool) else str(told).lower()
    if told is not None and words not in _DEAD | _ALIVE:
        raise PatientUnreadable("deceasedBoolean can't be read")
    if told is not None and not isinstance(told, bool | str | int):
        raise PatientUnreadable("deceasedBoolean can't be read")
    return words in _DEAD or says_something(sent.get("deceasedDateTime"))


def _born(sent: Json) -> When | None:
    try:
        return None if sent is None else read_when(first(sent), UTC)
    except DateUnreadable:
        return None
