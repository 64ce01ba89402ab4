"""Observations and their components as results.

An Observation with none of the disease's codes is skipped before it is read. A panel (an Observation without a value of
its own that only has components or members) is no result; each component with one of the codes is. Whether a status is
good enough is left to the disease package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from cds_service.codes import Code
from cds_service.fhir.concepts import codes_of, concept_of, status_of, text_of
from cds_service.fhir.elements import (
    CONCEPTS,
    RAW_ABSENT,
    REFERENCE,
    UNREADABLE,
    Concepts,
    References,
    is_absent,
    items,
    parts,
)
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes
from cds_service.fhir.ranges import interpretations, range_of
from cds_service.fhir.references import check_subject, name_of
from cds_service.fhir.scope import Scope
from cds_service.fhir.values import Valued, value_of
from cds_service.record import GapReason, Result, When


class _Observed(Valued):
    code: Concepts = None
    interpretation: msgspec.Raw = RAW_ABSENT
    reference_range: msgspec.Raw = RAW_ABSENT


class _Observation(_Observed):
    status: Concepts = None
    subject: References = None
    effective_date_time: Any = None
    effective_period: msgspec.Raw = RAW_ABSENT
    effective_instant: Any = None
    issued: Any = None
    method: msgspec.Raw = RAW_ABSENT
    performer: msgspec.Raw = RAW_ABSENT
    component: msgspec.Raw = RAW_ABSENT
    has_member: msgspec.Raw = RAW_ABSENT


class _Coded(msgspec.Struct):
    code: Concepts = None


_OBSERVATION = msgspec.json.Decoder(_Observation, strict=False)
_COMPONENT = msgspec.json.Decoder(_Observed, strict=False)
_CODED = msgspec.json.Decoder(_Coded, strict=False)


def concerns(entry: Entry, codes: frozenset[Code]) -> bool:
    """True when the Observation or one of its components has one of `codes`, or when that can't be told."""
    try:
        if not is_absent(entry.code) and not codes.isdisjoint(codes_of(CONCEPTS.decode(entry.code))):
            return True
        components = [] if is_absent(entry.component) else parts(entry.component)
        return any(not codes.isdisjoint(codes_of(_CODED.decode(part).code)) for part in components)
    except UNREADABLE:
        return True


def results_of(entry: Entry, scope: Scope, notes: Notes) -> list[Result]:
    """The results of one Observation; none, with a gap, when it lies in the future."""
    sent = _OBSERVATION.decode(entry.raw)
    check_subject(sent.subject, entry, scope.library, scope.patient_id)
    when = _observed_on(sent, scope, notes)
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return []
    return list(_results(sent, when, scope, notes))


def _results(sent: _Observation, when: When | None, scope: Scope, notes: Notes) -> Iterator[Result]:
    status = status_of(sent.status)
    if not status:
        notes.add(GapReason.VALUE_UNREADABLE, "it has no status")
    method = "; ".join(concept_of(one).text for one in items(sent.method, CONCEPTS, notes, "method"))
    laboratory = _laboratory(sent.performer, notes)
    observed = items(sent.component, _COMPONENT, notes, "component")
    is_panel = not (is_absent(sent.component) and is_absent(sent.has_member)) and not _has_value(sent)
    for one in observed if is_panel else [sent, *observed]:
        concept = concept_of(one.code)
        if scope.result_codes.isdisjoint(concept.codes):
            continue
        value = value_of(one, scope.unit_aliases, notes)
        reference_range = range_of(one.reference_range, value, scope.unit_aliases, notes)
        interpretation = interpretations(one.interpretation, notes)
        yield Result(notes.source, concept, status, when, value, reference_range, interpretation, method, laboratory)


def _has_value(sent: _Observation) -> bool:
    raw = (sent.value_quantity, sent.value_codeable_concept, sent.value_ratio, sent.value_decimal)
    plain = (sent.value_string, sent.value_integer, sent.value_boolean, sent.value_date_time, sent.value_range)
    rare = (sent.value_period, sent.value_time, sent.value_sampled_data)
    return not all(map(is_absent, raw)) or any(value is not None for value in (*plain, *rare))


def _observed_on(sent: _Observation, scope: Scope, notes: Notes) -> When | None:
    """effectiveDateTime, else the end (else the start) of effectivePeriod, else effectiveInstant, else issued."""
    if sent.effective_date_time is not None:
        return scope.when(sent.effective_date_time, notes, "effectiveDateTime")
    if not is_absent(sent.effective_period):
        start, end = scope.period(sent.effective_period, notes, "effectivePeriod")
        return end or start
    if sent.effective_instant is not None:
        return scope.when(sent.effective_instant, notes, "effectiveInstant")
    return scope.when(sent.issued, notes, "issued")


def _laboratory(performer: msgspec.Raw, notes: Notes) -> str:
    """The performing organisation, else the first performer, by display, else by reference."""
    performers = items(performer, REFERENCE, notes, "performer")
    named = [(name_of(text_of(one.reference)), text_of(one.display)) for one in performers]
    organisations = [one for one in named if one[0].startswith("Organization/")]
    for name, display in organisations or named:
        return display or name
    return ""
