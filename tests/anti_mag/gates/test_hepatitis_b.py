import pytest

from cds_service.cards import Indicator
from cds_service.codes import Concept
from cds_service.record import Result
from cds_service.values import ReferenceRange
from hooks.anti_mag.knowledge_data import CODES
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    behind,
    concept,
    draft,
    finding,
    given,
    on_record,
    picture,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
)

ORDER = draft(amount=FULL_DOSE)
NO_SEROLOGY = without("hbsag", "anti_hbc_total")


def serology(*results: Result) -> tuple[Result, ...]:
    return (*NO_SEROLOGY, *results)


def test_fresh_negative_serology_passes():
    assert truth("G1", record(ORDER)) == "NO"


def test_no_serology_at_all_asks_for_three_tests():
    card = safety_card(record(ORDER, results=NO_SEROLOGY))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    codes = [s.actions[0].resource["code"]["coding"][0]["code"] for s in card.suggestions]  # type: ignore[index]
    expected = [CODES[name].displays[0][0][1] for name in ("hbsag", "anti_hbc_total", "anti_hbs")]
    assert codes == expected
    assert card.selection_behavior == "any"


@pytest.mark.boundaries("G1")
@pytest.mark.parametrize("absent", ["hbsag", "anti_hbc_total"])
def test_one_missing_marker_is_enough(absent):
    assert truth("G1", record(ORDER, results=without(absent))) == "YES"


@pytest.mark.boundaries("G1")
@pytest.mark.parametrize(("ago", "expected"), [(365, "NO"), (366, "YES")])
def test_a_negative_expires_after_a_year(ago, expected):
    results = serology(result("hbsag", "Negative", ago), result("anti_hbc_total", "negative", 5))
    assert truth("G1", record(ORDER, results=results)) == expected


def test_an_undated_negative_settles_nothing():
    results = serology(result("hbsag", "Negative", None), result("anti_hbc_total", "negative", 5))
    assert truth("G1", record(ORDER, results=results)) == "YES"


@pytest.mark.boundaries("G1")
@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_a_withdrawn_or_pending_result_settles_nothing(status):
    results = serology(result("hbsag", "Negative", 5, status=status), result("anti_hbc_total", "negative", 5))
    assert truth("G1", record(ORDER, results=results)) == "YES"


def test_a_preliminary_negative_never_clears_a_gate():
    results = serology(result("hbsag", "Negative", 5, status="preliminary"), result("anti_hbc_total", "negative", 5))
    assert truth("G1", record(ORDER, results=results)) == "YES"


def test_a_preliminary_positive_raises_the_gate():
    results = serology(result("hbsag", "Positive", 5, status="preliminary"), result("anti_hbc_total", "negative", 5))
    assert truth("G2", record(ORDER, results=results)) == "YES"


def test_igm_type_core_antibody_does_not_count():
    results = serology(result("hbsag", "Negative", 5), result("anti_hbc_igm", "negative", 5))
    card = safety_card(record(ORDER, results=results))
    assert card is not None
    assert "IgM-type anti-HBc alone does not answer" in card.detail


def test_an_igg_core_antibody_counts():
    results = serology(result("hbsag", "Negative", 5), result("anti_hbc_igg", "negative", 5))
    assert truth("G1", record(ORDER, results=results)) == "NO"


def test_a_text_that_defers_is_pending():
    results = serology(result("hbsag", "See report", 5), result("anti_hbc_total", "negative", 5))
    assert picture(record(ORDER, results=results)).hepatitis_b.surface_antigen.state == "pending"


def test_an_ordered_test_does_not_clear_the_gate_and_is_not_suggested_again():
    ordered = on_record("hbsag", name="lab", kind="ServiceRequest")
    card = safety_card(record(ORDER, ordered, results=without("hbsag")))
    assert card is not None
    assert "G1" in behind(card)
    assert "ordered, result pending" in card.detail
    assert "HBsAg" not in "".join(suggestion.label for suggestion in card.suggestions)


def test_a_later_dose_of_the_course_is_a_warning():
    chart = record(ORDER, results=NO_SEROLOGY, medicines=(given("rituximab", 7),))
    card = safety_card(chart)
    assert card is not None
    assert card.indicator is Indicator.WARNING


@pytest.mark.parametrize(("ago", "expected"), [(35, Indicator.WARNING), (36, Indicator.CRITICAL)])
def test_a_dose_within_35_days_makes_it_a_later_dose(ago, expected):
    card = safety_card(record(ORDER, results=NO_SEROLOGY, medicines=(given("rituximab", ago),)))
    assert card is not None
    assert card.indicator is expected


def test_unread_serology_is_unknown_and_silent():
    chart = record(ORDER, results=NO_SEROLOGY, unread=("hepatitisB",))
    assert truth("G1", chart) == "UNKNOWN"
    assert "G1" not in behind(safety_card(chart))


def test_what_was_read_of_a_cut_list_still_speaks():
    results = serology(result("hbsag", "Positive", 5))
    chart = record(ORDER, results=results, unread=("hepatitisB",))
    assert truth("G2", chart) == "YES"


@pytest.mark.boundaries("G2")
@pytest.mark.parametrize("ago", [5, 4000, None])
def test_a_positive_antigen_never_expires(ago):
    results = serology(result("hbsag", "Positive", ago), result("anti_hbc_total", "negative", 5))
    assert truth("G2", record(ORDER, results=results)) == "YES"


def test_an_antigen_finding_on_the_problem_list_is_a_positive_antigen():
    if not CODES["hbsag_positive_finding"].codes:
        pytest.skip("the site left the file of licensed codes out")
    chart = record(ORDER, results=without("hbsag"), problems=(NEUROPATHY, problem("hbsag_positive_finding")))
    assert truth("G2", chart) == "YES"


def test_coded_answers_and_flags_are_read():
    coded = result("hbsag", concept("result_positive"), 5)
    flagged = result("hbsag", None, 5, flags=("POS",))
    for marker in (coded, flagged):
        assert truth("G2", record(ORDER, results=serology(marker))) == "YES"


def test_a_number_is_read_against_its_own_range():
    def core(value: str) -> Result:
        reading = result("anti_hbc_total", quantity(value, "{s_co_ratio}"), 5)
        own = ReferenceRange(high=quantity("1", None).value, unit="{s_co_ratio}")
        return Result(reading.source, reading.concept, "final", reading.when, reading.value, own)

    antigen = result("hbsag", "negative", 5)
    assert truth("G3", record(ORDER, results=serology(antigen, core("8.2")))) == "YES"
    assert truth("G3", record(ORDER, results=serology(antigen, core("0.2")))) == "NO"


@pytest.mark.boundaries("G2")
@pytest.mark.parametrize(
    ("value", "comparator", "expected"),
    [("120", "", "YES"), ("1", "", "YES"), ("0", "", "NO"), ("20", "<", "NO"), ("170000000", ">", "YES")],
)
def test_viral_load_above_nothing_is_positive(value, comparator, expected):
    dna = result("hbv_dna", quantity(value, "[IU]/mL", comparator), 5)
    assert truth("G2", record(ORDER, results=(*SAFE, dna))) == expected


@pytest.mark.boundaries("G2")
@pytest.mark.parametrize(
    ("words", "expected"),
    [("Not detected", "NO"), ("Detected", "YES"), ("<20", "NO"), ("<20 IU/mL", "NO"), ("<20 detected", "YES")],
)
def test_viral_load_in_words(words, expected):
    assert truth("G2", record(ORDER, results=(*SAFE, result("hbv_dna", words, 5)))) == expected


def test_a_later_negative_viral_load_supersedes_an_old_positive_one():
    dna = (result("hbv_dna", "Detected", 3000), result("hbv_dna", "Not detected", 5))
    assert truth("G2", record(ORDER, results=(*SAFE, *dna))) == "NO"


def test_a_preliminary_negative_load_does_not_supersede_a_positive_one():
    dna = (result("hbv_dna", "Detected", 20), result("hbv_dna", "Not detected", 5, status="preliminary"))
    assert truth("G2", record(ORDER, results=(*SAFE, *dna))) == "YES"


def test_an_active_hepatitis_problem_without_serology_raises_both_gates():
    chart = record(ORDER, results=NO_SEROLOGY, problems=(NEUROPATHY, problem("hepatitis_b")))
    assert (truth("G1", chart), truth("G2", chart)) == ("YES", "YES")
    card = safety_card(chart)
    assert card is not None
    assert "Hepatitis B is on the problem list" in card.detail


def test_an_active_hepatitis_problem_with_a_negative_antigen_is_contact():
    chart = record(ORDER, problems=(NEUROPATHY, problem("hepatitis_b")))
    assert (truth("G2", chart), truth("G3", chart)) == ("NO", "YES")


def test_a_refuted_hepatitis_problem_is_none():
    chart = record(ORDER, problems=(NEUROPATHY, problem("hepatitis_b", verification="refuted")))
    assert (truth("G2", chart), truth("G3", chart)) == ("NO", "NO")


EXPOSED = serology(result("hbsag", "negative", 5), result("anti_hbc_total", "Reactive", 5))
LOAD = result("hbv_dna", "Not detected", 5)
COVER = given("entecavir", 20, kind="statement", status="active")


@pytest.mark.parametrize(
    ("results", "medicines", "expected"),
    [
        (EXPOSED, (), Indicator.CRITICAL),
        ((*EXPOSED, LOAD), (), Indicator.WARNING),
        (EXPOSED, (COVER,), Indicator.WARNING),
        ((*EXPOSED, LOAD), (COVER,), Indicator.INFO),
    ],
)
def test_past_hepatitis_b_is_judged_by_load_and_cover(results, medicines, expected):
    card = safety_card(record(ORDER, results=results, medicines=medicines))
    assert card is not None
    assert card.indicator is expected
    assert "G3" in behind(card)


@pytest.mark.boundaries("G3")
@pytest.mark.parametrize(("ago", "missing"), [(365, ()), (366, ("HBV-DNA",))])
def test_a_viral_load_older_than_a_year_is_no_result(ago, missing):
    chart = record(ORDER, results=(*EXPOSED, result("hbv_dna", "Not detected", ago)), medicines=(COVER,))
    assert finding("G3", chart).missing == missing


def test_a_drafted_antiviral_is_cover():
    antiviral = draft("entecavir", name="antiviral")
    chart = record(ORDER, antiviral, results=(*EXPOSED, LOAD))
    assert finding("G3", chart).missing == ()


def test_a_positive_core_antibody_of_the_past_stands_against_a_negative_one():
    results = serology(
        result("hbsag", "negative", 5),
        result("anti_hbc_total", "reactive", 2900),
        result("anti_hbc_total", "negative", 5),
    )
    chart = record(ORDER, results=results)
    assert (truth("G1", chart), truth("G3", chart)) == ("NO", "YES")


def test_an_undated_positive_core_antibody_counts():
    results = serology(result("hbsag", "negative", 5), result("anti_hbc_total", "reactive", None))
    assert truth("G3", record(ORDER, results=results)) == "YES"


@pytest.mark.parametrize(("ago", "is_passive"), [(20, True), (180, True), (200, False), (2, False)])
def test_immunoglobulin_shortly_before_may_explain_the_core_antibody(ago, is_passive):
    results = serology(result("hbsag", "negative", 5), result("anti_hbc_total", "reactive", 5))
    chart = record(ORDER, results=results, medicines=(given("immunoglobulin_iv", ago),))
    assert picture(chart).hepatitis_b.passive_core.holds is is_passive


def test_the_passive_window_is_attributed_to_nobody():
    results = serology(result("hbsag", "negative", 5), result("anti_hbc_total", "reactive", 5))
    card = safety_card(record(ORDER, results=results, medicines=(given("immunoglobulin_iv", 30),)))
    assert card is not None
    assert "may be the donor's" in card.detail
    assert "6 months (service default)" in card.detail


def test_a_donor_test_is_not_the_patients():
    donor = Result(
        "Observation/donor", Concept(frozenset({("http://loinc.org", "47364-5")}), "donor"), "final", ORDER.when, None
    )
    assert truth("G1", record(ORDER, results=(*without("hbsag"), donor))) == "YES"


def test_no_rituximab_draft_no_gate():
    assert [truth(gate, record(results=NO_SEROLOGY)) for gate in ("G1", "G2", "G3")] == ["NO"] * 3


def test_a_newer_unclear_result_takes_the_negative_ones_certainty_away():
    unclear = (*SAFE, result("hbsag", "Indeterminate", 5))
    assert truth("G1", record(draft(), results=unclear)) == "YES"
    earlier = (*SAFE, result("hbsag", "Indeterminate", 60))
    assert truth("G1", record(draft(), results=earlier)) == "NO"


def test_a_viral_load_below_nothing_is_unread_and_named():
    chart = record(ORDER, results=(*SAFE, result("hbv_dna", quantity("-3", "[IU]/mL"), 5)))
    assert picture(chart).hepatitis_b.dna.state == "unread"
