"""The loader takes well-formed data files and names file, row and field of a fault."""

from datetime import date
from decimal import Decimal

import pytest

from cds_service.knowledge.contract import KnowledgeBroken
from cds_service.knowledge.load import DataFile, load_code_sets, load_evidence, load_series, load_thresholds

EVIDENCE_TEXT = """
[SOMEBODY2020]
label = "Somebody's trial (2020)"
citation = "Somebody A. A trial. J Trials 1:1"
year = "2020"
kind = "randomised trial"
url = "https://doi.org/10.1000/1"
checked = "abstract"
"""
EVIDENCE = load_evidence(DataFile("evidence.toml", EVIDENCE_TEXT))

THRESHOLD_TEXT = """
["dose.tolerance"]
value = 10.5
unit = "%"
comparator = ">"
since = 2026-01-31
mark = "D"
cites = []
why = "difference that counts"
site_may_change = true
bounds = [5, 20]
"""

SERIES_TEXT = """
[check_weeks]
values = [2, 4, 6]
unit = "wk"
mark = "V"
cites = ["SOMEBODY2020"]
why = "checks"
"""

CODES_TEXT = """
[systems]
loinc = "http://loinc.org"
icd = "http://hl7.org/fhir/sid/icd-10-cm"

[sources]
list = "a list"

[concepts.weight]
codes = [["loinc", "29463-7", "Body weight"], ["loinc", "3141-9", ""]]
prefixes = [["icd", "R63", ""]]
excluded = [["icd", "R63.9", "not this"]]
excluded_prefixes = [["icd", "R63.4", "nor these"]]
retired = [["loinc", "1-8", "old weight"]]
verified_in = ["list"]

[concepts.empty]
codes = []
verified_in = []
"""


def thresholds(text=THRESHOLD_TEXT):
    return load_thresholds(DataFile("thresholds.toml", text), EVIDENCE)


def code_sets(text=CODES_TEXT, *supplements):
    return load_code_sets(DataFile("codes.toml", text), [DataFile("more.toml", more) for more in supplements])


def test_evidence_keeps_every_field():
    source = EVIDENCE["SOMEBODY2020"]
    assert (source.key, source.label, source.year) == ("SOMEBODY2020", "Somebody's trial (2020)", "2020")
    assert (source.kind, source.url, source.checked) == ("randomised trial", "https://doi.org/10.1000/1", "abstract")


def test_numbers_are_exact_decimals():
    row = thresholds().row("dose.tolerance")
    assert row.value == Decimal("10.5")
    assert isinstance(row.value, Decimal)
    assert row.bounds == (Decimal(5), Decimal(20))
    assert row.since == date(2026, 1, 31)


def test_series_are_whole_numbers_in_order():
    assert load_series(DataFile("schedule.toml", SERIES_TEXT), EVIDENCE)["check_weeks"].values == (2, 4, 6)


def test_code_sets_join_prefixes_exclusions_and_retired_codes():
    weight = code_sets()["weight"]
    assert ("http://loinc.org", "1-8") in weight.codes
    assert weight.prefixes == (("http://hl7.org/fhir/sid/icd-10-cm", "R63"),)
    assert weight.excluded == {("http://hl7.org/fhir/sid/icd-10-cm", "R63.9")}
    assert weight.excluded_prefixes == (("http://hl7.org/fhir/sid/icd-10-cm", "R63.4"),)


def test_a_retired_code_and_a_code_without_display_are_never_written():
    assert [code for (_, code), _ in code_sets()["weight"].displays] == ["29463-7"]


def test_a_supplement_adds_codes_that_are_read_and_not_written():
    more = """
    [systems]
    sct = "http://snomed.info/sct"
    [sources]
    list = "a list"
    [concepts.empty]
    codes = [["sct", "27113001", "Body weight"]]
    verified_in = ["list"]
    """
    empty = code_sets(CODES_TEXT, more)["empty"]
    assert empty.codes == {("http://snomed.info/sct", "27113001")}
    assert empty.displays == ()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('label = "Somebody\'s trial (2020)"', "", "label: missing"),
        ('label = "Somebody\'s trial (2020)"', 'label = " "', "label: empty"),
        ('kind = "randomised trial"', "kind = 3", "kind: not a text"),
        ("https://doi.org/10.1000/1", "http://doi.org/10.1000/1", "url: not an https address"),
        ('checked = "abstract"', 'checked = "abstract"\ndoi = "10.1000/1"', "doi: unknown field"),
    ],
)
def test_a_fault_in_the_evidence_names_file_row_and_field(before, after, fault):
    with pytest.raises(KnowledgeBroken, match=f"evidence.toml: SOMEBODY2020: {fault}"):
        load_evidence(DataFile("evidence.toml", EVIDENCE_TEXT.replace(before, after)))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("value = 10.5", "", "value: missing"),
        ("value = 10.5", 'value = "10"', "value: not a number"),
        ("value = 10.5", "value = true", "value: not a number"),
        ("value = 10.5", "value = nan", "value: not a number"),
        ("value = 10.5", "value = 21", "value: 21 is outside the bounds"),
        ("value = 10.5", "value = 4.999", "value: 4.999 is outside the bounds"),
        ('unit = "%"', 'unit = ""', "unit: empty"),
        ('comparator = ">"', 'comparator = "over"', "comparator: 'over' is none of"),
        ("since = 2026-01-31", 'since = "2026-01-31"', "since: not a date"),
        ("since = 2026-01-31", "since = 2026-01-31T10:00:00", "since: a time"),
        ('mark = "D"', 'mark = "X"', "mark: 'X' is none of"),
        ('mark = "D"', 'mark = "V"', "cites: a number marked V"),
        ('mark = "D"', 'mark = "P"', "cites: a number marked P"),
        ("cites = []", 'cites = ["NOBODY1999"]', "cites: NOBODY1999 is not in the evidence table"),
        ("cites = []", "cites = [1]", "cites: not a list of texts"),
        ("cites = []", 'cites = "SOMEBODY2020"', "cites: not a list of texts"),
        ('why = "difference that counts"', 'why = ""', "why: empty"),
        ("site_may_change = true", "site_may_change = 1", "site_may_change: not true or false"),
        ("site_may_change = true", "site_may_change = false", "bounds: given"),
        ("bounds = [5, 20]", "", "bounds: missing"),
        ("bounds = [5, 20]", "bounds = [5]", "bounds: not a pair"),
        ("bounds = [5, 20]", "bounds = [20, 5]", "bounds: not a pair"),
        ("bounds = [5, 20]", 'bounds = ["a", "b"]', "bounds: not a number"),
        ("bounds = [5, 20]", "bounds = [5, 20]\nnote = 'x'", "note: unknown field"),
    ],
)
def test_a_fault_in_the_thresholds_names_file_row_and_field(before, after, fault):
    with pytest.raises(KnowledgeBroken, match=f"thresholds.toml: dose.tolerance: {fault}"):
        thresholds(THRESHOLD_TEXT.replace(before, after))


@pytest.mark.parametrize("value", ["5", "20"])
def test_a_number_on_its_bound_is_within(value):
    assert thresholds(THRESHOLD_TEXT.replace("10.5", value))["dose.tolerance"] == Decimal(value)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("[2, 4, 6]", "[2, 6, 4]", "values: not rising"),
        ("[2, 4, 6]", "[2, 2]", "values: not rising"),
        ("[2, 4, 6]", "[2, 4.5]", "values: not a list of whole numbers"),
        ("[2, 4, 6]", "[]", "values: not a list of whole numbers"),
        ('cites = ["SOMEBODY2020"]', "cites = []", "cites: a number marked V"),
        ('unit = "wk"', 'unit = "wk"\nevery = 2', "every: unknown field"),
    ],
)
def test_a_fault_in_the_schedule_names_file_row_and_field(before, after, fault):
    with pytest.raises(KnowledgeBroken, match=f"schedule.toml: check_weeks: {fault}"):
        load_series(DataFile("schedule.toml", SERIES_TEXT.replace(before, after)), EVIDENCE)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('["loinc", "3141-9", ""]', '["snomed", "1", ""]', "codes: the system 'snomed' is not declared"),
        ('["loinc", "3141-9", ""]', '["loinc", "3141-9"]', r"codes: not \[system, code, display\]"),
        ('["loinc", "3141-9", ""]', '["loinc", 3141, ""]', r"codes: not \[system, code, display\]"),
        ('["loinc", "3141-9", ""]', '["loinc", " 3141-9", ""]', "codes: not a code"),
        ('["loinc", "3141-9", ""]', '["loinc", "29463-7", ""]', "codes: a code stands there twice"),
        ('excluded = [["icd", "R63.9", "not this"]]', 'excluded = [["loinc", "29463-7", ""]]', "excluded: also among"),
        ('verified_in = ["list"]', "", "verified_in: missing"),
        ('verified_in = ["list"]', "verified_in = []", "verified_in: empty"),
        ('verified_in = ["list"]', 'verified_in = ["rumour"]', "verified_in: rumour is not among the sources"),
        ('verified_in = ["list"]', 'verified_in = ["list"]\ncode = "1"', "code: unknown field"),
    ],
)
def test_a_fault_in_the_codes_names_file_row_and_field(before, after, fault):
    with pytest.raises(KnowledgeBroken, match=f"codes.toml: weight: {fault}"):
        code_sets(CODES_TEXT.replace(before, after, 1))


def test_a_supplement_for_an_undeclared_concept_is_a_fault():
    more = '[systems]\n[sources]\nlist = "a list"\n[concepts.height]\ncodes = []\nverified_in = ["list"]\n'
    with pytest.raises(KnowledgeBroken, match=r"more\.toml: height: codes: the concept is not declared in codes\.toml"):
        code_sets(CODES_TEXT, more)


def test_an_unknown_table_and_a_system_without_address_are_faults():
    with pytest.raises(KnowledgeBroken, match=r"codes\.toml: top level: extra: unknown field"):
        code_sets(CODES_TEXT + "\n[extra]\n")
    with pytest.raises(KnowledgeBroken, match=r"codes\.toml: top level: systems\.loinc: not a text"):
        code_sets(CODES_TEXT.replace('"http://loinc.org"', "5"))


def test_a_file_that_is_not_toml_is_named():
    with pytest.raises(KnowledgeBroken, match=r"thresholds\.toml: not TOML"):
        thresholds("value = ")


def test_a_row_that_is_no_table_is_named():
    with pytest.raises(KnowledgeBroken, match=r"thresholds\.toml: stray: "):
        thresholds("stray = 1")
