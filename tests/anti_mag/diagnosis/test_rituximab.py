"""Rituximab as the first choice (TX-1), and its card."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Truth
from cds_service.record import Fact
from hooks.anti_mag.cards import rituximab
from hooks.anti_mag.picture.contraindications import AntiCd20, Contraindications
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.drafts import Drafts
from hooks.anti_mag.picture.hepatitis_b import HepatitisB, Marker
from hooks.anti_mag.picture.hyperviscosity import Hyperviscosity
from hooks.anti_mag.picture.immunoglobulin import Igm
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.treatment import RituximabHistory
from tests.anti_mag.diagnosis.charts import medicine, order
from tests.anti_mag.diagnosis.pictures import (
    CONFIRMED,
    INCAT,
    MILD,
    TREATABLE,
    UNSCORED,
    card_of,
    creates,
    finding,
    igm,
)
from tests.anti_mag.reading import plain

YES = Statement.yes(INCAT)


def truth(picture):
    return finding("TX-1", picture).truth


def card(picture):
    return card_of(rituximab, picture, "TX-1")


@pytest.mark.parametrize("severity", [Severity.DISABLING, Severity.PROGRESSIVE])
@pytest.mark.parametrize("diagnosis", [TREATABLE.diagnosis, CONFIRMED])
def test_disabling_or_progressive_disease_calls_for_rituximab(severity, diagnosis):
    disability = replace(TREATABLE.disability, severity=severity)
    assert truth(replace(TREATABLE, diagnosis=diagnosis, disability=disability)) is Truth.YES


def test_possible_disease_does_not():
    assert truth(replace(TREATABLE, diagnosis=replace(TREATABLE.diagnosis, tier=Tier.POSSIBLE))) is Truth.NO


def test_mild_stable_disease_does_not():
    assert truth(MILD) is Truth.NO
    assert card(MILD) is None


def test_unknown_or_old_severity_leaves_it_open():
    assert truth(UNSCORED) is Truth.UNKNOWN
    old = replace(TREATABLE, disability=replace(TREATABLE.disability, severity_is_old=True))
    assert truth(old) is Truth.UNKNOWN


@pytest.mark.parametrize("age", [17, None])
def test_children_and_people_of_unknown_age_get_no_recommendation(age):
    assert truth(replace(TREATABLE, age=age)) is Truth.NO


@pytest.mark.parametrize(
    "fields",
    [
        {"rituximab": RituximabHistory(undated=(medicine("rituximab").fact("rituximab"),))},
        {"rituximab": RituximabHistory(orders=(order("rituximab"),))},
        {"drafts": Drafts(has_any_rituximab=True)},
        {"contraindications": Contraindications(pregnancy=YES)},
        {"contraindications": Contraindications(leukoencephalopathy=YES)},
        {"contraindications": Contraindications(severe_reaction=YES)},
        {"hepatitis_b": HepatitisB(surface_antigen=Marker("positive", (INCAT,)))},
        {"hepatitis_b": HepatitisB(dna=Marker("positive", (INCAT,)))},
    ],
)
def test_a_course_an_order_or_a_hard_contraindication_silences_it(fields):
    assert truth(replace(TREATABLE, **fields)) is Truth.NO
    assert card(replace(TREATABLE, **fields)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"hepatitis_b": HepatitisB(surface_antigen=Marker("unknown"), core_antibody=Marker("missing"))},
        {"contraindications": Contraindications(pregnancy=Statement.unknown("pregnancy"))},
        {"contraindications": Contraindications(mild_reaction=YES)},
        {"igm": igm(3999)},
    ],
)
def test_unknown_safety_data_never_silence_it(fields):
    assert truth(replace(TREATABLE, **fields)) is Truth.YES


@pytest.mark.boundaries("TX-1")
def test_an_unreadable_treatment_history_is_said_and_does_not_silence_it():
    picture = replace(TREATABLE, rituximab=RituximabHistory(is_readable=False))
    found = finding("TX-1", picture)
    assert found.truth is Truth.YES
    assert any("earlier rituximab" in item for item in found.missing)
    assert "could not be excluded" in card(picture).detail


@pytest.mark.boundaries("TX-1")
def test_the_finding_rests_on_diagnosis_severity_and_igm():
    references = {fact.reference for fact in finding("TX-1", TREATABLE).facts}
    assert references >= {"Condition/neuropathy", "Observation/anti-mag", "Observation/incat", "Observation/igm"}


def test_the_card_offers_both_regimens_and_recommends_the_one_that_was_studied():
    made = card(TREATABLE)
    assert (made.indicator, made.selection_behavior) == (Indicator.INFO, "at-most-one")
    assert [item.is_recommended for item in made.suggestions] == [True, False]
    assert "first choice" in made.summary
    assert made.suggestions[1].label.endswith("(no trial here)")
    for words in ("off-label", "missed their end points", "12 %"):
        assert words in made.detail
    assert {link.label for link in made.links}


def test_the_conditional_card_recommends_none_and_names_the_missing_severity():
    made = card(UNSCORED)
    assert not any(item.is_recommended for item in made.suggestions)
    assert made.detail.startswith("**If the neuropathy is disabling or progressive, ")
    assert len(made.explanation.missing) == 1
    assert made.explanation.findings[0].truth == "UNKNOWN"


def test_old_disabling_scores_are_called_old():
    made = card(replace(TREATABLE, disability=replace(TREATABLE.disability, severity_is_old=True)))
    assert "severity is old" in made.summary
    assert not any(item.is_recommended for item in made.suggestions)


def test_at_an_igm_of_4000_plasma_exchange_comes_first_and_no_rituximab_is_drafted():
    made = card(replace(TREATABLE, igm=igm(4000)))
    assert (made.indicator, made.selection_behavior) == (Indicator.WARNING, "any")
    assert creates(made) == ["ServiceRequest", "ServiceRequest"]
    assert "4000" in made.summary
    assert "plasma exchange first" in made.summary


def test_below_4000_rituximab_is_drafted():
    assert creates(card(replace(TREATABLE, igm=igm(3999)))) == ["MedicationRequest", "MedicationRequest"]


def test_a_preliminary_high_igm_is_called_preliminary():
    assert "preliminary" in card(replace(TREATABLE, igm=igm(4300, is_preliminary=True))).detail


def test_with_hyperviscosity_no_rituximab_is_drafted():
    made = card(replace(TREATABLE, hyperviscosity=Hyperviscosity(symptoms=YES)))
    assert "MedicationRequest" not in creates(made)


def test_a_plasma_exchange_already_ordered_is_not_offered_again():
    picture = replace(TREATABLE, igm=igm(4500), drafts=Drafts(has_plasma_exchange=True))
    assert len(card(picture).suggestions) == 1


def test_the_card_is_silent_at_hooks_where_the_rule_is_not_heard():
    assert card_of(rituximab, TREATABLE) is None


def test_plasma_exchange_first_is_on_condition_where_severity_is_not_on_record():
    made = card(replace(UNSCORED, igm=igm(4500)))
    assert made.summary.startswith("IgM 4500 mg/dL: if the neuropathy is treated, plasma exchange before")
    assert "severity is not on record" in made.summary
    assert made.detail.startswith("**If it is treated, exchange plasma before rituximab")


def test_an_igm_in_grams_per_litre_is_told_without_a_trailing_zero():
    value = replace(igm(4150).current, mg_dl=Decimal("4150.0"))
    made = card(replace(TREATABLE, igm=Igm((value,), value, value)))
    assert "IgM 4150 mg/dL" in made.summary
    assert "4150.0" not in made.summary + made.detail


def test_a_raised_viscosity_alone_is_named_and_not_called_hyperviscosity():
    made = card(replace(TREATABLE, hyperviscosity=Hyperviscosity(is_viscosity_raised=YES)))
    assert made.summary.startswith("Serum viscosity above 4 cP:")


def test_a_chart_with_scores_that_leave_severity_open_is_not_said_to_have_none():
    made = card(UNSCORED)
    assert "No score on record tells how disabling it is" in made.detail


def test_scores_that_could_not_be_read_are_not_called_absent():
    made = card(replace(UNSCORED, disability=replace(UNSCORED.disability, is_readable=False)))
    assert made.summary.endswith("severity could not be read")
    assert "Scores could not be read" in made.detail
    assert len(made.summary) < 140


# Beside another anti-CD20 antibody


def with_ocrelizumab(picture, *, is_given=True):
    fact = Fact("MedicationAdministration/1", "anti-CD20 antibody given", "ocrelizumab", date="2026-01-05")
    other = Contraindications(antibodies=(AntiCd20("ocrelizumab", fact, is_given=is_given),))
    return replace(picture, contraindications=other)


@pytest.mark.parametrize("picture", [TREATABLE, UNSCORED])
def test_rituximab_is_not_recommended_on_top_of_another_anti_cd20_antibody(picture):
    beside = card(with_ocrelizumab(picture))
    assert beside is not None
    assert beside.summary.endswith("rituximab is the first choice, not on top of ocrelizumab")
    assert plain(beside.detail).startswith(
        "**Not on top of ocrelizumab** (last on 5 Jan 2026): for 6 months (service default)"
    )
    assert not any(item.is_recommended for item in beside.suggestions)


def test_one_that_is_only_ordered_is_left_to_the_order_check():
    beside = card(with_ocrelizumab(TREATABLE, is_given=False))
    assert beside is not None
    assert "ocrelizumab" not in f"{beside.summary} {beside.detail}"
    assert beside.suggestions[0].is_recommended
