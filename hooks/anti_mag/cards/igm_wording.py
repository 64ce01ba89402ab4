"""An IgM value in the words of a card: in mg/dL, as it was sent, from when, and what is uncertain about it."""

from __future__ import annotations

from decimal import Decimal

from cds_service.markdown import escaped
from hooks.anti_mag.cards.dates import date_in_words
from hooks.anti_mag.picture.immunoglobulin import IgmValue


def igm_in_words(value: IgmValue) -> str:
    """Such as "3800 mg/dL (38 g/L as sent) on 2026-01-19, preliminary"."""
    notes = [
        *(["preliminary"] if value.is_preliminary else []),
        *(["unit inferred from its reference range"] if value.is_inferred else []),
    ]
    return ", ".join([f"{_amount(value)} {_when(value)}", *notes])


def in_mg_dl(value: IgmValue) -> str:
    """Such as "3800 mg/dL", plain text."""
    bound = {"": "", ">": "above ", ">=": "at least ", "<": "below ", "<=": "at most "}[value.bound]
    return f"{bound}{value.mg_dl.normalize():f} mg/dL"


def rise_in_words(newest: IgmValue, baseline: IgmValue) -> str:
    """Such as "64 % and 930 mg/dL above 1450 mg/dL on 2025-12-16"."""
    rise = newest.mg_dl - baseline.mg_dl
    percent = (rise * 100 / baseline.mg_dl).quantize(Decimal(1))
    return f"{percent} % and {rise.normalize():f} mg/dL above {igm_in_words(baseline)}"


def _when(value: IgmValue) -> str:
    """The day, or the month or year as it was sent: a day that nobody wrote down is not told."""
    if value.is_day_known or value.fact.date is None:
        return f"on {value.on.isoformat()}"
    return f"in {date_in_words(escaped(value.fact.date))}"


def _amount(value: IgmValue) -> str:
    if value.fact.unit in (None, "mg/dL"):
        return in_mg_dl(value)
    return f"{in_mg_dl(value)} ({escaped(f'{value.fact.value} {value.fact.unit}')} as sent)"
