"""Positive, negative or not yet: what one serology or pregnancy result says.

The laboratory's own judgement decides (`wording`); of a viral load the amount does. Which result counts, and for how
long, is left to the builders.
"""

from __future__ import annotations

import re
from typing import Literal

from cds_service.fhir.answers import answer_in
from cds_service.record import Result
from cds_service.values import Between, Quantity
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.wording import contradicts_itself, laboratory_says, words_of

Reading = Literal["positive", "negative", "indeterminate", "pending", "unread"]

_BOUND_ALONE = re.compile(r"\s*(<|≤|less than)\s*=?\s*[\d.,]+(\s*(log(10)?\s*)?\S+/\S+)?\s*")


def reading_of(chart: Chart, result: Result) -> Reading:
    """What the result says; a weak positive is positive, "indeterminate" says neither, and "unread" is all that we do
    not understand, what says both among it."""
    said = laboratory_says(chart, result)
    if said in ("positive", "weak"):
        return "positive"
    if answer_in(words_of(result)) == "pending":
        return "pending"
    if said == "negative":
        return "negative"
    return "indeterminate" if said and not contradicts_itself(chart, result) else "unread"


def load_reading_of(chart: Chart, result: Result) -> Reading:
    """A viral load: every amount above nothing is positive, and "<20" alone is below what can be measured."""
    if isinstance(result.value, Between):
        return "positive"
    if not isinstance(result.value, Quantity):
        is_bound = _BOUND_ALONE.fullmatch(words_of(result)) is not None
        return "negative" if is_bound and not result.interpretation else reading_of(chart, result)
    if result.interpretation & {"POS", "DET"}:
        return "positive"
    if result.value.value < 0:
        return "unread"
    is_bound = result.value.comparator in ("<", "<=")
    return "positive" if result.value.value > 0 and not is_bound else "negative"
