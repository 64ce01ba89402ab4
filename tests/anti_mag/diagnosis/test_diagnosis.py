"""The three tiers of the diagnosis."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cds_service.codes import Concept
from cds_service.values import When
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.diagnosis import Diagnosis, Tier, diagnosis_of
from tests.anti_mag.diagnosis.charts import TODAY, btu, chart, coded, number, problem, procedure, result, up_to

NEUROPATHY = problem("polyneuropathy_generic")
POSITIVE = result("anti_mag_igm_quantitative", btu(20000))
FIXATION = result("immunofixation_serum", "Monoclonal IgM kappa")
ASSESSMENT = "urn:anti-mag-cds:assessment"


def pattern(code: str):
    return result("assessment_ncs_pattern", Concept(frozenset({(ASSESSMENT, code)}), code))


def diagnosis(*facts, **fields) -> Diagnosis:
    return diagnosis_of(chart(*facts, **fields), THRESHOLDS)


def test_a_coded_diagnosis_is_confirmed():
    found = diagnosis(problem("anti_mag_neuropathy"))
    assert found.tier is Tier.CONFIRMED
    assert found.is_coded
    assert found.neuropathy.holds


@pytest.mark.parametrize("status", ["provisional", "differential", "unconfirmed"])
def test_a_suspected_diagnosis_is_possible(status):
    found = diagnosis(problem("anti_mag_neuropathy", verification_status=status))
    assert found.tier is Tier.POSSIBLE
    assert not found.is_coded
    assert not found.neuropathy.holds


def test_a_resolved_diagnosis_is_history():
    assert diagnosis(problem("anti_mag_neuropathy", clinical_status="resolved")).tier is Tier.NONE


def test_all_pieces_confirm_the_diagnosis():
    for code in ("demyelinating", "inexcitable"):
        assert diagnosis(NEUROPATHY, POSITIVE, FIXATION, pattern(code)).tier is Tier.CONFIRMED


@pytest.mark.parametrize("code", ["axonal", "mixed", "normal"])
def test_another_nerve_pattern_leaves_it_probable(code):
    assert diagnosis(NEUROPATHY, POSITIVE, FIXATION, pattern(code)).tier is Tier.PROBABLE


@pytest.mark.parametrize(
    "paraprotein",
    [
        problem("mgus"),
        problem("waldenstrom"),
        FIXATION,
        result("igm_monoclonal", number(1, "g/dL")),
        result("igm_serum", number(900, "mg/dL"), reference_range=up_to(230, "mg/dL")),
    ],
)
def test_neuropathy_antibody_and_paraprotein_make_it_probable(paraprotein):
    assert diagnosis(NEUROPATHY, POSITIVE, paraprotein).tier is Tier.PROBABLE


def test_without_a_paraprotein_even_a_high_titre_is_possible_only():
    negative = result("immunofixation_serum", "No monoclonal protein")
    assert diagnosis(NEUROPATHY, POSITIVE, negative, pattern("demyelinating")).tier is Tier.POSSIBLE


def test_an_antibody_of_unknown_class_is_possible_only():
    any_class = result("anti_mag_any_class", "positive")
    assert diagnosis(NEUROPATHY, any_class, problem("mgus")).tier is Tier.POSSIBLE


def test_a_weak_titre_with_neuropathy_and_paraprotein_is_possible():
    weak = result("anti_mag_igm_quantitative", btu(6999))
    assert diagnosis(NEUROPATHY, weak, problem("mgus")).tier is Tier.POSSIBLE


def test_an_isolated_weak_titre_is_nothing_and_an_isolated_positive_is_possible():
    assert diagnosis(result("anti_mag_igm_quantitative", btu(6999))).tier is Tier.NONE
    assert diagnosis(POSITIVE).tier is Tier.POSSIBLE


def test_neuropathy_with_a_paraprotein_is_possible_and_either_alone_is_not():
    assert diagnosis(NEUROPATHY, problem("mgus")).tier is Tier.POSSIBLE
    assert diagnosis(NEUROPATHY).tier is Tier.NONE
    alone = diagnosis(problem("mgus"))
    assert alone.tier is Tier.NONE
    assert alone.has_gammopathy


def test_demyelination_in_a_sensory_or_ataxic_neuropathy_is_possible():
    assert diagnosis(problem("sensory_neuropathy"), pattern("demyelinating")).tier is Tier.POSSIBLE
    assert diagnosis(NEUROPATHY, problem("ataxia"), pattern("inexcitable")).tier is Tier.POSSIBLE
    assert diagnosis(NEUROPATHY, pattern("demyelinating")).tier is Tier.NONE


@pytest.mark.parametrize("name", ["diabetic_polyneuropathy", "alcoholic_polyneuropathy", "cmt", "paresthesia_numbness"])
def test_a_neuropathy_of_another_cause_does_not_count(name):
    assert not diagnosis(problem(name)).neuropathy.holds


def test_a_neuropathy_coded_generic_and_diabetic_at_once_does_not_count():
    both = Concept(coded("polyneuropathy_generic").codes | coded("diabetic_polyneuropathy").codes, "neuropathy")
    assert not diagnosis(problem("polyneuropathy_generic", concept=both)).neuropathy.holds


def test_a_neuropathy_is_unknown_when_the_problem_list_could_not_be_read():
    assert diagnosis(unknown={"conditions"}).neuropathy.is_unknown


@pytest.mark.parametrize(
    "text",
    ["Anti-MAG neuropathy", "anti MAG polyneuropathy", "Antibodies to myelin-associated glycoprotein", "anti\u2011MAG"],
)
def test_a_text_that_names_the_disease_is_possible_evidence(text):
    assert diagnosis(problem(text=text)).tier is Tier.POSSIBLE


@pytest.mark.parametrize(
    "text",
    [
        "Anti-MAG negative neuropathy",
        "No anti-MAG antibodies",
        "anti-MAG neuropathy excluded",
        "Rule out anti-MAG neuropathy",
        "Family history of anti-MAG neuropathy",
        "Antimagnesium therapy",
        "anti-magnetic clip",
    ],
)
def test_a_text_that_denies_the_disease_is_no_evidence(text):
    assert diagnosis(problem(text=text)).tier is Tier.NONE


def test_a_text_of_a_refuted_problem_is_no_evidence():
    assert diagnosis(problem(text="Anti-MAG neuropathy", verification_status="refuted")).tier is Tier.NONE


def test_a_refuted_diagnosis_outweighs_laboratory_evidence():
    refuted = problem("anti_mag_neuropathy", verification_status="refuted")
    found = diagnosis(refuted, NEUROPATHY, POSITIVE, FIXATION)
    assert found.is_refuted
    assert found.tier is Tier.NONE


def test_the_later_of_refuted_and_confirmed_stands():
    early, late = When.on(TODAY - timedelta(days=500)), When.on(TODAY - timedelta(days=10))
    confirmed = problem("anti_mag_neuropathy", recorded=late)
    refuted = problem("anti_mag_neuropathy", source="Condition/old", verification_status="refuted", recorded=early)
    assert diagnosis(confirmed, refuted).tier is Tier.CONFIRMED
    confirmed, refuted = (
        problem("anti_mag_neuropathy", recorded=early),
        problem("anti_mag_neuropathy", source="Condition/new", verification_status="refuted", recorded=late),
    )
    assert diagnosis(confirmed, refuted).is_refuted


def test_a_study_without_a_coded_conclusion_is_done_but_unreported():
    assert diagnosis(procedure(text="Nerve conduction study, arms and legs")).nerve_pattern == "unreported"
    assert diagnosis(result("assessment_ncs_pattern", "prolonged distal latencies")).nerve_pattern == "unreported"
    assert diagnosis(procedure(text="Nerve conduction study", status="not-done")).nerve_pattern == ""


def test_the_facts_name_each_record_once():
    facts = diagnosis(problem("anti_mag_neuropathy"), POSITIVE, FIXATION).facts
    assert len(facts) == len({fact.reference for fact in facts}) == 3
