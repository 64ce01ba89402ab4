"""The IgM paraprotein, by each of ruling 2's ways."""

from __future__ import annotations

import pytest

from cds_service.knowledge.contract import Truth
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.paraprotein import isotypes_in, paraprotein_of
from tests.anti_mag.diagnosis.charts import chart, number, problem, result, up_to


def paraprotein(*facts, **fields):
    return paraprotein_of(chart(*facts, **fields), THRESHOLDS)


@pytest.mark.parametrize(
    "name",
    [
        "mgus",
        "igm_mgus",
        "monoclonal_gammopathy_broad",
        "waldenstrom",
        "macroglobulinemia_broad",
        "lymphoplasmacytic_lymphoma",
    ],
)
def test_a_gammopathy_problem_counts(name):
    assert paraprotein(problem(name)).statement.holds


@pytest.mark.parametrize("text", ["IgG kappa MGUS", "MGUS, Ig A lambda"])
def test_a_gammopathy_of_another_isotype_by_text_does_not_count(text):
    assert not paraprotein(problem("mgus", text)).statement.holds


def test_a_gammopathy_without_isotype_does_not_count_when_the_laboratory_says_igg():
    fixation = result("immunofixation_serum", "Monoclonal IgG kappa")
    assert not paraprotein(problem("mgus"), fixation).statement.holds


def test_a_biclonal_gammopathy_with_igm_counts():
    assert paraprotein(problem("mgus", "MGUS, IgG and IgM")).statement.holds


@pytest.mark.parametrize("status", ["refuted", "provisional", "entered-in-error"])
def test_a_gammopathy_that_is_not_confirmed_does_not_count(status):
    assert not paraprotein(problem("mgus", verification_status=status)).statement.holds


def test_waldenstrom_disease_in_remission_still_counts():
    assert paraprotein(problem("waldenstrom", clinical_status="remission")).statement.holds
    assert not paraprotein(problem("mgus", clinical_status="resolved")).statement.holds


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Monoclonal IgM kappa", Truth.YES),
        ("IgM-lambda paraprotein, no change", Truth.YES),
        ("Monoklonales IgM kappa", Truth.YES),
        ("IgG kappa; no monoclonal IgM", Truth.NO),
        ("No monoclonal protein detected", Truth.NO),
        ("negative", Truth.NO),
        ("Polyclonal IgM increase", Truth.NO),
        ("Kein monoklonales IgM nachweisbar", Truth.NO),
        ("see report", Truth.UNKNOWN),
        ("monoclonal band present", Truth.UNKNOWN),
    ],
)
def test_immunofixation_text_is_read_clause_by_clause(text, truth):
    found = paraprotein(result("immunofixation_serum", text))
    assert found.immunofixation.truth is truth
    assert found.statement.holds is (truth is Truth.YES)


def test_no_immunofixation_is_unknown_and_not_a_negative_one():
    assert paraprotein().immunofixation.is_unknown


def test_an_igm_once_fixed_stands_against_a_newer_negative():
    newer = result("immunofixation_serum", "negative", days=10)
    assert paraprotein(newer, result("immunofixation_serum", "IgM kappa", days=900)).immunofixation.holds


@pytest.mark.parametrize(
    ("value", "holds"), [(number("0.4", "g/dL"), True), (number(0, "g/dL"), False), (number("0.1", "g/dL", "<"), False)]
)
def test_monoclonal_igm_counts_above_zero(value, holds):
    assert paraprotein(result("igm_monoclonal", value)).statement.holds is holds


def test_serum_igm_above_its_own_range_counts():
    high = result("igm_serum", number(231, "mg/dL"), reference_range=up_to(230, "mg/dL"))
    normal = result("igm_serum", number(230, "mg/dL"), reference_range=up_to(230, "mg/dL"))
    assert paraprotein(high).statement.holds
    assert not paraprotein(normal).statement.holds


def test_serum_igm_without_a_range_does_not_count():
    assert not paraprotein(result("igm_serum", number(900, "mg/dL"))).statement.holds


def test_a_negative_immunofixation_beside_it_takes_a_raised_igm_back():
    high = result("igm_serum", number(400, "mg/dL"), days=0, reference_range=up_to(230, "mg/dL"))
    assert not paraprotein(high, result("immunofixation_serum", "negative", days=365)).statement.holds
    assert paraprotein(high, result("immunofixation_serum", "negative", days=366)).statement.holds


def test_electrophoresis_that_names_igm_counts():
    assert paraprotein(result("spep", "M-spike, IgM kappa")).statement.holds


def test_nothing_found_in_an_unreadable_laboratory_is_unknown():
    assert paraprotein(unknown={"laboratory"}).statement.is_unknown
    assert paraprotein().statement.truth is Truth.NO


def test_a_denied_isotype_is_not_asserted():
    assert isotypes_in("no igm, igg kappa").found == {"G"}
    assert isotypes_in("Magnesium").found == frozenset()
