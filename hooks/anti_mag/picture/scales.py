"""The scales that we read: which way they run, which values are possible, and which step means something (B8).

A scale without a known meaningful step (`step` is None) is shown and never compared; raw I-RODS sums are one of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cds_service.codes import ResultSet
from cds_service.record import Result
from cds_service.values import Quantity
from hooks.anti_mag.code_sets import result_set

RANKIN = "modified-rankin"

_POINTS = frozenset({None, "1", "{score}"})
_OF_HIGHEST = re.compile(
    r"(?P<score>\d{1,3}(?:[.,]\d)?)\s*(?:/|\b(?:out of|of|von|sur|de|di|van|av|af|z|ze|из)\b)\s*(?P<highest>\d{1,3})"
    r"(?:\s*(?:points?|pts|punkte))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale. `step` is the threshold id of its meaningful change."""

    name: str
    code_set: ResultSet
    label: str
    units: frozenset[str | None] = _POINTS
    highest: int | None = None
    step: str | None = None
    is_high_good: bool = False
    is_relative: bool = False
    """The step is a percentage of the earlier value."""
    measures_disability: bool = False
    shows_disability: bool = False
    """A value of it alone says how disabled the patient is."""

    def reading(self, result: Result) -> Decimal | None:
        """The score that a result tells: a number, or "5/10" and "5 of 10" where 10 is the scale's highest."""
        if isinstance(result.value, Quantity):
            return result.value.value if self.accepts(result.value) else None
        found = _OF_HIGHEST.fullmatch(result.received)
        if found is None or self.highest is None or Decimal(found["highest"]) != self.highest:
            return None
        score = Decimal(found["score"].replace(",", "."))
        return score if score <= self.highest else None

    def accepts(self, quantity: Quantity) -> bool:
        """An exact, possible value in the scale's own unit."""
        is_possible = quantity.value >= 0 and (self.highest is None or quantity.value <= self.highest)
        return is_possible and quantity.comparator == "" and quantity.unit in self.units

    def loss(self, later: Decimal, earlier: Decimal) -> Decimal:
        """How much worse `later` is than `earlier`, in the scale's own points; negative where it is better."""
        return earlier - later if self.is_high_good else later - earlier

    def is_worse(self, value: Decimal, than: Decimal, step: Decimal) -> bool:
        """True when `value` is worse than `than` by at least `step`."""
        if self.is_relative:
            return value * 100 >= than * (100 + step) and value > than
        return self.loss(value, than) >= step

    def direction(self, later: Decimal, earlier: Decimal, step: Decimal) -> Literal["improved", "stable", "worse"]:
        """The change from `earlier` to `later`, "stable" below the meaningful step."""
        if self.is_worse(later, earlier, step):
            return "worse"
        return "improved" if self.is_improved(later, earlier, step) else "stable"

    def is_improved(self, later: Decimal, earlier: Decimal, step: Decimal) -> bool:
        """True when `later` is better than `earlier` by at least `step` (of the earlier value, where relative)."""
        if self.is_relative:
            return later * 100 <= earlier * (100 - step) and later < earlier
        return self.loss(later, earlier) <= -step


def _disability(name: str, label: str, highest: int, step: str, *, alone: bool = True) -> Scale:
    code_set = result_set("assessment_" + name.replace("-", "_"))
    return Scale(name, code_set, label, highest=highest, step=step, measures_disability=True, shows_disability=alone)


SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        _disability("incat", "INCAT disability score", 10, "mcid.incat"),
        _disability("incat-arm", "INCAT arm score", 5, "mcid.incat", alone=False),
        _disability("incat-leg", "INCAT leg score", 5, "mcid.incat"),
        _disability("onls", "ONLS", 12, "mcid.onls"),
        _disability("onls-arm", "ONLS arm score", 5, "mcid.onls", alone=False),
        _disability("onls-leg", "ONLS leg score", 7, "mcid.onls"),
        Scale(
            RANKIN,
            result_set("modified_rankin"),
            "Modified Rankin scale",
            highest=6,
            measures_disability=True,
            shows_disability=True,
        ),
        Scale(
            "i-rods",
            result_set("assessment_i_rods"),
            "I-RODS (centile)",
            units=_POINTS | {"%"},
            highest=100,
            step="mcid.i_rods",
            is_high_good=True,
        ),
        Scale("i-rods-raw", result_set("assessment_i_rods_raw"), "I-RODS (raw sum)", highest=48, is_high_good=True),
        Scale("nis-ll", result_set("assessment_nis_ll"), "NIS-LL"),
        Scale("llf", result_set("assessment_llf"), "Lower limb function"),
        Scale("mrc-sum", result_set("assessment_mrc_sum"), "MRC sum score", step="mcid.mrc_sum", is_high_good=True),
        Scale(
            "grip",
            result_set("assessment_grip"),
            "Grip strength",
            units=frozenset({"kPa"}),
            step="mcid.grip",
            is_high_good=True,
        ),
        Scale(
            "walk-10m",
            result_set("assessment_walk_10m"),
            "10 m walk",
            units=frozenset({"s"}),
            step="mcid.walk",
            is_relative=True,
        ),
    )
}
"""Every scale by its name. An arm score alone leaves the legs unknown, so it never shows mild disease."""
