from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.record import Dosage
from hooks.anti_mag.picture.body import surface
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    SAFE,
    TODAY,
    When,
    behind,
    concept,
    draft,
    finding,
    given,
    on_record,
    picture,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)

# Dose


def test_mosteller():
    assert surface(Decimal(175), Decimal(76)) == Decimal("1.92")
    assert surface(Decimal(180), Decimal(80)) == Decimal("2.00")


def dose_card(value: str, unit: str = "mg", hook: str = "order-sign", results=SAFE):
    return safety_card(record(draft(amount=quantity(value, unit)), results=results), hook)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("720", None),
        ("792", None),
        ("648", None),
        ("793", Indicator.WARNING),
        ("647", Indicator.WARNING),
        ("540", Indicator.WARNING),
        ("539", Indicator.CRITICAL),
        ("1000", None),
        ("900", None),
        ("899", Indicator.WARNING),
        ("1100", None),
        ("1101", Indicator.WARNING),
        ("1250", Indicator.WARNING),
        ("1251", Indicator.CRITICAL),
        ("100", Indicator.CRITICAL),
    ],
)
def test_the_nearer_regimen_decides(value, expected):
    """375 mg/m² x 1.92 m² is 720 mg; the tolerances are 10 and 25 %."""
    card = dose_card(value)
    assert (card.indicator if card else None) is expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("375", "mg/m2", None),
        ("412.5", "mg/m2", None),
        ("413", "mg/m2", Indicator.WARNING),
        ("500", "mg/m2", Indicator.CRITICAL),
        ("1", "g", None),
        ("0.72", "g", None),
    ],
)
def test_other_units_of_weight_are_compared_too(value, unit, expected):
    card = dose_card(value, unit)
    assert (card.indicator if card else None) is expected


def test_a_dose_per_surface_needs_no_height_and_weight():
    assert dose_card("375", "mg/m2", results=without("body_height", "body_weight")) is None


def test_a_volume_cannot_be_checked():
    card = dose_card("72", "mL")
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G10"})
    assert "cannot be checked" in card.summary


@pytest.mark.boundaries("G10")
@pytest.mark.parametrize("absent", ["body_height", "body_weight"])
def test_without_height_or_weight_a_dose_by_surface_cannot_be_checked(absent):
    chart = record(draft(amount=FULL_DOSE), results=without(absent))
    assert (truth("G10", chart), finding("G10", chart).missing) == ("UNKNOWN", (absent.removeprefix("body_"),))
    card = safety_card(chart)
    assert card is not None
    assert card.indicator is Indicator.WARNING


def test_without_height_and_weight_1000_mg_passes():
    assert dose_card("1000", results=without("body_height", "body_weight")) is None


def test_a_missing_dose_may_still_come_at_order_select():
    chart = record(draft())
    assert "G10" not in behind(safety_card(chart, "order-select"))
    card = safety_card(chart, "order-sign")
    assert card is not None
    assert card.indicator is Indicator.WARNING


def test_the_card_shows_its_working():
    card = dose_card("900", results=without("body_height")) or dose_card("800")
    assert card is not None
    card = dose_card("800")
    assert card is not None
    for part in ("1.92 m²", "Mosteller", "720 mg", "175.0 cm", "76.0 kg", "11.1 %"):
        assert part in card.detail


@pytest.mark.parametrize(("height", "weight", "is_old"), [(180, 30, False), (181, 30, True), (180, 31, True)])
def test_old_measures_are_used_and_said(height, weight, is_old):
    results = (
        *without("body_height", "body_weight"),
        result("body_height", quantity("175", "cm"), height),
        result("body_weight", quantity("76", "kg"), weight),
    )
    body = picture(record(draft(), results=results)).body
    assert (body.surface_m2, body.is_old) == (Decimal("1.92"), is_old)


def test_pounds_and_inches_are_converted():
    results = (
        *without("body_height", "body_weight"),
        result("body_height", quantity("69", "[in_i]"), 5),
        result("body_weight", quantity("167.5", "[lb_av]"), 5),
    )
    assert picture(record(draft(), results=results)).body.surface_m2 == Decimal("1.92")


def test_the_subcutaneous_product_is_not_checked_here():
    chart = record(draft("rituximab_hyaluronidase_sc", quantity("1400", "mg")))
    assert truth("G10", chart) == "NO"


# Overlap


@pytest.mark.parametrize("drug", ["obinutuzumab", "ocrelizumab", "ofatumumab", "ublituximab"])
def test_another_anti_cd20_within_six_months_is_a_warning(drug):
    card = safety_card(record(draft(amount=FULL_DOSE), medicines=(given(drug, 100),)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G11"})
    assert f"**Anti-CD20 treatment ({drug}) within 6 months" in card.detail


def test_two_antibodies_given_are_both_named():
    both = (given("obinutuzumab", 100), given("ocrelizumab", 60))
    card = safety_card(record(draft(amount=FULL_DOSE), medicines=both))
    assert card is not None
    assert "Anti-CD20 treatment (obinutuzumab and ocrelizumab) within" in card.detail


@pytest.mark.boundaries("G11")
@pytest.mark.parametrize(("ago", "expected"), [(180, "YES"), (181, "NO"), (400, "NO")])
def test_six_months_end_the_overlap(ago, expected):
    """Six months before 2026-03-02 is 2025-09-02, 181 days ago."""
    assert truth("G11", record(draft(amount=FULL_DOSE), medicines=(given("ocrelizumab", ago),))) == expected


def test_doses_of_this_course_are_no_overlap():
    medicines = (given("rituximab", 7), given("rituximab", 14, n=1))
    assert truth("G11", record(draft(amount=FULL_DOSE), medicines=medicines)) == "NO"


def test_rituximab_of_an_earlier_course_is_overlap():
    assert truth("G11", record(draft(amount=FULL_DOSE), medicines=(given("rituximab", 100),))) == "YES"
    assert truth("G11", record(draft(amount=FULL_DOSE), medicines=(given("rituximab", 300),))) == "NO"


def test_a_dose_not_given_is_none():
    medicine = given("obinutuzumab", 100, status="not-done")
    assert truth("G11", record(draft(amount=FULL_DOSE), medicines=(medicine,))) == "NO"


def test_an_active_request_for_another_day_is_a_warning():
    chart = record(draft(amount=FULL_DOSE, days=0), on_record("rituximab", days=14))
    card = safety_card(chart)
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G11"})


def test_an_active_request_for_the_same_day_is_a_duplicate():
    card = safety_card(record(draft(amount=FULL_DOSE, days=3), on_record("rituximab", days=3)))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL


def test_the_orders_own_version_on_record_is_no_duplicate():
    chart = record(draft(amount=FULL_DOSE, days=3, name="same"), on_record("rituximab", days=3, name="same"))
    assert truth("G11", chart) == "NO"


def test_two_drafts_for_one_day_are_a_duplicate():
    chart = record(draft(amount=FULL_DOSE, days=3), draft(amount=FULL_DOSE, days=3, name="draft-2"))
    card = safety_card(chart)
    assert card is not None
    assert card.indicator is Indicator.CRITICAL


def test_two_drafts_without_a_day_are_a_duplicate():
    assert truth("G11", record(draft(amount=FULL_DOSE), draft(amount=FULL_DOSE, name="draft-2"))) == "YES"


def test_weekly_drafts_are_no_duplicate():
    weekly = [draft(amount=FULL_DOSE, days=7 * week, name=f"draft-{week}") for week in range(4)]
    assert truth("G11", record(*weekly)) == "NO"


def test_dosage_events_are_the_days_of_an_order():
    event = Dosage(amount=FULL_DOSE, events=(When.on(TODAY.replace(day=9)),))
    first = replace(draft(days=0), dosages=(event,))
    second = draft(amount=FULL_DOSE, days=0, name="draft-2")
    assert truth("G11", record(first, second)) == "NO"


def test_unread_medication_lists_leave_overlap_unknown():
    keys = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")
    assert truth("G11", record(draft(amount=FULL_DOSE), unread=keys)) == "UNKNOWN"


# Names and codes


@pytest.mark.parametrize("text", ["Rituximab 500 mg IV", "MabThera", "rituximab-abbs infusion", "Truxima 100 mg/10 mL"])
def test_an_uncoded_order_is_read_by_its_name(text):
    assert len(picture(record(draft(words(text)))).drafts.rituximab) == 1


def test_a_local_code_leaves_the_name_to_decide():
    local = replace(concept("rituximab"), codes=frozenset({("urn:local", "4711")}), text="Rituximab")
    assert len(picture(record(draft(local))).drafts.rituximab) == 1


def test_a_new_product_code_is_read_by_its_name():
    product = replace(
        concept("rituximab"), codes=frozenset({("http://www.nlm.nih.gov/research/umls/rxnorm", "9999999")})
    )
    assert len(picture(record(draft(product))).drafts.rituximab) == 1


@pytest.mark.parametrize(
    "text",
    ["Rituxan Hycela", "Rituximab and hyaluronidase-human", "MabThera 1400 mg SC", "Rituximab 1400 mg subcutánea"],
)
def test_the_subcutaneous_product_is_told_apart_by_name(text):
    assert picture(record(draft(words(text)))).drafts.rituximab[0].therapy == "rituximab_hyaluronidase_sc"


@pytest.mark.parametrize("text", ["Methylprednisolone, rituximab premedication", "rituximabless", "Ocrelizumab"])
def test_names_are_whole_and_premedication_is_none(text):
    assert picture(record(draft(words(text)))).drafts.rituximab == ()


def test_a_laboratory_order_that_names_the_drug_is_no_drug():
    assert picture(record(draft(words("Rituximab level"), kind="ServiceRequest"))).drafts.rituximab == ()


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "stopped"])
def test_a_draft_taken_back_orders_nothing(status):
    assert picture(record(draft(status=status))).drafts.rituximab == ()


def test_an_unselected_draft_is_context_only():
    drafts = picture(record(draft(selected=False)), "order-select").drafts
    assert (drafts.rituximab, drafts.has_any_rituximab) == ((), True)


@pytest.mark.boundaries("G11")
@pytest.mark.parametrize(
    "link",
    [
        {"basedOn": [{"reference": "https://ehr.test/fhir/MedicationRequest/r1"}]},
        {"priorPrescription": {"reference": "MedicationRequest/r1"}},
    ],
)
def test_the_plan_that_a_draft_follows_is_no_duplicate(link):
    linked = replace(draft(amount=FULL_DOSE), resource=link)
    other = replace(draft(amount=FULL_DOSE), resource={"basedOn": {"reference": "MedicationRequest/r2"}})
    assert truth("G11", record(linked, on_record("rituximab", days=-10))) == "NO"
    assert truth("G11", record(other, on_record("rituximab", days=-10))) == "YES"


def test_the_standing_request_of_the_current_course_is_no_overlap():
    given_so_far = (given("rituximab", 14), given("rituximab", 7))
    standing, next_one = on_record("rituximab", days=-14), on_record("rituximab", days=-3)
    assert truth("G11", record(draft(), standing, medicines=given_so_far)) == "NO"
    assert truth("G11", record(draft(), next_one, medicines=given_so_far)) == "YES"
    assert truth("G11", record(draft(), standing)) == "YES"


def test_days_are_shared_with_another_draft_never_with_itself():
    monday, tuesday = draft(days=1, name="a"), draft(days=2, name="b")
    assert truth("G11", record(monday, tuesday)) == "NO"
    assert truth("G11", record(monday, replace(monday, source="MedicationRequest/c"))) == "YES"
    assert truth("G11", record(monday, on_record("rituximab", days=1))) == "YES"
