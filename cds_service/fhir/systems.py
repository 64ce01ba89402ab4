"""Interim."""

from __future__ import annotations
from functools import lru_cache
from cds_service.codes import Code

_ENDORSED = {
    "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
    "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "urn:oid:2.16.840.1.113883.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "urn:oid:2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
    "urn:oid:2.16.840.1.113883.6.3": "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-nl": "http://hl7.org/fhir/sid/icd-10",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "http://hl7.org/fhir/sid/icd-10",
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": "http://hl7.org/fhir/sid/icd-10",
    "urn:oid:2.16.840.1.113883.6.73": "http://www.whocc.no/atc",
    "urn:oid:2.16.840.1.113883.6.285": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "urn:oid:2.16.840.1.113883.6.4": "http://www.cms.gov/Medicare/Coding/ICD10",
    "urn:oid:2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx",
    "http://www.orpha.net": "https://www.orpha.net",
}
_HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


@lru_cache(4096)
def spellings(system: str, code: str) -> tuple[Code, ...]:
    bare = system.rstrip("/")
    e = _HCPCS if "hcpcs" in system.lower() else _ENDORSED.get(bare, bare)
    return ((system, code),) if e == system else ((system, code), (e, code))
