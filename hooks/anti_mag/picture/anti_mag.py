"""The anti-MAG antibody: which result decides, and what it says.

A positive ever stays (treatment lowers titres), so the newest positive result decides, and the newest result only where
none was positive. Units are never converted into each other: a BTU value has the thresholds of its kit, an immunoblot
dilution its own, everything else only the laboratory's own word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Result, newest_first
from cds_service.values import Between, Quantity, Titre
from hooks.anti_mag.code_sets import code_set, result_sets
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.wording import Judgement, display_of, laboratory_says, words_of

IGM_SETS = result_sets("anti_mag_igm_quantitative", "anti_mag_igm_qualitative")
SGPG, ANY_CLASS = result_sets("anti_mag_sgpg", "anti_mag_any_class")
ANTI_MAG_SETS = (*IGM_SETS, SGPG, ANY_CLASS)
POSITIVE_FINDING = code_set("anti_mag_antibody_positive_finding")
BTU = "{BTU}"
KIT = code_set("buhlmann_codes")
"""Tests that a site says are the Bühlmann kit."""
KIT_UNITS = frozenset({None, "1", BTU, "{TU}", "U/mL", "[arb'U]", "[arb'U]/mL"})
"""Units that stand for the kit's own, or for none, on such a test."""
LABEL = "Anti-MAG"

_MISSING_WORDS = re.compile(r"\b(pending|to follow|not (performed|done|tested)|cancelled)\b")

AntiMagVerdict = Literal["positive", "weak", "negative", "unclear", "untested"]


@dataclass(frozen=True, slots=True)
class AntiMag:
    """The anti-MAG antibody: the verdict of the result that decides, and its band in words.

    "positive" is above the laboratory's own range or so interpreted and, for a BTU value, at or above the site's
    threshold; "weak" is a BTU value below it; "unclear" a result that needs the laboratory's interpretation.
    """

    verdict: AntiMagVerdict = "untested"
    band: str = ""
    btu: Decimal | None = None
    result: Result | None = None
    is_igm: bool = True
    """The antibody is known to be IgM; a positive of unknown class supports possible disease only."""
    method: str = ""
    """Kind of test, where the result tells: "ELISA", "immunoblot", "immunofluorescence" or "SGPG test"."""
    facts: tuple[Fact, ...] = ()
    last_measured: date | None = None
    """The day of the newest result that says something, whichever decides."""
    by_other_methods: tuple[AntiMag, ...] = ()
    """What tests of another known kind said, newest first."""

    @property
    def contradicted_by(self) -> AntiMag | None:
        """A result of another kind of test that says the opposite: positive against negative. None where none does."""
        opposite = {"positive": "negative", "negative": "positive"}.get(self.verdict)
        return next((other for other in self.by_other_methods if other.verdict == opposite), None)


def anti_mag_of(chart: Chart, thresholds: Thresholds) -> AntiMag:
    """The verdict on all anti-MAG results of full status, of any age; a preliminary one never counts."""
    unread = chart.unread_results(*ANTI_MAG_SETS, is_read=lambda result: not result.caveat)
    spoilt = [result for result in unread if result.caveat]  # One that is awaited is another matter.
    dated = newest_first([*chart.results(*ANTI_MAG_SETS), *spoilt])
    undated = [result for result in spoilt if result.when is None] + chart.undated_results(*ANTI_MAG_SETS)
    results = dated + undated
    # Another class or specimen is named beside one of our codes.
    excluded = frozenset().union(*(chart.codes[name].excluded for name in ANTI_MAG_SETS))
    ours = [result for result in results if excluded.isdisjoint(result.concept.codes)]
    readings = [_reading(chart, result, thresholds) for result in ours]
    found = [reading for reading in readings if reading is not None]
    decisive = _decisive(chart, found)
    others = tuple(
        reading for reading in found if decisive.method and reading.method and reading.method != decisive.method
    )
    return replace(decisive, by_other_methods=others)


def _decisive(chart: Chart, found: Sequence[AntiMag]) -> AntiMag:
    positive = [reading for reading in found if reading.verdict == "positive"]
    positive_igm = [reading for reading in positive if reading.is_igm]
    decisive = next(iter([*positive_igm, *positive, *_coded_finding(chart), *found]), AntiMag())
    days = [reading.result.when.end for reading in found if reading.result and reading.result.when]
    return replace(decisive, last_measured=max(days, default=None))


def _coded_finding(chart: Chart) -> Sequence[AntiMag]:
    """A problem that says "anti-MAG antibody positive" without the result."""
    facts = tuple(problem.fact(LABEL) for problem in chart.problems(POSITIVE_FINDING))
    return (AntiMag("positive", "positive by a coded problem, no result", is_igm=False, facts=facts),) if facts else ()


def _reading(chart: Chart, result: Result, thresholds: Thresholds) -> AntiMag | None:
    """What one result says; None where there is none yet."""
    if result.caveat:
        return AntiMag("unclear", "could not be read", result=result, facts=(result.fact(LABEL),))
    said = laboratory_says(chart, result)
    if not said and (not result.received or _MISSING_WORDS.search(words_of(result))):
        return None
    btu: Decimal | None = None
    match result.value:
        case Quantity(unit=unit) as quantity if unit == BTU or (unit in KIT_UNITS and _is_kit(chart, result)):
            btu = quantity.value
            verdict, band = _by_btu(quantity, said, thresholds)
        case Between(low, high, unit) if unit == BTU or (unit in KIT_UNITS and _is_kit(chart, result)):
            verdict, band = _by_btu(Quantity(low, BTU), said, thresholds)
            if verdict != _by_btu(Quantity(high, BTU), said, thresholds)[0]:
                verdict, band = _by_laboratory("unclear")
        case Titre(reciprocal, comparator, received) if ":" not in received and _is_kit(chart, result):
            btu = reciprocal
            verdict, band = _by_btu(Quantity(reciprocal, BTU, comparator, received), said, thresholds)
        case Titre(reciprocal, comparator) if _is_blot(chart, result):
            verdict, band = _by_blot(reciprocal, comparator, said, thresholds)
        case Quantity(value, "{titer}", comparator) if _is_blot(chart, result):
            verdict, band = _by_blot(value, comparator, said, thresholds)
        case _:
            verdict, band = _by_laboratory(said)
    return AntiMag(
        verdict, band, btu, result, _is_igm(chart, result), _method(chart, result), facts=(result.fact(LABEL),)
    )


def _by_btu(quantity: Quantity, said: Judgement, thresholds: Thresholds) -> tuple[AntiMagVerdict, str]:
    if said in ("negative", "unclear"):
        return _by_laboratory(said)
    value, comparator = quantity.value, quantity.comparator
    measurable, positive = thresholds["anti_mag.btu.measurable"], thresholds["anti_mag.btu.positive"]
    if comparator in ("<", "<="):
        return ("negative", "below the measuring range") if value <= measurable else _by_laboratory("unclear")
    if value >= positive:
        is_strong = value >= thresholds["anti_mag.btu.strong"]
        return "positive", "strongly supportive" if is_strong else "supportive by this service's limit"
    if comparator in (">", ">="):
        return _by_laboratory("unclear")
    return ("weak", "weak") if value >= measurable else ("negative", "below the measuring range")


def _by_blot(
    reciprocal: Decimal, comparator: str, said: Judgement, thresholds: Thresholds
) -> tuple[AntiMagVerdict, str]:
    if said in ("negative", "unclear"):
        return _by_laboratory(said)
    if reciprocal >= thresholds["anti_mag.blot.supportive"] and comparator not in ("<", "<="):
        return "positive", "supportive immunoblot dilution"
    if reciprocal < thresholds["anti_mag.blot.weak"] and comparator not in (">", ">="):
        return "weak", "weak immunoblot dilution"
    return _by_laboratory(said)


def _by_laboratory(said: Judgement) -> tuple[AntiMagVerdict, str]:
    match said:
        case "positive":
            return "positive", "positive by the laboratory's own word, band unknown"
        case "weak":
            return "weak", "weak by the laboratory's own word"
        case "negative":
            return "negative", "within the laboratory's own range"
        case _:
            return "unclear", "needs the laboratory's own interpretation"


def _is_blot(chart: Chart, result: Result) -> bool:
    """Immunoblot bands hold for blots only, and only where method, test name or code says so."""
    named = f"{result.method} {result.concept.text}".lower()
    return "blot" in named or re.search(r"\bIB\b", display_of(chart, result.concept, *ANTI_MAG_SETS)) is not None


def _method(chart: Chart, result: Result) -> str:
    """The kind of test; a BTU value is the kit's ELISA. "" where the result does not tell."""
    if _is_blot(chart, result):
        return "immunoblot"
    if isinstance(result.value, Quantity) and result.value.unit == BTU:
        return "ELISA"
    if chart.holds(result.concept, SGPG):
        return "SGPG test"
    named = f"{result.method} {result.concept.text}".lower()
    if re.search(r"\b(elisa|eia)\b", named):
        return "ELISA"
    return "immunofluorescence" if re.search(r"\bifa\b|immuno-?fluores", named) else ""


def _is_kit(chart: Chart, result: Result) -> bool:
    """The site maps the test to the Bühlmann kit, whose numbers are BTU."""
    return chart.holds(result.concept, KIT)


def _is_igm(chart: Chart, result: Result) -> bool:
    if chart.holds(result.concept, *IGM_SETS):
        return True
    if isinstance(result.value, Quantity) and result.value.unit == BTU:
        return True
    named = (display_of(chart, result.concept, SGPG), result.concept.text, result.method, words_of(result))
    return re.search(r"\bigm\b", " ".join(named).lower()) is not None
