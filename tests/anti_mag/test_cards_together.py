"""Cards beside each other: what gives way, what is not offered twice, and what is held back until it is clear."""

import pytest

from cds_service.cards import Card
from cds_service.knowledge.contract import HookCall
from hooks.anti_mag.advice import advise
from tests.anti_mag.diagnosis.charts import TODAY, btu, chart, problem, result
from tests.anti_mag.flare.patients import OURS, igm, patient, score, symptom, truth, weekly

DISABLING = score("incat", 4, 20)


def cards(*facts: object, hook: str = "patient-view") -> dict[str, Card]:
    record = chart(*facts).record  # type: ignore[arg-type]
    return {card.topic: card for card in advise(HookCall(hook, record, TODAY)).cards}


def test_supportive_care_gives_way_to_what_is_critical():
    calm = cards(*OURS, DISABLING, igm(1500, 5))
    assert {"rituximab", "supportiveCare"} <= calm.keys()
    urgent = cards(*OURS, DISABLING, igm(5000, 5), symptom("hyperviscosity_epistaxis"))
    assert "hyperviscosity" in urgent
    assert "supportiveCare" not in urgent


def test_with_hyperviscosity_its_card_leads_and_rituximab_waits():
    urgent = cards(*OURS, DISABLING, igm(5000, 5), symptom("hyperviscosity_epistaxis"))
    assert "rituximab" not in urgent
    assert "before rituximab" not in urgent["diagnosticWorkUp"].summary


def recommended(card: Card) -> list[bool]:
    return [suggestion.is_recommended for suggestion in card.suggestions]


def test_no_regimen_is_recommended_while_an_igm_without_unit_may_be_at_the_limit():
    assert recommended(cards(*OURS, DISABLING, igm(1500, 5))["rituximab"]) == [True, False]
    assert recommended(cards(*OURS, DISABLING, igm(45, 5, None))["rituximab"]) == [False, False]


def test_a_disease_named_in_words_alone_starts_the_work_up():
    started = cards(problem(text="suspected anti-MAG neuropathy"))
    assert list(started) == ["diagnosticWorkUp"]
    assert cards(problem(text="anti-MAG neuropathy excluded")) == {}


@pytest.mark.boundaries("RT-1")
@pytest.mark.parametrize(
    ("scale", "before", "best", "now", "expected"),
    [("incat", 4, 2, 3, "YES"), ("onls", 5, 3, 4, "YES"), ("grip", 40, 60, 45, "NO")],
)
def test_a_relapse_shows_on_incat_onls_or_i_rods(scale: str, before: int, best: int, now: int, expected: str):
    course = weekly(500)
    scores = (score(scale, before, 520), score(scale, best, 250), score(scale, now, 5))
    assert truth("RT-1", patient(*OURS, *course, *scores)) == expected


def test_a_titre_alone_brings_no_card_about_treatment():
    assert "rituximab" not in cards(result("anti_mag_igm_quantitative", btu(30000), 30), igm(300, 5))
