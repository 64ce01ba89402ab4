"""A finding whose facts the picture does not hold makes no card, and nothing breaks."""

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.cards import plasma_exchange_flare, red_flag, rituximab_retreatment
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import TODAY

EMPTY = ClinicalPicture(today=TODAY)


def answers(*logics):
    return {logic: Answer(BY_LOGIC[logic], Finding.yes()) for logic in logics}


def test_a_lasting_rise_without_values_makes_no_card():
    assert plasma_exchange_flare.card(EMPTY, answers("FL-4")) is None


def test_a_course_too_soon_without_a_course_makes_no_card():
    assert rituximab_retreatment.card(EMPTY, answers("RT-2")) is None


def test_a_subacute_course_without_scores_says_no_numbers():
    card = red_flag.card(EMPTY, answers("TX-2"))
    assert card is not None
    assert "rose from" not in card.detail
