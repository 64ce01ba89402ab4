"""A treatment under way or ordered, and a referral or test that is ordered, is not offered again (ruling 39)."""

from dataclasses import replace

import pytest

from hooks.anti_mag.cards import (
    alternative_therapy,
    hyperviscosity,
    plasma_exchange_flare,
    rituximab,
    worsening_after_rituximab,
)
from tests.anti_mag.diagnosis.charts import order, procedure
from tests.anti_mag.flare.patients import (
    OURS,
    WALDENSTROM,
    card_of,
    dose,
    igm,
    labels,
    ordered,
    patient,
    score,
    symptom,
    weekly,
)

EXCHANGE = procedure("plasma_exchange", days=3)
NAMED = procedure(text="Therapeutic plasmapheresis", days=3)
BLEEDING = (WALDENSTROM, symptom("hyperviscosity_epistaxis"), igm(6000, 3))


@pytest.mark.parametrize(
    ("fact", "is_there"),
    [
        (ordered("plasma_exchange"), True),
        (order(text="Plasma exchange x 5"), True),
        (order(text="PLEX", status="on-hold"), True),
        (order(text="Plasma exchange", status="completed"), False),
        (order(text="Plasma exchange", status="revoked"), False),
        (order(text="Plasma renin activity"), False),
        (replace(EXCHANGE, status="in-progress"), True),
        (replace(EXCHANGE, status="in-progress", when=None), True),
        (replace(EXCHANGE, status="preparation"), True),
        (replace(EXCHANGE, status="not-done"), False),
        (replace(EXCHANGE, status="entered-in-error"), False),
        (replace(EXCHANGE, when=None), False),
        (procedure("plasma_exchange", days=7), True),
        (procedure("plasma_exchange", days=8), False),
        (NAMED, True),
        (procedure(text="Lumbar puncture", days=3), False),
    ],
)
def test_a_plasma_exchange_is_ordered_or_under_way(fact, is_there):
    seen = patient(*BLEEDING, fact)
    assert seen.drafts.has_plasma_exchange is is_there
    card = card_of(hyperviscosity, seen)
    assert card is not None
    assert ("Plasma exchange" in labels(card)) is not is_there
    assert ("ordered or under way already" in card.detail) is is_there


def test_no_card_offers_it_again():
    worse = (*OURS, *weekly(30), score("onls", 2, 40), score("onls", 5, 3))
    high = (*OURS, score("incat", 4, 5), igm(4500, 3))
    flare = (*OURS, *weekly(30), igm(3000, 40), igm(4500, 3))
    for module, facts in ((worsening_after_rituximab, worse), (rituximab, high), (plasma_exchange_flare, flare)):
        before, after = card_of(module, patient(*facts)), card_of(module, patient(*facts, NAMED))
        assert before is not None
        assert after is not None
        assert "Plasma exchange" in labels(before)
        assert "Plasma exchange" not in labels(after)


@pytest.mark.parametrize("referral", [order("neurology_referral"), order(text="Consult: neurology")])
def test_a_referral_to_neurology_that_is_ordered_is_not_offered_again(referral):
    worse = (*OURS, *weekly(30), score("onls", 2, 40), score("onls", 3, 3))
    failed = (*OURS, dose(500), score("incat", 4, 510), score("incat", 4, 5))
    for module, facts in ((worsening_after_rituximab, worse), (alternative_therapy, failed)):
        before, after = card_of(module, patient(*facts)), card_of(module, patient(*facts, referral))
        assert before is not None
        assert after is not None
        assert "Referral to neurology" in labels(before)
        assert "Referral to neurology" not in labels(after)


def test_a_referral_elsewhere_or_over_does_not_count():
    worse = (*OURS, *weekly(30), score("onls", 2, 40), score("onls", 3, 3))
    for other in (order(text="Referral to neurosurgery"), order("neurology_referral", status="completed")):
        card = card_of(worsening_after_rituximab, patient(*worse, other))
        assert card is not None
        assert "Referral to neurology" in labels(card)


def test_a_viscosity_ordered_by_name_alone_is_offered_by_no_card():
    card = card_of(hyperviscosity, patient(*BLEEDING, order(text="Viscosity, serum")))
    assert card is not None
    assert not any("viscosity" in label.lower() for label in labels(card))
