"""A new problem of our field starts the work-up; an entry against rituximab gets the three things told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cds_service.cards import Indicator
from cds_service.codes import Concept
from cds_service.record import Allergy, Problem, Reaction
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import btu, coded, problem, result
from tests.anti_mag.flare.patients import MGUS, OURS, WALDENSTROM, dose, igm, score
from tests.anti_mag.hooks.calls import cards, entered, logic, picture, references
from tests.anti_mag.reading import plain

PROBLEM, ALLERGY = "problem-list-item-create", "allergyintolerance-create"
NEUROPATHY = problem("polyneuropathy_generic")
HYPERTENSION = problem("", text="Hypertension")


def against(
    substance: Concept | None = None, *, is_new: bool = True, verification: str = "confirmed", severity: str = ""
) -> Allergy:
    made = Allergy("AllergyIntolerance/a", (substance or coded("rituximab"),), "active", verification)
    reactions = (Reaction((Concept(text="rash"),), severity),) if severity else ()
    return replace(made, is_new=is_new, reactions=reactions)


# A new problem


def test_a_new_neuropathy_beside_an_igm_gammopathy_asks_for_anti_mag_and_conduction() -> None:
    card = cards(PROBLEM, MGUS, entered(NEUROPATHY))["diagnosticWorkUp"]
    assert logic(card) == {"DX-1", "WU-1"}
    assert "Order: Anti-MAG antibody, IgM, quantitative" in [offered.label for offered in card.suggestions]


@pytest.mark.parametrize("new", [MGUS, problem("mgus"), WALDENSTROM])
def test_a_new_gammopathy_beside_a_neuropathy_does_too(new: Problem) -> None:
    assert "DX-1" in logic(cards(PROBLEM, NEUROPATHY, entered(new))["diagnosticWorkUp"])


def test_a_new_neuropathy_with_a_positive_antibody_asks_for_immunofixation() -> None:
    positive = result("anti_mag_igm_quantitative", btu(20000))
    assert "DX-2" in logic(cards(PROBLEM, positive, entered(NEUROPATHY))["diagnosticWorkUp"])


def test_a_red_flag_beside_the_new_problem_is_a_warning() -> None:
    card = cards(PROBLEM, MGUS, problem("amyloidosis"), entered(NEUROPATHY))["redFlag"]
    assert card.indicator is Indicator.WARNING
    assert logic(card) == {"WU-2"}


@pytest.mark.parametrize(
    "new",
    [
        HYPERTENSION,
        problem("diabetic_polyneuropathy"),
        replace(NEUROPATHY, clinical_status="resolved"),
        replace(NEUROPATHY, verification_status="refuted"),
        replace(NEUROPATHY, verification_status="entered-in-error"),
    ],
)
def test_another_new_problem_starts_nothing_whatever_is_on_record(new: Problem) -> None:
    assert cards(PROBLEM, MGUS, NEUROPATHY, entered(new)) == {}


def test_without_a_new_problem_nothing_is_started() -> None:
    assert cards(PROBLEM, MGUS, NEUROPATHY) == {}


def test_a_new_problem_that_is_only_suspected_or_named_in_text_counts_as_new() -> None:
    suspected = entered(replace(problem("anti_mag_neuropathy"), verification_status="provisional"))
    assert picture(PROBLEM, suspected).new_entries.problems
    named = entered(problem("", text="Anti-MAG neuropathy"))
    assert references(picture(PROBLEM, named).new_entries.problems) == {named.source}
    assert "diagnosticWorkUp" in cards(PROBLEM, named)


def test_a_new_neuropathy_alone_is_no_reason_for_a_work_up() -> None:
    assert cards(PROBLEM, entered(NEUROPATHY)) == {}


# A reaction to rituximab


@pytest.mark.boundaries("AL-1")
@pytest.mark.parametrize("substance", [None, coded("rituximab_hyaluronidase_sc"), Concept(text="MabThera")])
def test_an_entry_against_rituximab_gets_one_information(substance: Concept | None) -> None:
    shown = cards(ALLERGY, *OURS, dose(9), igm(1500, 4), against(substance, severity="severe"))
    (card,) = shown.values()
    assert card.topic == "rituximabSafety"
    assert card.indicator is Indicator.INFO
    assert logic(card) == {"AL-1"}
    for kind in ("Infusion reaction", "Serum sickness", "IgM flare"):
        assert kind in card.detail
    assert "The last dose on record was on 20 Feb 2026, 9 days ago." in plain(card.detail)
    assert "AllergyIntolerance/a" in references(card.explanation.facts)
    assert card.suggestions == ()


def test_it_is_told_that_no_dose_and_no_igm_is_on_record() -> None:
    card = cards(ALLERGY, *OURS, against())["rituximabSafety"]
    assert "No dated dose of rituximab is on record. No usable serum IgM is on record." in card.detail


@pytest.mark.parametrize(
    "entry",
    [
        against(coded("vincristine")),
        against(Concept(text="mouse protein")),
        against(is_new=False),
        against(verification="refuted"),
        against(verification="entered-in-error"),
    ],
)
def test_another_entry_gets_no_card(entry: Allergy) -> None:
    assert cards(ALLERGY, *OURS, entry) == {}


def test_it_speaks_in_an_igm_gammopathy_without_neuropathy_too() -> None:
    assert set(cards(ALLERGY, WALDENSTROM, against())) == {"rituximabSafety"}


def test_it_is_silent_out_of_scope_in_children_and_where_nobody_can_say() -> None:
    assert cards(ALLERGY, HYPERTENSION, against()) == {}
    assert cards(ALLERGY, *OURS, against(), born=date(2015, 1, 1)) == {}
    unread = picture(ALLERGY, against(), unknown=frozenset({"conditions"}))
    found = BY_LOGIC["AL-1"](unread)
    assert (found.truth.value, found.missing) == ("UNKNOWN", ("problem list",))


def test_at_other_hooks_an_entry_on_record_is_the_gates_matter() -> None:
    opened = cards("patient-view", *OURS, score("incat", 4, 10), against(is_new=False, severity="severe"))
    assert logic(opened["rituximabSafety"]) == {"G9"}
