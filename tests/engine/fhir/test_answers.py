"""Answers in words: the words of laboratories, and what they say together."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.answers import answer_in

SAID = {
    "positive": [
        *(
            "Positive",
            "POSITIV",
            "positief",
            "Positivo",
            "POSITIVA",
            "positiivinen",
            "pozitivní",
            "dodatni",
            "Dodatnia",
        ),
        *("положительный", "Обнаружено", "陽性", "阳性", "结果为阳性", "検出", "양성", "pozitif", "θετικό"),
        *("Reactive", "Reaktiv", "Réactif", "REACTIVO", "Reattivo", "Reagente", "reactief", "Repeatedly reactive"),
        *("Detected", "nachweisbar", "détecté", "Detectado", "rilevato", "aantoonbaar", "Påvisad", "påvist", "todettu"),
        *("wykryto", "prokázáno", "pos.", "Pos", "+", "++", "1+", "3+", "Present", "présence", "vorhanden", "Presente"),
        *("REACTIVE, confirmed by neutralization", "Reactive (confirmatory pending)", "DETECTED  <10 IU/mL"),
        *("DETECTED <1.3*", "HBV DNA detected, not quantifiable", "positive for HBsAg, not tested for anti-HBc"),
        *("positiv (S/CO 12,4)", "Strong positive", "No. 5 positive", "Reactive; no further testing"),
    ],
    "weak": [
        *("weakly positive", "weak reactive", "low positive", "schwach positiv", "schw. pos.", "faiblement positif"),
        *(
            "débilmente reactivo",
            "fracamente reagente",
            "debolmente positivo",
            "zwak positief",
            "svagt positiv",
            "弱陽性",
        ),
        *("слабоположительный", "slabě pozitivní", "słabo dodatni"),
    ],
    "negative": [
        *("Negative", "NEGATIV", "Négatif", "negatief", "negativo", "negatiivinen", "negativní", "ujemny", "Ujemna"),
        *("отрицательный", "не обнаружено", "陰性", "阴性", "検出せず", "未检出", "음성", "negatif", "αρνητικό"),
        *("Nonreactive", "NON-REACTIVE", "Non Reactive", "nicht reaktiv", "non réactif", "No reactivo", "Non reattivo"),
        *("Não reagente", "nao reagente", "niet reactief", "Not detected", "None detected", "Target not detected"),
        *("nicht nachweisbar", "non détecté", "n'a pas été détecté", "no detectado", "não detectado", "non rilevato"),
        *("niet aantoonbaar", "Ej påvisad", "ikke påvist", "ei todettu", "nie wykryto", "neprokázáno", "Undetectable"),
        *("indétectable", "absent", "Ausente", "kein HBsAg nachweisbar", "Kein Nachweis", "no evidence of hepatitis B"),
        *("Neg", "neg.", "(-)", "NEGATIVE (S/CO 0.21)", "Nonreactive; no further testing", "negativ (<1000 BTU)"),
        *("not been detected", "No monoclonal protein detected"),
    ],
    "unclear": [
        *(
            "indeterminate",
            "Equivocal",
            "borderline",
            "grenzwertig",
            "fraglich",
            "douteux",
            "dudoso",
            "dubbio",
            "hraniční",
        ),
        *(
            "сомнительный",
            "判定保留",
            "可疑",
            "grey zone",
            "Grauzone",
            "+/-",
            "±",
            "unconfirmed",
            "presumptive positive",
        ),
        *("reactive, not confirmed by neutralization", "false positive", "IgG positive, IgA negative", "not negative"),
        *(
            "Negative for HBsAg. Positive for anti-HBc",
            "nicht sicher nachweisbar",
            "no longer positive",
            "no sample present",
        ),
        *("not consistent with previous positive", "no specimen found"),
    ],
    "pending": [
        *(
            "pending",
            "Confirmation to follow",
            "not tested",
            "see report",
            "Negative, confirmation pending",
            "ausstehend",
        ),
        *("en cours", "pendiente", "niet bepaald", "検査中"),
    ],
    "": [
        *(
            "",
            " ",
            "___",
            "see comment",
            "SEE COMMENT",
            "no",
            "not",
            "none",
            "sans",
            "no specimen received",
            "Reactivity",
        ),
        *(
            "seroreactivity index 0.2",
            "4500 mg/dL",
            "two bands present",
            "positron",
            "negation",
            "n/a",
            "HBsAg",
            "1:6400",
        ),
        *("no further testing", "(+)", "a positivist", "ND", "NR"),
    ],
}


@pytest.mark.parametrize(
    ("text", "answer"), [(text, answer) for answer, texts in SAID.items() for text in texts], ids=repr
)
def test_an_answer_is_read_as_the_laboratory_means_it(text: str, answer: str):
    assert answer_in(text) == answer


@pytest.mark.parametrize("text", [text for texts in SAID.values() for text in texts])
def test_case_makes_no_difference(text: str):
    assert answer_in(text.upper()) == answer_in(text.lower()) == answer_in(text)


def test_letters_with_separate_accents_are_the_same_letters():
    assert answer_in("Négatif") == "negative"
    assert answer_in("Nao reagente") == "negative"


@given(st.text(max_size=300))
def test_any_text_has_one_of_the_answers(text: str):
    assert answer_in(text) in {*SAID}


@pytest.mark.parametrize("filling", ["no ", "positive ", "検出", "(", "not a ", "a" * 50, "é", "not sample detected "])
def test_a_very_long_text_costs_little_time(filling: str):
    text = filling * (100_000 // len(filling))
    started = time.perf_counter()
    answer_in(text)
    assert time.perf_counter() - started < 3
