"""Holds a commit to the speed that was measured: `python -m bench --guard` (make bench-guard).

Compares processor time a request with the floor's within one run, which says the same on a slow machine as on a fast
one, with what `make bench` found last. Rates are not compared: they hang on what else the machine does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.report import Measured

MEASURED = Path(__file__).with_name("measured.json")
MARGIN = 2 / 3
"""A third of a ratio may be lost to chance."""


def shares(measured: Sequence[Measured]) -> dict[str, float]:
    """The processor time of the floor over ours, by the comparison's title, where both are known."""
    found = {}
    for one in measured:
        ours = one.comparison.entries[0].name
        floor = one.floor_of(ours)
        spent, least = one.cpu(ours), one.cpu(floor) if floor else None
        if spent and least:
            found[one.comparison.title] = round(least / spent, 4)
    return found


def keep(measured: Sequence[Measured]) -> None:
    """Remember what was measured, for those who compare with it."""
    MEASURED.write_text(json.dumps(shares(measured), indent=2) + "\n", encoding="utf-8")


def faults(measured: Sequence[Measured]) -> Iterator[str]:
    """What became slower by more than the margin; also what could not be measured."""
    before: Mapping[str, float] = json.loads(MEASURED.read_text(encoding="utf-8"))
    now = shares(measured)
    for one in measured:
        title = one.comparison.title
        if title not in before or title not in now:
            yield f"{title}: nothing to compare"
        elif now[title] < before[title] * MARGIN:
            yield f"{title}: {now[title]:.3f} of the floor's processor time, {before[title]:.3f} was measured before"
