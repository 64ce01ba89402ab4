"""A toy patient with a story, as the composition root hands patients in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.engine.calls import PATIENT, bundle, draft, haemoglobin, orders, required


@dataclass(frozen=True)
class ToyCall:
    name: str
    hook: str
    as_of: date = date(2026, 1, 10)
    context: Mapping[str, Any] = field(default_factory=dict)
    known: frozenset[str] | None = None
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ToyPatient:
    name: str = "jane"
    title: str = "Jane is dry"
    story: str = "She has the hiccups.\n\n| call | card |\n| --- | --- |\n| patient-view | water |"
    bundle: Mapping[str, Any] = field(default_factory=lambda: bundle(PATIENT, haemoglobin()))
    calls: tuple[ToyCall, ...] = (
        ToyCall("patient-view", "patient-view", context=required("patient-view")),
        ToyCall("sign-espresso", "order-sign", context=required("order-sign") | orders(draft("espresso"))),
    )

    def expected(self, call: ToyCall) -> list[dict[str, Any]]:
        topic = "water" if call.hook == "patient-view" else "stop"
        return [{"topic": topic, "rules": [{"logic": "W-1", "truth": "YES"}]}]
