"""What charts say in words where codes are missing: results, medicines, problems and orders by name alone."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.codes import Concept
from cds_service.record import Dosage, Medicine, Order, Problem
from cds_service.values import ReferenceRange
from hooks.anti_mag.knowledge_data import CODES
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    allergy,
    behind,
    concept,
    draft,
    igm,
    on,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)

CORE_POSITIVE = (*without("anti_hbc_total"), result("anti_hbc_total", "Reactive", 30))


def rituximab(**chart):
    return record(draft(amount=FULL_DOSE), **chart)


def labels(card):
    return [suggestion.label for suggestion in card.suggestions]


def laboratory_order(text):
    return draft(words(text), kind="ServiceRequest", name="lab-1", selected=False)


# Serology in the laboratory's words


@pytest.mark.boundaries("G1", "G2")
@pytest.mark.parametrize(
    "told",
    ["No HBsAg detected", "No hepatitis B surface antigen found", "non détecté", "nicht reaktiv", "No reactivo",
     "non réactif", "não reagente", "Non-Reactive", "NEG", "negativ"],
)  # fmt: skip
def test_a_negation_in_the_laboratorys_words_is_negative(told):
    chart = rituximab(results=(*without("hbsag"), result("hbsag", told, 30)))
    assert (truth("G1", chart), truth("G2", chart)) == ("NO", "NO")


@pytest.mark.parametrize(
    ("value", "limit", "g1"),
    [
        (quantity("0.05", None, "<"), "0.05", "NO"),
        (quantity("0.04", None, "<"), "0.05", "YES"),
        (quantity("0.06", None, "<"), "0.05", "YES"),
        (quantity("0.05", None), "0.05", "YES"),
        (quantity("0.05", None, "<="), "0.05", "YES"),
        (quantity("0.05", "g/L", "<"), "0.05", "YES"),
    ],
)
def test_a_bound_without_unit_clears_only_as_the_laboratorys_own_limit(value, limit, g1):
    own = ReferenceRange(None, Decimal(limit), "[IU]/mL", f"<{limit} IU/mL")
    surface = replace(result("hbsag", value, 30), reference_range=own)
    assert truth("G1", rituximab(results=(*without("hbsag"), surface))) == g1


@pytest.mark.parametrize("system", ["http://snomed.info/sct", "http://loinc.org"])
@pytest.mark.parametrize(
    ("code_set", "g1", "g2"),
    [("result_positive", "NO", "YES"), ("result_negative", "NO", "NO"), ("result_weak", "NO", "YES")],
)
def test_an_answer_code_without_display_is_read(code_set, g1, g2, system):
    for code in sorted(code for code in CODES[code_set].codes if code[0] == system):
        chart = rituximab(results=(*without("hbsag"), result("hbsag", Concept(frozenset({code})), 30)))
        assert (truth("G1", chart), truth("G2", chart)) == (g1, g2), code


@pytest.mark.boundaries("G2")
@pytest.mark.parametrize("told", ["reaktiv", "détecté", "réactif", "Reactive", "Antigen detected"])
def test_a_finding_in_the_laboratorys_words_is_positive(told):
    assert truth("G2", rituximab(results=(*without("hbsag"), result("hbsag", told, 30)))) == "YES"


@pytest.mark.boundaries("G1", "G2")
@pytest.mark.parametrize("told", ["Initially reactive, not confirmed by neutralization", "False positive"])
def test_a_finding_that_was_not_confirmed_settles_nothing(told):
    chart = rituximab(results=(*without("hbsag"), result("hbsag", told, 30)))
    assert (truth("G1", chart), truth("G2", chart)) == ("YES", "NO")


# Problems and medicines by name


@pytest.mark.boundaries("G14")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Progressive multifocal leukoencephalopathy (PML)", "YES"),
        ("Progressive multifocal leucoencephalopathy, 2019", "YES"),
        ("Rule out progressive multifocal leukoencephalopathy", "YES"),
        ("Progressive multifocal leukoencephalopathy, no longer active", "YES"),
        ("No evidence of progressive multifocal leukoencephalopathy", "NO"),
        ("At risk of progressive multifocal leukoencephalopathy", "NO"),
        ("Progressive multifocal leukoencephalopathy ruled out", "NO"),
        ("Leukoencephalopathy, vascular", "NO"),
    ],
)
def test_leukoencephalopathy_is_read_by_its_name(name, expected):
    pml = Problem("Condition/pml", words(name), "active", "confirmed", on(100))
    assert truth("G14", rituximab(problems=(NEUROPATHY, pml))) == expected


@pytest.mark.boundaries("G11")
@pytest.mark.parametrize("name", ["Ocrevus", "ofatumumab (Kesimpta) 20 mg", "GAZYVA"])
def test_another_anti_cd20_antibody_is_read_by_its_name(name):
    medicine = Medicine("MedicationStatement/m", "statement", words(name), "active", on(60))
    assert truth("G11", rituximab(medicines=(medicine,))) == "YES"


def test_an_anti_cd20_antibody_by_name_counts_for_six_months_only():
    medicine = Medicine("MedicationStatement/m", "statement", words("ocrelizumab"), "completed", on(220))
    assert truth("G11", rituximab(medicines=(medicine,))) == "NO"


def test_an_antiviral_by_name_is_cover():
    entecavir = Medicine("MedicationStatement/e", "statement", words("Entecavir 0.5 mg daily"), "active", on(20))
    card = safety_card(rituximab(results=CORE_POSITIVE, medicines=(entecavir,)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G3"})


def test_a_laboratory_order_named_after_an_antiviral_is_no_cover():
    chart = record(draft(amount=FULL_DOSE), laboratory_order("HBV resistance to entecavir"), results=CORE_POSITIVE)
    card = safety_card(chart)
    assert card is not None
    assert card.indicator is Indicator.CRITICAL


@pytest.mark.boundaries("TX-3")
@pytest.mark.parametrize("drug", ["Velcade 3.5 mg", "Oncovin", "Abraxane", "Adcetris 50 mg"])
def test_a_neurotoxic_drug_is_read_by_its_brand(drug):
    assert truth("TX-3", record(draft(words(drug))), "order-select") == "YES"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize("drug", ["Privigen 10%", "Solu-Medrol 1 g", "Leukeran 2 mg", "Cytoxan"])
def test_an_immunotherapy_is_read_by_its_brand(drug):
    assert truth("TX-4", record(draft(words(drug))), "order-select") == "YES"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize(
    "drug",
    [
        words("dexamethasone 8 mg premedication"),
        concept("methylprednisolone", "methylprednisolone premed"),
        words("Dexamethason 8 mg Prämedikation"),
        words("Prednisolon 100 mg, Praemedikation vor Infusion"),
        words("dexaméthasone 8 mg prémédication"),
    ],
)
def test_a_steroid_as_premedication_is_no_treatment_of_the_neuropathy(drug):
    assert truth("TX-4", record(draft(drug)), "order-select") == "NO"


def test_premedication_may_be_said_in_the_dosage():
    order = Order(
        "MedicationRequest/d", "MedicationRequest", concept("dexamethasone"), "draft", "order",
        is_draft=True, is_selected=True, dosages=(Dosage(text="8 mg, premedication before the infusion"),),
    )  # fmt: skip
    assert truth("TX-4", record(order), "order-select") == "NO"


def test_rituximab_given_with_premedication_is_rituximab():
    assert truth("G1", record(draft(words("Rituximab 700 mg IV with premedication")), results=())) == "YES"
    assert truth("G1", record(draft(words("Rituximab premedication: paracetamol")), results=())) == "NO"


# Orders that are there already


@pytest.mark.parametrize(
    ("order", "test"),
    [
        ("HBsAg", "Hepatitis B surface antigen"),
        ("Hepatitis B virus surface antigen", "Hepatitis B surface antigen"),
        ("anti-HBc total", "core antibody"),
        ("Hepatitis B panel", "surface antibody"),
        ("Immunoglobulins, quantitative", "Serum IgM"),
    ],
)
def test_a_test_that_is_drafted_in_words_is_not_suggested_again(order, test):
    bare = safety_card(record(draft(amount=FULL_DOSE), results=SAFE[3:]))
    beside = safety_card(record(draft(amount=FULL_DOSE), laboratory_order(order), results=SAFE[3:]))
    assert bare is not None
    assert beside is not None
    assert any(test in label for label in labels(bare))
    assert not any(test in label for label in labels(beside))


def test_an_igm_type_core_antibody_order_does_not_replace_the_total_one():
    card = safety_card(record(draft(amount=FULL_DOSE), laboratory_order("anti-HBc IgM"), results=SAFE[3:]))
    assert card is not None
    assert any("core antibody" in label for label in labels(card))


def test_an_immunoglobulin_panel_holds_the_igm():
    panel = draft("immunoglobulin_panel", kind="ServiceRequest", name="lab-1", selected=False)
    card = safety_card(record(draft(amount=FULL_DOSE), panel, results=without("igm_serum")))
    assert card is not None
    assert labels(card) == []


def test_a_referral_that_is_drafted_is_not_suggested_again():
    high = (*without("igm_serum"), igm("4500"))
    referral = laboratory_order("Referral to haematology")
    alone = safety_card(record(draft(amount=FULL_DOSE), results=high))
    beside = safety_card(record(draft(amount=FULL_DOSE), referral, results=high))
    assert alone is not None
    assert beside is not None
    assert labels(alone) == ["Plasma exchange", "Referral to haematology"]
    assert labels(beside) == ["Plasma exchange"]


# Height and weight


@pytest.mark.boundaries("G10")
@pytest.mark.parametrize(("height", "weight"), [("1.75", "76"), ("175", "7.6"), ("175", "760")])
def test_a_mistyped_height_or_weight_gives_no_dose(height, weight):
    measured = (result("body_height", quantity(height, "cm"), 20), result("body_weight", quantity(weight, "kg"), 20))
    chart = rituximab(results=(*without("body_height", "body_weight"), *measured))
    assert truth("G10", chart) == "UNKNOWN"
    card = safety_card(chart)
    assert card is not None
    assert "plausible height and weight could not be had" in card.detail


@pytest.mark.boundaries("G10")
@pytest.mark.parametrize(
    ("weight", "expected"), [("20.3", "UNKNOWN"), ("20.5", "YES"), ("251", "YES"), ("254", "UNKNOWN")]
)
def test_body_surface_from_1_to_3_5_is_taken(weight, expected):
    """With 175 cm: 20.3 kg give 0.99 m², 20.5 kg 1.00, 251 kg 3.49 and 254 kg 3.51."""
    measured = (result("body_height", quantity("175", "cm"), 20), result("body_weight", quantity(weight, "kg"), 20))
    chart = record(draft(amount=quantity("860", "mg")), results=(*without("body_height", "body_weight"), *measured))
    assert truth("G10", chart) == expected


def test_a_mouse_protein_allergy_is_read_in_the_plural():
    assert truth("G9", rituximab(allergies=(allergy(words("Mouse proteins"), criticality="high"),))) == "YES"


def test_immunoglobulin_by_name_may_have_brought_the_core_antibody():
    given = Medicine("MedicationAdministration/i", "administration", words("Privigen 10 %"), "completed", on(60))
    card = safety_card(rituximab(results=CORE_POSITIVE, medicines=(given,)))
    assert card is not None
    assert "may be the donor's" in card.detail


@pytest.mark.boundaries("TX-3")
@pytest.mark.parametrize("system", ["http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"])
def test_a_neurotoxic_drug_under_a_code_that_we_do_not_list_is_read_by_its_name(system):
    drug = Concept(frozenset({(system, "999999999")}), "bortezomib 3.5 MG Injection")
    assert truth("TX-3", record(draft(drug)), "order-select") == "YES"


def test_an_unlisted_code_with_a_steroid_in_its_name_may_be_another_product():
    drug = Concept(
        frozenset({("http://www.nlm.nih.gov/research/umls/rxnorm", "999999999")}), "neomycin / dexamethasone"
    )
    assert truth("TX-4", record(draft(drug)), "order-select") == "NO"
