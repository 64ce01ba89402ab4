"""Observations, their components and contained members as results, read when somebody asks.

Sorting looks at heads alone: an Observation that answers none of the disease's questions, by code or (where no code of
a public system stands on it) by name, is left unread. A panel (an Observation without a value of its own that only has
components or members) is no result; each component and each contained member that answers a question is one. A result
that can't be used as a whole stays, with its `caveat`, as what was received. Whether a status is good enough is left to
the disease package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from cds_service.codes import Code, Concept, words_of
from cds_service.fhir.dates import usual
from cds_service.fhir.elements import (
    MODIFIED,
    UNREADABLE,
    Json,
    JsonObject,
    codes_of,
    concept_of,
    decoded,
    many,
    member,
    objects,
    status_of,
    text,
    unmarked,
)
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.ranges import interpretations, mark_in, range_of
from cds_service.fhir.references import check_subject, name_of, references
from cds_service.fhir.scope import Asked, Scope
from cds_service.fhir.values import received_of, value_of
from cds_service.kept import kept
from cds_service.record import Gap, GapReason, Result
from cds_service.values import ReferenceRange, Value, When

PUBLIC_SYSTEMS = frozenset({"http://loinc.org", "http://snomed.info/sct"})
"""A code of these says what was measured; one that we don't know says that it is none of our questions, whatever the
words beside it. Codes of a laboratory's own say nothing to us, and the name is read."""

FIRST_YEAR = 1971
"""An earlier date of a result stands for none: 0001-01-01, 1900-01-01 and 1970-01-01 are what programs write where they
know no day, and no result is that old."""

LONGEST_NAME = 200
"""A longer text is no name of a result."""

STATUSES = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
)
_USABLE = STATUSES - {"unknown"}
_EARLY = ("effectivePeriod", "effectiveInstant", "effectiveTiming", "appliesDateTime", "appliesPeriod", "issued")


class Found(NamedTuple):
    """The results of one Observation that answer questions."""

    results: Sequence[Result] = ()
    untold: str = ""
    """Why they can't be used although they stay: whose they are is not told. "" where they can."""
    is_future: bool = False
    """Something of it lies in the future, and was left out."""


NOTHING = Found()


def results_of(entry: Entry, scope: Scope) -> Found:
    """What an Observation says to the disease's questions.

    Raises `WrongPatient`, and `ResourceUnreadable` where its code can't be read.
    """
    head = entry.head
    if head.component or head.has_member or head.contained:
        found: list[SentResult] = list(Observation(entry, entry.source, None, scope).parts())
        if not found:
            return NOTHING
    else:
        asked = _asked(head.code, scope)
        if not asked.is_answer:
            return NOTHING
        found = [ResultByItself(asked, entry, scope)]
    untold = _untold(entry, scope)
    if untold:
        for result in found:
            result.observation.untold = untold
    has_members = bool(head.contained)  # They may have days of their own.
    if not (has_members or _may_be_future(head.effective_date_time, scope)):
        return Found(found, untold)
    past = [result for result in found if not scope.is_future(result.when)]
    return Found(past, untold, is_future=len(past) < len(found))


def _asked(raw: msgspec.Raw, scope: Scope) -> Asked:
    sent = bytes(raw)
    found = scope.asked.get(sent)
    if found is None:
        code = decoded(raw) if sent else None
        found = scope.asked[sent] = Asked(code, codes_of(code), answers(code, scope))
    return found


def _untold(entry: Entry, scope: Scope) -> str:
    """Why it can't be told whose the resource is; "" where it is the patient's. Raises `WrongPatient`."""
    raw = bytes(entry.head.subject)
    if not raw or raw in scope.own_subjects:
        return ""
    subject = decoded(entry.head.subject)
    try:
        check_subject(subject, entry, scope.library, scope.patient_names)
    except ResourceUnreadable as unreadable:
        return str(unreadable)
    if text(member(subject, "reference")) in scope.patient_names:
        scope.own_subjects.add(raw)
    return ""


def contained_results(entry: Entry, scope: Scope) -> list[Result]:
    """The contained Observations of another resource (a DiagnosticReport) that answer questions."""
    if not entry.head.contained or b"Observation" not in bytes(entry.head.contained):
        return []
    observation = Observation(entry, entry.source, None, scope)
    try:
        observation.untold = _untold(entry, scope)
    except WrongPatient:
        return []
    return [result for result in observation.members() if not scope.is_future(result.when)]


def answers(code: Json, scope: Scope) -> bool:
    """True when `code` is one of the disease's questions: by a code, or by its name where no public code stands there.

    Raises `ResourceUnreadable` for a code that can't be read: it may be any.
    """
    codes = codes_of(code)
    if not scope.result_codes.isdisjoint(codes):
        return True
    if is_public(codes):
        return False
    words = concept_of(code).text
    if code and not codes and not words:
        raise ResourceUnreadable("its code can't be read")
    names = scope.result_names
    return names is not None and names.search(words_of(words[:LONGEST_NAME])) is not None


@lru_cache(maxsize=8192)
def is_public(codes: frozenset[Code]) -> bool:
    """True when a code of a public system says what was measured."""
    return any(system in PUBLIC_SYSTEMS for system, _ in codes)


def _may_be_future(effective: Json, scope: Scope) -> bool:
    """False for a plain date before yesterday: it can't be read in any zone as a day to come."""
    return not (type(effective) is str and len(effective) >= 10 and effective[:10] < scope.yesterday)


class Observation:
    """One Observation, decoded when first asked: what its results share."""

    def __init__(self, entry: Entry, source: str, members: JsonObject | None, scope: Scope) -> None:
        self.source = source
        self.scope = scope
        self._entry = entry
        self._members = members
        """Those of a contained Observation; None for the entry's own."""
        self.untold = ""
        """Why it can't be told whose it is."""

    @kept
    def notes(self) -> Notes:
        return Notes(self._entry.key, self.source)

    @kept
    def sent(self) -> JsonObject:
        """Its members; none where it can't be decoded."""
        if self._members is not None:
            return self._members
        try:
            return self._entry.whole
        except UNREADABLE as error:
            self.notes.add(GapReason.RESOURCE_UNREADABLE, str(error))
            return {}

    @kept
    def status(self) -> str:
        """As received, in lower case."""
        status = status_of(self._entry.head.status if self._members is None else self._members.get("status"))
        if not status:
            self.notes.add(GapReason.VALUE_UNREADABLE, "it has no status")
        return status or ""

    @kept
    def when(self) -> When | None:
        """The day of its values; None too where what was sent stands for no day."""
        told = self._when_told()
        if told is not None and told.end.year < FIRST_YEAR:
            self.notes.add(GapReason.DATE_UNREADABLE, f"{told.received}: a date that stands for none")
            return None
        return told

    def _when_told(self) -> When | None:
        """effectiveDateTime, else the end (else the start) of effectivePeriod, else effectiveInstant, the last event of
        effectiveTiming, what older versions call `applies`, else issued."""
        scope = self.scope
        own = self._members
        usual = self._entry.head.effective_date_time if own is None else own.get("effectiveDateTime")
        if usual is not None:
            return scope.when(usual, self.notes, "effectiveDateTime")
        sent = self.sent
        for name in ("effectivePeriod", "appliesPeriod"):
            if sent.get(name) is not None:
                start, end = scope.period(sent[name], self.notes, name)
                return end or start
        events = [event for timing in many(sent.get("effectiveTiming")) for event in many(member(timing, "event"))]
        for name, value in (
            ("effectiveInstant", sent.get("effectiveInstant")),
            ("effectiveTiming", max(map(text, events), default=None)),
            ("appliesDateTime", sent.get("appliesDateTime")),
        ):
            if value is not None:
                return scope.when(value, self.notes, name)
        return scope.when(sent.get("issued"), self.notes, "issued")

    @kept
    def caveat(self) -> str:
        """Why none of its results can be used, in words; "" where they can."""
        if self.untold:
            return self.untold
        if (self._members is not None or self._entry.head.modifier_extension) and not unmarked(self.sent):
            return MODIFIED
        if self._members is None and not self._entry.is_surely_decodable and not self.sent:
            return "it could not be decoded"
        if not self.status:
            return "it has no status"
        return "" if self.status in _USABLE else f'its status is "{self.status[:30]}"'

    @kept
    def method(self) -> str:
        return "; ".join(concept_of(one).text for one in objects(self.sent.get("method"), self.notes, "method"))

    @kept
    def laboratory(self) -> str:
        """The performing organisation, else the first performer, by display, else by reference."""
        named = [(name_of(reference), display) for reference, display in references(self.sent.get("performer"))]
        organisations = [one for one in named if one[0].startswith("Organization/")]
        for name, display in organisations or named:
            return display or name
        return ""

    @kept
    def identifiers(self) -> frozenset[Code]:
        pairs = [
            (text(one.get("system")), text(one.get("value")))
            for one in many(self.sent.get("identifier"))
            if isinstance(one, dict)
        ]
        return frozenset(pair for pair in pairs if pair[1])

    def parts(self) -> Iterator[SentResult]:
        """Its own result, where it is no panel, and those of its components and contained members."""
        sent = self.sent
        has_parts = bool(sent.get("component") or sent.get("hasMember"))
        is_answer, is_panel = answers(sent.get("code"), self.scope), has_parts and not received_of(sent)
        if is_answer and not is_panel:
            yield SentResult(sent.get("code"), self)
        components = objects(sent.get("component"), self.notes, "component")
        named = [component for component in components if answers(component.get("code"), self.scope)]
        yield from (SentResult(component.get("code"), self, component) for component in named)
        if is_answer and is_panel and not named:
            valued = [component for component in components if received_of(component)]
            yield from (UnnamedPart(sent.get("code"), self, component) for component in valued[:1])
        yield from self.members()

    def members(self) -> Iterator[SentResult]:
        """The results of contained Observations. One without a date or status of its own has its container's."""
        for part in many(self.sent.get("contained")):
            if not isinstance(part, dict) or part.get("resourceType") != "Observation":
                continue
            own = dict(part)
            if not any(own.get(name) is not None for name in ("effectiveDateTime", *_EARLY)):
                own |= {name: self.sent.get(name) for name in ("effectiveDateTime", *_EARLY)}
            if own.get("status") is None:
                own["status"] = self.sent.get("status")
            source = f"{self.source}#{text(part.get('id')).lstrip('#')}"
            inner = Observation(self._entry, source, own, self.scope)
            inner.untold = self.untold
            try:
                check_subject(part.get("subject"), self._entry, self.scope.library, self.scope.patient_names)
            except ResourceUnreadable as unreadable:
                inner.untold = str(unreadable)
            except WrongPatient:
                continue
            yield from inner.parts()


class SentResult(Result):
    """A result that is read as it is asked; what was read is kept."""

    def __init__(self, code: Json, observation: Observation, component: JsonObject | None = None) -> None:
        # The class is frozen to those who read it: what is behind its members goes past that.
        self.__dict__.update(_code=code, observation=observation, _component=component)

    _component: JsonObject | None = None
    """None where the result is the Observation's own."""

    if TYPE_CHECKING:
        _code: Json
        observation: Observation

    @property
    def _members(self) -> Mapping[str, Json]:
        return self.observation.sent if self._component is None else self._component

    @kept
    def source(self) -> str:
        return self.observation.source

    @kept
    def codes(self) -> frozenset[Code]:
        return codes_of(self._code)

    @kept
    def concept(self) -> Concept:
        return concept_of(self._code)

    @kept
    def status(self) -> str:
        return self.observation.status

    @kept
    def when(self) -> When | None:
        return self.observation.when

    @kept
    def value(self) -> Value | None:
        return value_of(self._members, self.observation.scope.unit_aliases, self.observation.notes)

    @kept
    def reference_range(self) -> ReferenceRange | None:
        seen = self.observation
        return range_of(self._members.get("referenceRange"), self.value, seen.scope.unit_aliases, seen.notes)

    @kept
    def interpretation(self) -> frozenset[str]:
        """As sent; where nothing was, the mark behind a number that came as text ("5230 mg/dL (H)")."""
        sent = self._members.get("interpretation")
        return interpretations(sent) if sent else mark_in(text(self._members.get("valueString")))

    @kept
    def method(self) -> str:
        return self.observation.method

    @kept
    def laboratory(self) -> str:
        return self.observation.laboratory

    @kept
    def identifiers(self) -> frozenset[Code]:
        return self.observation.identifiers

    @kept
    def caveat(self) -> str:
        return self.observation.caveat

    @kept
    def received(self) -> str:
        return received_of(self._members)

    def gaps(self) -> list[Gap]:
        """What could not be read of it; reads all of it."""
        _ = (self.status, self.when, self.value, self.reference_range, self.method, self.laboratory)
        return self.observation.notes.gaps


class UnnamedPart(SentResult):
    """A component of a result that has no value of its own, under a name that is not known: what it tells of it is not
    told."""

    @kept
    def caveat(self) -> str:
        return self.observation.caveat or "it stands in a part of the result whose name is not known"


class ResultByItself(SentResult):
    """The one result of an Observation without parts. What its head says plainly is taken from there: of most results
    of a chart nobody asks more."""

    def __init__(self, asked: Asked, entry: Entry, scope: Scope) -> None:
        self.__dict__.update(_code=asked.code, codes=asked.codes, source=entry.source, _behind=(entry, scope))

    if TYPE_CHECKING:
        _behind: tuple[Entry, Scope]

    @kept
    def observation(self) -> Observation:
        """The resource, for whatever its head does not say."""
        entry, scope = self._behind
        return Observation(entry, entry.source, None, scope)

    @kept
    def status(self) -> str:
        sent = self._behind[0].head.status
        return sent if type(sent) is str and sent in STATUSES else self.observation.status

    @kept
    def when(self) -> When | None:
        entry, scope = self._behind
        plain = usual(entry.head.effective_date_time, scope.zone)
        return self.observation.when if plain is None or plain.end.year < FIRST_YEAR else plain

    @kept
    def caveat(self) -> str:
        entry = self._behind[0]
        is_plain = self.status in _USABLE and not entry.head.modifier_extension and entry.is_surely_decodable
        return "" if is_plain and "observation" not in self.__dict__ else self.observation.caveat
