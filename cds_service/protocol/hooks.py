"""The hooks that the engine speaks: where each carries what the user is at work on, and under which names it is called.

What a request of a hook must hold stands in `schemas/<hook>.json`; what its services say is the knowledge's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DraftField:
    """The members of `context` that hold the drafts, and the references of those just chosen.

    Without `selections` every draft counts as chosen.
    """

    orders: str
    selections: str | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook. `tokens`: the context fields that its prefetch templates may use (CDS Hooks library, hook tables)."""

    name: str
    tokens: frozenset[str] = frozenset({"userId", "patientId", "encounterId"})
    drafts: Mapping[str, DraftField] = field(default_factory=dict)
    """Where the drafts are, by the hook name that the request uses."""
    dispatched: tuple[str, ...] = ()
    """Members of `context` that list references of orders on record, today's name first."""
    dispatched_alone: str | None = None
    """The member of `context` that holds a single such reference."""
    entered: str | None = None
    """The member of `context` that holds what is being booked or put on record: a Bundle or one resource."""


_MEDICATION_PRESCRIBE = {"medication-prescribe": DraftField("medications")}
_ORDER_REVIEW = {"order-review": DraftField("orders")}
"""Deprecated in 2020. Clients of CDS Hooks 1.0 may still send them; neither knows `selections`."""

HOOKS: Mapping[str, Hook] = {
    hook.name: hook
    for hook in (
        Hook("patient-view"),
        Hook("order-select", drafts={"order-select": DraftField("draftOrders", "selections")} | _MEDICATION_PRESCRIBE),
        Hook("order-sign", drafts={"order-sign": DraftField("draftOrders")} | _MEDICATION_PRESCRIBE | _ORDER_REVIEW),
        Hook(
            "order-dispatch",
            tokens=frozenset({"patientId", "dispatchedOrders", "performer"}),
            # The second name was an interim one, `order` is that of version 1.0. Tasks are not read.
            dispatched=("dispatchedOrders", "dispatched-orders"),
            dispatched_alone="order",
        ),
        Hook("appointment-book", entered="appointments"),
        Hook("encounter-start"),
        Hook("encounter-discharge"),
        Hook("medication-refill", drafts={"medication-refill": DraftField("medications")}),
        Hook("problem-list-item-create", entered="conditions"),
        Hook("allergyintolerance-create", entered="allergyIntolerance"),
    )
}
