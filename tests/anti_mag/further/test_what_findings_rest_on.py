"""What a finding rests on and what would settle it, beside the answer itself: cards and `explain` show both.

A fact that is lost on the way is a card that leaves out the result by which it was decided.
"""

from dataclasses import replace

import pytest

from cds_service.record import Problem
from hooks.anti_mag.picture import ClinicalPicture
from tests.anti_mag.diagnosis.charts import btu, days_ago, medicine, number, order, problem, result, up_to
from tests.anti_mag.flare.patients import MGUS, OURS, dose, finding, igm, patient, score, symptom, truth
from tests.anti_mag.gates import given
from tests.anti_mag.hooks.calls import picture as at_hook
from tests.anti_mag.hooks.test_entries import HYPERTENSION, against

CORE = result("anti_hbc_total", "Positive", 400)
REACTIVATED = result("hbv_dna", number(2000, "[IU]/mL"), 5)
ENTECAVIR = replace(medicine("entecavir", 200), status="active")
UNDATED = replace(dose(60), when=None)
ORDER = given.draft("rituximab", given.FULL_DOSE)
SUSPECTED = (given.problem("anti_mag_neuropathy", verification="provisional"),)
WITH_IGM = (given.problem("sensory_neuropathy"), given.problem("igm_mgus"))


def references(logic: str, picture: ClinicalPicture) -> set[str]:
    return {fact.reference for fact in finding(logic, picture).facts}


# After rituximab


def test_danger_names_the_infection_and_the_virus_beside_it() -> None:
    both = patient(*OURS, dose(60), symptom("pneumonia"), CORE, REACTIVATED)
    assert references("SA-1", both) >= {"Condition/pneumonia", "Observation/hbv_dna-5", "administration/rituximab-60"}


def test_cover_that_runs_is_named() -> None:
    assert ENTECAVIR.source in references("RE-3", patient(*OURS, dose(60), CORE, ENTECAVIR))


@pytest.mark.boundaries("RE-3")
def test_without_contact_with_hepatitis_b_a_dose_of_an_unknown_day_asks_nothing() -> None:
    assert truth("RE-3", patient(*OURS, UNDATED)) == "NO"
    assert truth("RE-3", patient(*OURS, UNDATED, CORE)) == "UNKNOWN"


@pytest.mark.boundaries("RE-4")
def test_a_child_is_not_asked_for_the_laboratory_of_adults() -> None:
    assert truth("RE-4", patient(*OURS, dose(150))) == "YES"
    assert truth("RE-4", patient(*OURS, dose(150), born=days_ago(3000).end)) == "NO"


def test_an_igg_that_could_not_be_read_is_named() -> None:
    spoilt = result("igg_serum", "see comment", 5)
    unread = patient(*OURS, dose(150), spoilt)
    assert truth("RE-4b", unread) == "UNKNOWN"
    assert references("RE-4b", unread) == {spoilt.source}


@pytest.mark.parametrize("logic", ["RT-1", "RF-1"])
def test_a_course_of_an_unknown_day_is_named_with_how_disabling_the_disease_is(logic: str) -> None:
    found = finding(logic, patient(*OURS, UNDATED, score("incat", 4, 20)))
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("when rituximab was given",))
    assert {fact.reference for fact in found.facts} == {UNDATED.source, "Observation/assessment_incat-20"}


# A reaction being entered


@pytest.mark.boundaries("AL-1")
def test_a_reaction_in_a_patient_of_others_is_none_of_our_business_and_is_named_where_nobody_can_say() -> None:
    ours = at_hook("allergyintolerance-create", HYPERTENSION, against())
    assert truth("AL-1", ours) == "NO"
    unread = at_hook("allergyintolerance-create", against(), unknown=frozenset({"conditions"}))
    assert truth("AL-1", unread) == "UNKNOWN"
    assert references("AL-1", unread) == {"AllergyIntolerance/a"}


# The diagnosis


@pytest.mark.boundaries("WU-1")
def test_a_positive_antibody_alone_asks_for_the_other_pieces() -> None:
    alone = patient(result("anti_mag_igm_quantitative", btu(12000)))
    assert truth("WU-1", alone) == "YES"


@pytest.mark.boundaries("WU-3")
def test_two_methods_that_disagree_are_both_named() -> None:
    positive = result("anti_mag_igm_quantitative", btu(12000), 30)
    negative = result("anti_mag_any_class", "Negative", 40, method="Western blot, IgM")
    disagreeing = patient(problem("polyneuropathy_generic"), MGUS, positive, negative)
    assert truth("WU-3", disagreeing) == "YES"
    assert references("WU-3", disagreeing) == {positive.source, negative.source}


@pytest.mark.boundaries("WU-3")
def test_an_unclear_titre_has_been_tested_whatever_else_was_not_read() -> None:
    neuropathy, unclear = problem("polyneuropathy_generic"), result("anti_mag_igm_quantitative", number(25600, "U/mL"))
    assert truth("WU-3", patient(neuropathy, MGUS, unclear, unknown={"laboratory"})) == "NO"
    assert truth("WU-3", patient(neuropathy, MGUS, unknown={"laboratory"})) == "UNKNOWN"


def possible(*results: object, **chart: object) -> ClinicalPicture:
    """An order of rituximab in a neuropathy with an IgM gammopathy and without an antibody."""
    problems = chart.pop("problems", WITH_IGM)
    return given.picture(given.record(ORDER, results=(*given.SAFE, *results), problems=problems, **chart))  # type: ignore[arg-type]


@pytest.mark.boundaries("G13")
@pytest.mark.parametrize(
    ("problems", "unread", "expected"),
    [
        (SUSPECTED, (), "YES"),
        (SUSPECTED, ("conditions",), "UNKNOWN"),
        (SUSPECTED, ("paraproteinTests",), "UNKNOWN"),
        (WITH_IGM, (), "YES"),
        (WITH_IGM, ("laboratory",), "UNKNOWN"),
        (WITH_IGM, ("assessments",), "UNKNOWN"),
        (WITH_IGM, ("vitalSigns",), "YES"),
    ],
)
def test_disease_is_not_called_possible_by_what_could_not_be_read(
    problems: tuple[Problem, ...], unread: tuple[str, ...], expected: str
) -> None:
    assert truth("G13", possible(problems=problems, unread=unread)) == expected


def test_a_piece_that_is_there_is_not_called_missing() -> None:
    antibody = given.result("anti_mag_igm_quantitative", given.quantity("12000", "{BTU}"))
    found = finding("G13", possible(antibody, problems=(given.problem("sensory_neuropathy"),)))
    assert "a positive anti-MAG IgM" not in found.missing
    assert "an IgM paraprotein" in found.missing


def test_a_red_flag_is_named_and_a_whole_diagnosis_beside_it_is_not() -> None:
    whole = possible(problems=(given.NEUROPATHY, given.problem("poems")))
    assert references("G13", whole) == {"Condition/poems"}
    open_one = possible(problems=(*WITH_IGM, given.problem("poems")))
    assert references("G13", open_one) >= {"Condition/poems", "Condition/sensory_neuropathy", "Condition/igm_mgus"}


# The IgM before rituximab


@pytest.mark.boundaries("G4b")
@pytest.mark.parametrize(("mg_dl", "expected"), [("3000", "NO"), ("2999", "YES")])
def test_a_value_that_is_not_final_speaks_for_itself_from_the_caution_limit_on(mg_dl: str, expected: str) -> None:
    preliminary = given.igm(mg_dl, status="preliminary")
    chart = given.record(ORDER, results=(*given.without("igm_serum"), preliminary))
    assert given.truth("G4b", chart) == expected


def test_an_igm_without_a_unit_is_named_beside_the_value_that_is_known() -> None:
    bare = given.result("igm_serum", given.quantity("45", None), 3)
    older = given.result("igm_serum", given.quantity("44", None), 5)
    found = given.finding("G4b", given.record(ORDER, results=(*given.SAFE, bare, older)))
    assert {fact.reference for fact in found.facts} == {bare.source, older.source, given.igm("1200").source}


def test_of_several_values_the_one_that_the_gates_use_is_named_and_of_old_ones_the_newest() -> None:
    bare, others = given.result("igm_serum", given.quantity("45", None), 1), given.without("igm_serum")
    higher, newer = given.igm("2400", 6), given.igm("1200", 3, status="preliminary")
    found = given.finding("G4b", given.record(ORDER, results=(*others, bare, newer, higher)))
    assert {fact.reference for fact in found.facts} == {bare.source, higher.source}
    old = given.finding("G4b", given.record(ORDER, results=(*others, given.igm("900", 200), given.igm("800", 300))))
    assert [fact.reference for fact in old.facts] == [given.igm("900", 200).source]


# Hepatitis B before rituximab


def test_serology_that_is_not_settled_is_named_with_the_antibody_of_acute_infection() -> None:
    acute = given.result("anti_hbc_igm", "Negative", 20)
    chart = given.record(ORDER, results=(*given.without("anti_hbc_total"), acute))
    found = given.finding("G1", chart)
    assert (found.truth.value, found.missing) == ("YES", ("anti-HBc",))
    assert acute.source in {fact.reference for fact in found.facts}


def test_negatives_that_are_too_old_are_named_where_newer_ones_may_be_missing() -> None:
    old = (given.result("hbsag", "Negative", 400), given.result("anti_hbc_total", "Negative", 400))
    chart = given.record(ORDER, results=(*given.without("hbsag", "anti_hbc_total"), *old), unread=("hepatitisB",))
    found = given.finding("G1", chart)
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("HBsAg", "anti-HBc"))
    assert {fact.reference for fact in found.facts} == {one.source for one in old}


def test_immunoglobulin_that_may_explain_the_core_antibody_is_named_beside_it() -> None:
    core, donors = given.result("anti_hbc_total", "reactive", 5), given.given("immunoglobulin_iv", 30)
    chart = given.record(ORDER, results=(*given.without("anti_hbc_total"), core), medicines=(donors,))
    assert {fact.reference for fact in given.finding("G3", chart).facts} == {core.source, donors.source}


# The order


def test_a_schedule_that_is_off_is_told_with_the_last_dose() -> None:
    close = given.draft("rituximab", given.FULL_DOSE, days=1)
    chart = given.record(close, medicines=(given.given("rituximab", 2), given.given("rituximab", 9)))
    found = given.finding("G10b", chart)
    assert found.truth.value == "YES"
    assert {fact.reference for fact in found.facts} == {close.source, "Medication/rituximab-2-0"}


def test_a_severe_reaction_is_named_beside_a_mild_one() -> None:
    severe = replace(given.allergy(severity="severe"), source="AllergyIntolerance/severe")
    mild = replace(given.allergy(severity="mild"), source="AllergyIntolerance/mild")
    found = given.finding("G9", given.record(ORDER, allergies=(severe, mild)))
    assert {fact.reference for fact in found.facts} == {severe.source, mild.source}


def test_a_live_vaccine_given_before_the_dose_is_told_without_an_earlier_course() -> None:
    vaccine = given.vaccinated()
    chart = given.record(ORDER, immunizations=(vaccine,), medicines=(given.given("rituximab", 400),))
    assert {fact.reference for fact in given.finding("G7", chart).facts} == {vaccine.source}


def test_a_count_that_could_not_be_read_is_named() -> None:
    spoilt = given.result("platelets", "see comment", 2)
    found = given.finding("G12", given.record(ORDER, results=(*given.SAFE, spoilt)))
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("platelets",))
    assert [fact.reference for fact in found.facts] == [spoilt.source]


# Hyperviscosity


@pytest.mark.boundaries("G5")
@pytest.mark.parametrize(("ago", "expected"), [(3, "UNKNOWN"), (20, "NO")])
def test_a_viscosity_that_could_not_be_read_holds_the_order_unless_a_later_one_was(ago: int, expected: str) -> None:
    normal = given.result("viscosity_serum", given.quantity("1.8", "cP"), 10)
    spoilt = given.result("viscosity_serum", "see comment", ago)
    found = given.finding("G5", given.record(ORDER, results=(*given.SAFE, normal, spoilt)))
    named = ({spoilt.source}, ("serum viscosity",)) if expected == "UNKNOWN" else (set(), ())
    assert (found.truth.value, {fact.reference for fact in found.facts}, found.missing) == (expected, *named)


@pytest.mark.boundaries("HV-1")
def test_bleeding_beside_a_raised_igm_asks_whether_that_is_monoclonal() -> None:
    raised = igm(500, 40, reference_range=up_to(230, "mg/dL"))
    found = finding("HV-1", patient(raised, symptom("hyperviscosity_epistaxis")))
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("whether the raised IgM is monoclonal",))
    assert [fact.reference for fact in found.facts] == ["Condition/hyperviscosity_epistaxis"]


@pytest.mark.boundaries("HV-1")
def test_in_probable_disease_a_raised_igm_is_taken_for_the_clone() -> None:
    raised, bleeding = igm(500, 40, reference_range=up_to(230, "mg/dL")), symptom("hyperviscosity_epistaxis")
    antibody = result("anti_mag_igm_quantitative", btu(12000), 60)
    assert truth("HV-1", patient(problem("polyneuropathy_generic"), antibody, raised, bleeding)) == "YES"
    assert truth("HV-1", patient(problem("polyneuropathy_generic"), raised, bleeding)) == "UNKNOWN"


@pytest.mark.boundaries("HV-1")
def test_bleeding_where_no_laboratory_was_read_asks_for_the_paraprotein() -> None:
    unread = {"laboratory", "paraproteinTests"}
    suspected = problem("anti_mag_neuropathy", verification_status="provisional")
    found = finding("HV-1", patient(suspected, symptom("hyperviscosity_epistaxis"), unknown=unread))
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("an IgM paraprotein",))


# Supportive care


@pytest.mark.boundaries("supportiveCare")
def test_what_is_on_record_is_on_record_though_another_list_was_not_read() -> None:
    falls, pain = problem("falls_unsteadiness"), problem("neuropathic_pain")
    therapy, gabapentin = order("physiotherapy_referral"), medicine("gabapentin", 20)
    assert truth("supportiveCare", patient(*OURS, falls, therapy, unknown={"procedures"})) == "NO"
    assert truth("supportiveCare", patient(*OURS, falls, unknown={"procedures"})) == "UNKNOWN"
    assert truth("supportiveCare", patient(*OURS, pain, gabapentin, unknown={"medicationRequests"})) == "NO"
    assert truth("supportiveCare", patient(*OURS, pain, unknown={"medicationRequests"})) == "UNKNOWN"
