"""Hyperviscosity: which symptoms count at which IgM and viscosity (ruling 22), HV-1, WU-5, and their card."""

import pytest

from cds_service.cards import Indicator
from cds_service.record import Result
from hooks.anti_mag.cards import hyperviscosity, plasma_exchange_flare, rituximab_safety
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.hyperviscosity import COMMON_SYMPTOMS, TELLING_SYMPTOMS, Hyperviscosity, hyperviscosity_of
from hooks.anti_mag.picture.immunoglobulin import igm_of
from hooks.anti_mag.topics import TOPICS
from tests.anti_mag.diagnosis.charts import chart, days_ago, number, problem, result, up_to
from tests.anti_mag.flare.patients import (
    MGUS,
    NEUROPATHY,
    OURS,
    WALDENSTROM,
    Evidence,
    card_of,
    finding,
    igm,
    labels,
    ordered,
    patient,
    score,
    symptom,
    truth,
    weekly,
)


def read(*facts: Evidence, unknown: set[str] | None = None) -> Hyperviscosity:
    made = chart(*facts, unknown=unknown or set())
    return hyperviscosity_of(made, igm_of(made, THRESHOLDS), THRESHOLDS)


def viscosity(value: str, days: int = 3, unit: str | None = "cP", **fields: object) -> Result:
    comparator = str(fields.pop("comparator", ""))
    return result("viscosity_serum", number(value, unit, comparator), days, **fields)


# Symptoms


@pytest.mark.parametrize("name", TELLING_SYMPTOMS)
def test_a_telling_symptom_counts_without_an_igm(name: str) -> None:
    assert read(symptom(name)).symptoms.holds


@pytest.mark.parametrize("name", COMMON_SYMPTOMS)
def test_a_common_symptom_alone_does_not_count(name: str) -> None:
    assert not read(symptom(name)).symptoms.holds


@pytest.mark.parametrize("name", COMMON_SYMPTOMS + TELLING_SYMPTOMS)
@pytest.mark.parametrize(("mg_dl", "counts"), [(2999, False), (3000, True)])
def test_the_igm_decides_at_3000(name: str, mg_dl: int, counts: bool) -> None:
    assert read(symptom(name), igm(mg_dl, 5)).symptoms.holds is counts


@pytest.mark.parametrize("name", COMMON_SYMPTOMS + TELLING_SYMPTOMS)
def test_a_raised_viscosity_makes_every_symptom_count_whatever_the_igm(name: str) -> None:
    assert read(symptom(name), igm(900, 5), viscosity("4.1")).symptoms.holds


@pytest.mark.parametrize(("days", "counts"), [(30, False), (31, True)])
def test_a_low_igm_speaks_against_a_symptom_for_30_days(days: int, counts: bool) -> None:
    assert read(symptom("hyperviscosity_epistaxis"), igm(900, days)).symptoms.holds is counts


@pytest.mark.parametrize(("days", "counts"), [(30, True), (31, False)])
def test_a_high_igm_makes_a_headache_count_for_30_days(days: int, counts: bool) -> None:
    assert read(symptom("hyperviscosity_headache"), igm(4500, days)).symptoms.holds is counts


def test_a_preliminary_low_igm_speaks_against_nothing() -> None:
    assert read(symptom("hyperviscosity_epistaxis"), igm(900, 3, status="preliminary")).symptoms.holds


@pytest.mark.parametrize(("days", "counts"), [(30, True), (31, False)])
def test_a_symptom_counts_for_30_days(days: int, counts: bool) -> None:
    assert read(symptom("hyperviscosity_epistaxis", days)).symptoms.holds is counts


def test_a_symptom_counts_by_its_onset_too() -> None:
    old = symptom("hyperviscosity_epistaxis", 200)
    assert read(symptom("hyperviscosity_epistaxis", 200, onset=days_ago(10))).symptoms.holds
    assert not read(old).symptoms.holds


def test_a_symptom_without_any_date_does_not_count() -> None:
    assert not read(problem("hyperviscosity_epistaxis")).symptoms.holds


@pytest.mark.parametrize("fields", [{"clinical_status": "resolved"}, {"verification_status": "refuted"}])
def test_a_symptom_that_is_over_or_disproved_does_not_count(fields: dict[str, str]) -> None:
    assert not read(symptom("hyperviscosity_epistaxis", **fields)).symptoms.holds


def test_symptoms_are_unknown_where_the_problem_list_was_not_read() -> None:
    assert read(unknown={"conditions"}).symptoms.is_unknown


# Viscosity


@pytest.mark.parametrize(("value", "is_raised"), [("4.0", False), ("4.01", True)])
def test_viscosity_is_raised_above_4(value: str, is_raised: bool) -> None:
    assert read(viscosity(value)).is_viscosity_raised.holds is is_raised


@pytest.mark.parametrize(("value", "unit", "is_raised"), [("4.4", "{ratio}", False), ("4.5", "1", True)])
def test_relative_viscosity_is_told_by_that_of_water(value: str, unit: str, is_raised: bool) -> None:
    assert read(viscosity(value, unit=unit)).is_viscosity_raised.holds is is_raised


def test_viscosity_without_a_unit_is_not_used() -> None:
    assert read(viscosity("6", unit=None)).is_viscosity_raised.is_unknown


@pytest.mark.parametrize(("days", "is_raised"), [(14, True), (15, False)])
def test_viscosity_counts_for_14_days(days: int, is_raised: bool) -> None:
    assert read(viscosity("5", days)).is_viscosity_raised.holds is is_raised


def test_a_preliminary_viscosity_raises_and_does_not_clear() -> None:
    assert read(viscosity("5", status="preliminary")).is_viscosity_raised.holds
    assert read(viscosity("2", status="preliminary")).is_viscosity_raised.is_unknown
    assert read(viscosity("5", 9), viscosity("2", 1, status="preliminary")).is_viscosity_raised.holds


def test_a_newer_final_viscosity_replaces_an_older_one() -> None:
    assert not read(viscosity("5", 9), viscosity("2", 1)).is_viscosity_raised.holds


@pytest.mark.parametrize(
    ("comparator", "value", "is_raised"), [(">", "4", True), (">", "3", False), ("<", "2", False), (">=", "4.1", True)]
)
def test_a_bound_counts_where_it_tells(comparator: str, value: str, is_raised: bool) -> None:
    assert read(viscosity(value, comparator=comparator)).is_viscosity_raised.holds is is_raised


# HV-1

NOSEBLEED = symptom("hyperviscosity_epistaxis")


def test_hv1_fires_with_a_symptom_and_a_monoclonal_igm() -> None:
    assert truth("HV-1", patient(WALDENSTROM, NOSEBLEED, igm(6000, 3))) == "YES"
    assert truth("HV-1", patient(MGUS, NOSEBLEED)) == "YES"
    assert truth("HV-1", patient(NEUROPATHY, NOSEBLEED)) == "YES"


def test_hv1_is_silent_below_3000_and_without_raised_viscosity() -> None:
    assert truth("HV-1", patient(WALDENSTROM, NOSEBLEED, igm(2900, 3))) == "NO"


def test_hv1_is_silent_without_any_monoclonal_igm() -> None:
    assert truth("HV-1", patient(NOSEBLEED, igm(6000, 3))) == "NO"


def test_hv1_is_silent_for_raised_viscosity_without_a_symptom() -> None:
    assert truth("HV-1", patient(*OURS, viscosity("5"), igm(3500, 3))) == "NO"


def test_hv1_is_unknown_without_the_problem_list_and_says_so() -> None:
    made = finding(
        "HV-1", patient(igm(6000, 3), result("igm_monoclonal", number(4, "g/dL"), 3), unknown={"conditions"})
    )
    assert made.truth.value == "UNKNOWN"
    assert made.missing


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
def test_hv1_is_critical_at_every_hook(hook: str) -> None:
    card = card_of(hyperviscosity, patient(WALDENSTROM, NOSEBLEED, igm(6000, 3), hook=hook))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    assert "Plasma exchange" in labels(card)
    assert "same-day" in card.summary
    assert "Hold rituximab" in card.detail


def test_g5_and_hv1_are_one_card_citing_both() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    card = card_of(hyperviscosity, patient(*OURS, NOSEBLEED, igm(6000, 3), draft, hook="order-sign"))
    assert card is not None
    assert {"HV-1", "G5"} <= {note.logic for note in card.explanation.findings}


@pytest.mark.parametrize(("mg_dl", "speaks_for_g4"), [(4000, True), (3999, False)])
def test_where_hv1_fires_its_card_says_g4_and_the_safety_card_does_not(mg_dl: int, speaks_for_g4: bool) -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    made = patient(*OURS, NOSEBLEED, igm(mg_dl, 3), draft, hook="order-sign")
    card, safety = card_of(hyperviscosity, made), card_of(rituximab_safety, made)
    assert card is not None
    assert ("G4" in {note.logic for note in card.explanation.findings}) is speaks_for_g4
    assert ("Do not give this rituximab order now" in card.detail) is speaks_for_g4
    assert safety is None or "G4" not in {note.logic for note in safety.explanation.findings}


def test_without_hv1_the_safety_card_says_g4() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    safety = card_of(rituximab_safety, patient(*OURS, igm(4000, 3), draft, hook="order-sign"))
    assert safety is not None
    assert "G4" in {note.logic for note in safety.explanation.findings}


def test_where_symptoms_could_not_be_read_the_safety_card_still_says_g4() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    made = patient(*OURS, igm(4000, 3), draft, hook="order-sign", unknown={"conditions"})
    assert truth("HV-1", made) == "UNKNOWN"
    safety = card_of(rituximab_safety, made)
    assert safety is not None
    assert "G4" in {note.logic for note in safety.explanation.findings}


def test_hyperviscosity_is_first_of_all_topics() -> None:
    assert next(iter(TOPICS)) == "hyperviscosity"


def test_a_raised_viscosity_without_symptoms_stops_a_rituximab_order() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True)
    card = card_of(hyperviscosity, patient(*OURS, viscosity("5"), igm(3500, 3), draft, hook="order-sign"))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    assert "without a coded symptom" in card.detail


def test_in_the_flare_window_the_hyperviscosity_card_speaks_for_the_flare_too() -> None:
    made = patient(*OURS, *weekly(20, doses=3), NOSEBLEED, igm(3000, 25), igm(4500, 2))
    card = card_of(hyperviscosity, made)
    assert card is not None
    assert {note.logic for note in card.explanation.findings} == {"HV-1", "FL-3"}
    assert card_of(plasma_exchange_flare, made) is None


def test_plasma_exchange_that_is_ordered_is_not_offered_again() -> None:
    card = card_of(hyperviscosity, patient(WALDENSTROM, NOSEBLEED, igm(6000, 3), ordered("plasma_exchange")))
    assert card is not None
    assert "Plasma exchange" not in labels(card)


# WU-5


@pytest.mark.boundaries("WU-5")
@pytest.mark.parametrize(
    ("mg_dl", "measured", "expected"),
    [(4000, True, "YES"), (3999, True, "NO"), (3999, False, "YES"), (3000, False, "YES"), (2999, False, "NO")],
)
def test_wu5_at_4000_or_at_3000_without_a_viscosity(mg_dl: int, measured: bool, expected: str) -> None:
    facts = (viscosity("2"),) if measured else ()
    assert truth("WU-5", patient(WALDENSTROM, igm(mg_dl, 3), *facts)) == expected


def test_a_viscosity_on_order_is_as_good_as_one_measured() -> None:
    assert truth("WU-5", patient(WALDENSTROM, igm(3500, 3), ordered("viscosity_serum"))) == "NO"


def test_a_viscosity_too_old_to_count_is_none() -> None:
    assert truth("WU-5", patient(WALDENSTROM, igm(3500, 3), viscosity("2", 15))) == "YES"


def test_wu5_speaks_without_neuropathy_and_not_out_of_scope() -> None:
    assert truth("WU-5", patient(MGUS, igm(4500, 3))) == "YES"
    assert truth("WU-5", patient(igm(4500, 3))) == "NO"


def test_wu5_without_an_igm_is_unknown_and_makes_no_card() -> None:
    made = patient(MGUS)
    assert truth("WU-5", made) == "UNKNOWN"
    assert card_of(hyperviscosity, made) is None


def test_wu5_is_a_warning_with_viscosity_fundi_and_haematology() -> None:
    card = card_of(hyperviscosity, patient(WALDENSTROM, igm("46.4", 3, "g/L")))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert labels(card) == ["Order: Serum viscosity", "Referral to haematology"]
    assert "fundi" in card.detail
    assert "4640 mg/dL (46.4 g/L as sent)" in card.detail


@pytest.mark.boundaries("TX-1")
def test_wu5_stands_aside_where_the_rituximab_card_says_plasma_exchange_first() -> None:
    disabling = patient(*OURS, igm(4500, 3), score("incat", 4, 20))
    assert truth("WU-5", disabling) == "YES"
    assert truth("TX-1", disabling) == "YES"
    assert card_of(hyperviscosity, disabling) is None


def test_wu5_stands_aside_for_the_flare_card() -> None:
    assert card_of(hyperviscosity, patient(*OURS, *weekly(20), igm(3000, 25), igm(4500, 2))) is None


def test_wu5_between_3000_and_4000_does_not_stand_aside_for_the_rituximab_card() -> None:
    assert card_of(hyperviscosity, patient(*OURS, igm(3500, 3), score("incat", 4, 20))) is not None


def test_a_value_without_unit_that_may_be_high_asks_for_its_unit() -> None:
    made = patient(MGUS, igm(45, 3, None))
    assert truth("WU-5", made) == "UNKNOWN"
    card = card_of(hyperviscosity, made)
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert card.summary.startswith("IgM 45 without a unit")


def test_raised_viscosity_without_symptoms_is_a_sentence_and_no_alarm() -> None:
    card = card_of(hyperviscosity, patient(WALDENSTROM, igm(4500, 3), viscosity("5")))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "without coded symptoms" in card.detail


def raised(mg_dl: int, days: int) -> Result:
    return igm(mg_dl, days, reference_range=up_to(230, "mg/dL"))


@pytest.mark.boundaries("HV-1")
@pytest.mark.parametrize("days", [40, 1000])
def test_a_nosebleed_with_an_igm_that_was_a_little_raised_once_is_no_hyperviscosity(days: int) -> None:
    made = patient(raised(260, days), NOSEBLEED)
    assert truth("HV-1", made) == "UNKNOWN"
    assert card_of(hyperviscosity, made) is None


@pytest.mark.boundaries("HV-1")
@pytest.mark.parametrize(("mg_dl", "expected"), [(2999, "UNKNOWN"), (3000, "YES")])
def test_an_igm_of_3000_that_nobody_called_monoclonal_counts_as_monoclonal(mg_dl: int, expected: str) -> None:
    assert truth("HV-1", patient(raised(mg_dl, 40), NOSEBLEED)) == expected


def test_a_little_raised_igm_counts_with_a_raised_viscosity_or_a_gammopathy_on_record() -> None:
    assert truth("HV-1", patient(raised(260, 40), NOSEBLEED, viscosity("4.1"))) == "YES"
    assert truth("HV-1", patient(raised(260, 40), NOSEBLEED, MGUS)) == "YES"
