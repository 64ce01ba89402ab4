"""Needs for physical therapy and pain care, and whether they are met."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.disability import disability_of
from hooks.anti_mag.picture.supportive_care import SupportiveCare, supportive_care_of
from tests.anti_mag.diagnosis.charts import chart, medicine, order, problem, procedure, result


def care(*facts, **fields) -> SupportiveCare:
    made = chart(*facts, **fields)
    return supportive_care_of(made, disability_of(made, THRESHOLDS), THRESHOLDS)


@pytest.mark.parametrize("fact", [problem("falls_unsteadiness"), problem("ataxia"), result("assessment_incat_leg", 2)])
def test_falls_gait_disorder_and_disability_are_needs(fact):
    assert care(fact).movement_need.holds


def test_mild_scores_are_no_need():
    assert not care(result("assessment_incat_leg", 1)).movement_need.holds


def test_neuropathic_pain_is_a_need_and_numbness_is_not():
    assert care(problem("neuropathic_pain")).pain_need.holds
    assert not care(problem("paresthesia_numbness")).pain_need.holds


def test_needs_are_unknown_when_the_problem_list_could_not_be_read():
    assert care(unknown={"conditions"}).pain_need.is_unknown
    assert care(unknown={"conditions"}).movement_need.is_unknown


@pytest.mark.parametrize(
    ("fact", "has_therapy"),
    [
        (order("physiotherapy_referral"), True),
        (order("physiotherapy_referral", days=3000), True),
        (order("physiotherapy_referral", status="completed", days=365), True),
        (order("physiotherapy_referral", status="completed", days=366), False),
        (order("physiotherapy_referral", status="revoked", days=5), False),
        (order(text="Physical therapy, balance training"), True),
        (procedure(text="Physiotherapy session", days=20), True),
        (procedure(text="Physiotherapy session", days=400), False),
        (procedure(text="Physiotherapy session", days=20, status="not-done"), False),
    ],
)
def test_physical_therapy_counts_within_a_year_or_while_ordered(fact, has_therapy):
    assert care(fact).has_physical_therapy is has_therapy


@pytest.mark.parametrize(
    ("fact", "has_therapy"),
    [
        (order(text="Occupational therapy, hands"), True),
        (order(text="Ergotherapie"), True),
        (procedure(text="Occupational therapy session", days=365), True),
        (procedure(text="Occupational therapy session", days=366), False),
        (order(text="Occupational therapy", status="revoked"), False),
        (order("physiotherapy_referral"), False),
    ],
)
def test_occupational_therapy_counts_likewise(fact, has_therapy):
    assert care(fact).has_occupational_therapy is has_therapy


def test_tremor_is_read_off_the_problem_list():
    assert care(problem("tremor")).tremor.holds
    assert not care(problem("ataxia")).tremor.holds
    assert care(unknown={"conditions"}).tremor.is_unknown


@pytest.mark.parametrize("name", ["amitriptyline", "duloxetine", "gabapentin", "pregabalin"])
def test_each_of_the_four_pain_medicines_counts_within_a_year(name):
    assert care(medicine(name, days=365)).has_pain_medicine
    assert not care(medicine(name, days=366)).has_pain_medicine
    assert not care(medicine(name, days=10, status="not-taken")).has_pain_medicine


def test_a_pain_medicine_still_being_taken_counts_however_long():
    assert care(medicine("gabapentin", days=2000, status="active")).has_pain_medicine


def test_a_drafted_pain_medicine_counts():
    draft = replace(order("duloxetine"), resource_type="MedicationRequest", status="draft", is_draft=True)
    assert care(draft).has_pain_medicine


def test_orders_and_prescriptions_that_could_not_be_read_are_said():
    found = care(unknown={"serviceRequests", "medicationRequests"})
    assert not found.knows_physical_therapy
    assert not found.knows_pain_medicine
