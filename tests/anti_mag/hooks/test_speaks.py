"""Which rules are heard at which hook (ruling 23), and what every hook has in common."""

from __future__ import annotations

import pytest

from hooks.anti_mag import hooks
from hooks.anti_mag.rules import BY_LOGIC
from hooks.anti_mag.services import SERVICES
from tests.anti_mag.flare.patients import OURS, igm, symptom
from tests.anti_mag.hooks.calls import EVERYWHERE, cards, logic

SPEAKS = {hook: [rule.logic for rule in BY_LOGIC.values() if hook in rule.hooks] for hook in hooks.EVERYWHERE}


def test_every_hook_served_is_given_its_rules_and_no_other_is() -> None:
    assert set(SPEAKS) == {service.hook for service in SERVICES} == set(EVERYWHERE)


def test_a_rule_names_no_hook_and_no_card_twice() -> None:
    for rule in BY_LOGIC.values():
        assert len(set(rule.hooks)) == len(rule.hooks)
        assert len(set(rule.cards)) == len(rule.cards)


@pytest.mark.parametrize("hook", EVERYWHERE)
def test_hyperviscosity_is_critical_at_every_hook(hook: str) -> None:
    shown = cards(hook, *OURS, igm(6000, 3), symptom("hyperviscosity_epistaxis"))
    assert logic(shown["hyperviscosity"]) >= {"HV-1"}
    assert shown["hyperviscosity"].indicator.name == "CRITICAL"


@pytest.mark.parametrize("hook", EVERYWHERE)
def test_a_patient_out_of_scope_gets_no_card_at_any_hook(hook: str) -> None:
    assert cards(hook, igm(6000, 3), symptom("hyperviscosity_epistaxis")) == {}


def test_ruling_23_is_what_is_heard() -> None:
    assert SPEAKS["encounter-start"] == SPEAKS["patient-view"]
    assert set(SPEAKS["appointment-book"]) == {"HV-1", "WU-1", "SC-1", "MO-1", "RE-1", "FL-0"}
    assert set(SPEAKS["encounter-discharge"]) == {"HV-1", "FL-0", "RE-3", "RE-4", "RE-4b", "SA-1"}
    assert set(SPEAKS["medication-refill"]) == {"HV-1", "RE-3", "TX-3", "TX-4", "C5b"}
    assert set(SPEAKS["problem-list-item-create"]) == {"HV-1", "DX-1", "DX-2", "WU-1", "WU-2"}
    assert set(SPEAKS["allergyintolerance-create"]) == {"HV-1", "AL-1"}
    gates = {id for id in SPEAKS["order-sign"] if id.startswith("G")}
    assert set(SPEAKS["order-dispatch"]) == gates | {"HV-1", "FL-2", "C5b"}
    assert {hook for hook, heard in SPEAKS.items() if "C5b" in heard} == {*hooks.ORDERS, "medication-refill"}
