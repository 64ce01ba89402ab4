"""One table of what gives way to what: its rows name what is there, and each of them is met by a patient."""

from __future__ import annotations

import pytest

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Finding
from hooks.anti_mag.cards import gives_way
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.cards.gives_way import ANSWERS, DRAFTS, GivesWay, heard_of, may_offer, said_on
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.proposals import ORDERS
from hooks.anti_mag.rules import BY_LOGIC
from hooks.anti_mag.topics import TOPICS
from tests.anti_mag.diagnosis.pictures import TREATABLE

YES, NO, UNKNOWN = Finding.yes(), Finding.no(), Finding.unknown("it")


def answers(**found: Finding) -> dict[str, Answer]:
    return {logic.replace("_", "-"): Answer(BY_LOGIC[logic.replace("_", "-")], told) for logic, told in found.items()}


@pytest.mark.parametrize("row", [*ANSWERS, *DRAFTS], ids=lambda row: f"{row.topic}-{row.what[0]}-{row.to[0]}")
def test_a_row_names_topics_rules_and_drafts_that_are_there(row: GivesWay) -> None:
    assert row.topic in TOPICS
    assert set(row.to) <= set(BY_LOGIC)
    assert row.why


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: f"{row.topic}-{row.what[0]}-{row.to[0]}")
def test_what_gives_way_on_a_card_may_stand_on_it(row: GivesWay) -> None:
    assert [logic for logic in row.what if row.topic not in BY_LOGIC[logic].cards] == []


def test_rules_that_are_silent_or_weakest_are_there() -> None:
    assert set(gives_way.SILENT_IN_PALLIATIVE_CARE) | set(gives_way.BESIDE_NO_OTHER_CARD) <= set(BY_LOGIC)
    assert set(gives_way.AFTER_WHAT_IS_CRITICAL) <= set(TOPICS)


def test_drafts_are_named_as_in_the_tables() -> None:
    assert {draft for row in DRAFTS for draft in row.what} <= set(ORDERS) | set(INVESTIGATIONS)


@pytest.mark.parametrize(
    "row", [row for row in ANSWERS if row.when is None and row.beside is None], ids=lambda row: f"{row.what}-{row.to}"
)
def test_an_answer_gives_way_to_a_yes_and_to_nothing_else(row: GivesWay) -> None:
    for what in row.what:
        for to in row.to:
            for told, is_left in ((YES, False), (NO, True), (UNKNOWN, True)):
                found = {**answers(**{what.replace("-", "_"): YES}), **answers(**{to.replace("-", "_"): told})}
                assert (what in said_on(row.topic, TREATABLE, found)) is is_left


def test_what_gives_way_on_one_card_is_said_on_another() -> None:
    found = answers(FL_0=YES, FL_1=YES)
    assert "FL-0" not in said_on("igmMonitoring", TREATABLE, found)
    assert "FL-0" in said_on("plasmaExchangeFlare", TREATABLE, found)


def test_an_absorbed_finding_stands_behind_the_card_and_only_where_it_holds() -> None:
    for told, is_absorbed in ((YES, True), (NO, False), (UNKNOWN, False)):
        found = said_on("rituximabSafety", TREATABLE, answers(G4c=YES, PL_2=told))
        assert "PL-2" not in found
        assert bool(found.absorbed) is is_absorbed


def test_scores_stand_on_one_card_beside_rituximab_and_on_the_other_away_from_it() -> None:
    for found, elsewhere, here in (
        (answers(TX_1=YES, SC_1=YES), "diagnosticWorkUp", "followUpAssessment"),
        (answers(TX_1=UNKNOWN, SC_1=YES), "diagnosticWorkUp", "followUpAssessment"),
        (answers(TX_1=NO, SC_1=YES), "followUpAssessment", "diagnosticWorkUp"),
        (answers(TX_1=YES, HV_1=YES, SC_1=YES), "followUpAssessment", "diagnosticWorkUp"),
    ):
        assert "SC-1" in said_on(elsewhere, TREATABLE, found)
        assert "SC-1" not in said_on(here, TREATABLE, found)


def test_a_draft_is_offered_by_one_card() -> None:
    alone = said_on("worseningAfterRituximab", TREATABLE, answers(FL_2=YES))
    assert may_offer("worseningAfterRituximab", "plasma_exchange", TREATABLE, alone)
    beside = said_on("worseningAfterRituximab", TREATABLE, answers(FL_2=YES, FL_3=YES, WU_5=YES))
    assert not may_offer("worseningAfterRituximab", "plasma_exchange", TREATABLE, beside)
    assert may_offer("worseningAfterRituximab", "viscosity", TREATABLE, beside)
    threatened = said_on("worseningAfterRituximab", TREATABLE, answers(FL_2=YES, WU_5=YES))
    assert not may_offer("worseningAfterRituximab", "viscosity", TREATABLE, threatened)


def test_nothing_gives_way_to_a_card_that_a_site_has_switched_off() -> None:
    found = answers(RT_2=YES, G11=YES, SC_1=YES)
    assert set(heard_of(found, {"rituximabRetreatment"})) == {"G11", "SC-1"}, "G11 speaks on the safety card"
    assert set(heard_of(found, {"followUpAssessment"})) == {"RT-2", "G11", "SC-1"}, "SC-1 has another card"
    assert heard_of(found, set()) == found


def test_only_what_is_never_urgent_waits_for_what_is_critical() -> None:
    assert gives_way.AFTER_WHAT_IS_CRITICAL == ("supportiveCare",)
    assert Indicator.CRITICAL > Indicator.WARNING
