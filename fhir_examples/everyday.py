"""Everyday findings of a chart that no rule asks about: chemistry, lipids, vital signs, in the manner of a country.

In the US a laboratory sends LOINC and mg/dL; elsewhere its own codes, its own language and mmol/L. Values follow from
the seed alone and lie within the range that is printed beside them, more or less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from fhir_examples.writing import ChartWriter


@dataclass(frozen=True, slots=True)
class Test:
    """One laboratory test or vital sign, with its range in either manner."""

    names: tuple[str, ...]
    """In the order of `LANGUAGES`."""
    local: str
    us: tuple[str, float, float]
    """Unit, low, high."""
    europe: tuple[str, float, float]
    loinc: str = ""


LANGUAGES = ("en", "de", "fr", "it", "es")
TESTS = (
    Test(
        ("Glucose", "Glukose", "Glucose", "Glicemia", "Glucosa"),
        "GLU",
        ("mg/dL", 70, 99),
        ("mmol/L", 3.9, 5.5),
        "loinc|2345-7",
    ),
    Test(
        ("Sodium", "Natrium", "Sodium", "Sodio", "Sodio"),
        "NA",
        ("mmol/L", 136, 145),
        ("mmol/L", 135, 145),
        "loinc|2951-2",
    ),
    Test(
        ("Potassium", "Kalium", "Potassium", "Potassio", "Potasio"),
        "K",
        ("mmol/L", 3.5, 5.1),
        ("mmol/L", 3.5, 5.0),
        "loinc|2823-3",
    ),
    Test(
        ("Urea nitrogen", "Harnstoff", "Urée", "Urea", "Urea"),
        "UREA",
        ("mg/dL", 7, 20),
        ("mmol/L", 2.5, 7.8),
    ),
    Test(
        ("LDL cholesterol", "LDL-Cholesterin", "Cholestérol LDL", "Colesterolo LDL", "Colesterol LDL"),
        "LDL",
        ("mg/dL", 50, 130),
        ("mmol/L", 1.3, 3.4),
    ),
    Test(("TSH", "TSH basal", "TSH", "TSH", "TSH"), "TSH", ("m[IU]/L", 0.4, 4.2), ("m[IU]/L", 0.4, 4.2)),
    Test(("Ferritin", "Ferritin", "Ferritine", "Ferritina", "Ferritina"), "FER", ("ng/mL", 15, 300), ("ug/L", 15, 300)),
    Test(
        ("Systolic blood pressure", "RR systolisch", "PA systolique", "PA sistolica", "PA sistólica"),
        "SYS",
        ("mm[Hg]", 105, 150),
        ("mm[Hg]", 105, 150),
    ),
    Test(
        ("Heart rate", "Herzfrequenz", "Fréquence cardiaque", "Frequenza cardiaca", "Frecuencia cardíaca"),
        "HR",
        ("/min", 56, 92),
        ("/min", 56, 92),
    ),
)


def everyday(writer: ChartWriter, days: Iterable[date], *, country: str = "US", language: str = "en") -> None:
    """Writes every test of `TESTS` on each of `days`."""
    place = LANGUAGES.index(language)
    for day in days:
        for test in TESTS:
            unit, low, high = test.us if country == "US" else test.europe
            codes = [test.loinc] if country == "US" and test.loinc else [] if country == "US" else [f"lab|{test.local}"]
            share = fraction(f"{writer.patient['id']}/{test.local}/{day}")
            value = round(low + (high - low) * (1.1 * share - 0.05), 1 if high < 50 else 0)
            writer.result(test.names[place], day, value, unit, *codes, low=low, high=high)


def every(days: int, since: date, until: date) -> list[date]:
    """Days from `since` to `until` with a fixed interval."""
    return [since + timedelta(days=step) for step in range(0, (until - since).days + 1, days)]


def fraction(seed: str) -> float:
    """A number from 0 to 1 that follows from the seed, the same on every machine."""
    return int.from_bytes(sha256(seed.encode()).digest()[:4], "big") / 0xFFFFFFFF
