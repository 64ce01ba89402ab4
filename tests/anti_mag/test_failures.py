"""A rule or a card that breaks costs its own answer only, and at order-sign the user is told to check by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.knowledge.contract import Finding, HookCall
from hooks.anti_mag import advice, rules
from tests.anti_mag.gates.given import TODAY, draft, igm, record, without

UNSAFE = record(draft("rituximab"), results=(*without("igm_serum", "hbsag"), igm("4200")))


def broken(*_: object) -> Finding:
    raise KeyError("marker")


def breaking(monkeypatch: pytest.MonkeyPatch, *logic: str) -> None:
    patched = {name: replace(rule, function=broken) if name in logic else rule for name, rule in rules.BY_LOGIC.items()}
    monkeypatch.setattr(rules, "BY_LOGIC", patched)


def test_the_other_gates_speak_and_the_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "G1")
    found = advice.advise(HookCall("order-sign", UNSAFE, TODAY))
    cards = {card.topic: card for card in found.cards}
    assert "G4" in {note.logic for note in cards["rituximabSafety"].explanation.findings}
    assert "G1" in cards["dataUnavailable"].detail
    assert [failure.part for failure in found.failures] == ["G1"]
    assert "marker" not in cards["dataUnavailable"].detail


def test_at_other_hooks_the_failure_is_reported_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "G1")
    found = advice.advise(HookCall("order-select", UNSAFE, TODAY))
    assert "dataUnavailable" not in {card.topic for card in found.cards}
    assert [failure.part for failure in found.failures] == ["G1"]


def test_what_could_not_be_read_stays_on_the_card_of_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, "G4")
    unread = record(draft("rituximab"), results=without("hbsag"), unread=("hepatitisB",))
    (card,) = [
        card for card in advice.advise(HookCall("order-sign", unread, TODAY)).cards if card.topic == "dataUnavailable"
    ]
    assert "hepatitis B" in card.detail
    assert "G4" in card.detail


def test_a_card_that_breaks_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def card(*_: object) -> None:
        raise ValueError

    modules = [
        (topic, name, card if name == "neurotoxic_drug" else module) for topic, name, module in advice.CARD_MODULES
    ]
    monkeypatch.setattr(advice, "CARD_MODULES", modules)
    found = advice.advise(HookCall("order-sign", UNSAFE, TODAY))
    assert {"rituximabSafety", "dataUnavailable"} <= {card.topic for card in found.cards}
    assert len(found.failures) == 1


def test_where_every_rule_breaks_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, *rules.BY_LOGIC)
    with pytest.raises(KeyError):
        advice.advise(HookCall("order-sign", UNSAFE, TODAY))
