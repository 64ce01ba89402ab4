"""Palliative care silences the treatment of the neuropathy, not the emergency and not the gates (ruling 34, C6.10)."""

from dataclasses import replace

import pytest

from cds_service.codes import Concept
from cds_service.knowledge.contract import HookCall
from hooks.anti_mag.advice import advise, heard_by
from hooks.anti_mag.cards.gives_way import SILENT_IN_PALLIATIVE_CARE
from hooks.anti_mag.hooks import EVERYWHERE, ORDERS
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import TODAY, chart, goal, order, problem, procedure
from tests.anti_mag.flare.patients import OURS, igm, ordered, patient, score, symptom, truth, weekly

DISABLED = (*OURS, score("incat", 4, 5))
PALLIATIVE = problem("palliative_care")
GOAL = goal("palliative_care")
PURSUED = ("planned", "accepted", "active", "on-hold", "in-progress", "sustaining")
NOT_PURSUED = ("proposed", "rejected", "cancelled", "completed", "achieved", "entered-in-error", "banana", "")
DRAFT = ordered("rituximab", is_draft=True, is_selected=True)


def topics(*facts, hook="patient-view", unknown=frozenset()):
    record = chart(*facts, unknown=unknown).record
    return {card.topic for card in advise(HookCall(hook, record, TODAY)).cards}


@pytest.mark.parametrize("code", sorted(CODES["palliative_care"].codes))
def test_every_code_of_it_silences_rituximab(code):
    coded = replace(PALLIATIVE, concept=Concept(frozenset({code})))
    assert "rituximab" in topics(*DISABLED)
    assert "rituximab" not in topics(*DISABLED, coded)


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        (PALLIATIVE, True),
        (replace(PALLIATIVE, clinical_status="resolved"), False),
        (replace(PALLIATIVE, verification_status="refuted"), False),
        (order("palliative_care"), True),
        (order("palliative_care", status="on-hold"), True),
        (order("palliative_care", status="revoked"), False),
        (procedure("palliative_care", days=365), True),
        (procedure("palliative_care", days=366), False),
        (procedure("palliative_care", days=900, status="in-progress"), True),
        (procedure("palliative_care", days=5, status="not-done"), False),
        (replace(procedure("palliative_care"), when=None), False),
        (goal("palliative_care"), True),
        (goal("palliative_care", days=2000), True),
        *((goal("palliative_care", status=status), True) for status in PURSUED),
        *((goal("palliative_care", status=status), False) for status in NOT_PURSUED),
        (replace(goal("palliative_care"), when=None), True),
        (goal("ataxia"), False),
        (goal(text="Palliative care was offered and declined"), False),
        (problem(text="Palliative care was discussed and declined"), False),
        (problem("heart_failure"), False),
    ],
)
def test_it_is_a_problem_an_order_a_goal_or_a_procedure(fact, holds):
    assert patient(*DISABLED, fact).palliative_care.holds is holds


@pytest.mark.parametrize("unread", ["conditions", "procedures", "serviceRequests", "goals"])
def test_where_it_could_not_be_read_it_is_unknown_and_silences_nothing(unread):
    seen = patient(*DISABLED, unknown={unread})
    assert seen.palliative_care.is_unknown
    assert truth("TX-1", seen) == "YES"
    assert "rituximab" in topics(*DISABLED, unknown={unread})


def test_treatment_retreatment_and_what_comes_after_fall_silent_and_nothing_else():
    assert set(BY_LOGIC) >= SILENT_IN_PALLIATIVE_CARE
    assert {logic for logic in BY_LOGIC if logic[:2] in ("TX", "RT", "RF")} == SILENT_IN_PALLIATIVE_CARE
    for hook in ("patient-view", "order-select", "order-sign", "medication-refill"):
        before, after = (
            heard_by(patient(*OURS, DRAFT, hook=hook)),
            heard_by(patient(*OURS, DRAFT, PALLIATIVE, hook=hook)),
        )
        assert set(before) - set(after) == set(before) & SILENT_IN_PALLIATIVE_CARE


def test_a_goal_alone_silences_the_treatment_and_an_order_for_it():
    ivig = ordered("immunoglobulin_iv", is_draft=True, is_selected=True)
    assert "rituximab" not in topics(*DISABLED, GOAL)
    assert "therapyEvidence" in topics(*DISABLED, ivig, hook="order-select")
    assert topics(*DISABLED, ivig, GOAL, hook="order-select") == set()


@pytest.mark.parametrize("hook", EVERYWHERE)
def test_goals_that_could_not_be_read_change_no_card(hook):
    facts = (*DISABLED, DRAFT) if hook in ORDERS else DISABLED
    assert topics(*facts, hook=hook, unknown={"goals"}) == topics(*facts, hook=hook)


def test_a_relapse_is_not_spoken_of():
    relapse = (*OURS, *weekly(700), score("incat", 4, 710), score("incat", 2, 500), score("incat", 4, 5))
    assert "rituximabRetreatment" in topics(*relapse)
    assert "rituximabRetreatment" not in topics(*relapse, PALLIATIVE)


def test_the_emergency_and_the_gates_stay():
    bleeding = (*OURS, symptom("hyperviscosity_epistaxis"), igm(6000, 3))
    assert "hyperviscosity" in topics(*bleeding, PALLIATIVE)
    assert "rituximabSafety" in topics(*OURS, igm(4500, 3), DRAFT, PALLIATIVE, hook="order-sign")


def test_no_safety_card_stands_in_the_place_of_what_is_not_recommended():
    assert "rituximabSafety" in topics(*DISABLED, problem("pml"))
    assert "rituximabSafety" not in topics(*DISABLED, problem("pml"), PALLIATIVE)
