"""Which safety data the EHR could not supply, in words for the reader.

Decides from the prefetch keys alone. Whether anything rests on their absence is left to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from hooks.anti_mag.picture.chart import Chart

HEPATITIS_B = "hepatitis B results"
IGM = "serum IgM"
PREGNANCY = "pregnancy tests"
ALLERGIES = "allergies"
PROBLEMS = "problem list"

KEYS: Mapping[str, str] = {
    "hepatitisB": HEPATITIS_B,
    "laboratory": IGM,
    "pregnancyTests": PREGNANCY,
    "allergies": ALLERGIES,
    "conditions": PROBLEMS,
}


def unreadable_of(chart: Chart) -> tuple[str, ...]:
    """What absence must not be inferred from, in the order of `KEYS`."""
    return tuple(words for key, words in KEYS.items() if not chart.record.knows(key))
