from itertools import permutations

from cds_service.cards import Card, Indicator
from cds_service.protocol.response import ranked
from tests.toy_disease import card_about

TOPICS = ("first", "second", "third", "fourth")


def a(topic: str, indicator: Indicator) -> Card:
    return card_about(topic, f"{topic} {indicator.code}", indicator)


def test_urgency_comes_first_and_the_order_of_topics_second() -> None:
    right = (a("third", Indicator.CRITICAL), a("first", Indicator.WARNING), a("second", Indicator.WARNING))
    for order in permutations(right):
        assert ranked(order, TOPICS) == right


def test_three_cards_are_kept() -> None:
    cards = [a(topic, Indicator.INFO) for topic in reversed(TOPICS)]
    assert [card.topic for card in ranked(cards, TOPICS)] == ["first", "second", "third"]


def test_critical_cards_are_kept_beyond_three_and_take_the_places_of_others() -> None:
    cards = [a("first", Indicator.INFO), *(a(topic, Indicator.CRITICAL) for topic in TOPICS)]
    assert [card.indicator for card in ranked(cards, TOPICS)] == [Indicator.CRITICAL] * 4


def test_a_topic_that_has_no_rank_comes_last() -> None:
    cards = [a("unknown", Indicator.INFO), a("fourth", Indicator.INFO)]
    assert [card.topic for card in ranked(cards, TOPICS)] == ["fourth", "unknown"]
