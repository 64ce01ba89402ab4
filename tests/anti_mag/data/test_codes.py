"""Code sets: shapes per system, licences, and the traps that the terminology notes warn of."""

import re
import tomllib
from importlib import resources

import pytest

from cds_service.codes import Concept
from hooks.anti_mag import knowledge_data
from hooks.anti_mag.knowledge_data import CODES

DATA = resources.files("hooks.anti_mag") / "data"
FREE = tomllib.loads((DATA / "codes.toml").read_text(encoding="utf-8"))
NON_GPS = tomllib.loads((DATA / "codes_snomed_non_gps.toml").read_text(encoding="utf-8"))
FIELDS = ("codes", "prefixes", "excluded", "excluded_prefixes", "retired")

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"

SHAPES = {
    "loinc": r"(LA)?\d{1,7}-\d",
    "sct": r"\d{6,18}",
    "rxnorm": r"\d{1,7}",
    "icd10cm": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "icd10who": r"[A-Z]\d{2}(\.\d{1,2})?",
    "icd9cm": r"(V\d{2}|\d{3})(\.\d{1,2})?",
    "atc": r"[A-Z]\d{2}[A-Z]{2}\d{2}",
    "cvx": r"\d{2,3}",
    "hcpcs": r"[A-Z]\d{4}",
    "icd11": r"[0-9A-Z]{4}(\.[0-9A-Z]{1,2})?",
    "mondo": r"MONDO:\d{7}",
    "orpha": r"\d{1,6}",
    "icd10pcs": r"[0-9A-Z]{7}",
    "hpo": r"HP:\d{7}",
    "icdo3": r"\d{4}/\d",
    "assessment": r"[a-z0-9]+(-[a-z0-9]+)*",
}


def rows(data):
    return [
        (name, field, *row)
        for name, concept in data["concepts"].items()
        for field in FIELDS
        for row in concept.get(field, [])
    ]


def concept(*codes):
    return Concept(frozenset(codes))


@pytest.mark.parametrize("data", [FREE, NON_GPS], ids=["codes", "non-GPS"])
def test_every_code_has_the_shape_of_its_system(data):
    odd = [row for row in rows(data) if not re.fullmatch(SHAPES[row[2]], row[3])]
    assert odd == []


def test_loinc_check_digits_are_right():
    def check_digit(number):
        doubled = "".join(str(int(digit) * (2 if place % 2 == 0 else 1)) for place, digit in enumerate(number[::-1]))
        return str(-sum(map(int, doubled)) % 10)

    loinc = {row[3] for row in rows(FREE) if row[2] == "loinc" and not row[3].startswith("LA")}
    assert len(loinc) > 100
    assert {code for code in loinc if check_digit(code.split("-")[0]) != code.split("-")[1]} == set()


def test_snomed_check_digits_are_right():
    """Verhoeff's check digit: the dihedral group of the pentagon, with a permutation by place."""

    def product(left, right):
        turned = (left % 5 + right) % 5 if left < 5 else (left % 5 - right) % 5
        return turned + 5 * ((left < 5) != (right < 5))

    def permuted(digit, times):
        for _ in range(times % 8):
            digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
        return digit

    def is_valid(code):
        total = 0
        for place, digit in enumerate(code[::-1]):
            total = product(total, permuted(int(digit), place))
        return total == 0

    snomed = {row[3] for row in [*rows(FREE), *rows(NON_GPS)] if row[2] == "sct"}
    assert len(snomed) > 250
    assert {code for code in snomed if not is_valid(code)} == set()


def test_there_is_no_cpt_code():
    addresses = [*FREE["systems"].values(), *NON_GPS["systems"].values()]
    assert not [address for address in addresses if "ama-assn" in address or "cpt" in address.lower()]
    assert not [row for row in rows(FREE) if row[2] == "hcpcs" and re.fullmatch(r"\d{5}", row[3])]


def test_snomed_codes_outside_the_global_patient_set_stand_in_a_file_of_their_own():
    free = {row[3] for row in rows(FREE) if row[2] == "sct"}
    licensed = {row[3] for row in rows(NON_GPS)}
    assert {row[2] for row in rows(NON_GPS)} == {"sct"}
    assert not free & licensed
    assert {"20720000", "127788007", "64088006", "386919002"} <= licensed
    assert all(
        "gps" in concept["verified_in"]
        for name, concept in FREE["concepts"].items()
        if any(row[0] == "sct" for field in FIELDS for row in concept.get(field, []))
    )


def test_the_file_outside_the_global_patient_set_begins_with_its_licence():
    head = (DATA / "codes_snomed_non_gps.toml").read_text(encoding="utf-8").split("[systems]")[0]
    assert "SNOMED International" in head
    assert "licence" in head


def test_a_site_may_leave_out_the_licensed_codes(monkeypatch):
    monkeypatch.setattr(knowledge_data, "_OPTIONAL_CODES", "not_there.toml")
    without = knowledge_data._codes()
    assert set(without) == set(CODES)
    assert not without["hyperviscosity"].codes
    assert [code_set.displays for code_set in without.values()] == [code_set.displays for code_set in CODES.values()]


def test_titles_of_who_icd_10_and_atc_are_not_carried():
    assert [row for row in rows(FREE) if row[2] in ("icd10who", "atc") and row[4]] == []


def test_a_code_set_is_read_by_system_and_code_together():
    rituximab = CODES["rituximab"]
    assert rituximab.holds(concept((RXNORM, "121191")))
    assert not rituximab.holds(concept(("http://dicom.nema.org/resources/ontology/DCM", "121191")))


def test_retired_codes_are_read_and_never_written():
    assert CODES["rituximab"].holds(concept((HCPCS, "J9310")))
    assert CODES["anti_mag_neuropathy"].holds(concept(("https://www.orpha.net", "639")))
    written = {code for code_set in CODES.values() for code, _ in code_set.displays}
    assert not written & {(HCPCS, "J9310"), ("https://www.orpha.net", "639"), (LOINC, "13096-3")}


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("pregnancy", "O12.03", True),
        ("pregnancy", "O12.04", False),
        ("pregnancy", "O80", False),
        ("pml", "A81.2", True),
        ("hyperviscosity_tia", "G45.9", True),
        ("hyperviscosity_tia", "G45.4", False),
        ("hyperviscosity_retinal_haemorrhage", "H35.61", True),
        ("hyperviscosity_retinal_vein_occlusion", "H34.8110", True),
        ("hyperviscosity_retinal_vein_occlusion", "H34.8112", False),
        ("waldenstrom", "C88.00", True),
        ("mgus", "D47.2", True),
        ("tuberculosis_active", "A15.0", True),
        ("tuberculosis_active", "Z22.7", False),
        ("uterus_absent", "Z90.712", False),
    ],
)
def test_headers_stand_for_their_children_and_exclusions_win(name, code, expected):
    assert CODES[name].holds(concept((ICD10CM, code))) is expected


def test_other_specimens_and_antibody_classes_do_not_count():
    assert not CODES["igm_serum"].holds(concept((LOINC, "2471-1")))
    assert not CODES["anti_mag_igm_quantitative"].holds(concept((LOINC, "33602-4")))
    assert not CODES["hbsag"].holds(concept((LOINC, "47364-5")))
    assert not CODES["anti_hbc_total"].holds(concept((LOINC, "24113-3"))), "IgM alone is another test"


@pytest.mark.parametrize(
    ("name", "system", "code"),
    [
        ("rituximab", RXNORM, "121191"),
        ("plasma_exchange", "http://www.cms.gov/Medicare/Coding/ICD10", "6A551Z3"),
        ("nerve_conduction_study", LOINC, "29755-6"),
        ("igm_serum", LOINC, "2472-9"),
        ("anti_mag_igm_quantitative", LOINC, "39087-2"),
        ("anti_hbc_total", LOINC, "13952-7"),
        ("neurology_referral", SNOMED, "183521007"),
        ("physiotherapy_referral", SNOMED, "308447003"),
        ("modified_rankin", LOINC, "75859-9"),
    ],
)
def test_the_first_display_is_the_code_that_is_written(name, system, code):
    assert CODES[name].displays[0][0] == (system, code)


def test_our_assessment_codes_have_one_set_each():
    ours = {name: code_set for name, code_set in CODES.items() if name.startswith("assessment_")}
    assert len(ours) == 15
    for name, code_set in ours.items():
        [(system, code)] = code_set.codes
        assert system == "urn:anti-mag-cds:assessment"
        assert name == "assessment_" + code.replace("-", "_")
        assert code_set.displays[0][1]
