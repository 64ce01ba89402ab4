"""The hooks at which this package speaks, and those that rules are often heard at together (ruling 23).

At which of them a rule is heard stands in its declaration; what each hook asks of the EHR is `services`'s.
"""

from __future__ import annotations

CHART_OPENED = ("patient-view", "encounter-start")
"""The chart is opened, or an encounter begins: what is said is the same."""
ORDERS = ("order-select", "order-sign", "order-dispatch")
"""An order is chosen, signed, carried out: the gates run at all three."""
EVERYWHERE = (
    "patient-view",
    *ORDERS,
    "appointment-book",
    "encounter-start",
    "encounter-discharge",
    "medication-refill",
    "problem-list-item-create",
    "allergyintolerance-create",
)
