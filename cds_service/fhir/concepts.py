"""CodeableConcepts as concepts, and the codes of statuses.

A code is listed under every spelling that it stands for (`systems`). Which codes mean something is left to the disease
package.
"""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.codes import Code, Concept
from cds_service.fhir.elements import CodeableConcept, Coding, Concepts, Token
from cds_service.fhir.systems import spellings

_STATUS_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/condition-",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-",
    "http://hl7.org/fhir/",
)


def text_of(token: Token) -> str:
    """A string as sent, without the spaces around it; "" where there is none."""
    return "" if token is None else str(token).strip()


def concept_of(sent: Concepts) -> Concept:
    """One concept with all codes of all CodeableConcepts in `sent`; its text is `text`, else the displays."""
    concepts = list(_concepts(sent))
    codings = [coding for concept in concepts for coding in _codings(concept)]
    codes = frozenset(pair for coding in codings for pair in _codes(coding))
    texts = [text_of(concept.text) for concept in concepts] or [""]
    displays = [text_of(coding.display) for coding in codings]
    return Concept(codes, _listed(texts) or _listed(displays))


def union(concept: Concept, other: Concept) -> Concept:
    """The codes of both; the text of the first, else of the second."""
    return Concept(concept.codes | other.codes, concept.text or other.text)


def status_of(sent: Concepts) -> str:
    """A FHIR status code in lower case, from a code or a CodeableConcept; "" where there is none.

    Where local codes stand beside HL7's, HL7's counts.
    """
    codings = [coding for concept in _concepts(sent) for coding in _codings(concept) if text_of(coding.code)]
    standard = [coding for coding in codings if text_of(coding.system).startswith(_STATUS_SYSTEMS)]
    for coding in standard or codings:
        return text_of(coding.code).lower()
    return concept_of(sent).text.lower()


def codes_of(sent: Concepts) -> frozenset[Code]:
    """The codes alone, for sorting out what need not be read."""
    return frozenset(pair for concept in _concepts(sent) for coding in _codings(concept) for pair in _codes(coding))


def _concepts(sent: Concepts) -> Iterator[CodeableConcept]:
    for concept in sent if isinstance(sent, list) else [sent]:
        if isinstance(concept, str):
            yield CodeableConcept(text=concept)
        elif concept is not None:
            yield concept


def _codings(concept: CodeableConcept) -> list[Coding]:
    sent = concept.coding if isinstance(concept.coding, list) else [concept.coding]
    return [coding for coding in sent if coding is not None]


def _codes(coding: Coding) -> tuple[Code, ...]:
    return spellings(text_of(coding.system), text_of(coding.code))


def _listed(texts: list[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))
