"""Whether an order is a short course: a single dose, or doses that end within some days (ruling 38).

Decides from the structured schedule of the order alone; one that does not say when it ends is not short.
"""

from __future__ import annotations

from decimal import Decimal

from cds_service.record import Dosage, Order

DAYS_IN = {"h": Decimal(1) / 24, "d": Decimal(1), "wk": Decimal(7)}


def is_short_course(order: Order, days: Decimal) -> bool:
    """Every dosage line ends within so many days of its first dose."""
    lengths = [_length(dosage) for dosage in order.dosages]
    return bool(lengths) and all(length is not None and length <= days for length in lengths)


def _length(dosage: Dosage) -> Decimal | None:
    """Days from the first dose to the last, both counted; None where the line does not say."""
    if dosage.count == 1:
        return Decimal(1)
    if dosage.events and dosage.period is None and all(event.end == event.start for event in dosage.events):
        days = [event.start for event in dosage.events]
        return Decimal((max(days) - min(days)).days + 1)
    if dosage.count is None or not dosage.frequency or dosage.period is None or dosage.period_unit not in DAYS_IN:
        return None
    return Decimal(dosage.count) / dosage.frequency * dosage.period * DAYS_IN[dosage.period_unit]
