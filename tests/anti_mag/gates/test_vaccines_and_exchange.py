"""G7 and G16: live vaccines and plasma exchange close to rituximab, also without a rituximab order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cds_service.cards import Indicator
from cds_service.codes import Concept
from hooks.anti_mag.calendar import months_after
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    TODAY,
    When,
    behind,
    cards,
    concept,
    draft,
    finding,
    given,
    on_record,
    problem,
    record,
    safety_card,
    truth,
    vaccinated,
    words,
)
from tests.anti_mag.reading import plain

ORDER = draft(amount=FULL_DOSE)
MMR = draft(concept("live_vaccine_rxnorm", "MMR vaccine"), name="vaccine")
EXCHANGE = draft("plasma_exchange", name="exchange", kind="ServiceRequest")
CVX = "http://hl7.org/fhir/sid/cvx"


def exchange_in(days):
    return draft("plasma_exchange", name="exchange", kind="ServiceRequest", days=days)


# A live vaccine given before the dose


@pytest.mark.boundaries("G7")
@pytest.mark.parametrize(("ago", "expected"), [(0, "YES"), (28, "YES"), (29, "NO"), (None, "NO")])
def test_a_live_vaccine_counts_for_four_weeks(ago, expected):
    assert truth("G7", record(ORDER, immunizations=(vaccinated(ago=ago),))) == expected


@pytest.mark.boundaries("G7")
@pytest.mark.parametrize(("days", "expected"), [(8, "YES"), (9, "NO")])
def test_the_weeks_are_counted_up_to_the_day_of_the_dose(days, expected):
    order = draft(amount=FULL_DOSE, days=days)
    assert truth("G7", record(order, immunizations=(vaccinated(ago=20),))) == expected


def test_a_live_vaccine_given_is_a_warning_that_names_it():
    card = safety_card(record(ORDER, immunizations=(vaccinated(concept("live_vaccine_sct", "Varicella")),)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G7"})
    assert "Varicella" in card.detail


@pytest.mark.boundaries("G7")
@pytest.mark.parametrize("status", ["not-done", "entered-in-error"])
def test_a_vaccine_that_was_not_given_says_nothing(status):
    assert truth("G7", record(ORDER, immunizations=(vaccinated(status=status),))) == "NO"


def test_a_vaccine_given_as_a_medicine_counts_and_one_only_asked_for_does_not():
    assert truth("G7", record(ORDER, medicines=(given("live_vaccine_atc", 10),))) == "YES"
    assert truth("G7", record(ORDER, medicines=(given("live_vaccine_atc", 10, kind="request"),))) == "NO"


def test_a_vaccine_that_may_be_live_is_asked_about():
    card = safety_card(record(ORDER, immunizations=(vaccinated("live_or_unspecified_vaccine_cvx"),)))
    assert card is not None
    assert "Ask whether the product was a live one" in card.detail


@pytest.mark.boundaries("G7")
@pytest.mark.parametrize(
    ("vaccine", "expected"),
    [
        (Concept(frozenset({(CVX, "187")}), "zoster vaccine, live"), "NO"),
        (Concept(frozenset({(CVX, "140")}), "MMR"), "NO"),
        (words("MMR"), "YES"),
        (words("Yellow fever vaccine"), "YES"),
        (words("FluMist 2025"), "YES"),
        (words("Influenza vaccine, live, intranasal"), "YES"),
        (words("Typhoid, live attenuated, oral"), "YES"),
        (words("Zoster vaccine recombinant (varicella)"), "NO"),
        (words("Varicella zoster immune globulin"), "NO"),
        (words("Influenza, inactivated"), "NO"),
        (words("Tetanus"), "NO"),
    ],
)
def test_uncoded_vaccines_are_read_by_name(vaccine, expected):
    assert truth("G7", record(ORDER, immunizations=(vaccinated(vaccine),))) == expected


def test_unread_vaccinations_are_unknown():
    assert truth("G7", record(ORDER, unread=("immunizations",))) == "UNKNOWN"


def test_for_another_indication_vaccines_are_not_asked_for():
    order = draft(reason=words("Rheumatoid arthritis"))
    assert truth("G7", record(order, immunizations=(vaccinated(),))) == "NO"


# A live vaccine ordered


def test_a_live_vaccine_ordered_while_rituximab_is_at_work_is_critical_without_a_rituximab_order():
    card = safety_card(record(MMR, medicines=(given("rituximab", 60),)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G7"})
    assert card.summary == "Order check: live vaccine ordered while rituximab is at work"
    assert "Concerns the order: MMR vaccine." in card.detail
    assert "6 months (service default) after the last" in card.detail


def test_at_order_select_it_is_a_warning_and_speaks_of_selections_only():
    medicines = (given("rituximab", 60),)
    card = safety_card(record(MMR, medicines=medicines), "order-select")
    assert card is not None
    assert card.indicator is Indicator.WARNING
    aside = draft(concept("live_vaccine_rxnorm"), name="vaccine", selected=False)
    assert safety_card(record(aside, medicines=medicines), "order-select") is None


@pytest.mark.boundaries("G7")
@pytest.mark.parametrize(("beyond", "expected"), [(0, "YES"), (1, "NO")])
def test_the_time_ends_six_months_after_the_last_dose(beyond, expected):
    last = TODAY - timedelta(days=100)
    day = (months_after(last, 6) - TODAY).days + beyond
    vaccine = draft("live_vaccine_rxnorm", name="vaccine", days=day)
    assert truth("G7", record(vaccine, medicines=(given("rituximab", 100),))) == expected


def test_a_vaccine_on_the_day_of_the_first_dose_is_during_it():
    card = safety_card(record(MMR, medicines=(given("rituximab", 0),)))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL


@pytest.mark.parametrize(
    ("days", "indicator"), [(0, Indicator.CRITICAL), (1, Indicator.WARNING), (28, Indicator.WARNING), (29, None)]
)
def test_a_vaccine_shortly_before_a_planned_dose_is_a_warning(days, indicator):
    card = safety_card(record(MMR, on_record("rituximab", days=days)))
    assert (card and card.indicator) == indicator


def test_both_drafted_for_now_are_one_critical_card_that_names_both():
    card = safety_card(record(ORDER, MMR))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G7"})
    assert "Concerns the order: rituximab; MMR vaccine." in card.detail


def test_a_vaccine_given_and_one_ordered_are_both_told_the_graver_first():
    card = safety_card(record(ORDER, MMR, immunizations=(vaccinated(),)))
    assert card is not None
    assert card.detail.index("Live vaccine ordered") < card.detail.index("Live vaccine given")


def test_a_vaccine_ordered_for_long_after_rituximab_is_not_told_beside_one_given_before_it():
    later = draft(concept("live_vaccine_rxnorm", "MMR vaccine"), name="vaccine", days=230)
    card = safety_card(record(ORDER, later, immunizations=(vaccinated(),)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "Live vaccine ordered" not in card.detail


def test_a_product_that_may_be_live_is_a_warning():
    vaccine = draft("live_or_unspecified_vaccine_cvx", name="vaccine")
    card = safety_card(record(vaccine, medicines=(given("rituximab", 60),)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "Ask first whether the product is a live one" in card.detail


def test_after_rituximab_of_an_unknown_day_it_is_a_warning():
    card = safety_card(record(MMR, medicines=(given("rituximab", None),)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "unknown date" in card.summary


def test_without_rituximab_a_live_vaccine_is_no_matter():
    assert cards(record(MMR)) == {}


def test_with_unread_medication_the_answer_is_unknown():
    medication = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")
    assert truth("G7", record(MMR, unread=medication)) == "UNKNOWN"


@pytest.mark.parametrize("kind", [{"problems": ()}, {"age": 17}, {"age": None}])
def test_a_vaccine_of_somebody_elses_patient_or_a_minor_is_silent(kind):
    assert "rituximabSafety" not in cards(record(MMR, medicines=(given("rituximab", 60),), **kind))


def test_an_inactivated_vaccine_is_silent():
    vaccine = draft(Concept(frozenset({(CVX, "187")}), "zoster vaccine recombinant"), name="vaccine")
    assert cards(record(vaccine, medicines=(given("rituximab", 200),))) == {}


# Plasma exchange after a dose


@pytest.mark.boundaries("G16")
@pytest.mark.parametrize(
    ("ago", "days", "expected"),
    [(0, None, "YES"), (3, None, "YES"), (4, None, "NO"), (1, 2, "YES"), (1, 3, "NO"), (3, 0, "YES")],
)
def test_an_exchange_within_72_hours_of_a_dose_is_told(ago, days, expected):
    assert truth("G16", record(exchange_in(days), medicines=(given("rituximab", ago),))) == expected


@pytest.mark.boundaries("G16")
@pytest.mark.parametrize(
    ("dose", "exchange", "expected"),
    [(5, 5, "NO"), (5, 6, "YES"), (5, 8, "YES"), (5, 9, "NO"), (5, 4, "NO"), (0, 1, "NO"), (None, 1, "NO")],
)
@pytest.mark.parametrize("order", [draft, on_record])
def test_an_exchange_within_72_hours_of_a_planned_dose_is_told(order, dose, exchange, expected):
    assert truth("G16", record(exchange_in(exchange), order("rituximab", days=dose))) == expected


@pytest.mark.parametrize(("exchange", "expected"), [(8, "NO"), (9, "YES"), (11, "YES"), (12, "NO")])
def test_each_day_that_a_rituximab_order_names_is_a_planned_dose(exchange, expected):
    events = tuple(When.on(TODAY + timedelta(days=ahead)) for ahead in (1, 8))
    order = replace(ORDER, dosages=(replace(ORDER.dosages[0], events=events),))
    assert truth("G16", record(exchange_in(exchange), order)) == expected


@pytest.mark.parametrize(
    ("dose", "exchange", "expected"),
    [(5, 5, "NO"), (5, 6, "YES"), (5, 8, "YES"), (5, 9, "NO"), (5, 4, "NO"), (5, None, "NO"), (None, 1, "NO")],
)
def test_rituximab_is_not_ordered_for_the_days_before_an_exchange_on_record(dose, exchange, expected):
    planned = on_record("plasma_exchange", name="exchange", kind="ServiceRequest", days=exchange)
    assert truth("G16", record(draft(amount=FULL_DOSE, days=dose), planned)) == expected


@pytest.mark.parametrize("orders", [{"status": "completed"}, {"status": "revoked"}])
def test_an_exchange_on_record_that_is_over_is_none(orders):
    planned = on_record("plasma_exchange", name="exchange", kind="ServiceRequest", days=6)
    assert truth("G16", record(draft(amount=FULL_DOSE, days=5), replace(planned, **orders))) == "NO"


def test_an_exchange_on_record_is_nothing_to_an_order_of_somebody_elses_patient():
    planned = on_record("plasma_exchange", name="exchange", kind="ServiceRequest", days=6)
    assert truth("G16", record(draft(amount=FULL_DOSE, days=5), planned, problems=())) == "NO"


def test_a_dose_to_come_is_told_as_planned():
    card = safety_card(record(exchange_in(6), draft("rituximab", amount=FULL_DOSE, days=5)))
    assert card is not None
    assert "of rituximab** (dose planned for 7 Mar 2026)" in plain(card.detail)
    assert "otherwise move the exchange before the dose." in card.detail


def test_it_is_a_warning_whose_hours_are_attributed_to_nobody():
    card = safety_card(record(EXCHANGE, medicines=(given("rituximab", 1),)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G16"})
    assert card.summary == "Order check: plasma exchange within 72 hours of rituximab"
    assert "within 72 hours (service default) of rituximab" in card.detail
    assert "Concerns the order: plasma exchange." in card.detail


def test_an_exchange_before_the_first_dose_is_what_is_wanted():
    assert truth("G16", record(EXCHANGE, ORDER)) == "NO"
    assert truth("G16", record(EXCHANGE, on_record("rituximab", days=2))) == "NO"


def test_an_exchange_after_rituximab_of_an_unknown_day_or_unread_is_unknown():
    medication = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")
    assert truth("G16", record(EXCHANGE, medicines=(given("rituximab", None),))) == "UNKNOWN"
    assert truth("G16", record(EXCHANGE, unread=medication)) == "UNKNOWN"
    assert truth("G16", record(ORDER, unread=medication)) == "NO"


def test_an_exchange_of_somebody_elses_patient_is_silent():
    assert truth("G16", record(EXCHANGE, problems=(), medicines=(given("rituximab", 1),))) == "NO"
    assert truth("G16", record(EXCHANGE, age=17, medicines=(given("rituximab", 1),))) == "NO"


def test_in_a_gammopathy_without_neuropathy_the_gates_speak():
    chart = {"problems": (problem("igm_mgus"),), "medicines": (given("rituximab", 1),)}
    assert truth("G16", record(EXCHANGE, **chart)) == "YES"
    assert truth("G7", record(MMR, **chart)) == "YES"


def test_the_facts_name_dose_and_order():
    found = finding("G16", record(EXCHANGE, medicines=(given("rituximab", 1),)))
    assert [fact.what for fact in found.facts] == ["Rituximab given", "plasma exchange ordered"]
