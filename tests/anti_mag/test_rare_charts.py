"""Charts that are seldom met: the branch that each of them takes is taken by no other test."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cds_service.cards import Coding
from cds_service.codes import Concept
from cds_service.knowledge.contract import HookCall, KnowledgeBroken, Truth
from cds_service.knowledge.load import load_series
from cds_service.knowledge.rows import DataFile
from cds_service.site import Site
from cds_service.values import ReferenceRange
from hooks.anti_mag import knowledge_data
from hooks.anti_mag.advice import picture_for
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.cards import follow_up_assessment
from hooks.anti_mag.knowledge_data import CODES, EVIDENCE, THRESHOLDS
from hooks.anti_mag.picture.anti_mag import anti_mag_of
from hooks.anti_mag.picture.body import body_of
from hooks.anti_mag.picture.build import picture_of
from hooks.anti_mag.picture.diagnosis import Tier, diagnosis_of
from hooks.anti_mag.picture.disability import Severity, disability_of
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.hyperviscosity import hyperviscosity_of
from hooks.anti_mag.picture.immunoglobulin import igm_of
from hooks.anti_mag.picture.nerve_conduction import nerve_pattern_of
from hooks.anti_mag.picture.paraprotein import paraprotein_of
from hooks.anti_mag.picture.wording import laboratory_says
from hooks.anti_mag.proposals import ORDERS
from hooks.anti_mag.site import configured
from tests.anti_mag.diagnosis.charts import TODAY, btu, chart, number, order, problem, result, up_to
from tests.anti_mag.flare.patients import OURS, card_of, dose, igm, patient, score, symptom, truth, weekly
from tests.anti_mag.gates import given
from tests.site.sites import knowledge

PATTERN = "assessment_ncs_pattern"
OURS_BY_CODE = "urn:anti-mag-cds:assessment"


# Orders


def test_a_dose_by_surface_is_judged_without_a_body_surface() -> None:
    order = given.draft("rituximab", given.quantity("500", "mg/m2"))
    card = given.safety_card(given.record(order, results=given.without("body_height", "body_weight")))
    assert card is not None
    assert "500 mg/m²" in card.detail or "500 mg/m2" in card.detail
    assert "Mosteller" not in card.detail


def test_a_low_preliminary_igm_alone_is_named_and_settles_nothing() -> None:
    results = (*given.without("igm_serum"), given.igm("900", 3, status="preliminary"))
    card = given.safety_card(given.record(given.draft("rituximab"), results=results))
    assert card is not None
    assert "only a value that cannot settle it: 900 mg/dL" in card.detail


def test_a_pregnancy_test_may_answer_with_the_code_of_pregnancy() -> None:
    positive = given.result("pregnancy_status_observation", given.concept("pregnancy"), 5)
    chart_of_her = given.record(given.draft("rituximab"), age=30, results=(*given.SAFE, positive))
    assert given.truth("G8", chart_of_her) == "YES"


@pytest.mark.parametrize(("unit", "comparator"), [("kg", ""), ("cm", ">"), ("cm", "")])
def test_a_height_that_tells_no_number_of_centimetres_gives_way_to_an_older_one(unit: str, comparator: str) -> None:
    value = 0 if (unit, comparator) == ("cm", "") else 180
    odd = result("body_height", number(value, unit, comparator), days=1)
    body = body_of(chart(odd, result("body_height", number(175, "cm"), days=9)), THRESHOLDS)
    assert body.height_cm is not None
    assert body.height_cm.value == 175


def test_a_gate_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="G99"):
        gated(given.picture(given.record(given.draft("rituximab"))), "G99")


# Diagnosis


def test_a_titre_in_units_of_titre_is_read_by_the_bands_of_the_blot() -> None:
    blot = result("anti_mag_igm_quantitative", number(25600, "{titer}"), method="Immunoblot")
    assert anti_mag_of(chart(blot), THRESHOLDS).verdict == "positive"


def test_a_diagnosis_confirmed_and_refuted_without_days_stays_confirmed() -> None:
    confirmed = problem("anti_mag_neuropathy", recorded=None)
    refuted = problem("anti_mag_neuropathy", source="Condition/2", verification_status="refuted", recorded=None)
    assert diagnosis_of(chart(confirmed, refuted), THRESHOLDS).tier is Tier.CONFIRMED


def test_a_nerve_study_with_codes_of_others_says_no_pattern() -> None:
    odd = Concept(codes=frozenset({("urn:oid:1.2.3", "A1"), ("urn:oid:1.2.3", "B2")}))
    assert nerve_pattern_of(chart(result(PATTERN, odd))) == ("unreported", ())
    said = Concept(codes=frozenset({("urn:oid:1.2.3", "A1"), (OURS_BY_CODE, "axonal")}))
    assert nerve_pattern_of(chart(result(PATTERN, said)))[0] == "axonal"


def test_a_clinical_course_in_other_words_is_none_of_the_three() -> None:
    assert disability_of(chart(result("assessment_clinical_course", "fluctuating")), THRESHOLDS).words == ()


def test_a_mild_arm_and_a_mild_leg_make_no_disabling_total() -> None:
    mild = chart(result("assessment_incat_arm", 1), result("assessment_incat_leg", 1))
    assert disability_of(mild, THRESHOLDS).severity is Severity.MILD_STABLE


@pytest.mark.parametrize(
    ("loinc", "value", "truth"),
    [
        ("18303-8", "Positive", Truth.YES),
        ("44601-3", "Negative", Truth.NO),
        ("44601-3", "see report", Truth.UNKNOWN),
        ("40635-5", "Negative", Truth.UNKNOWN),
    ],
)
def test_an_immunofixation_of_one_chain_answers_for_igm_alone(loinc: str, value: str, truth: Truth) -> None:
    one = replace(result("immunofixation_serum", value), concept=Concept(frozenset({("http://loinc.org", loinc)})))
    assert paraprotein_of(chart(one), THRESHOLDS).immunofixation.truth is truth


def test_monoclonal_igm_called_detected_counts_without_a_number() -> None:
    assert paraprotein_of(chart(result("igm_monoclonal", "Detected")), THRESHOLDS).statement.holds
    assert not paraprotein_of(chart(result("igm_monoclonal", "Not detected")), THRESHOLDS).statement.holds


def test_an_immunofixation_without_a_day_counts_as_beside_every_igm() -> None:
    high = result("igm_serum", number(400, "mg/dL"), reference_range=up_to(230, "mg/dL"))
    undated = result("immunofixation_serum", "negative", days=None)
    assert not paraprotein_of(chart(high, undated), THRESHOLDS).statement.holds


def test_weakly_reactive_is_a_verdict_of_its_own() -> None:
    weak = result("anti_mag_igm_quantitative", btu(1500), interpretation=("WR",))
    assert laboratory_says(chart(weak), weak) == "weak"


def test_a_range_written_as_a_span_is_read() -> None:
    own = ReferenceRange(text="0 - 999 BTU")
    high = result("anti_mag_igm_quantitative", number(1200, "U/mL"), reference_range=own)
    assert laboratory_says(chart(high), high) == "positive"


def test_an_antibody_of_unknown_class_is_to_be_measured_again() -> None:
    any_class = result("anti_mag_any_class", "positive")
    found = patient(problem("polyneuropathy_generic"), any_class, problem("mgus"))
    assert "the result on record does not say that the antibody is IgM" in {
        test.why for test in found.work_up.diagnostic
    }


# Hyperviscosity


def test_a_viscosity_in_words_is_no_measurement() -> None:
    made = chart(result("viscosity_serum", "high", days=3))
    assert hyperviscosity_of(made, igm_of(made, THRESHOLDS), THRESHOLDS).is_viscosity_raised.is_unknown


def test_symptoms_in_a_patient_without_a_clone_are_no_hyperviscosity() -> None:
    fixation = result("immunofixation_serum", "negative", days=10)
    found = patient(
        problem("polyneuropathy_generic"),
        result("anti_mag_igm_quantitative", btu(80000)),
        fixation,
        symptom("hyperviscosity"),
    )
    assert found.hyperviscosity.symptoms.holds
    assert truth("HV-1", found) == "NO"


# After rituximab


def test_no_one_is_judged_worse_before_the_first_review() -> None:
    """The flare window of 180 days ends before six calendar months have passed."""
    today, day_zero = date(2025, 8, 29), date(2025, 3, 1)
    assert (today - day_zero).days == 181
    assert months_after(day_zero, 6) > today

    def ago(day: date) -> int:
        return (TODAY - day).days

    before, after = ago(day_zero) + 5, ago(today) + 1
    scores = (score("incat", 2, before), score("incat", 5, after), score("onls", 2, before), score("onls", 5, after))
    record = chart(*OURS, dose(ago(day_zero)), *scores).record
    early = picture_of(HookCall("patient-view", record, today), CODES, THRESHOLDS)
    assert truth("RE-2", early) == "NO"
    later = picture_of(HookCall("patient-view", record, today + timedelta(days=3)), CODES, THRESHOLDS)
    assert truth("RE-2", later) == "YES"


def test_the_change_of_igm_is_left_out_where_the_values_cannot_be_compared() -> None:
    inferred = replace(igm(14, 2, unit=None), reference_range=ReferenceRange(high=number(2).value, text="0.4-2.3"))
    card = card_of(follow_up_assessment, patient(*OURS, dose(200), igm(900, 210), inferred, score("incat", 3, 210)))
    assert card is not None
    assert "now." in card.detail
    assert "a change of" not in card.detail


def test_a_mild_stable_patient_treated_on_an_unknown_day_is_asked_nothing() -> None:
    undated = replace(dose(300), when=None)
    mild = (score("incat", 1, 400), score("incat", 1, 20))
    assert truth("RT-1", patient(*OURS, undated, *mild)) == "NO"
    assert truth("RT-1", patient(*OURS, undated)) == "UNKNOWN"


def test_pain_without_a_readable_list_of_medicines_is_unknown() -> None:
    keys = {"medicationRequests", "medicationStatements", "medicationDispenses", "medicationAdministrations"}
    pain = patient(*OURS, problem("neuropathic_pain"), score("incat", 1, 20), unknown=keys)
    assert truth("supportiveCare", pain) == "UNKNOWN"


# Probable disease, which the decision logic treats as confirmed

PROBABLE = (
    problem("polyneuropathy_generic"),
    result("anti_mag_igm_quantitative", btu(80000)),
    problem("igm_mgus"),
)


def test_the_evidence_for_another_therapy_is_told_in_probable_disease() -> None:
    draft = replace(order("immunoglobulin_iv", status="draft"), is_draft=True, is_selected=True)
    assert truth("TX-4", patient(*PROBABLE, draft, hook="order-select")) == "YES"


def test_rituximab_that_failed_in_probable_disease_asks_what_next() -> None:
    scores = (score("incat", 3, 410), score("incat_leg", 2, 410), score("incat", 3, 10), score("incat_leg", 2, 10))
    assert truth("RF-1", patient(*PROBABLE, *weekly(400), *scores)) == "YES"


# Data files and site


def test_a_schedule_that_lacks_a_plan_does_not_load() -> None:
    text = '[flare_check_weeks]\nvalues = [2]\nunit = "wk"\nmark = "D"\ncites = []\nwhy = "plan"\n'
    plans = load_series(DataFile("schedule.toml", text), EVIDENCE)
    with pytest.raises(KnowledgeBroken, match=r"schedule\.toml: conduction_study_months, response_review_months"):
        knowledge_data._schedule(plans)


def test_a_site_may_add_a_code_of_a_problem_and_catalogue_an_order_without_code_set() -> None:
    assert ORDERS["haematology_referral"] == ""
    built = knowledge("""
        [codes]
        mgus = [{ system = "urn:oid:1.2.3", code = "MGUS" }]
        [catalogue]
        haematology_referral = { system = "urn:oid:1.2.3", code = "HAEM" }
    """)
    assert built.services


@pytest.mark.parametrize("name", ["hepatology_referral", "haematology_referral", "neurology_referral"])
def test_a_referral_under_the_sites_own_code_counts_as_ordered(name: str) -> None:
    found = Site(catalogue={name: Coding("urn:oid:1.2.3", "REF", "Clinic")})
    ordered = replace(
        order(text="Clinic visit"), concept=Concept(frozenset({("urn:oid:1.2.3", "REF")}), "Clinic visit")
    )
    call = HookCall("patient-view", chart(ordered).record, TODAY)
    assert picture_for(call, configured(found)).drafts.referrals == {name}
    assert picture_for(call, configured(Site())).drafts.referrals == frozenset()
