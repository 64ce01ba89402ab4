"""The rules of anti-MAG neuropathy. Importing this package fills the rulebook.

To find the rule behind a card, take the rule id from the card's last line: "topic.sentence" is the function `sentence`.
"""

from __future__ import annotations

from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules import (
    aftercare,
    allergy_entry,
    data,
    diagnosis,
    follow_up,
    gates_condition,
    gates_igm,
    gates_infection,
    gates_order,
    gates_patient,
    gates_timing,
    hyperviscosity,
    planning,
    plasma_exchange,
    red_flags,
    response,
    retreatment,
    rituximab,
    supportive,
    therapies,
)

BY_LOGIC = {rule.logic: rule for rule in book}
"""Every rule by its id in the decision logic ("TX-1")."""

__all__ = [
    "BY_LOGIC",
    "aftercare",
    "allergy_entry",
    "data",
    "diagnosis",
    "follow_up",
    "gates_condition",
    "gates_igm",
    "gates_infection",
    "gates_order",
    "gates_patient",
    "gates_timing",
    "hyperviscosity",
    "planning",
    "plasma_exchange",
    "red_flags",
    "response",
    "retreatment",
    "rituximab",
    "supportive",
    "therapies",
]
