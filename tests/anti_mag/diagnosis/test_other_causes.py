"""Tests for another cause of a neuropathy (WU-6): which are wanted, who is asked, and where it is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Finding, Truth
from cds_service.values import Quantity
from hooks.anti_mag.cards import diagnostic_work_up
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.cards.gives_way import is_shown
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.anti_mag import AntiMag
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.tests_on_record import RecordedTests, Wanted
from hooks.anti_mag.picture.work_up import WorkUp
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import chart, number, order, result
from tests.anti_mag.diagnosis.pictures import SUSPECTED, TITRE, card_of, creates, finding, missing

AGE = THRESHOLDS.days("other_causes.max_age")
DONE = (result("vitamin_b12", 512), result("hba1c", 5), result("tsh", 2))
WORKED_UP = replace(SUSPECTED, work_up=WorkUp())


def asked(*facts: object, **fields: object) -> ClinicalPicture:
    return replace(WORKED_UP, tests=RecordedTests(chart(*facts, **fields)))  # type: ignore[arg-type]


def wanted(*facts: object, **fields: object) -> Wanted:
    made: Chart = chart(*facts, **fields)  # type: ignore[arg-type]
    return RecordedTests(made).wanted("vitamin_b12", "glucose", "tsh", within=AGE)


def names(tests: object) -> list[str]:
    return [test.test for test in tests]  # type: ignore[attr-defined]


# Which are wanted


def test_on_an_empty_chart_all_three_are_missing_and_nothing_is_unknown() -> None:
    assert [(test.test, test.why) for test in wanted().missing] == [
        ("vitamin_b12", "none on record"),
        ("glucose", "none on record"),
        ("tsh", "none on record"),
    ]
    assert wanted().unknown == ()


def test_glucose_or_hba1c_will_do() -> None:
    for name in ("glucose", "hba1c"):
        assert names(wanted(result(name, 5)).missing) == ["vitamin_b12", "tsh"]


@pytest.mark.boundaries("WU-6")
@pytest.mark.parametrize(("days", "is_missing"), [(AGE - 1, False), (AGE, False), (AGE + 1, True)])
def test_a_test_counts_until_it_is_too_old(days: int, is_missing: bool) -> None:
    assert ("tsh" in names(wanted(result("tsh", 2, days=days)).missing)) is is_missing


def test_an_old_one_is_told_with_its_day() -> None:
    (tsh,) = wanted(*DONE[:2], result("tsh", 2, days=1000)).missing
    assert "1000 days ago" in tsh.why


@pytest.mark.parametrize("unit", ["pmol/L", "whatever", None])
def test_a_number_counts_in_any_unit(unit: str | None) -> None:
    value = Quantity(Decimal(71), unit, received="71")
    assert names(wanted(result("vitamin_b12", value), *DONE[1:]).missing) == []


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_an_awaited_result_is_not_missing(status: str) -> None:
    assert names(wanted(result("tsh", None, status=status), *DONE[:2]).missing) == []


@pytest.mark.parametrize("ordered", [order("vitamin_b12"), order(text="Vitamin B12")])
def test_an_ordered_test_is_not_missing(ordered: object) -> None:
    assert names(wanted(ordered, *DONE[1:]).missing) == []


@pytest.mark.parametrize("days", [10, None])
def test_what_is_no_number_is_neither_done_nor_missing(days: int | None) -> None:
    found = wanted(result("vitamin_b12", "haemolysed", days=days), *DONE[1:])
    (item,) = found.unknown
    assert found.missing == ()
    assert item.why.endswith('could not be read: "haemolysed"')


def test_a_number_without_a_day_is_unknown() -> None:
    assert names(wanted(result("vitamin_b12", 512, days=None), *DONE[1:]).unknown) == ["vitamin_b12"]


def test_an_unread_one_reopens_nothing_that_a_younger_number_answers() -> None:
    assert wanted(result("vitamin_b12", "haemolysed", days=40), *DONE) == Wanted()


def test_none_on_record_is_not_said_of_an_unread_one_that_is_too_old() -> None:
    (item,) = wanted(result("vitamin_b12", "haemolysed", days=AGE + 9), *DONE[1:]).missing
    assert item.why.endswith('could not be read: "haemolysed"')


def test_a_list_that_was_not_sent_whole_makes_them_unknown() -> None:
    found = wanted(result("tsh", 2), unknown={"otherCauses"})
    assert (names(found.missing), names(found.unknown)) == ([], ["vitamin_b12", "glucose"])


def test_without_a_chart_none_is_wanted() -> None:
    assert RecordedTests().wanted("tsh", within=1) == Wanted()


# Who is asked


def truth(picture: ClinicalPicture) -> Truth:
    return finding("WU-6", picture).truth


def test_a_neuropathy_under_work_up_is() -> None:
    assert truth(asked()) is Truth.YES
    assert truth(asked(*DONE)) is Truth.NO


def having(**parts: object) -> ClinicalPicture:
    picture = asked()
    return replace(picture, diagnosis=replace(picture.diagnosis, **parts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(having(neuropathy=Statement.no()), id="no neuropathy"),
        pytest.param(having(tier=Tier.PROBABLE), id="probable disease"),
        pytest.param(having(anti_mag=AntiMag("positive")), id="the antibody is there"),
        pytest.param(having(anti_mag=AntiMag("negative")), id="the antibody is not there"),
        pytest.param(having(is_refuted=True), id="refuted"),
        pytest.param(replace(asked(), age=17), id="a child"),
        pytest.param(replace(asked(), state=State.FLARE_WINDOW), id="treated"),
    ],
)
def test_nobody_else_is(picture: ClinicalPicture) -> None:
    assert truth(picture) is Truth.NO


def test_what_could_not_be_read_is_unknown_and_named() -> None:
    found = finding("WU-6", asked(result("vitamin_b12", "haemolysed"), *DONE[1:]))
    assert found.truth is Truth.UNKNOWN
    assert "haemolysed" in found.missing[0]


def test_what_is_missing_is_asked_for_though_another_could_not_be_read() -> None:
    found = finding("WU-6", asked(result("vitamin_b12", "haemolysed"), result("tsh", 2)))
    assert found.truth is Truth.YES
    assert "haemolysed" in found.missing[0]


def test_whether_anti_mag_was_tested_comes_first() -> None:
    picture = replace(asked(), work_up=WorkUp(unknown=missing("anti_mag")))
    assert finding("WU-6", picture) == Finding.unknown(
        "whether anti-MAG was tested", facts=picture.diagnosis.neuropathy.facts
    )


# Where it is said


def test_it_comes_last_on_the_list_of_the_work_up() -> None:
    card = card_of(diagnostic_work_up, replace(asked(), work_up=SUSPECTED.work_up), "DX-1", "WU-1", "WU-6")
    assert card is not None
    assert card.detail.index("label of nerve") < card.detail.index("Vitamin B12")
    assert {note.logic for note in card.explanation.findings} == {"DX-1", "WU-1", "WU-6"}


def test_with_nothing_else_to_be_had_it_makes_a_card_with_its_drafts() -> None:
    card = card_of(diagnostic_work_up, asked(DONE[0]), "DX-1", "WU-1", "WU-6")
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert card.summary == "Neuropathy, other causes not looked for: glucose, TSH"
    assert creates(card) == ["ServiceRequest", "ServiceRequest"]


def test_that_card_gives_way_to_every_other() -> None:
    alone = card_of(diagnostic_work_up, asked(), "WU-6")
    merged = card_of(diagnostic_work_up, replace(asked(), work_up=SUSPECTED.work_up), "DX-1", "WU-6")
    assert alone is not None
    assert merged is not None
    assert is_shown(alone, [alone])
    for topic in ("supportiveCare", "redFlag"):
        other = replace(merged, source=replace(merged.source, topic=replace(merged.source.topic, code=topic)))
        assert not is_shown(alone, [alone, other])
        assert is_shown(merged, [merged, other])


def test_it_stands_beneath_the_word_on_a_weak_titre() -> None:
    weak = having(anti_mag=AntiMag("weak", facts=(TITRE,)))
    card = card_of(diagnostic_work_up, weak, "WU-3", "WU-6")
    assert card is not None
    assert card.summary.startswith("Weak anti-MAG titre")
    assert card.detail.index("The anti-MAG titre is weak") < card.detail.index("Vitamin B12")
    assert creates(card)[1:] == ["ServiceRequest"] * 3


def test_it_is_silent_where_nothing_is_wanted() -> None:
    assert card_of(diagnostic_work_up, asked(*DONE), "DX-1", "WU-1", "WU-6") is None
    assert diagnostic_work_up.card(asked(), {"WU-6": Answer(BY_LOGIC["WU-6"], Finding.no())}) is None  # type: ignore[arg-type]


def test_an_infinitely_patient_site_may_count_older_ones() -> None:
    patient = THRESHOLDS.changed({"other_causes.max_age": Decimal(3650)})
    picture = replace(asked(*DONE[:2], result("tsh", number(2), days=3000)), thresholds=patient)
    assert truth(picture) is Truth.NO
    assert truth(replace(picture, thresholds=THRESHOLDS)) is Truth.YES
