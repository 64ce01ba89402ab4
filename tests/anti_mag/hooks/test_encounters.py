"""An encounter begins as a chart is opened, and ends with the date of the next IgM check after rituximab."""

from __future__ import annotations

import pytest

from hooks.anti_mag.cards.dates import date_in_words
from tests.anti_mag.diagnosis.charts import problem, result
from tests.anti_mag.flare.patients import OURS, Evidence, dose, igm, ordered, score, symptom, weekly
from tests.anti_mag.hooks.calls import cards, logic
from tests.anti_mag.reading import plain

END = "encounter-discharge"


@pytest.mark.parametrize(
    "facts",
    [
        (*OURS, score("incat", 4, 10)),
        (*OURS, *weekly(40), score("incat", 3, 100), score("incat", 4, 2)),
        (*OURS, *weekly(60), igm(1000, 70), igm(2000, 20)),
        (*OURS, *weekly(400), score("incat", 3, 500)),
        (problem("polyneuropathy_generic"), problem("igm_mgus")),
        (),
    ],
)
def test_at_encounter_start_the_cards_are_those_of_patient_view(facts: tuple[Evidence, ...]) -> None:
    assert cards("encounter-start", *facts) == cards("patient-view", *facts)


@pytest.mark.parametrize(
    ("day", "week", "on"),
    [
        (0, 2, "2026-03-15"),
        (13, 2, "2026-03-02"),
        (14, 4, "2026-03-15"),
        (56, 12, "2026-03-29"),
        (111, 16, "2026-03-02"),
    ],
)
def test_discharge_names_the_next_igm_check_throughout_the_window(day: int, week: int, on: str) -> None:
    card = cards(END, *OURS, *weekly(day, 1), igm(900, 0))["igmMonitoring"]
    assert card.summary == f"Next IgM check on {date_in_words(on)} (week {week} after rituximab)"
    assert "write it into the discharge plan" in card.detail
    (offered,) = card.suggestions
    assert offered.actions[0].resource is not None
    assert offered.actions[0].resource["occurrenceDateTime"] == on


def test_after_the_last_check_discharge_names_none() -> None:
    assert "igmMonitoring" not in cards(END, *OURS, *weekly(112), igm(900, 0))
    assert "igmMonitoring" not in cards(END, *OURS, *weekly(181), igm(900, 0))
    assert "igmMonitoring" not in cards(END, *OURS, igm(900, 0))


def test_a_check_that_was_missed_comes_first_at_discharge() -> None:
    card = cards(END, *OURS, *weekly(39))["igmMonitoring"]
    assert card.summary == "Measure IgM now: the check of week 4 after rituximab is overdue"
    assert "The next check of the plan is on 4 Mar 2026." in plain(card.detail)


def test_an_igm_that_is_ordered_is_not_offered_again() -> None:
    card = cards(END, *OURS, *weekly(39), ordered("igm_serum"))["igmMonitoring"]
    assert "Next IgM check on 4 Mar 2026" in plain(card.summary)
    assert card.suggestions == ()


def test_where_igm_could_not_be_read_discharge_names_the_date_and_calls_nothing_overdue() -> None:
    card = cards(END, *OURS, *weekly(39), unknown=frozenset({"laboratory"}))["igmMonitoring"]
    assert "Next IgM check on 4 Mar 2026" in plain(card.summary)
    assert "could not be read" in card.detail
    assert logic(card) == {"FL-0"}


def test_only_at_discharge_is_a_check_named_before_it_is_overdue() -> None:
    assert "igmMonitoring" not in cards("patient-view", *OURS, *weekly(13, 2), igm(900, 0))


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ((dose(60), symptom("pneumonia")), "SA-1"),
        ((dose(60), result("anti_hbc_total", "Positive", 400)), "RE-3"),
        ((dose(150),), "RE-4"),
    ],
)
def test_discharge_says_what_to_watch_after_rituximab(facts: tuple[Evidence, ...], rule: str) -> None:
    assert rule in logic(cards(END, *OURS, *facts)["rituximabAftercare"])


def test_discharge_speaks_of_nothing_else_that_is_due() -> None:
    assert "rituximab" not in cards(END, *OURS, score("incat", 4, 10))
    assert "followUpAssessment" not in cards(END, *OURS, *weekly(400), score("incat", 3, 500))
