"""FL-0 to FL-3 and their cards: every boundary from both sides."""

from dataclasses import replace
from datetime import date

import pytest

from cds_service.cards import Card, Indicator
from cds_service.values import When
from hooks.anti_mag.cards import hyperviscosity, igm_monitoring, plasma_exchange_flare, worsening_after_rituximab
from hooks.anti_mag.picture import ClinicalPicture
from tests.anti_mag.diagnosis.charts import number, problem, result
from tests.anti_mag.flare.patients import (
    NEUROPATHY,
    OURS,
    WALDENSTROM,
    Evidence,
    card_of,
    dose,
    finding,
    igm,
    labels,
    ordered,
    patient,
    score,
    symptom,
    truth,
    weekly,
    word,
)
from tests.anti_mag.reading import plain


def flare_card(*facts: Evidence) -> Card | None:
    return card_of(plasma_exchange_flare, patient(*OURS, *facts))


def worsening_card(*facts: Evidence, hook: str = "patient-view") -> Card | None:
    return card_of(worsening_after_rituximab, patient(*OURS, *facts, hook=hook))


# FL-0


@pytest.mark.boundaries("FL-0")
@pytest.mark.parametrize(("day", "expected"), [(20, "NO"), (21, "YES"), (34, "YES"), (180, "YES"), (181, "NO")])
def test_fl0_fires_from_a_week_after_the_first_check_to_day_180(day: int, expected: str) -> None:
    assert truth("FL-0", patient(*OURS, dose(day), igm(1150, day + 6))) == expected


@pytest.mark.boundaries("FL-0")
@pytest.mark.parametrize(("measured_on_day", "expected"), [(20, "YES"), (21, "NO")])
def test_fl0_accepts_an_igm_from_a_week_before_the_check(measured_on_day: int, expected: str) -> None:
    assert truth("FL-0", patient(*OURS, dose(39), igm(1200, 39 - measured_on_day))) == expected


@pytest.mark.parametrize(("day", "week"), [(34, 2), (35, 4), (118, 12), (119, 16), (169, 16)])
def test_fl0_asks_for_the_latest_check_that_is_overdue(day: int, week: int) -> None:
    card = card_of(igm_monitoring, patient(*OURS, dose(day)))
    assert card is not None
    assert f"week {week} " in card.summary


def test_fl0_counts_from_the_latest_course() -> None:
    assert truth("FL-0", patient(*OURS, *weekly(400), *weekly(10, doses=2))) == "NO"


def test_fl0_is_silent_when_an_igm_is_ordered() -> None:
    assert truth("FL-0", patient(*OURS, dose(39), ordered("igm_serum"))) == "NO"


def test_fl0_is_unknown_when_the_laboratory_could_not_be_read() -> None:
    made = finding("FL-0", patient(*OURS, dose(39), unknown={"laboratory"}))
    assert made.truth.value == "UNKNOWN"
    assert made.missing
    assert card_of(igm_monitoring, patient(*OURS, dose(39), unknown={"laboratory"})) is None


def test_fl0_wants_a_usable_igm() -> None:
    assert truth("FL-0", patient(*OURS, dose(39), igm(45, 3, None))) == "YES"
    assert truth("FL-0", patient(*OURS, dose(39), igm(1200, 3, status="entered-in-error"))) == "YES"
    assert truth("FL-0", patient(*OURS, dose(39), igm(1200, 3, status="preliminary"))) == "NO"
    assert truth("FL-0", patient(*OURS, dose(39), result("m_protein", number("0.9", "g/dL"), 3))) == "YES"


@pytest.mark.boundaries("FL-0")
@pytest.mark.parametrize("facts", [(), (WALDENSTROM,)])
def test_fl0_is_silent_out_of_scope_and_for_a_gammopathy_alone(facts: tuple[Evidence, ...]) -> None:
    assert truth("FL-0", patient(*facts, dose(39))) == "NO"


def test_fl0_is_silent_for_a_child() -> None:
    assert truth("FL-0", patient(*OURS, dose(39), born=date(2010, 1, 1))) == "NO"


def test_fl0_offers_the_igm_and_names_the_next_check() -> None:
    card = card_of(igm_monitoring, patient(*OURS, dose(39)))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert labels(card) == ["Order: Serum IgM, quantitative"]
    assert "4 Mar 2026" in plain(card.detail)


# FL-1

RISE = (igm(1450, 50), igm(2380, 3))


def test_fl1_is_information_and_says_what_would_make_plasma_exchange_necessary() -> None:
    card = flare_card(*weekly(44), *RISE)
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert "2 weeks" in card.summary
    assert "no sign that treatment failed" in card.detail
    assert "Plasma exchange becomes a question" in card.detail
    assert "64 % and 930 mg/dL above 1450 mg/dL" in card.detail
    assert labels(card) == ["Order: Serum IgM, quantitative"]


@pytest.mark.boundaries("FL-1")
@pytest.mark.parametrize(("newest", "expected"), [(1249, "NO"), (1250, "YES"), (3999, "YES"), (4000, "NO")])
def test_fl1_from_25_percent_to_below_4000(newest: int, expected: str) -> None:
    assert truth("FL-1", patient(*OURS, *weekly(44), igm(1000, 50), igm(newest, 3))) == expected


@pytest.mark.boundaries("FL-1")
@pytest.mark.parametrize(("day", "expected"), [(120, "YES"), (121, "NO")])
def test_fl1_runs_to_day_120(day: int, expected: str) -> None:
    assert truth("FL-1", patient(*OURS, dose(day), igm(1000, day + 5), igm(2000, 1))) == expected


def test_fl1_leaves_the_word_to_hyperviscosity_and_worsening() -> None:
    facts = (*weekly(44), igm(2000, 50), igm(3200, 3))
    assert truth("FL-1", patient(*OURS, *facts)) == "YES"
    assert truth("FL-1", patient(*OURS, *facts, symptom("hyperviscosity_headache"))) == "NO"
    assert truth("FL-1", patient(*OURS, *facts, word("worse", 2))) == "NO"


def test_fl1_is_unknown_without_a_baseline_and_makes_no_card() -> None:
    made = finding("FL-1", patient(*OURS, *weekly(44), igm(2380, 3)))
    assert made.truth.value == "UNKNOWN"
    assert made.missing
    assert flare_card(*weekly(44), igm(2380, 3)) is None


def test_fl1_names_what_is_not_known_of_worsening() -> None:
    assert finding("FL-1", patient(*OURS, *weekly(44), *RISE)).missing


def test_a_fall_makes_no_card() -> None:
    assert flare_card(*weekly(44), igm(1450, 50), igm(600, 3)) is None


# FL-3


@pytest.mark.boundaries("FL-3")
@pytest.mark.parametrize(("mg_dl", "expected"), [(3999, "NO"), (4000, "YES")])
def test_fl3_fires_at_4000(mg_dl: int, expected: str) -> None:
    assert truth("FL-3", patient(*OURS, *weekly(44), igm(mg_dl, 3))) == expected


@pytest.mark.boundaries("FL-3")
@pytest.mark.parametrize(("day", "expected"), [(0, "YES"), (120, "YES"), (121, "NO")])
def test_fl3_runs_from_day_0_to_120(day: int, expected: str) -> None:
    assert truth("FL-3", patient(*OURS, dose(day), igm(4500, 0))) == expected


@pytest.mark.parametrize(
    ("facts", "indicator"),
    [
        ((*weekly(13, doses=2),), Indicator.CRITICAL),
        ((*weekly(21, doses=2),), Indicator.CRITICAL),
        ((*weekly(22, doses=2),), Indicator.WARNING),
        ((*weekly(28),), Indicator.WARNING),
        ((dose(14, mg=1000),), Indicator.CRITICAL),
        ((dose(7, mg=1000),), Indicator.CRITICAL),
        ((dose(6, mg=1000),), Indicator.WARNING),
        ((*weekly(28), ordered("rituximab", days_ahead=7)), Indicator.CRITICAL),
        ((*weekly(28), ordered("rituximab", days_ahead=8)), Indicator.WARNING),
    ],
)
def test_fl3_is_critical_only_with_a_dose_due_within_7_days(facts: tuple[Evidence, ...], indicator: Indicator) -> None:
    card = flare_card(*facts, igm(4720, 1))
    assert card is not None
    assert card.indicator is indicator


def test_fl3_suggests_plasma_exchange_and_haematology_and_absorbs_fl1() -> None:
    card = flare_card(*weekly(13, doses=2), igm(3650, 20), igm(4720, 1))
    assert card is not None
    assert labels(card) == ["Plasma exchange", "Referral to haematology"]
    assert card.selection_behavior == "any"
    assert "29 % and 1070 mg/dL above 3650 mg/dL" in card.detail
    assert "Hold the dose of rituximab" in card.detail
    assert [note.logic for note in card.explanation.findings] == ["FL-3"]


def test_fl3_does_not_offer_a_plasma_exchange_that_is_ordered() -> None:
    card = flare_card(*weekly(13, doses=2), igm(4720, 1), ordered("plasma_exchange"))
    assert card is not None
    assert labels(card) == ["Referral to haematology"]


def test_fl3_takes_a_preliminary_value_and_says_so() -> None:
    card = flare_card(*weekly(44), igm(900, 20), igm(4300, 1, status="preliminary"))
    assert card is not None
    assert "preliminary" in card.detail


def test_fl3_takes_the_higher_of_two_values_of_one_week_and_shows_both() -> None:
    card = flare_card(*weekly(44), igm(4300, 4), igm(38, 1, "g/L"))
    assert card is not None
    assert "4300 mg/dL" in card.summary
    assert "3800 mg/dL (38 g/L as sent)" in card.detail


def test_fl3_is_unknown_without_an_igm() -> None:
    assert truth("FL-3", patient(*OURS, *weekly(44))) == "UNKNOWN"


# FL-2

LOSS = (score("onls", 3, 40), score("onls", 4, 2))
SEVERE = (score("onls", 3, 40), score("onls", 5, 2))


@pytest.mark.boundaries("FL-2")
@pytest.mark.parametrize("mg_dl", [200, 1310, 3900, 6000])
def test_fl2_fires_whatever_the_igm(mg_dl: int) -> None:
    assert truth("FL-2", patient(*OURS, *weekly(20), *LOSS, igm(mg_dl, 2))) == "YES"


def test_fl2_fires_without_any_igm() -> None:
    assert truth("FL-2", patient(*OURS, *weekly(20), *LOSS)) == "YES"


@pytest.mark.boundaries("FL-2")
@pytest.mark.parametrize(("day", "expected"), [(180, "YES"), (181, "NO")])
def test_fl2_runs_to_day_180(day: int, expected: str) -> None:
    assert truth("FL-2", patient(*OURS, dose(day), score("incat", 3, day + 5), score("incat", 4, 2))) == expected


def test_fl2_is_silent_without_loss_and_unknown_without_scores() -> None:
    assert truth("FL-2", patient(*OURS, *weekly(20), score("onls", 3, 40), score("onls", 3, 2))) == "NO"
    assert truth("FL-2", patient(*OURS, *weekly(20), score("onls", 3, 40))) == "UNKNOWN"
    assert worsening_card(*weekly(20), score("onls", 3, 40)) is None


def test_mild_worsening_is_seen_again_in_a_week_without_plasma_exchange() -> None:
    card = worsening_card(*weekly(20), *LOSS, igm(1310, 2))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert labels(card) == ["Referral to neurology", "Order: Serum IgM, quantitative", "Order: Serum viscosity"]
    assert "1 week" in card.detail


def test_severe_worsening_suggests_plasma_exchange() -> None:
    card = worsening_card(*weekly(20), *SEVERE, igm(1310, 2))
    assert card is not None
    assert "Plasma exchange" in labels(card)
    assert "Severe" in card.summary


def test_mild_worsening_with_a_flare_suggests_plasma_exchange_and_absorbs_fl1() -> None:
    facts = (*weekly(20), *LOSS, igm(1000, 30), igm(1310, 2))
    card = worsening_card(*facts)
    assert card is not None
    assert "Plasma exchange" in labels(card)
    assert flare_card(*facts) is None


def test_with_an_igm_of_4000_both_cards_stand_and_only_one_offers_plasma_exchange() -> None:
    facts = (*weekly(13, doses=2), score("onls", 3, 40), score("onls", 5, 2), igm(4720, 1))
    worse, flare = worsening_card(*facts), flare_card(*facts)
    assert worse is not None
    assert flare is not None
    assert "Plasma exchange" in labels(flare)
    assert "Plasma exchange" not in labels(worse)


def test_fl2_is_heard_when_rituximab_is_signed_and_not_for_another_order() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    other = ordered("gabapentin", is_draft=True, is_selected=True)
    facts = (*weekly(20, doses=2), *SEVERE, igm(1310, 2))
    assert worsening_card(*facts, draft, hook="order-sign") is not None
    assert worsening_card(*facts, other, hook="order-sign") is None


def test_a_test_that_is_ordered_is_not_offered_again() -> None:
    card = worsening_card(*weekly(20), *LOSS, ordered("igm_serum"))
    assert card is not None
    assert labels(card) == ["Referral to neurology", "Order: Serum viscosity"]


@pytest.mark.parametrize("logic", ["FL-0", "FL-1", "FL-2", "FL-3"])
def test_nobody_without_rituximab_hears_of_a_flare(logic: str) -> None:
    made: ClinicalPicture = patient(NEUROPATHY, igm(5000, 3), score("onls", 3, 40), score("onls", 5, 2))
    assert truth(logic, made) == "NO"


@pytest.mark.parametrize(
    ("against", "said"),
    [
        ((), "Decide with haematology whether the next dose of rituximab is given, and when."),
        ((problem("pml"),), "No further dose of rituximab: progressive multifocal leukoencephalopathy on record."),
        ((result("hbsag", "positive", 5),), "No further dose of rituximab: active hepatitis B on record."),
    ],
)
def test_a_worsening_leaves_no_dose_open_that_is_forbidden(against: tuple[Evidence, ...], said: str) -> None:
    card = worsening_card(*weekly(40), score("onls", 3, 45), score("onls", 5, 2), *against)
    assert card is not None
    assert said in card.detail
    assert card.summary.endswith("no further rituximab") is bool(against)
    assert ("next dose" in f"{card.summary} {card.detail}") is not bool(against)


def test_a_flare_that_is_over_is_not_called_one_beside_a_later_worsening() -> None:
    facts = (*weekly(150), igm(900, 160), igm(1800, 60), igm(700, 2), score("onls", 3, 155), score("onls", 4, 2))
    card = worsening_card(*facts)
    assert card is not None
    assert "IgM flare" not in card.summary
    assert "Serum IgM is 700 mg/dL" in card.detail
    assert "Plasma exchange" not in labels(card)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ((dose(7),), "hold the next dose, discuss plasma exchange with haematology"),
        (weekly(28), "no further dose for now, discuss plasma exchange with haematology"),
        ((dose(7), ordered("plasma_exchange")), "hold the next dose, plasma exchange is ordered or under way"),
        ((*weekly(28), ordered("plasma_exchange")), "no further dose for now, plasma exchange is ordered or under way"),
    ],
    ids=["due", "not due", "due, ordered", "not due, ordered"],
)
def test_the_summary_of_a_very_high_igm_is_whole_and_offers_no_exchange_that_is_ordered(
    facts: tuple[Evidence, ...], said: str
) -> None:
    card = flare_card(*facts, igm(4000, 1))
    assert card is not None
    assert plain(card.summary) == f"IgM 4000 mg/dL after rituximab: {said}"


def test_a_bleeding_that_is_no_hyperviscosity_is_not_denied_on_the_flare_card() -> None:
    card = flare_card(*weekly(20), igm(900, 30), igm(1800, 2), symptom("hyperviscosity_epistaxis", 30))
    assert card is not None
    assert "symptoms" not in card.summary
    assert "On record in the last 30 days (service default): Epistaxis." in plain(card.detail)
    assert "nobody had symptomatic hyperviscosity below 30 g/L" in card.detail


def test_a_bleeding_of_long_ago_is_nothing_to_the_flare_card() -> None:
    card = flare_card(*weekly(20), igm(900, 30), igm(1800, 2), symptom("hyperviscosity_epistaxis", 31))
    assert card is not None
    assert "no hyperviscosity symptoms" in card.summary
    assert "On record in the last" not in card.detail


def test_an_igm_of_a_month_is_told_with_its_month() -> None:
    february = replace(igm(4200, 2), when=When(date(2026, 2, 1), date(2026, 2, 28), received="2026-02"))
    card = flare_card(*weekly(40), february)
    assert card is not None
    assert "Serum IgM **4200 mg/dL in Feb 2026**" in plain(card.detail)


def test_beside_a_worsening_no_second_card_asks_for_the_same_igm() -> None:
    facts = (*weekly(40), igm(900, 45), *LOSS[1:], score("onls", 3, 45))
    assert truth("FL-0", patient(*OURS, *facts)) == "YES"
    assert card_of(igm_monitoring, patient(*OURS, *facts)) is None
    worse = worsening_card(*facts)
    assert worse is not None
    assert "Order: Serum IgM, quantitative" in labels(worse)


def test_viscosity_is_offered_once_beside_a_threatening_igm() -> None:
    facts = (*weekly(40), igm(3400, 45), igm(3500, 2), *LOSS[1:], score("onls", 3, 45))
    worse, high = worsening_card(*facts), card_of(hyperviscosity, patient(*OURS, *facts))
    assert worse is not None
    assert high is not None
    assert "Order: Serum viscosity" in labels(high)
    assert "Order: Serum viscosity" not in labels(worse)


def test_unread_problems_are_not_taken_for_absent_symptoms() -> None:
    titre = result("anti_mag_igm_quantitative", number(20000, "{BTU}"))
    made = patient(titre, *weekly(20), igm(900, 30), igm(1800, 2), unknown={"conditions"})
    card = card_of(plasma_exchange_flare, made)
    assert card is not None
    assert "hyperviscosity symptoms not known" in card.summary


@pytest.mark.parametrize(("days", "when"), [(13, "in 2 weeks"), (14, "now"), (25, "now")])
def test_the_repeat_of_a_flare_is_due_two_weeks_after_it_and_asked_for_on_one_card(days: int, when: str) -> None:
    facts = (*weekly(36), igm(900, 40), igm(1800, days))
    card = flare_card(*facts)
    assert card is not None
    assert card.summary.endswith(f"repeat {when}")
    assert card_of(igm_monitoring, patient(*OURS, *facts)) is None
