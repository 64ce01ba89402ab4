"""Whether an order is a short course: a single dose, or doses that end within some days (ruling 38).

Decides from the schedule of the order, and from the words of a line whose schedule has no end. What does not say when
it ends, or may be dispensed again, is not short.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cds_service.record import Dosage, Order

DAYS_IN = {"h": Decimal(1) / 24, "d": Decimal(1), "wk": Decimal(7)}
_SINGLE = re.compile(
    r"\b(single dose|one dose|one[- ]time|once only|stat"
    r"|einmalig\w*|einmalgabe|dose unique|dos[ei]s? [uú]nica|eenmalig)\b"
)
_FOR_SOME_TIME = re.compile(
    r"\b(?:for|x|over|für|über|pendant|durante|por|per|gedurende) ?(\d{1,3}) ?"
    r"(d|days?|tagen?|tage|jours?|d[ií]as?|giorn[io]|dagen|wk|weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken)\b"
)
_GOES_ON = re.compile(
    r"\b(then|taper\w*|reduc\w*|continu\w*|until|repeat\w*|cycles?|pulses?|monthly|every (\d+ )?(weeks?|months?)"
    r"|dann|danach|ausschleich\w*|reduzier\w*|weiter\w*|bis|wiederhol\w*|zykl\w*|monatlich|alle (\d+ )?(wochen|monate)"
    r"|puis|ensuite|jusqu\w*|répét\w*|mensuel\w*|tou(te)?s les|luego|después|hasta|repetir|ciclos?|mensual\w*|cada"
    r"|poi|fino|ripet\w*|cicl[io]|mensil\w*|ogni|depois|até|daarna|tot|herhal\w*|maandelijks|elke)\b"
)
_WEEKS = ("w", "s")
"""How the words for weeks begin, and none for days."""


def is_short_course(order: Order, days: Decimal) -> bool:
    """Every dosage line ends within so many days of its first dose, and the prescription is not dispensed again."""
    lengths = [_length(dosage) for dosage in order.dosages]
    return order.refills == 0 and bool(lengths) and all(length is not None and 0 < length <= days for length in lengths)


def _length(dosage: Dosage) -> Decimal | None:
    """Days from the first dose to the last, both counted; None where the line does not say."""
    if dosage.count == 1:
        return Decimal(1)
    if dosage.lasts is not None:
        return dosage.lasts
    if dosage.events and dosage.period is None:
        first, last = min(event.start for event in dosage.events), max(event.end for event in dosage.events)
        return Decimal((last - first).days + 1)
    if dosage.count is None:
        return _length_in_words(dosage.text.lower())
    if not dosage.frequency or dosage.period is None or dosage.period_unit not in DAYS_IN:
        return None
    return Decimal(dosage.count) / dosage.frequency * dosage.period * DAYS_IN[dosage.period_unit]


def _length_in_words(told: str) -> Decimal | None:
    if _GOES_ON.search(told):
        return None
    if _SINGLE.search(told):
        return Decimal(1)
    found = _FOR_SOME_TIME.search(told)
    return Decimal(found[1]) * (7 if found[2].startswith(_WEEKS) else 1) if found else None
