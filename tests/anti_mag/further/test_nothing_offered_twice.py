"""A treatment under way or ordered, and a referral or test that is ordered, is not offered again (ruling 39)."""

from dataclasses import replace

import pytest

from hooks.anti_mag.cards import (
    alternative_therapy,
    follow_up_assessment,
    hyperviscosity,
    plasma_exchange_flare,
    rituximab,
    rituximab_aftercare,
    rituximab_retreatment,
    worsening_after_rituximab,
)
from tests.anti_mag.diagnosis.charts import order, problem, procedure, result
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


def test_a_card_that_puts_it_first_says_that_it_is_ordered():
    relapse = (*OURS, *weekly(700), score("incat", 4, 710), score("incat", 2, 500), score("incat", 4, 5))
    for module, facts in ((rituximab, (*OURS, score("incat", 4, 5))), (rituximab_retreatment, relapse)):
        high = (*facts, igm(4500, 3))
        for seen, is_told in ((patient(*high, NAMED), True), (patient(*high), False), (patient(*facts, NAMED), False)):
            card = card_of(module, seen)
            assert card is not None
            assert ("ordered or under way already" in card.detail) is is_told


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


BROKEN = (*OURS, dose(60), result("anti_hbc_total", "Positive", 400))
FAILED = (*OURS, dose(500), score("incat", 4, 510), score("incat", 4, 5))
WORSE_LATE = (*OURS, *weekly(215), *(score(name, 2, 230) for name in ("incat", "onls")))
WORSE_LATE = (*WORSE_LATE, *(score(name, 4, 3) for name in ("incat", "onls")))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Referral to hepatology", {"hepatology_referral"}),
        ("Consult hepatology: HBV before anti-CD20", {"hepatology_referral"}),
        ("Refer to liver clinic", {"hepatology_referral"}),
        ("Referral to obstetrics and gynaecology", {"obstetrics_referral"}),
        ("OB/GYN consultation", {"obstetrics_referral"}),
        ("Obstetric ultrasound", set()),
        ("Hepatology laboratory panel", set()),
        ("Occupational therapy", {"occupational_therapy_referral"}),
        ("Consultation, hematology", {"haematology_referral"}),
    ],
)
def test_a_referral_is_known_by_its_names(text, names):
    assert patient(*OURS, order(text=text)).drafts.referrals == names
    assert patient(*OURS, order(text=text, status="completed")).drafts.referrals == frozenset()


def test_where_orders_could_not_be_read_a_referral_is_offered():
    card = card_of(rituximab_aftercare, patient(*BROKEN, unknown={"serviceRequests"}))
    assert card is not None
    assert "Referral to hepatology" in labels(card)


@pytest.mark.parametrize(
    ("module", "facts", "offered"),
    [
        (rituximab_aftercare, BROKEN, ["Referral to hepatology"]),
        (alternative_therapy, FAILED, ["Referral to neurology", "Referral to haematology"]),
        (follow_up_assessment, WORSE_LATE, ["Referral to neurology", "Referral to haematology"]),
    ],
)
def test_who_is_to_be_asked_is_offered_and_not_again(module, facts, offered):
    before = card_of(module, patient(*facts))
    after = card_of(module, patient(*facts, *(order(text=label) for label in offered)))
    assert before is not None
    assert after is not None
    assert [label for label in labels(before) if label.startswith("Referral")] == offered
    assert [label for label in labels(after) if label.startswith("Referral")] == []


def test_beside_a_red_flag_its_card_alone_offers_the_referrals():
    flag = replace(problem("amyloidosis"), verification_status="provisional")
    for module, facts in ((alternative_therapy, FAILED), (follow_up_assessment, WORSE_LATE)):
        card = card_of(module, patient(*facts, flag))
        assert card is not None
        assert not any(label.startswith("Referral") for label in labels(card))


def test_a_viscosity_ordered_by_name_alone_is_offered_by_no_card():
    card = card_of(hyperviscosity, patient(*BLEEDING, order(text="Viscosity, serum")))
    assert card is not None
    assert not any("viscosity" in label.lower() for label in labels(card))
