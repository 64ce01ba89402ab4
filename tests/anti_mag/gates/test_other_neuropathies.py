"""A neuropathy of another kind is another indication: the short list of gates runs, and no more (C4, C6.9)."""

import pytest

from tests.anti_mag.gates.given import allergy, behind, concept, draft, problem, record, result, safety_card, words

NO_PARAPROTEIN = result("immunofixation_serum", "No monoclonal protein detected", 60)
CIDP = problem("cidp")
EVERYTHING = {"G1", "G4b", "G9", "G10"}
SHORT_LIST = {"G1", "G9"}


def gates(reason, *results, problems=(CIDP,), **rest):
    chart = record(
        draft(reason=reason), results=results, problems=problems, allergies=(allergy(severity="severe"),), **rest
    )
    return behind(safety_card(chart)) & EVERYTHING


@pytest.mark.parametrize("reason", [concept("cidp"), words("CIDP"), words("Vasculitis with neuropathy")])
def test_without_a_paraprotein_another_neuropathy_runs_the_short_list(reason):
    assert gates(reason, NO_PARAPROTEIN) == SHORT_LIST


def test_as_long_as_nobody_has_looked_for_a_paraprotein_every_gate_runs():
    assert gates(concept("cidp")) == EVERYTHING


@pytest.mark.parametrize(
    "reason", [concept("anti_mag_neuropathy"), words("Anti-MAG neuropathy"), words("Neuropathy, IgM paraprotein")]
)
def test_a_reason_that_names_our_disease_runs_every_gate(reason):
    assert gates(reason, NO_PARAPROTEIN) == EVERYTHING


def test_a_gammopathy_on_the_list_runs_every_gate():
    assert gates(concept("cidp"), NO_PARAPROTEIN, problems=(CIDP, problem("igm_mgus"))) == EVERYTHING


def test_an_unread_problem_list_runs_every_gate():
    assert gates(concept("cidp"), NO_PARAPROTEIN, problems=(), unread=("conditions",)) >= EVERYTHING - {"G9"}
