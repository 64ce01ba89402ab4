"""Codings as EHRs send them, and the codes that they stand for."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.systems import spellings

LOINC = "http://loinc.org"
SCT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
ATC = "http://www.whocc.no/atc"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
MIMIC = "http://mimic.mit.edu/fhir/mimic/CodeSystem"

NAMES = {
    (LOINC, "2472-9"): [
        *(
            LOINC,
            "http://loinc.org/",
            "https://loinc.org",
            "http://www.loinc.org",
            "HTTP://LOINC.ORG",
            "http://LOINC.org",
        ),
        *("urn:oid:2.16.840.1.113883.6.1", "2.16.840.1.113883.6.1", "oid:2.16.840.1.113883.6.1", "LN", "LOINC", " ln "),
        *("http://loinc.org|2.77", "", "None", "null", "N/A"),
    ],
    (SCT, "10828004"): [
        *("http://snomed.info/sct/", "https://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96", "SCT", "SNOMED-CT"),
        *("SNOMED CT", "snomedct", "http://snomed.info/id", "2.16.840.1.113883.6.96", "SNOMED"),
        "http://snomed.info/sct/900000000000207008/version/20240101",
    ],
    (RXNORM, "121191"): ["RXNORM", "RxNorm", "https://www.nlm.nih.gov/research/umls/rxnorm/", "2.16.840.1.113883.6.88"],
    (ATC, "L01FA01"): [
        *("https://www.whocc.no/atc", "http://whocc.no/ATC", "ATC", "urn:oid:2.16.840.1.113883.6.73"),
        *("http://fhir.de/CodeSystem/bfarm/atc", "http://fhir.de/CodeSystem/dimdi/atc"),
    ],
    (ICD10CM, "G62.9"): [
        *("https://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90", "I10C", "ICD-10-CM", "ICD10CM"),
        *(f"{MIMIC}/mimic-diagnosis-icd10", "ICD-10"),
    ],
    (ICD10, "G62.9"): [
        *("http://hl7.org/fhir/sid/icd-10/", "I10", "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "ICD-10-GM", "icd10"),
        *("http://hl7.org/fhir/sid/icd-10-nl", "http://hl7.org/fhir/sid/icd-10-CA", "ICD10AM", "icd10gm2016"),
    ],
    (ICD9, "070.32"): ["I9C", "I9CDX", "ICD-9-CM", "urn:oid:2.16.840.1.113883.6.103", f"{MIMIC}/mimic-diagnosis-icd9"],
    (HCPCS, "J9312"): ["HPC", "https://www.cms.gov/medicare/coding/hcpcsreleasecodesets/", "urn:local:HCPCS-level-2"],
    ("http://hl7.org/fhir/sid/cvx", "21"): ["CVX", "https://www.hl7.org/fhir/sid/cvx"],
    ("https://www.orpha.net", "98676"): ["http://www.orpha.net", "ORPHA", "http://www.orpha.net/"],
}


@pytest.mark.parametrize(
    ("system", "expected"), [(name, pair) for pair, names in NAMES.items() for name in names], ids=repr
)
def test_a_code_is_known_under_every_name_of_its_system(system: str, expected: tuple[str, str]):
    assert expected in spellings(system, expected[1])


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (ICD10CM, "G629", "G62.9"),
        (ICD10CM, "g62.9", "G62.9"),
        (ICD10CM, " G62.9 ", "G62.9"),
        (ICD10CM, "D472", "D47.2"),
        (ICD10CM, "H3561", "H35.61"),
        (ICD10CM, "h35.61", "H35.61"),
        (ICD10CM, "H34.8110", "H34.8110"),
        (ICD10CM, "H348110", "H34.8110"),
        (ICD10CM, "I10", "I10"),
        (ICD10CM, "C7A1", "C7A.1"),
        (ICD10, "G63.2*", "G63.2"),
        (ICD10, "E10.4†", "E10.4"),
        (ICD9, "07032", "070.32"),
        (ICD9, "070.32", "070.32"),
        (ICD9, "2731", "273.1"),
        (ICD9, "V222", "V22.2"),
        (ICD9, "v22.2", "V22.2"),
        (ICD9, "E9331", "E933.1"),
        (ICD9, "650", "650"),
        (ATC, "l01fa01", "L01FA01"),
        (ATC, "L01 FA 01", "L01FA01"),
        (RXNORM, " 121191 ", "121191"),
        (LOINC, " 2472-9", "2472-9"),
        (LOINC, "la6576-8", "LA6576-8"),
    ],
)
def test_a_code_is_known_in_the_spelling_of_its_system(system: str, code: str, expected: str):
    assert (system, expected) in spellings(system, code)


def test_a_code_of_a_national_icd_is_the_code_of_whos_that_it_divides():
    gm = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
    assert spellings("http://fhir.de/CodeSystem/dimdi/icd-10-gm", "C8800") == (
        ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", "C8800"),
        (gm, "C88.00"),
        (ICD10, "C88.0"),
    )
    assert (ICD10, "G62.9") in spellings(gm, "G62.9")
    assert (ICD10, "G62") in spellings(gm, "G62.-")


def test_a_coding_as_sent_stands_first_and_an_endorsed_one_alone():
    assert spellings(LOINC, "2472-9") == ((LOINC, "2472-9"),)
    assert spellings("LN", "2472-9") == (("LN", "2472-9"), (LOINC, "2472-9"))
    assert spellings("urn:local:lab/", "NA-1") == (("urn:local:lab/", "NA-1"), ("urn:local:lab", "NA-1"))


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("", "2472-8"),  # the check digit is wrong
        ("", "12345678-1"),
        ("", "G62.9"),
        ("None", "NA-1"),
        ("", "2472"),
        ("http://example.org/loinc.org", "2472-9"),
        ("http://example.org/local-lab", "2472-9"),
        ("L", "2472-9"),
        ("SNM3", "10828004"),
        ("99LAB", "G62.9"),
        ("http://loinc.org.example.org", "2472-9"),
    ],
)
def test_a_code_of_nobody_we_know_stands_for_itself_alone(system: str, code: str):
    assert spellings(system, code) == ((system, code),)


def test_an_exclusion_in_words_behind_an_icd_code_is_not_cut_off():
    assert ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "B18.1") not in spellings("ICD-10-GM", "B18.1 A")
    assert all(code not in ("B18.1", "B18") for _, code in spellings(ICD10CM, "B18.1 (excluded)"))


def test_an_empty_code_stands_for_nothing():
    assert spellings(LOINC, " ") == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_are_a_coding(system: str, code: str):
    assert all(isinstance(part, str) for pair in spellings(system, code) for part in pair)


@given(
    st.sampled_from([name for names in NAMES.values() for name in names]), st.text(alphabet="AEVG0123.- *", max_size=9)
)
def test_any_code_of_a_known_system_is_spelled(system: str, code: str):
    found = spellings(system, code)
    assert bool(found) == bool(code.strip())


@pytest.mark.parametrize("text", ["http://" * 20_000, "0" * 100_000, " " * 100_000, "urn:oid:" * 20_000, "-" * 100_000])
def test_a_very_long_text_costs_no_time(text: str):
    started = time.perf_counter()
    spellings(text, "2472-9")
    spellings("", text)
    spellings(text, text)
    assert time.perf_counter() - started < 0.5
