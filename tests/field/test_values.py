"""One meaning, many spellings: values, units, marks and answers as laboratories write them (rulings 25, 44, 45)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_examples.example import Json
from tests.field.charts import (
    ANTI_HBC,
    HBSAG,
    HCG,
    IGG,
    IGM,
    LABORATORY,
    NEGATIVE,
    NEUTROPHILS,
    PLATELETS,
    SEROLOGY,
    SIZE,
    UCUM,
    WOMAN,
    coded,
    day,
    quantity,
    result,
    sign,
    view,
)

ABOVE_4000: dict[str, Json] = {
    "a doubled comparator": {"valueQuantity": quantity(4500, "mg/dL", comparator="= =")},
    "a comparator in words": {"valueQuantity": quantity(4500, "mg/dL", comparator="greater than")},
    "a value in text with a comma": {"valueQuantity": quantity("4,500", "mg/dL")},
    "a value with an exponent": {"valueQuantity": quantity("4.5e3", "mg/dL")},
    "a value in a list": {"valueQuantity": [quantity(4500, "mg/dL")]},
    "in g/L by its unit alone": {"valueQuantity": {"value": 45, "unit": "g/l"}},
    "in g/dL": {"valueQuantity": quantity(4.5, "g/dL")},
    "in mg/L": {"valueQuantity": quantity(45000, "mg/L")},
    "unit in capitals": {"valueQuantity": {"value": 4500, "unit": "MG/DL"}},
    "unit with blanks": {"valueQuantity": {"value": 4500, "unit": " mg / dL "}},
    "UCUM under https": {"valueQuantity": quantity(4500, "mg/dL") | {"system": "https://unitsofmeasure.org"}},
    "UCUM with a slash": {"valueQuantity": quantity(4500, "mg/dL") | {"system": f"{UCUM}/"}},
    "text with a mark": {"valueString": "4500 mg/dL HH"},
    "text with a mark in brackets": {"valueString": "4,500 mg/dL [High]"},
    "text with a bound": {"valueString": ">= 4500 mg/dL"},
    "text with a French bound": {"valueString": "supérieur à 4500 mg/dL"},
    "text with a Spanish range": {"valueString": "entre 4100 y 4500 mg/dL"},
    "text with a range": {"valueString": "4100 mg/dL – 4500 mg/dL"},
    "text with apostrophes": {"valueString": "4’500 mg/dL"},
    "text with a dot and a decimal comma": {"valueString": "4.500,0 mg/dL"},
    "a concept without codes": {"valueCodeableConcept": {"text": "4500 mg/dL"}},
    "a Range": {"valueRange": {"low": quantity(4100, "mg/dL"), "high": quantity(4500, "mg/dL")}},
    "a Range with its unit at one end": {"valueRange": {"low": {"value": 41}, "high": quantity(45, "g/L")}},
    "a Range of which the lower end alone is known": {"valueRange": {"low": quantity(4100, "mg/dL")}},
    "a value beside an empty one": {"valueQuantity": {"unit": "mg/dL"}, "valueString": "4500 mg/dL"},
    "the inverse unit": {"valueQuantity": {"value": 45, "unit": "g.L-1"}},
    "a unit in brackets": {"valueQuantity": {"value": 4500, "unit": "(mg/dL)"}},
    "a period of the first version of FHIR": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "effectiveDateTime": None,
        "appliesPeriod": {"start": day(4), "end": day(3)},
    },
    "a display that is an object beside": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "code": {"coding": [{"system": "http://loinc.org", "code": IGM, "display": {"value": "IgM"}}]},
    },
    "a text that is a list beside": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "code": {"coding": [{"system": "http://loinc.org", "code": IGM}], "text": [["IgM"]]},
    },
    "a range that is a text beside": {"valueQuantity": quantity(4500, "mg/dL"), "referenceRange": "40-230"},
    "an interpretation that is a number beside": {"valueQuantity": quantity(4500, "mg/dL"), "interpretation": 3},
    "a note that is an object beside": {"valueQuantity": quantity(4500, "mg/dL"), "note": {"text": 7}},
    "a performer that is a number beside": {"valueQuantity": quantity(4500, "mg/dL"), "performer": 12},
    "a method that is a text beside": {"valueQuantity": quantity(4500, "mg/dL"), "method": "nephelometry"},
    "a component that is a text beside": {"valueQuantity": quantity(4500, "mg/dL"), "component": "none"},
    "an identifier that is a text beside": {"valueQuantity": quantity(4500, "mg/dL"), "identifier": "12"},
    "a unit that is a list beside": {"valueQuantity": quantity(4500, "mg/dL") | {"unit": {"text": "mg/dL"}}},
    "a LOINC code with blanks": {"valueQuantity": quantity(4500, "mg/dL"), "code": coded(f" {IGM} ")},
    "LOINC under a bare OID": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "code": coded(IGM, "2.16.840.1.113883.6.1"),
    },
    "LOINC under www and https": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "code": coded(IGM, "https://www.loinc.org/"),
    },
    "a name alone": {"valueQuantity": quantity(4500, "mg/dL"), "code": {"text": "Immunoglobulin M, serum"}},
    "a name beside a code of the house": {
        "valueQuantity": quantity(4500, "mg/dL"),
        "code": coded("IM77", "https://lab.example.org/tests", text="IgM"),
    },
}
NAMES = [
    "IgM Lvl", "IMMUNOGLOBULIN M, QN, SERUM", "IgM, Quant.", "IgM SerPl-mCnc", "P-IgM", "IgM (nephelometry)",
    "IgM i.S.", "Inmunoglobulina M", "Imunoglobulina M", "Immunoglobuline IgM", "Иммуноглобулин M", "免疫グロブリンM",
    "IgM [Mass/volume] in Serum or Plasma by Nephelometry", "IgM [Masa/volumen] en Suero o Plasma",
]  # fmt: skip
OTHER_NAMES = [
    "CMV IgM", "Hepatitis A IgM", "IgM CSF", "IgM, urine", "IgM kappa", "Anti-HBc IgM", "IgM antibody",
    "IgM [Mass/volume] in Cerebral spinal fluid", "IgM [Mass/volume] in Serum or Cerebrospinal fluid",
]  # fmt: skip
IMPLAUSIBLE: dict[str, Json] = {
    "mg/dL": {"valueQuantity": quantity(48000, "mg/dL")},
    "g/L": {"valueQuantity": quantity(480, "g/L")},
    "text": {"valueString": "48,000 mg/dL"},
    "a bound": {"valueQuantity": quantity(48000, "mg/dL", comparator=">")},
    "just above the limit": {"valueQuantity": quantity(15001, "mg/dL")},
}
AGAINST_ITS_RANGE: dict[str, Json] = {
    "g/L called mg/dL": {"valueQuantity": quantity(43, "mg/dL"), "referenceRange": [{"high": quantity(2.3, "mg/dL")}]},
    "g/L called mg/dL, a range with both ends": {
        "valueQuantity": quantity(43, "mg/dL"),
        "referenceRange": [{"low": quantity(0.4, "mg/dL"), "high": quantity(2.3, "mg/dL")}],
    },
    "g/L called mg/dL, the range in words": {
        "valueQuantity": quantity(43, "mg/dL"),
        "referenceRange": [{"text": "0.4 - 2.3"}],
    },
}
POSITIVE: dict[str, Json] = {
    "capitals": {"valueString": "REACTIVE"},
    "awaiting confirmation": {"valueString": "Reactive (awaiting confirmation)"},
    "Portuguese": {"valueString": "reagente"},
    "Dutch": {"valueString": "aantoonbaar"},
    "Polish": {"valueString": "dodatni"},
    "two plusses": {"valueString": "2+"},
    "LOINC's answer": {"valueCodeableConcept": coded("LA6576-8")},
    "SNOMED's detected": {"valueCodeableConcept": coded("260373001", "http://snomed.info/sct")},
    "Polish, as a loan": {"valueString": "Pozytywny"},
    "strongly, in one word": {"valueString": "hochpositiv"},
    "HL7 v2's table": {"valueCodeableConcept": coded("POS", "http://hl7.org/fhir/v2/0078")},
    "an interpretation in German alone": {"interpretation": [{"text": "positiv"}]},
    "an interpretation by a code of the house alone": {
        "interpretation": [{"coding": [{"system": "https://lab.example.org", "code": "7", "display": "reaktiv"}]}]
    },
    "a mark of the laboratory alone": {
        "interpretation": [coded("POS", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")]
    },
}
UNKNOWN_WORDS: dict[str, Json] = {
    "a word of no language": {"valueString": "zzqx"},
    "a code of the house": {"valueCodeableConcept": coded("R2", "https://lab.example.org/answers")},
    "a display of the house": {
        "valueCodeableConcept": {"coding": [{"system": "https://lab.example.org", "code": "R2", "display": "Stufe B"}]}
    },
    "an unknown LOINC answer": {"valueCodeableConcept": coded("LA99999-9")},
    "a grade": {"valueString": "grade two"},
    "a note in place of a value": {"note": [{"text": "Reactive"}]},
    "comments of DSTU2 in place of a value": {"comments": "weakly reactive"},
    "a plus in brackets, of which laboratories mean different things": {"valueString": "( + )"},
    "a truth, of which nobody says what is true": {"valueBoolean": True},
}
NEGATIVES: dict[str, Json] = {
    "capitals": {"valueString": "NON REACTIVE"},
    "hyphen": {"valueString": "non-reactive"},
    "Spanish": {"valueString": "No reactivo"},
    "German": {"valueString": "nicht nachweisbar"},
    "French": {"valueString": "Absence"},
    "LOINC's answer": {"valueCodeableConcept": coded("LA6577-6")},
    "SNOMED's answer": {"valueCodeableConcept": coded("260385009", "http://snomed.info/sct")},
    "a minus in brackets": {"valueString": "(-)"},
    "below its range in words": {
        "valueString": "<0.05",
        "interpretation": [coded("NEG", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")],
        "referenceRange": [{"text": "Non-reactive"}],
    },
    "a bound beside a range in words": {
        "valueQuantity": {"value": 0.05, "comparator": "<", "unit": "S/CO"},
        "referenceRange": [{"text": "<1.0 non-reactive"}],
    },
    "below a limit that words stand before": {
        "valueQuantity": {"value": 0.04, "unit": "S/CO"},
        "referenceRange": [{"text": "Non-reactive: < 0.05"}],
    },
    "below a limit with a decimal comma": {
        "valueQuantity": {"value": 0.1, "unit": "S/CO"},
        "referenceRange": [{"text": "bis 0,90"}],
    },
    "within a range that words stand behind": {
        "valueQuantity": {"value": 0.5, "unit": "S/CO"},
        "referenceRange": [{"text": "0.0-0.9 (negative)"}],
    },
    "HL7 v2's table": {"valueCodeableConcept": coded("NEG", "http://terminology.hl7.org/CodeSystem/v2-0078")},
    "an interpretation in German alone": {"interpretation": [{"text": "nicht nachweisbar"}]},
    "Spanish, as a sentence": {"valueString": "No se detecta"},
    "cut short": {"valueString": "NON-REAC"},
}
LOW_IS_POSITIVE: dict[str, Json] = {
    "reactive behind the limit": {"text": "<1.0 reactive"},
    "reactive before the limit": {"text": "reaktiv: <= 1,0"},
    "positive before the limit": {"text": "Positive: <1.0"},
    "the limit of what is not": {"low": {"value": 1.0}, "text": "> 1.0 non-reactive"},
}
BOTH: dict[str, Json] = {
    "two antibodies in one text": {"valueString": "Reactive; IgM not detected"},
    "now and before": {"valueString": "Positive, previous result negative"},
    "a code against its text": {
        "valueCodeableConcept": coded("260415000", "http://snomed.info/sct", text="Positive"),
    },
}


HEPATITIS_B_NAMES: dict[str, tuple[str, ...]] = {
    "G2": (
        *("Hep B Surface Antigen", "HBV surface antigen", "HEP B SURF AG", "Hepatitis-B-Surface-Antigen", "S-HBsAg"),
        *(
            "Ag HBs",
            "Antigène HBs",
            "Antígeno de superficie de la hepatitis B",
            "Antigene di superficie dell'epatite B",
        ),
        *("Hepatitis Bs Antigen", "Hepatitis B s-Antigen"),
    ),
    "G3": (
        *("Hep B Core Ab, Total", "HBV core antibody", "Hepatitis B core total", "HEP B CORE AB", "HBc-IgG"),
        *("aHBc", "HBc gesamt", "Ac anti-HBc totaux", "Hepatitis-B-core-Antikörper"),
    ),
    "": (
        *("Hepatitis B core IgM", "HBc IgM", "Anti-HBc (IgM)", "HBeAg", "Anti-HBe", "Hepatitis B Surface Ab"),
        *("Hep B surface antibody", "Hepatitis C antibody", "Hepatitis A Ab, total", "HIV Ag/Ab"),
    ),
}
PREGNANCY_TESTS = (
    *("Human chorionic gonadotropin", "b-hCG", "Bêta-HCG", "S-hCG", "POC pregnancy test", "UPT"),
    *("Test di gravidanza", "Zwangerschapstest", "Teste de gravidez"),
)


def each(table: dict[str, Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


@each(ABOVE_4000)
def test_an_igm_above_4000_stops_the_order_however_it_is_written(sent: Json) -> None:
    told = sign(result("newer", IGM, 3, **sent))
    assert "G4" in told.logic
    assert told.indicator("rituximabSafety") == "critical"


@pytest.mark.parametrize("name", NAMES)
def test_an_igm_is_known_by_its_name_where_no_code_of_a_public_system_stands_there(name: str) -> None:
    assert "G4" in sign(result("newer", IGM, 3, code={"text": name}, valueQuantity=quantity(4500, "mg/dL"))).logic


@pytest.mark.parametrize("name", OTHER_NAMES)
@pytest.mark.parametrize("amount", [4500, 45])
def test_another_igm_is_no_serum_igm_by_its_name(name: str, amount: int) -> None:
    other = result("newer", IGM, 3, code={"text": name}, valueQuantity=quantity(amount, "mg/dL"))
    assert sign(other).cards == []
    others = [one for one in LABORATORY if one["id"] != "igm-old"]
    assert "G4b" in sign(laboratory=[*others, other]).logic


BELOW: dict[str, Json] = {
    "a Range": {"valueRange": {"low": quantity(600, "mg/dL"), "high": quantity(640, "mg/dL")}},
    "a Range of which the upper end alone is known": {"valueRange": {"high": quantity(25, "mg/dL")}},
}
NOTHING_SENT: dict[str, Json] = {
    "a number that is null": {"valueQuantity": {"value": None, "unit": "mg/dL"}},
    "a number that is empty": {"valueQuantity": {"value": "", "unit": "mg/dL"}},
    "a unit alone": {"valueQuantity": {"unit": "mg/dL", "code": "mg/dL", "system": UCUM}},
    "a comparator alone": {"valueQuantity": {"comparator": "<", "unit": "mg/dL"}},
    "an object with nothing in it": {"valueQuantity": {}},
    "a reason why there is none": {"valueQuantity": None, "dataAbsentReason": {"text": "specimen lost"}},
}


@each(BELOW | NOTHING_SENT)
def test_an_igm_that_is_low_or_has_no_value_opens_nothing(sent: Json) -> None:
    assert sign(result("newer", IGM, 3, **sent)).cards == []


def test_a_value_that_is_not_there_is_not_told_as_one() -> None:
    others = [one for one in LABORATORY if one["id"] != "igm-old"]
    told = sign(laboratory=[*others, result("only", IGM, 3, valueQuantity={"value": None, "unit": "mg/dL"})])
    assert "G4b" in told.logic
    assert "None mg/dL" not in told.words
    assert "could not be read" not in told.words


@each(IMPLAUSIBLE)
def test_an_igm_above_the_plausible_limit_raises_and_is_shown_as_sent(sent: Json) -> None:
    newer = result("newer", IGM, 3, **sent)
    assert "G4" in sign(newer).logic
    told = view(newer)
    assert told.topics & {"hyperviscosity", "rituximab"}
    recommended = [one for card in told.cards for one in card.get("suggestions", ()) if one.get("isRecommended")]
    assert not any("rituximab" in one["label"].lower() for one in recommended)


@each(AGAINST_ITS_RANGE)
def test_an_igm_whose_unit_contradicts_its_own_range_is_not_low(sent: Json) -> None:
    told = sign(result("newer", IGM, 3, **sent))
    assert {"G4", "G4b"} & told.logic


BY_RANGE = {
    "IgG, g/L called mg/dL": (IGG, 9, "mg/dL", (7, 16)),
    "IgG, mg/dL called g/L": (IGG, 300, "g/L", (700, 1600)),
    "neutrophils per nanolitre called per microlitre": (NEUTROPHILS, 3.4, "/uL", (1.8, 7.5)),
    "neutrophils per microlitre called thousands": (NEUTROPHILS, 400, "10*3/uL", (1800, 7500)),
    "platelets per microlitre called thousands": (PLATELETS, 18000, "10*3/uL", (150000, 400000)),
}
WITHIN_REASON = {
    "IgG": (IGG, 980, "mg/dL", (549, 1584)),
    "IgG in g/L": (IGG, 9.8, "g/L", (7, 16)),
    "neutrophils of a range that begins low": (NEUTROPHILS, 3.4, "10*3/uL", (1.0, 7.5)),
    "platelets": (PLATELETS, 251, "10*3/uL", (130, 400)),
    "a range that begins at nothing": (PLATELETS, 251, "10*3/uL", (0, 400)),
}


def counted(code: str, amount: float, unit: str, normal: tuple[float, float]) -> Json:
    low, high = (quantity(end, unit) for end in normal)
    return result("newer", code, 3, valueQuantity=quantity(amount, unit), referenceRange=[{"low": low, "high": high}])


@pytest.mark.parametrize("sent", BY_RANGE.values(), ids=BY_RANGE)
def test_a_count_whose_unit_contradicts_its_own_range_is_neither_low_nor_clear(sent: Any) -> None:
    told = sign(counted(*sent))
    assert "G12" not in told.logic
    assert "its unit contradicts its own range" in told.words


@pytest.mark.parametrize("sent", WITHIN_REASON.values(), ids=WITHIN_REASON)
def test_a_count_with_a_range_of_another_laboratory_clears(sent: Any) -> None:
    assert sign(counted(*sent)).cards == []


@pytest.mark.parametrize(
    "name", ["NEUT#", "Neutrophils (Absolute)", "Abs. Neutrophils", "Neutro Abs", "Absolute Neutrophil Count"]
)
def test_neutrophils_are_known_by_their_names(name: str) -> None:
    few = result("newer", NEUTROPHILS, 3, code={"text": name}, valueQuantity=quantity(0.4, "10*3/uL"))
    assert "G12" in sign(few).logic


def test_a_share_of_the_white_cells_is_no_count() -> None:
    share = {"valueQuantity": quantity(60, "%")}
    assert sign(result("newer", NEUTROPHILS, 3, code={"text": "Neutrophils"}, **share)).cards == []
    assert "could not be read" in sign(result("newer", NEUTROPHILS, 3, **share)).words


WEIGHT_SPOILT: dict[str, Json] = {
    "pounds and ounces": {"valueString": "163 lb 2 oz"},
    "no unit": {"valueQuantity": {"value": 163}},
    "a range": {"valueString": "73-75 kg"},
    "a status of no standard": {"valueQuantity": quantity(74, "kg"), "status": "in-process"},
}


@each(WEIGHT_SPOILT)
def test_a_dose_is_not_checked_against_an_older_weight_than_one_that_cannot_be_read(sent: Json) -> None:
    height, older = SIZE[0], result("weight-0", "29463-7", 400, valueQuantity=quantity(50, "kg"))
    told = sign(vitalSigns=[height, older, result("weight-1", "29463-7", 3, **sent)])
    assert "G10" not in told.logic
    assert "The newest weight (" in told.words
    assert "could not be read" in told.words


def test_a_weight_that_cannot_be_read_is_not_called_missing_alone() -> None:
    told = sign(vitalSigns=[SIZE[0], result("weight-1", "29463-7", 3, **WEIGHT_SPOILT["pounds and ounces"])])
    assert 'could not be read: "163 lb 2 oz"' in told.words
    told = sign(
        vitalSigns=[SIZE[0], result("weight-1", "29463-7", 3, valueQuantity=quantity(74, "kg"), effectiveDateTime=None)]
    )
    assert 'The day of the weight "74 kg" is not known' in told.words


@pytest.mark.parametrize("height", ["5 ft 9 in", "176"])
def test_an_unread_height_leaves_an_older_one_of_an_adult(height: str) -> None:
    assert sign(result("height-2", "8302-2", 3, valueString=height), vitalSigns=[*SIZE]).cards == []


@each(POSITIVE)
@pytest.mark.parametrize(("code", "logic"), [(HBSAG, "G2"), (ANTI_HBC, "G3")])
def test_a_positive_hepatitis_b_test_speaks_beside_an_older_negative_one(code: str, logic: str, sent: Json) -> None:
    assert logic in sign(result("newer", code, 3, **sent)).logic


@each(UNKNOWN_WORDS)
@pytest.mark.parametrize("code", [HBSAG, ANTI_HBC])
@pytest.mark.parametrize("ago", [3, 3000])
def test_a_hepatitis_b_test_in_unknown_words_is_named_however_old(code: str, ago: int, sent: Json) -> None:
    told = sign(result("other", code, ago, **sent))
    assert "rituximabSafety" in told.topics
    assert "could not be read" in told.words


@each(NEGATIVES)
def test_negative_answers_stay_quiet(sent: Json) -> None:
    answers = [result("hbsag-1", HBSAG, 10, **sent), result("core-1", ANTI_HBC, 10, **sent)]
    assert sign(hepatitisB=answers).cards == []
    assert sign(patient=WOMAN, pregnancyTests=[result("hcg-1", HCG, 3, **NEGATIVE)]).cards == []


@each(LOW_IS_POSITIVE)
def test_a_low_value_of_a_competitive_assay_is_not_negative(sent: Json) -> None:
    low = result("core-1", ANTI_HBC, 10, valueQuantity={"value": 0.007, "unit": "COI"}, referenceRange=[sent])
    assert "rituximabSafety" in sign(hepatitisB=[SEROLOGY[0], low]).topics


@each(BOTH)
def test_a_hepatitis_b_test_that_contradicts_itself_is_named_however_old(sent: Json) -> None:
    told = sign(result("other", ANTI_HBC, 3000, **sent))
    assert "a result (" in told.words
    assert "(it contradicts itself)" in told.words


def test_a_value_that_could_not_be_read_is_quoted_as_it_came() -> None:
    assert '"6.1 S/CO"' in sign(result("other", ANTI_HBC, 3, valueQuantity={"value": 6.1, "unit": "S/CO"})).words


def test_a_note_in_place_of_a_value_is_quoted_as_a_note() -> None:
    assert '"note: Reactive"' in sign(result("other", ANTI_HBC, 3, note=[{"text": "Reactive"}])).words


@pytest.mark.parametrize(
    ("logic", "name"), [(logic, name) for logic, names in HEPATITIS_B_NAMES.items() for name in names]
)
def test_a_hepatitis_b_test_is_known_by_its_name_and_by_no_other_ones(logic: str, name: str) -> None:
    older = [one | {"effectiveDateTime": day(100)} for one in SEROLOGY]
    told = sign(hepatitisB=[*older, result("named", "", 3, code={"text": name}, valueString="Positive")])
    assert told.logic & {"G2", "G3"} == ({logic} if logic else set())


@pytest.mark.parametrize("name", ["HBV PCR", "Hep B DNA", "ADN VHB", "Hepatitis-B-Virus-DNA", "HBV Quant"])
def test_a_viral_load_is_known_by_its_name(name: str) -> None:
    core = result("core-1", ANTI_HBC, 10, valueString="Reactive")
    load = result("load-1", "", 3, code={"text": name}, valueString="2300 IU/mL")
    assert "G2" in sign(hepatitisB=[SEROLOGY[0], core, load]).logic


@pytest.mark.parametrize("name", PREGNANCY_TESTS)
def test_a_pregnancy_test_is_known_by_its_name(name: str) -> None:
    test = result("test-1", "", 3, code={"text": name}, valueString="Positive")
    assert "G8" in sign(patient=WOMAN, pregnancyTests=[test]).logic


def test_a_range_of_viral_loads_is_a_viral_load() -> None:
    core = result("core-1", ANTI_HBC, 10, valueString="Reactive")
    load = result("load-1", "42595-9", 3, valueString="100-200 IU/mL")
    assert "G2" in sign(hepatitisB=[SEROLOGY[0], core, load]).logic


@pytest.mark.parametrize("note", ["Negative", "Specimen insufficient", "pending"])
def test_an_old_test_without_a_value_whose_note_says_nothing_of_presence_stays_quiet(note: str) -> None:
    assert sign(result("other", ANTI_HBC, 3000, note=[{"text": note}])).cards == []


@pytest.mark.parametrize("beside", ["entries", "mode"])
def test_reports_that_came_along_stay_quiet(beside: str) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "report-1",
        "status": "final",
        "code": {"text": "Hepatitis B serology"},
        "result": [{"reference": "Observation/hbsag-old"}],
    }
    practitioner = {"resourceType": "Practitioner", "id": "p-9"}
    whole = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (*SEROLOGY, report, practitioner)]}
    if beside == "mode":
        for entry, mode in zip(whole["entry"], ("match", "match", "include", "include"), strict=True):
            entry["search"] = {"mode": mode}
    assert sign(hepatitisB=whole).cards == []


NOT_NONE: dict[str, Any] = {
    "an unknown unit": {"valueQuantity": quantity(5200, "zork/dL")},
    "a text": {"valueString": "see separate report"},
    "a status of no standard": {"valueQuantity": quantity(520, "mg/dL"), "status": "in-process"},
    "no day": {"valueQuantity": quantity(5200, "mg/dL"), "effectiveDateTime": None},
    "a modifier": {"valueQuantity": quantity(520, "mg/dL"), "modifierExtension": [{"url": "urn:x", "valueCode": "x"}]},
}


@each(NOT_NONE)
@pytest.mark.parametrize("hook", ["sign", "view"])
def test_none_on_record_is_never_said_of_an_igm_that_is_there(hook: str, sent: Json) -> None:
    others = [one for one in LABORATORY if one["id"] != "igm-old"]
    told = {"sign": sign, "view": view}[hook](laboratory=[*others, result("only", IGM, 3, **sent)])
    for line in told.words.splitlines():
        assert not ("igm" in line.lower() and "none on record" in line.lower() and "anti-mag" not in line.lower()), line
    if hook == "sign":
        assert {"G4", "G4b"} & told.logic
