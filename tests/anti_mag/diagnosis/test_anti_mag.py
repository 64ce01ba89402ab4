"""The anti-MAG result that decides, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.codes import Concept
from cds_service.values import ReferenceRange
from hooks.anti_mag.knowledge_data import CODES, THRESHOLDS
from hooks.anti_mag.picture.anti_mag import AntiMag, anti_mag_of
from tests.anti_mag.diagnosis.charts import btu, chart, coded, number, problem, result, titre, up_to

IGM = "anti_mag_igm_quantitative"


def reading(*results) -> AntiMag:
    return anti_mag_of(chart(*results), THRESHOLDS)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(999, "negative"), (1000, "weak"), (6999, "weak"), (7000, "positive"), (9999, "positive"), (10000, "positive")],
)
def test_a_btu_value_is_read_by_its_bands(value, verdict):
    assert reading(result(IGM, btu(value))).verdict == verdict


def test_ten_thousand_btu_are_strongly_supportive_and_less_are_not():
    assert reading(result(IGM, btu(10000))).band == "strongly supportive"
    assert reading(result(IGM, btu(9999))).band != "strongly supportive"


def test_a_btu_value_within_the_laboratory_s_own_range_is_negative():
    assert reading(result(IGM, btu(1400), reference_range=up_to(1500, "{BTU}"))).verdict == "negative"
    assert reading(result(IGM, btu(8000), reference_range=up_to(9000, "{BTU}"))).verdict == "negative"


def test_a_btu_value_above_the_range_but_below_the_limit_is_weak():
    assert reading(result(IGM, btu(2500), reference_range=up_to(1500, "{BTU}"))).verdict == "weak"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (btu(70000, ">"), "positive"),
        (btu(1000, "<"), "negative"),
        (btu(7000, "<"), "unclear"),
        (btu(3000, ">"), "unclear"),
    ],
)
def test_a_censored_btu_value_is_a_bound_and_no_number(value, verdict):
    assert reading(result(IGM, value)).verdict == verdict


def test_a_contradiction_between_range_and_interpretation_is_unclear():
    contradictory = result(IGM, btu(9000), reference_range=up_to(1500, "{BTU}"), interpretation=frozenset({"N"}))
    assert reading(contradictory).verdict == "unclear"


@pytest.mark.parametrize("unit", ["{TU}", "U/mL", None])
def test_other_units_need_the_laboratory_s_own_word(unit):
    bare = result(IGM, number(25600, unit))
    assert reading(bare).verdict == "unclear"
    assert reading(replace(bare, reference_range=up_to(1000, unit))).verdict == "positive"
    assert reading(replace(bare, interpretation=frozenset({"POS"}))).verdict == "positive"
    assert reading(replace(bare, interpretation=frozenset({"NEG"}))).verdict == "negative"


def test_a_range_in_another_unit_says_nothing():
    assert reading(result(IGM, number(25600, "U/mL"), reference_range=up_to(1000, "{TU}"))).verdict == "unclear"


def test_a_dilution_without_range_is_unclear_and_never_a_btu_value():
    found = reading(result(IGM, titre(25600)))
    assert found.verdict == "unclear"
    assert found.btu is None


@pytest.mark.parametrize("text", ["<1:1600", "< 1:1600", "less than 1:1600"])
def test_a_range_written_as_a_titre_is_read(text):
    own = ReferenceRange(text=text)
    assert reading(result(IGM, titre(25600), reference_range=own)).verdict == "positive"
    assert reading(result(IGM, titre(800), reference_range=own)).verdict == "negative"


def test_a_range_text_whose_number_can_be_read_in_two_ways_says_nothing():
    assert (
        reading(result(IGM, number(3000, "U/mL"), reference_range=ReferenceRange(text="< 1.000"))).verdict == "unclear"
    )
    assert (
        reading(result(IGM, number(3000, "U/mL"), reference_range=ReferenceRange(text="< 1000"))).verdict == "positive"
    )


def test_a_range_text_with_several_bands_says_nothing():
    own = ReferenceRange(text="<1000 negative, 1000-2000 weak")
    assert reading(result(IGM, number(3000, "U/mL"), reference_range=own)).verdict == "unclear"


@pytest.mark.parametrize(
    ("reciprocal", "verdict"), [(3199, "weak"), (3200, "unclear"), (6399, "unclear"), (6400, "positive")]
)
def test_an_immunoblot_dilution_is_read_by_the_blot_s_bands(reciprocal, verdict):
    assert reading(result(IGM, titre(reciprocal), method="Immunoblot")).verdict == verdict


def test_an_immunofluorescence_dilution_has_no_bands():
    assert reading(result(IGM, titre(6400), method="IFA")).verdict == "unclear"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Positive", "positive"),
        ("strong positive", "positive"),
        ("detected", "positive"),
        ("weakly positive", "weak"),
        ("negative", "negative"),
        ("Not detected", "negative"),
        ("non-reactive", "negative"),
        ("equivocal", "unclear"),
        ("IgG positive, IgM negative", "unclear"),
        ("see report", "unclear"),
        ("pending", "untested"),
    ],
)
def test_a_text_is_the_laboratory_s_own_word(text, verdict):
    assert reading(result("anti_mag_igm_qualitative", text)).verdict == verdict


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("result_positive", "positive"), ("result_negative", "negative"), ("result_indeterminate", "unclear")],
)
def test_a_coded_answer_is_read(name, verdict):
    assert reading(result("anti_mag_igm_qualitative", coded(name, "as coded"))).verdict == verdict


def test_an_interpretation_code_as_the_value_is_read():
    value = Concept(frozenset({("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS")}))
    assert reading(result("anti_mag_igm_qualitative", value)).verdict == "positive"


@pytest.mark.parametrize("status", ["preliminary", "registered", "entered-in-error", "cancelled", "unknown"])
def test_a_result_that_is_not_final_never_makes_a_positive(status):
    assert reading(result(IGM, btu(50000), status=status)).verdict == "untested"


def test_a_positive_history_stands_against_a_newer_negative():
    found = reading(result(IGM, btu(900), days=10), result(IGM, btu(20000), days=3000))
    assert (found.verdict, found.btu) == ("positive", 20000)


def test_the_newest_positive_decides_among_positives_and_the_newest_result_without_one():
    assert reading(result(IGM, btu(8000), days=10), result(IGM, btu(20000), days=900)).btu == 8000
    assert reading(result(IGM, btu(900), days=10), result(IGM, btu(2000), days=900)).verdict == "negative"


def test_a_result_without_a_date_counts_for_the_diagnosis():
    assert reading(result(IGM, btu(20000), days=None)).verdict == "positive"


def test_a_positive_of_unknown_class_is_not_taken_for_igm():
    any_class = result("anti_mag_any_class", "positive")
    assert not reading(any_class).is_igm
    assert reading(replace(any_class, method="IgM ELISA")).is_igm
    assert reading(result("anti_mag_any_class", btu(20000))).is_igm


def test_an_igm_positive_is_preferred_to_a_newer_one_of_unknown_class():
    found = reading(result("anti_mag_any_class", "positive", days=5), result(IGM, btu(20000), days=50))
    assert found.is_igm


def test_antibodies_of_another_class_or_specimen_never_count():
    excluded = next(iter(sorted(CODES[IGM].excluded)))
    assert reading(replace(result(IGM, btu(50000)), concept=Concept(frozenset({excluded})))).verdict == "untested"
    both = Concept(frozenset({excluded}) | coded(IGM).codes)
    assert reading(replace(result(IGM, btu(50000)), concept=both)).verdict == "untested"


def test_a_coded_finding_of_the_antibody_is_a_positive_of_unknown_class():
    found = reading(problem("anti_mag_antibody_positive_finding"))
    assert (found.verdict, found.is_igm, found.result) == ("positive", False, None)
