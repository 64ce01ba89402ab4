"""Writes the two charts that are decades long: `python -m fhir_examples.long_charts`.

More than a thousand resources each, told as a life: the dates that matter are written out, what lies between follows
from the calendar. Stored one resource a line, since nobody reads them from end to end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from fhir_examples.everyday import every, everyday, fraction
from fhir_examples.example import FOLDER, Json
from fhir_examples.writing import ChartWriter, person

RITUXIMAB = "rxnorm|1657867"
IGM, IGG = "loinc|2472-9", "loinc|2465-3"
BLOOD_COUNT = (
    ("Leukocytes", "loinc|6690-2", 4.0, 10.0),
    ("Platelets", "loinc|777-3", 150, 400),
    ("Neutrophils, absolute", "loinc|751-8", 1.8, 7.7),
)
Points = tuple[tuple[str, float], ...]


def twenty_years_of_anti_mag() -> Json:
    """Mrs Haugen, born 1951, in Norway: anti-MAG neuropathy since 2006, three courses of rituximab, worse again."""
    today = date(2026, 6, 15)
    patient = person("pt-twenty-years", "Haugen", "Ingrid", "female", date(1951, 3, 14), "Bergen", "NO")
    writer = ChartWriter(patient, "T08:10:00+01:00")
    _problems(
        writer,
        ("Essential hypertension", "1999-05-03", "icd10|I10"),
        ("Hypothyroidism", "2003-10-20"),
        ("IgM kappa monoclonal gammopathy of undetermined significance", "2006-02-07", "sct|277577000"),
        ("Anti-MAG neuropathy", "2006-04-11", "orpha|209004"),
        ("Osteoarthritis of the knee", "2012-08-27"),
        ("Osteoporosis", "2016-03-01"),
        ("Cataract, both eyes", "2019-09-16"),
    )
    _renewals(writer, 1999, 2026, "Losartan 50 mg", "Levothyroxine 75 micrograms", "Calcium with vitamin D")
    everyday(writer, every(91, date(1998, 1, 12), today), country="NO")
    _immunoglobulins(writer, IGM_OF_HAUGEN, "g/L", (0.4, 2.3), every(240, date(2006, 2, 7), today))
    _blood_counts(writer, every(360, date(2014, 7, 28), date(2026, 6, 1)))
    _antibody_of_haugen(writer)
    _scores(writer, "INCAT", "assessment|incat", INCAT_OF_HAUGEN)
    _scores(writer, "I-RODS, centile metric", "assessment|i-rods", I_RODS_OF_HAUGEN)
    _treatment_of_haugen(writer)
    _body(writer, 165, 63, every(365, date(2006, 6, 1), date(2026, 6, 1)), date(2026, 6, 8))
    _influenza(writer, 2005, 2026)
    return writer.bundle("twenty-years-of-anti-mag")


def _antibody_of_haugen(writer: ChartWriter) -> None:
    pattern = "demyelinating"
    code = "assessment|ncs-pattern"
    writer.finding("NCS pattern", date(2006, 1, 24), pattern, code, answer_code=f"assessment|{pattern}")
    for on in ("2006-02-07", "2010-11-15", "2016-12-05", "2026-05-26"):
        writer.result("Immunofixation, serum", _day(on), "Monoclonal IgM kappa", "", "loinc|25700-6")
    for on, btu in ANTI_MAG_OF_HAUGEN:
        bound = "> BTU" if btu == MEASURING_LIMIT else "BTU"
        writer.result("Anti-MAG IgM antibodies, ELISA", _day(on), btu, bound, "loinc|39087-2")
    _hepatitis_b_negative(writer, "2007-01-15", "2011-05-09", "2016-12-05", "2026-05-26")


def _treatment_of_haugen(writer: ChartWriter) -> None:
    for on in ("2006-06-12", "2006-07-10", "2006-08-07"):
        writer.given("Human normal immunoglobulin for intravenous use", _day(on), 60000)
    for on, mg in RITUXIMAB_OF_HAUGEN:
        writer.given("Rituximab infusion", _day(on), mg, RITUXIMAB)
    for year in range(2006, 2027):
        writer.order("Physiotherapy: balance and strength", date(year, 3, 16), "sct|308447003")


def igm_mgus_for_25_years() -> Json:
    """Mr Hutchins, born 1944, in the US; IgM gammopathy found in 2001, numb feet since the winter of 2025."""
    today = date(2026, 9, 8)
    patient = person("pt-mgus-25-years", "Hutchins", "Walter Roy", "male", date(1944, 11, 30), "Dayton")
    writer = ChartWriter(patient, "T09:25:00-05:00")
    _problems(
        writer,
        ("Essential (primary) hypertension", "1996-04-15", "icd10cm|I10"),
        ("Monoclonal gammopathy, IgM kappa", "2001-06-12", "icd10cm|D47.2"),
        ("Benign prostatic hyperplasia", "2004-01-26"),
        ("Coronary artery disease, stable", "2009-03-17"),
        ("Atrial fibrillation", "2013-10-08"),
        ("Hip replacement, right", "2018-05-22"),
        ("Polyneuropathy, unspecified", "2026-03-10", "icd10cm|G62.9"),
        ("Unsteadiness on feet", "2026-05-19", "icd10cm|R26.81"),
    )
    writer.problem("Epistaxis, on warfarin", date(2014, 2, 11), "icd10cm|R04.0", status="resolved")
    writer.problem("COVID-19", date(2021, 1, 18), status="resolved")
    _renewals(writer, 1997, 2026, "Lisinopril 20 mg oral tablet", "Atorvastatin 40 mg oral tablet")
    _renewals(writer, 2014, 2026, "Apixaban 5 mg oral tablet", "Metoprolol succinate 50 mg oral tablet")
    everyday(writer, every(91, date(1996, 4, 15), today))
    _immunoglobulins(writer, IGM_OF_HUTCHINS, "mg/dL", (40, 230), every(180, date(2001, 6, 12), today))
    for day in every(365, date(2002, 6, 11), today):
        grams = round(0.3 + 0.02 * (day.year - 2002), 2)
        writer.result("M-protein, electrophoresis", day, grams, "g/dL", "loinc|33358-3")
    for on in ("2001-06-12", "2010-06-15", "2019-06-18"):
        writer.result("Immunofixation, serum", _day(on), "Monoclonal IgM kappa", "", "loinc|25700-6")
    _blood_counts(writer, every(365, date(2012, 6, 12), date(2026, 6, 9)))
    writer.result("Vitamin B12", date(2026, 3, 12), 512, "pg/mL", "loinc|2132-9")
    writer.result("Hemoglobin A1c", date(2026, 3, 12), 5.4, "%", "loinc|4548-4")
    _body(writer, 178, 84, every(365, date(2001, 6, 1), today), date(2026, 9, 8))
    _influenza(writer, 2000, 2026)
    return writer.bundle("igm-mgus-for-25-years")


MEASURING_LIMIT = 70000
ANTI_MAG_OF_HAUGEN: Points = (
    *(("2006-03-14", MEASURING_LIMIT), ("2011-05-09", MEASURING_LIMIT), ("2016-12-05", 58300)),
    *(("2018-01-15", 21400), ("2026-05-26", 49700)),
)
RITUXIMAB_OF_HAUGEN: Points = (
    *(("2007-02-05", 640), ("2007-02-12", 640), ("2007-02-19", 640), ("2007-02-26", 640)),
    *(("2011-06-06", 640), ("2011-06-14", 640), ("2011-06-20", 640), ("2011-06-27", 640)),
    *(("2017-01-16", 1000), ("2017-01-30", 1000)),
)
IGM_OF_HAUGEN: Points = (
    *(("2006-02-07", 11.2), ("2007-01-20", 12.4), ("2007-03-12", 19.8), ("2007-07-02", 10.9), ("2008-02-04", 5.8)),
    *(("2011-05-09", 8.9), ("2011-07-18", 12.7), ("2012-06-04", 4.9), ("2016-12-05", 7.4), ("2017-02-27", 9.9)),
    *(("2018-01-15", 4.1), ("2025-02-10", 5.6), ("2026-05-26", 7.1)),
)
INCAT_OF_HAUGEN: Points = (
    *(("2006-04-11", 3), ("2007-01-20", 4), ("2008-02-04", 2), ("2009-02-09", 2), ("2010-02-08", 2), ("2011-05-09", 4)),
    *(("2012-06-04", 2), ("2014-03-03", 2), ("2016-11-21", 4), ("2017-01-09", 4), ("2018-01-15", 2)),
    *(("2019-02-11", 2), ("2020-09-14", 2), ("2022-02-07", 2), ("2024-02-12", 2), ("2025-02-10", 2)),
    *(("2026-02-09", 3), ("2026-05-18", 4)),
)
I_RODS_OF_HAUGEN: Points = (
    *(("2017-01-09", 51), ("2018-01-15", 68), ("2020-09-14", 67), ("2022-02-07", 66), ("2024-02-12", 66)),
    *(("2025-02-10", 65), ("2026-02-09", 57), ("2026-05-18", 50)),
)
IGM_OF_HUTCHINS: Points = (
    *(("2001-06-12", 480), ("2006-06-13", 610), ("2011-06-14", 790), ("2016-06-14", 930), ("2021-06-15", 1090)),
    ("2026-08-11", 1260),
)

CHARTS: Mapping[str, Callable[[], Json]] = {
    "igm_mgus_for_25_years": igm_mgus_for_25_years,
    "twenty_years_of_anti_mag": twenty_years_of_anti_mag,
}


def stored(bundle: Json) -> str:
    """The text of a long chart: one resource a line."""
    head = {name: value for name, value in bundle.items() if name != "entry"}
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in bundle["entry"])
    return f'{json.dumps(head)[:-1]}, "entry": [\n{lines}\n]}}\n'


def main() -> None:
    """Writes both."""
    for name, chart in CHARTS.items():
        Path(FOLDER / name).mkdir(exist_ok=True)
        (FOLDER / name / "bundle.json").write_text(stored(chart()), encoding="utf-8")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _problems(writer: ChartWriter, *problems: tuple[str, ...]) -> None:
    for text, on, *codes in problems:
        writer.problem(text, _day(on), *codes)


def _renewals(writer: ChartWriter, first: int, last: int, *medicines: str) -> None:
    """A prescription a year; only the newest is still active."""
    for year in range(first, last + 1):
        for text in medicines:
            writer.medicine(text, date(year, 4, 20), status="active" if year == last else "completed")


def _immunoglobulins(
    writer: ChartWriter, points: Points, unit: str, limits: tuple[float, float], between: list[date]
) -> None:
    """IgM on the days told and, interpolated with a little noise, on those between; IgG every other time."""
    told = {_day(on): value for on, value in points}
    days = sorted({*told, *(day for day in between if all(abs((day - known).days) > 45 for known in told))})
    factor = 1 if unit == "g/L" else 100
    for place, day in enumerate(days):
        value = told.get(day) or _interpolated(told, day) * (0.97 + 0.06 * fraction(f"igm/{day}"))
        rounded = round(value, 1 if unit == "g/L" else 0)
        writer.result("IgM, serum", day, rounded, unit, IGM, low=limits[0], high=limits[1])
        if place % 2 == 0 or day == days[-1]:
            gram = round((8.2 + 2.4 * fraction(f"igg/{day}")) * factor, 1 if unit == "g/L" else 0)
            writer.result("IgG, serum", day, gram, unit, IGG, low=7 * factor, high=16 * factor)


def _interpolated(told: Mapping[date, float], day: date) -> float:
    before = max((known for known in told if known <= day), default=min(told))
    after = min((known for known in told if known >= day), default=max(told))
    share = (day - before).days / (after - before).days if after > before else 0.0
    return told[before] + (told[after] - told[before]) * share


def _blood_counts(writer: ChartWriter, days: list[date]) -> None:
    for day in days:
        for text, code, low, high in BLOOD_COUNT:
            value = round(low + (high - low) * (0.2 + 0.6 * fraction(f"{text}/{day}")), 1)
            writer.result(text, day, value, "10*9/L", code, low=low, high=high)


def _hepatitis_b_negative(writer: ChartWriter, *days: str) -> None:
    for on in days:
        for text, code in (("HBsAg", "loinc|5196-1"), ("Anti-HBc, total", "loinc|13952-7")):
            writer.finding(text, _day(on), "Non-reactive", code, answer_code="sct|260415000")


def _scores(writer: ChartWriter, text: str, code: str, points: Points) -> None:
    for on, value in points:
        writer.result(text, _day(on), value, "score", code)


def _body(writer: ChartWriter, height: float, weight: float, days: list[date], last: date) -> None:
    for day in [*days, last]:
        writer.result("Body weight", day, round(weight + 3 * fraction(f"kg/{day}") - 1.5), "kg", "loinc|29463-7")
    writer.result("Body height", last, height, "cm", "loinc|8302-2")


def _influenza(writer: ChartWriter, first: int, last: int) -> None:
    for year in range(first, last):
        writer.immunization("Influenza vaccine, inactivated", date(year, 10, 12))


if __name__ == "__main__":
    main()
