"""One row a test, one row a therapy: what follows from a row, and what a broken one is told."""

import ast
import re
from pathlib import Path

import pytest

from cds_service.codes import CodeSet, CodeSets, Concept
from cds_service.knowledge.contract import KnowledgeBroken
from cds_service.knowledge.rows import DataFile
from cds_service.record import Order
from hooks.anti_mag import knowledge
from hooks.anti_mag.code_sets import ASKED_FOR, code_set, result_set
from hooks.anti_mag.investigations import load_investigations
from hooks.anti_mag.knowledge_data import CODES, EVIDENCE, INVESTIGATIONS, THERAPIES, THRESHOLDS
from hooks.anti_mag.picture.drafts import drafts_of
from hooks.anti_mag.picture.hepatitis_b import TEST_OF, hepatitis_b_of
from hooks.anti_mag.picture.order_names import therapy_of
from hooks.anti_mag.picture.tests_on_order import is_under_way
from hooks.anti_mag.prefetch import KEY_OF, OBSERVATION_SETS
from hooks.anti_mag.proposals import ORDERS, for_missing
from hooks.anti_mag.therapies import KINDS, load_therapies
from tests.anti_mag.diagnosis.charts import chart, coded, order, result
from tests.anti_mag.diagnosis.test_work_up import SETTLED, names, work_up
from tests.architecture.test_wall import ROOT, python_files

LOINC = "http://loinc.org"
SETS = CodeSets(
    {
        "sodium": CodeSet("sodium", frozenset({(LOINC, "2951-2")}), displays=(((LOINC, "2951-2"), "Sodium"),)),
        "panel": CodeSet("panel"),
    }
)
ROW = """
[sodium]
name = "Serum sodium"
short = "sodium"
results = ["sodium"]
key = "laboratory"
called = '\\bsodium\\b'
[sodium.draft]
code = "sodium"
text = "Sodium"
"""
THERAPY = """
[sodium]
name = "salt"
kinds = ["neurotoxic"]
[sodium.cites]
neurotoxic = ["KHWAJA2022"]
"""
AS_TEXT = {
    "igm": "Serum IgM",
    "immunofixation": "Immunofixation, serum",
    "anti_mag": "Myelin-associated glycoprotein antibody",
    "viscosity": "Serum viscosity",
    "igg": "IgG, serum",
    "blood_count": "Full blood count",
    "hbsag": "HBsAg",
    "anti_hbc": "Anti-HBc",
    "anti_hbs": "Hepatitis B surface antibody",
    "hbv_dna": "HBV-DNA",
    "pregnancy_test": "hCG",
    "nerve_conduction": "EMG/NCS",
    "vitamin_b12": "Vit. B-12 level",
    "glucose": "HbA1c",
    "tsh": "Thyroid stimulating hormone",
}


def investigations(text: str) -> object:
    return load_investigations(DataFile("tests.toml", text), SETS)


def therapies(text: str) -> object:
    return load_therapies(DataFile("therapies.toml", text), SETS, EVIDENCE)


# An order counts everywhere


def test_every_test_that_orders_name_is_tried_by_name():
    assert set(AS_TEXT) == {name for name, test in INVESTIGATIONS.items() if test.called}


@pytest.mark.parametrize(("test", "text"), AS_TEXT.items())
def test_an_order_without_a_code_counts_as_ordered_everywhere(test: str, text: str):
    ordered = chart(order(text=text))
    assert test in drafts_of(ordered, THRESHOLDS).tests_ordered
    assert is_under_way(ordered, test)


def test_an_order_of_hbsag_in_words_is_neither_offered_again_nor_called_missing():
    """The fault that one table of tests mends."""
    missing = work_up(order(text="HBsAg"), hepatitis_b=hepatitis_b_of(chart(), THRESHOLDS))
    assert "hbsag" not in names(missing.baseline)
    assert hepatitis_b_of(chart(order(text="HBsAg")), THRESHOLDS).surface_antigen.is_ordered


@pytest.mark.parametrize(
    ("test", "name"), [(test.id, name) for test in INVESTIGATIONS.values() for name in test.ordered_as]
)
def test_an_order_by_any_code_of_the_row_counts_as_ordered_everywhere(test: str, name: str):
    if CODES[name].codes:
        ordered = chart(order(name))
        assert test in drafts_of(ordered, THRESHOLDS).tests_ordered
        assert is_under_way(ordered, test)


def test_a_medicine_is_no_test_by_its_name():
    glue = Order("MedicationRequest/1", "MedicationRequest", coded("rituximab", "hCG 5000 units"), "active")
    assert drafts_of(chart(glue), THRESHOLDS).tests_ordered == frozenset()


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_an_awaited_result_is_under_way_and_a_final_one_is_not(status: str):
    assert is_under_way(chart(result("hbsag", None, status=status)), "hbsag")
    assert not is_under_way(chart(result("hbsag", "negative")), "hbsag")


def test_every_marker_of_hepatitis_b_has_its_row():
    assert {INVESTIGATIONS[test].key for test in TEST_OF.values()} == {"hepatitisB"}


# What follows from a row


def test_every_result_that_a_row_names_is_asked_for_under_its_key():
    for test in INVESTIGATIONS.values():
        assert {KEY_OF[name] for name in test.read} == {test.key}
        assert set(test.read) <= set(OBSERVATION_SETS[test.key])


def test_every_test_that_can_be_drafted_is_in_the_catalogue_of_orders():
    drafted = {name for name, test in INVESTIGATIONS.items() if test.draft}
    assert drafted <= set(ORDERS)
    assert {name for name in drafted if INVESTIGATIONS[name].called is None} == set(), "could be offered twice"


def test_a_missing_test_has_the_words_of_its_row_and_a_draft_where_the_row_has_one():
    lacking = work_up(hepatitis_b=SETTLED)
    for item in (*lacking.diagnostic, *lacking.baseline):
        assert item.short == INVESTIGATIONS[item.test].short
        assert (INVESTIGATIONS[item.test].draft is not None) == (item.test in ORDERS)
    assert for_missing.__doc__


@pytest.mark.parametrize("therapy", [name for name, row in THERAPIES.items() if row.kinds])
def test_a_therapy_is_known_by_its_code_and_by_its_name(therapy: str):
    row = THERAPIES[therapy]
    kind = "ServiceRequest" if therapy == "plasma_exchange" else "MedicationRequest"
    by_name = Order(f"{kind}/1", kind, Concept(frozenset(), row.name), "active")
    known = Order(f"{kind}/1", kind, coded(therapy), "active") if CODES[row.code_set].codes else by_name
    assert therapy_of(known, CODES, (row.code_set,)) == therapy
    assert re.search(rf"\b({row.called})\b", row.name.lower()) or therapy == "rituximab_hyaluronidase_sc"


def test_an_antiviral_says_how_hard_it_makes_resistance_and_nothing_else_does():
    assert {name for name, row in THERAPIES.items() if row.barrier} == set(THERAPIES.of_kind("antiviral"))
    assert {THERAPIES[name].barrier for name in ("lamivudine", "adefovir", "telbivudine")} == {"low"}
    assert THERAPIES["entecavir"].barrier == "high"


def test_every_neurotoxic_drug_names_the_source_that_says_so():
    drugs = THERAPIES.of_kind("neurotoxic")
    assert "nitrofurantoin" in drugs
    assert {name for name in drugs if not THERAPIES[name].cites["neurotoxic"]} == set()


def test_every_kind_has_a_therapy():
    assert len(THERAPIES) == len(list(THERAPIES))
    assert {kind for kind in KINDS if not THERAPIES.of_kind(kind)} == set()


# Code sets are named, and none is left over


def test_every_code_set_is_used_by_a_row_or_a_module():
    assert knowledge.KNOWLEDGE
    rows = {name for test in INVESTIGATIONS.values() for name in (*test.read, *test.ordered_as)}
    assert set(CODES) - rows - set(THERAPIES) - ASKED_FOR == set()


def test_a_misspelt_code_set_stops_the_module_that_names_it():
    with pytest.raises(KnowledgeBroken, match="no code set 'igm_serun': 'igm_serum' is meant"):
        code_set("igm_serun")
    with pytest.raises(KnowledgeBroken, match=r"no code set .zzz.$"):
        code_set("zzz")


def test_results_that_nobody_fetches_stop_the_module_that_asks_for_them():
    with pytest.raises(KnowledgeBroken, match=r"results of physiotherapy_referral .* no row of tests\.toml"):
        result_set("physiotherapy_referral")


@pytest.mark.parametrize("path", python_files(ROOT / "hooks" / "anti_mag"), ids=lambda path: path.name)
def test_code_sets_are_named_where_a_module_loads(path: Path):
    """Within a function a wrong name would be found by the patient who comes that way."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    inside = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]
    naming = {"code_set", "code_sets", "result_set", "result_sets"}
    assert [call.lineno for call in inside if getattr(call.func, "id", "") in naming] == [] or path.name in (
        "code_sets.py",
        "scales.py",
    )


# Broken rows


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('name = "Serum sodium"', "", "sodium: name: missing"),
        ('short = "sodium"', "short = ''", "sodium: short: empty"),
        ('results = ["sodium"]', "results = []", "sodium: results: empty"),
        ('results = ["sodium"]', 'results = ["sodum"]', "sodium: results: there is no code set 'sodum': 'sodium'"),
        ('results = ["sodium"]', 'results = ["sodium"]\norders = ["pane"]', "sodium: orders: there is no code set"),
        ('results = ["sodium"]', 'results = ["sodium"]\nbeside = ["sodium"]', "sodium: results: sodium stands in"),
        ('key = "laboratory"', 'key = "labs"', "sodium: key: 'labs' is none of laboratory"),
        (r"called = '\\bsodium\\b'", "called = '('", "sodium: called: no pattern"),
        ('code = "sodium"', 'code = "sodum"', "sodium.draft: code: there is no code set"),
        ('code = "sodium"', 'code = "panel"', "sodium.draft: code: panel has no code that may be written"),
        ('text = "Sodium"', 'text = "Sodium"\nunit = "1"', "sodium.draft: unit: unknown field"),
        ('key = "laboratory"', 'key = "laboratory"\nkeys = []', "sodium: keys: unknown field"),
    ],
)
def test_a_fault_in_a_test_names_file_row_and_field(before: str, after: str, fault: str):
    text = ROW.replace(before.replace("\\\\", "\\"), after)
    assert text != ROW
    with pytest.raises(KnowledgeBroken, match=f"tests.toml: {re.escape(fault)}"):
        investigations(text)


def test_one_code_set_stands_in_one_test():
    again = ROW.replace("[sodium", "[salt").replace('code = "salt"', 'code = "sodium"')
    with pytest.raises(KnowledgeBroken, match="salt: results: sodium stands in sodium too"):
        investigations(ROW + again)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("[sodium]", "[salt]", "salt: (row): there is no code set of that name"),
        ('name = "salt"', "", "sodium: name: missing"),
        ('["neurotoxic"]', '["toxic"]', "sodium: kinds: 'toxic' is none of"),
        ('["KHWAJA2022"]', "[]", "sodium: cites: a neurotoxic drug names the source that says so"),
        ("KHWAJA2022", "NOBODY1999", "sodium.cites: neurotoxic: NOBODY1999 is not in the evidence table"),
        ("neurotoxic = [", "antiviral = [", "sodium.cites: antiviral: unknown field"),
        ('name = "salt"', "name = 'salt'\ncalled = '['", "sodium: called: no pattern"),
        ('["neurotoxic"]', '["neurotoxic", "antiviral"]', "sodium: barrier: missing"),
        ('["neurotoxic"]', '["neurotoxic"]\nbarrier = "low"', "sodium: barrier: unknown field"),
        ('["neurotoxic"]', '["neurotoxic"]\nmany_forms = 1', "sodium: many_forms: not true or false"),
    ],
)
def test_a_fault_in_a_therapy_names_file_row_and_field(before: str, after: str, fault: str):
    text = THERAPY.replace(before, after)
    if before == "[sodium]":
        text = text.replace("[sodium.cites]", "[salt.cites]")
    with pytest.raises(KnowledgeBroken, match=f"therapies.toml: {re.escape(fault)}"):
        therapies(text)
