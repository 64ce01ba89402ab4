"""The plan of a course, on the cards and drafts that offer one (ruling 37)."""

from datetime import timedelta

import pytest

from hooks.anti_mag.cards import rituximab, rituximab_retreatment
from hooks.anti_mag.cards.dates import with_dates_in_words
from hooks.anti_mag.course_plan import PREMEDICATION, VACCINES, plan_of
from hooks.anti_mag.knowledge_data import SCHEDULE
from tests.anti_mag.diagnosis.charts import TODAY, problem
from tests.anti_mag.flare.patients import OURS, card_of, igm, ordered, patient, score, weekly

DISABLED = (*OURS, score("incat", 4, 5))
RELAPSE = (*OURS, *weekly(700), score("incat", 4, 710), score("incat", 2, 500), score("incat", 4, 5))
SOURCES = {"TREON2004", "RTXUSPI", "CD20MON2024"}


def days(start):
    return ", ".join((start + timedelta(weeks=week)).isoformat() for week in SCHEDULE.flare_check_weeks)


@pytest.mark.parametrize(
    ("module", "facts"), [(rituximab, DISABLED), (rituximab, OURS), (rituximab_retreatment, RELAPSE)]
)
def test_the_card_and_each_of_its_drafts_carry_the_plan(module, facts):
    card = card_of(module, patient(*facts))
    assert card is not None
    weeks = f"IgM in weeks 2, 4, 6, 8, 12, 16: {days(TODAY)}"
    counted = f"{weeks}, counted from a first dose today, {TODAY.isoformat()}"
    assert set(card.explanation.evidence) >= SOURCES
    assert len(card.suggestions) == 2
    for line in (f"{weeks} (first dose today)", PREMEDICATION.short, VACCINES.short):
        assert with_dates_in_words(line) in card.detail
    for line in (counted, PREMEDICATION.text, VACCINES.text):
        for suggestion in card.suggestions:
            assert line in suggestion.actions[0].resource["note"][0]["text"]


@pytest.mark.parametrize(
    ("module", "facts"),
    [
        (rituximab, (*DISABLED, igm(4500, 3))),
        (rituximab_retreatment, (*RELAPSE, igm(4500, 3))),
        (rituximab_retreatment, (*RELAPSE, problem("pml"))),
        (rituximab_retreatment, (*OURS, *weekly(700), score("incat", 4, 5))),
    ],
)
def test_where_no_course_is_offered_there_is_no_plan_of_one(module, facts):
    card = card_of(module, patient(*facts))
    assert card is not None
    assert "IgM in weeks" not in card.detail
    assert PREMEDICATION.short not in card.detail


def test_the_days_count_from_the_day_that_an_order_names():
    start = TODAY + timedelta(days=10)
    seen = patient(*DISABLED, ordered("rituximab", 10, is_draft=True, is_selected=True), hook="order-sign")
    assert plan_of(seen)[0].text == (
        f"IgM in weeks 2, 4, 6, 8, 12, 16: {days(start)}, counted from a first dose {start.isoformat()}; "
        "from another day count anew"
    )
