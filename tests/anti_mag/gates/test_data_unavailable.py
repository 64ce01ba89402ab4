import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import SAFE, cards, draft, igm, problem, quantity, record, result, truth, without, words

ORDER = draft(amount=quantity("720", "mg"))
LABORATORY = without("igm_serum")


def card_of(chart, hook="order-sign"):
    return cards(chart, hook).get("dataUnavailable")


@pytest.mark.parametrize(
    ("key", "results", "named"),
    [
        ("hepatitisB", without("hbsag", "anti_hbc_total"), "hepatitis B results"),
        ("laboratory", LABORATORY, "serum IgM"),
        ("allergies", SAFE, "allergies"),
        ("pregnancyTests", SAFE, "pregnancy tests"),
    ],
)
def test_unread_safety_data_are_named(key, results, named):
    card = card_of(record(ORDER, results=results, age=30, unread=(key,)))
    assert card is not None
    assert (card.indicator, card.explanation.missing) == (Indicator.WARNING, (named,))
    assert named in card.summary


def test_everything_unread_is_one_card():
    unread = ("hepatitisB", "laboratory", "allergies", "pregnancyTests")
    shown = cards(record(ORDER, results=without("hbsag", "anti_hbc_total", "igm_serum"), age=30, unread=unread))
    assert set(shown) == {"dataUnavailable"}
    assert len(shown["dataUnavailable"].summary) < 140


@pytest.mark.conformance("ST-07")
def test_the_text_shows_no_internals():
    unread = ("hepatitisB", "laboratory", "allergies")
    card = card_of(record(ORDER, results=(), unread=unread))
    assert card is not None
    said = (card.summary + card.detail).lower()
    assert not [word for word in ("prefetch", "http", "fhir", "bundle", "operationoutcome", "key") if word in said]


def test_what_was_read_needs_no_such_card():
    assert card_of(record(ORDER, unread=("hepatitisB", "laboratory"))) is None


def test_what_was_read_still_raises_beside_it():
    results = (*without("hbsag", "igm_serum"), result("hbsag", "Positive", 5), igm("4300"))
    shown = cards(record(ORDER, results=results, unread=("hepatitisB", "laboratory", "allergies")))
    assert set(shown) == {"dataUnavailable", "rituximabSafety"}


def test_at_order_select_it_is_not_said():
    assert card_of(record(ORDER, results=(), unread=("hepatitisB",)), "order-select") is None


@pytest.mark.boundaries("C5")
def test_without_a_rituximab_draft_it_is_not_said():
    assert truth("C5", record(results=(), unread=("hepatitisB",))) == "NO"


@pytest.mark.boundaries("C5")
def test_an_order_without_gates_needs_no_data():
    assert truth("C5", record(ORDER, results=(), problems=(), unread=("hepatitisB",))) == "NO"


@pytest.mark.boundaries("C5")
def test_for_another_indication_igm_is_not_asked_for():
    order = draft(reason=words("Rheumatoid arthritis"))
    chart = record(order, results=(), problems=(problem("hyperviscosity_epistaxis"),), unread=("laboratory",))
    assert truth("C5", chart) == "NO"
