"""What a laboratory says of its own result: its words, its interpretation codes, its reference range.

Decides only how such a statement reads ("positive", "negative", …). Which numbers count beside it is left to the
builders. A statement that contradicts itself is "unclear", and a text that defers ("see report") says nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from cds_service.codes import Concept, SetName
from cds_service.fhir.answers import answer_in, answers_in
from cds_service.fhir.numbers import DIGITS, DOT_GROUPS, digits_value
from cds_service.record import Result
from cds_service.values import Quantity, ReferenceRange, Text, Titre
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.picture.chart import Chart

POSITIVE, WEAK, NEGATIVE, INDETERMINATE = code_sets(
    "result_positive", "result_weak", "result_negative", "result_indeterminate"
)
Judgement = Literal["", "positive", "weak", "negative", "unclear"]

_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_POSITIVE_CODES = frozenset({"POS", "DET", "RR", "H", "HH", "HU", "A", "AA"})
_NEGATIVE_CODES = frozenset({"NEG", "ND", "NR", "N"})
_UNCLEAR_CODES = frozenset({"IND", "E", "EQV", "EQUIV", "I"})

_DIGITS = rf"(?P<digits>{DOT_GROUPS}|{DIGITS})"
_RANGE_LIMIT = re.compile(
    rf"(?P<bound><=|≤|<|up to|less than|below|bis)\s*(?P<inverse>1\s*[:/]\s*)?{_DIGITS}", re.ASCII
)
_RANGE_SPAN = re.compile(rf"\d\s*[-–]\s*{_DIGITS}", re.ASCII)


def words_of(result: Result) -> str:
    """The text of a result's value, lower case; "" for a plain number."""
    match result.value:
        case Text(received) | Titre(received=received):
            return received.lower()
        case Concept(text=text):
            return text.lower()
        case _:
            return ""


def laboratory_says(chart: Chart, result: Result) -> Judgement:
    """The laboratory's own judgement of a result, from its words, its codes and its reference range together."""
    said = {_by_words(words_of(result)), _by_codes(chart, result), _by_range(result)} - {""}
    if not said:
        return ""
    if said <= {"positive", "weak"}:
        return "weak" if "weak" in said else "positive"
    return "negative" if said == {"negative"} else "unclear"


def contradicts_itself(chart: Chart, result: Result) -> bool:
    """It is said to be there and not to be there, and nothing says that this is open."""
    said = {*answers_in(words_of(result)), _by_codes(chart, result), _by_range(result)}
    return bool(said & {"positive", "weak"}) and "negative" in said and "unclear" not in said


def _by_words(words: str) -> Judgement:
    said = answer_in(words)
    return "" if said == "pending" else said


def _by_codes(chart: Chart, result: Result) -> Judgement:
    codes = set(result.interpretation)
    if isinstance(result.value, Concept):
        codes |= {code for system, code in result.value.codes if system == _INTERPRETATION}
    said: set[Judgement] = set()
    if codes & _POSITIVE_CODES or _value_in(chart, result, POSITIVE):
        said.add("positive")
    if codes & _NEGATIVE_CODES or _value_in(chart, result, NEGATIVE):
        said.add("negative")
    if codes & _UNCLEAR_CODES or _value_in(chart, result, INDETERMINATE):
        said.add("unclear")
    if "WR" in codes or _value_in(chart, result, WEAK):
        said.add("weak")
    if not said:
        return ""
    return said.pop() if len(said) == 1 else "unclear"


def _value_in(chart: Chart, result: Result, name: SetName) -> bool:
    return isinstance(result.value, Concept) and chart.holds(result.value, name)


def _by_range(result: Result) -> Judgement:
    """Above the laboratory's own upper limit is "positive", else "negative"; "" where the two cannot be compared."""
    limit = upper_limit(result.reference_range)
    number = _number(result)
    if limit is None or number is None:
        return ""
    top, is_open = limit
    value, comparator = number
    if not _same_unit(result):
        # "<0.05" beside a range of "<0.05 IU/mL" quotes the laboratory's own limit: no unit is guessed
        return "negative" if comparator == "<" and value == top and _has_no_unit(result) else ""
    if comparator in (">", ">="):
        return "positive" if value >= top else ""
    if comparator in ("<", "<="):
        return "negative" if value <= top else ""
    return "negative" if value < top or (value == top and not is_open) else "positive"


def upper_limit(own: ReferenceRange | None) -> tuple[Decimal, bool] | None:
    """The upper limit of a laboratory's range, and whether it is open ("< 1000": 1000 itself lies outside).

    None where there is none, where the text holds several bands or a number that can be read in two ways, and where it
    says what is positive: in a competitive assay that is what lies below.
    """
    if own is None:
        return None
    if own.high is not None:
        return own.high, False
    text = own.text.lower()
    limits, spans = list(_RANGE_LIMIT.finditer(text)), list(_RANGE_SPAN.finditer(text))
    if len(limits) + len(spans) != 1 or answer_in(text) in ("positive", "weak"):
        return None
    limit = digits_value((limits or spans)[0]["digits"])
    if limit is None:
        return None
    return limit, bool(limits) and limits[0]["bound"] in ("<", "less than", "below")


def _number(result: Result) -> tuple[Decimal, str] | None:
    match result.value:
        case Quantity(value=value, comparator=comparator):
            return value, comparator
        case Titre(reciprocal=reciprocal, comparator=comparator):
            return reciprocal, comparator
        case _:
            return None


def _has_no_unit(result: Result) -> bool:
    return isinstance(result.value, Quantity) and result.value.unit is None


def _same_unit(result: Result) -> bool:
    """A range without a unit of its own is in the result's unit."""
    own = result.reference_range.unit if result.reference_range else None
    sent = result.value.unit if isinstance(result.value, Quantity) else None
    return own is None or own == sent or (sent is None and own == "{titer}" and isinstance(result.value, Titre))


def display_of(chart: Chart, concept: Concept, *sets: str) -> str:
    """The name that our code tables give to a concept's code; "" where they give none."""
    for name in sets:
        for code, display in chart.codes[name].displays:
            if code in concept.codes:
                return display
    return ""
