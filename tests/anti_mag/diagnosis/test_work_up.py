"""Which tests are still to be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.diagnosis import diagnosis_of
from hooks.anti_mag.picture.disability import disability_of
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, Marker
from hooks.anti_mag.picture.immunoglobulin import Igm, IgmValue
from hooks.anti_mag.picture.work_up import WorkUp, work_up_of
from tests.anti_mag.diagnosis.charts import TODAY, btu, chart, number, order, problem, procedure, result

SETTLED = HepatitisB(Marker("negative"), Marker("negative"), Marker("negative"))
COMPLETE = (
    result("anti_mag_igm_quantitative", btu(20000)),
    procedure(text="Nerve conduction study"),
    result("immunofixation_serum", "Monoclonal IgM kappa"),
    result("cbc", 6),
    result("igg_serum", number(900, "mg/dL")),
    result("assessment_incat", 1),
)
WOMAN = {"sex": "female", "born": date(1980, 1, 1)}


def igm(days: int = 30, **fields) -> Igm:
    on = TODAY - timedelta(days=days)
    fact = result("igm_serum", number(500, "mg/dL"), days=days).fact("IgM")
    return Igm(values=(IgmValue(Decimal(500), on, fact, **fields),))


def work_up(*facts, igm: Igm | None = None, hepatitis_b: HepatitisB = SETTLED, **fields) -> WorkUp:
    made = chart(*facts, **fields)
    diagnosis, disability = diagnosis_of(made, THRESHOLDS), disability_of(made, THRESHOLDS)
    return work_up_of(made, diagnosis, disability, igm or globals()["igm"](), hepatitis_b, THRESHOLDS)


def names(tests) -> set[str]:
    return {test.test for test in tests}


def test_a_complete_chart_lacks_nothing():
    assert work_up(*COMPLETE) == WorkUp()


def test_an_empty_chart_lacks_every_test_once():
    found = work_up(igm=Igm(), hepatitis_b=HepatitisB())
    assert names(found.diagnostic) == {"anti_mag", "nerve_conduction", "immunofixation", "igm", "blood_count"}
    assert names(found.baseline) == {"hbsag", "anti_hbc", "anti_hbs", "igg", "scores"}


@pytest.mark.parametrize(
    ("test", "ordered"),
    [
        ("anti_mag", order("anti_mag_igm_quantitative")),
        ("anti_mag", order(text="Anti-MAG IgM, ELISA")),
        ("nerve_conduction", order("nerve_conduction_study")),
        ("nerve_conduction", order(text="EMG/NCS of arms and legs")),
        ("immunofixation", order("immunofixation_serum", is_draft=True, status="")),
        ("blood_count", order("cbc")),
        ("anti_mag", result("anti_mag_igm_quantitative", None, status="registered")),
        ("anti_mag", result("anti_mag_igm_quantitative", btu(9000), status="preliminary")),
    ],
)
def test_a_test_that_is_under_way_is_not_missing(test, ordered):
    assert not work_up(ordered).lacks(test)


@pytest.mark.parametrize("status", ["completed", "revoked", "entered-in-error"])
def test_an_order_that_is_over_does_not_stand_for_the_test(status):
    assert work_up(order("anti_mag_igm_quantitative", status=status)).lacks("anti_mag")


def test_what_could_not_be_read_is_unknown_and_not_missing():
    found = work_up(unknown={"laboratory", "paraproteinTests", "assessments"})
    assert found.diagnostic == ()
    assert found.cannot_tell("anti_mag")
    assert found.cannot_tell("nerve_conduction")
    assert found.cannot_tell("scores")


def test_a_weak_or_negative_titre_is_a_test_that_was_done():
    for value in (900, 3000):
        assert not work_up(result("anti_mag_igm_quantitative", btu(value))).lacks("anti_mag")


def test_a_result_that_cannot_be_interpreted_is_asked_for_again():
    (asked,) = [
        item for item in work_up(result("anti_mag_igm_quantitative", 25600)).diagnostic if item.test == "anti_mag"
    ]
    assert "interpretation" in asked.why


def test_monoclonal_igm_once_shown_is_never_asked_for_again():
    assert not work_up(result("immunofixation_serum", "IgM kappa", days=4000)).lacks("immunofixation")
    assert not work_up(problem("waldenstrom")).lacks("immunofixation")
    assert work_up(problem("mgus")).lacks("immunofixation")


def test_a_negative_immunofixation_is_repeated_after_a_year():
    assert not work_up(result("immunofixation_serum", "negative", days=365)).lacks("immunofixation")
    assert work_up(result("immunofixation_serum", "negative", days=366)).lacks("immunofixation")


def test_igm_is_a_diagnostic_gap_after_a_year_and_a_baseline_gap_after_three_months():
    assert names(work_up(*COMPLETE, igm=igm(90)).baseline) == set()
    assert names(work_up(*COMPLETE, igm=igm(91)).baseline) == {"igm"}
    assert not work_up(igm=igm(364)).lacks("igm")
    assert work_up(igm=igm(365)).lacks("igm")


def test_a_preliminary_igm_is_no_igm():
    assert work_up(igm=igm(10, is_preliminary=True)).lacks("igm")


def test_an_old_titre_is_good_for_the_diagnosis_and_not_as_a_baseline():
    found = work_up(*COMPLETE[1:], result("anti_mag_igm_quantitative", btu(20000), days=366))
    assert (found.diagnostic, names(found.baseline)) == ((), {"anti_mag"})
    assert work_up(*COMPLETE[1:], result("anti_mag_igm_quantitative", btu(20000), days=365)) == WorkUp()


def test_a_later_negative_titre_is_baseline_enough_beside_an_old_positive():
    old, new = (result("anti_mag_igm_quantitative", btu(value), days=days) for value, days in ((20000, 2000), (500, 5)))
    assert work_up(*COMPLETE[1:], old, new) == WorkUp()


@pytest.mark.parametrize("state", ["missing", "expired", "withdrawn", "indeterminate"])
def test_a_hepatitis_marker_that_is_not_settled_is_missing(state):
    found = work_up(*COMPLETE, hepatitis_b=replace(SETTLED, surface_antigen=Marker(state)))
    assert names(found.baseline) == {"hbsag"}


def test_a_hepatitis_marker_that_is_awaited_is_not_missing():
    assert work_up(*COMPLETE, hepatitis_b=replace(SETTLED, core_antibody=Marker("pending"))) == WorkUp()


def test_contact_with_hepatitis_b_asks_for_the_viral_load():
    exposed = replace(
        SETTLED, core_antibody=Marker("positive", (result("anti_hbc_total", "reactive").fact("anti-HBc"),))
    )
    assert names(work_up(*COMPLETE, hepatitis_b=exposed).baseline) == {"hbv_dna"}


def test_unreadable_hepatitis_results_are_unknown():
    unread = HepatitisB(*(Marker("unknown"),) * 3)
    found = work_up(*COMPLETE, hepatitis_b=unread, unknown={"hepatitisB"})
    assert names(found.unknown) == {"hbsag", "anti_hbc", "anti_hbs"}


def test_a_pregnancy_test_is_asked_for_where_pregnancy_is_possible():
    assert names(work_up(*COMPLETE, **WOMAN).baseline) == {"pregnancy_test"}


@pytest.mark.parametrize("name", ["sterilisation_status", "uterus_absent", "ovaries_absent", "menopause"])
def test_no_pregnancy_test_where_pregnancy_is_ruled_out(name):
    assert work_up(*COMPLETE, problem(name), **WOMAN) == WorkUp()


@pytest.mark.parametrize("who", [{"sex": "male"}, {"sex": ""}, {"sex": "female", "born": date(1970, 2, 1)}])
def test_no_pregnancy_test_in_men_the_unrecorded_and_those_past_the_age(who):
    assert work_up(*COMPLETE, **{"born": date(1980, 1, 1), **who}) == WorkUp()


def test_the_age_up_to_which_pregnancy_is_asked_for_is_included():
    assert names(work_up(*COMPLETE, sex="female", born=date(1970, 3, 2)).baseline) == {"pregnancy_test"}


def test_free_light_chains_are_never_asked_for():
    assert not any("chain" in item.label for item in work_up(igm=Igm(), hepatitis_b=HepatitisB()).diagnostic)
