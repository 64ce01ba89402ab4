"""Hepatitis B on the problem list as text alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.record import Problem
from hooks.anti_mag.picture.hepatitis_b_words import names_hepatitis_b, says_past
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    behind,
    draft,
    on,
    record,
    safety_card,
    truth,
    without,
    words,
)

NAMED = [
    *(
        "Chronic hepatitis B",
        "Hepatitis B",
        "chronische Hepatitis B",
        "Virushepatitis B",
        "HEPATITIS_B_CHRONIC",
        "Hepatitis\u2011B, chronisch",
        "Hepatitis-B-Virus-Infektion",
    ),
    *("HBV infection", "chronic HBV", "HBV carrier", "Hep B", "hep. B carrier", "Hepatitis B carrier state (HCC)"),
    *("Chronic viral hepatitis B without delta-agent", "HBeAg-negative chronic hepatitis B", "viral hepatitis, type B"),
    *(
        "Chronic hepatitis B, HBeAg negative",
        "Chronic hepatitis B, immune-tolerant phase",
        "Chronic hepatitis B, no cirrhosis",
    ),
    *("hépatite B chronique", "hépatite virale B", "hepatitis B crónica", "hepatite B crônica", "epatite B cronica"),
    *(
        "chronische hepatitis B infectie",
        "kronisk hepatit B",
        "krooninen B-hepatiitti",
        "WZW typu B",
        "хронический гепатит B",
    ),
    *(
        "хронический гепатит В",
        "B型慢性肝炎",
        "慢性乙型病毒性肝炎",
        "慢性乙肝",
        "Hepatitis type B",
        "History of hepatitis B",
    ),
    *(
        "Z.n. Hepatitis B",
        "Hepatitis B core antibody positive",
        "Diabetes. Chronic hepatitis B",
        "No fever; hepatitis B",
    ),
    "Acute hepatitis B, resolved",
    *("HBsAg positive", "Inactive HBsAg carrier", "HBs-Ag-Träger", "anti-HBc positive", "Isolated anti-HBc"),
    *("Type B viral hepatitis", "Chronická hepatitida B", "Non-cirrhotic chronic hepatitis B"),
    *("Not on treatment for hepatitis B", "No hepatitis C. Chronic hepatitis B", "Hepatitis B screening positive"),
    *("Chronic hepatitis B, vaccinated against hepatitis A", "Hepatitis B, unknown duration"),
    *("Hepatitis B mother-to-child transmission", "Chronic hepatitis B known since 2004"),
]
NOT_NAMED = [
    *("Sister with hepatitis B", "Bruder mit Hepatitis B", "Maternal hepatitis B", "HBsAg positive mother"),
    *("Fam hx hep B", "Familiarità per epatite B", "Hijo de madre con hepatitis B", "Hepatitis B (brother)"),
    *("Never had hepatitis B", "Absence of hepatitis B", "Sin hepatitis B", "Nessuna epatite B", "Uteslutet hepatit B"),
    *("Hepatitis B descartada", "Epatite B esclusa", "гепатит B исключен", "HBV ausgeschl.", "z.A. Hepatitis B"),
    *("?Hepatitis B", "DD Hepatitis B", "Hepatitis B unlikely", "Hepatitis B status unknown", "Hepatitis B serology"),
    *("Susceptible to hepatitis B", "Hepatitis B unvaccinated", "Hepatitis B declined vaccine", "Fear of hepatitis B"),
    *("Hepatitis B non-responder", "Hepatitis B counselling", "HBsAg negative", "anti-HBc negative", "HBsAg"),
    *("Ausschluss Hepatitis B", "Ausschluß einer Hepatitis B", "Hepatitis B ausgeschlossen", "Hepatitis B, ruled out"),
    *(
        "Rule out hepatitis B",
        "r/o hepatitis B",
        "No hepatitis B",
        "no evidence of hepatitis B",
        "Negative for hepatitis B",
    ),
    *(
        "Hepatitis B negative",
        "hepatitis B surface antigen negative",
        "Family history of hepatitis B",
        "Mother with hepatitis B",
    ),
    *(
        "Familienanamnese Hepatitis B",
        "Hepatitis B vaccination",
        "Vaccinated against hepatitis B",
        "Hepatitis-B-Impfung",
    ),
    *(
        "Need for hepatitis B immunization",
        "Hepatitis B immunisation status",
        "Impfung gegen Hepatitis B",
        "vaccin hépatite B",
    ),
    *("vacuna contra hepatitis B", "Screening for hepatitis B", "Hepatitis B screening", "Contact with hepatitis B"),
    *("Exposure to HBV", "Hepatitis B contact", "Immune to hepatitis B", "Hepatitis B immune", "Hepatitis B immunity"),
    *(
        "Hepatitis B surface antibody positive",
        "Hepatitis B non-immune",
        "Verdacht auf Hepatitis B",
        "V.a. Hepatitis B",
    ),
    *(
        "Suspected hepatitis B",
        "Hepatitis B?",
        "keine Hepatitis B",
        "pas d'hépatite B",
        "нет гепатита B",
        "乙肝疫苗接种",
        "排除乙肝",
    ),
    *(
        "Hepatitis C",
        "Hepatitis A",
        "Hepatitis",
        "B12 deficiency",
        "autoimmune hepatitis",
        "hepatitis beta",
        "thebv",
        "",
    ),
]


@pytest.mark.parametrize("text", NAMED)
def test_a_text_that_names_hepatitis_b_is_heard(text: str):
    assert names_hepatitis_b(text)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_a_text_that_takes_it_back_or_is_of_something_else_is_not(text: str):
    assert not names_hepatitis_b(text)


def listed(text: str, clinical: str = "active", verification: str = "confirmed", code: str = ""):
    concept = words(text) if not code else type(words(text))(frozenset({("urn:local", code)}), text)
    return record(
        draft(amount=FULL_DOSE),
        problems=(NEUROPATHY, Problem("Condition/hep", concept, clinical, verification, on(400))),
    )


@pytest.mark.parametrize("code", ["", "K-77"])
def test_hepatitis_b_in_words_raises_the_gate_of_past_hepatitis_beside_negative_serology(code: str):
    assert behind(safety_card(listed("Chronic hepatitis B", code=code))) >= {"G3"}


def test_hepatitis_b_in_words_is_active_where_no_antigen_contradicts():
    chart = record(
        draft(amount=FULL_DOSE),
        results=without("hbsag"),
        problems=(
            NEUROPATHY,
            Problem("Condition/hep", words("chronische Hepatitis B"), "active", "confirmed", on(400)),
        ),
    )
    assert truth("G2", chart) == "YES"


@pytest.mark.parametrize("text", ["Ausschluss Hepatitis B", "Family history of hepatitis B", "Hepatitis B vaccination"])
def test_what_is_not_the_patients_hepatitis_b_is_silent(text: str):
    assert safety_card(listed(text)) is None


@pytest.mark.parametrize(("clinical", "verification"), [("active", "refuted"), ("active", "unconfirmed")])
def test_a_problem_that_nobody_stands_behind_is_silent_in_words_too(clinical: str, verification: str):
    assert safety_card(listed("Hepatitis B", clinical, verification)) is None


@pytest.mark.parametrize(
    "text",
    ["History of hepatitis B", "Z.n. Hepatitis B", "Hepatitis B, resolved", "past HBV infection", "anti-HBc positive"],
)
def test_a_past_hepatitis_b_says_so(text: str):
    assert says_past(text)


@pytest.mark.parametrize("text", ["Chronic hepatitis B", "Chronic hepatitis B, anti-HBc positive", "HBsAg positive"])
def test_a_present_hepatitis_b_is_not_past(text: str):
    assert not says_past(text)


@given(st.text(max_size=300))
def test_any_text_names_hepatitis_b_or_not(text: str):
    names_hepatitis_b(text)
    says_past(text)


@pytest.mark.parametrize(
    "filling", ["hepatitis b ", "hep ", "no ", "b", "hepatitis b virus virus ", "impf", " ,", "乙肝", "hep b impf "]
)
def test_a_very_long_text_costs_no_time(filling: str):
    text = filling * (100_000 // len(filling))
    started = time.perf_counter()
    names_hepatitis_b(text)
    says_past(text)
    assert time.perf_counter() - started < 3
