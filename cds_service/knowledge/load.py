"""Knowledge data (TOML) into frozen, typed values.

Decides what a well-formed evidence, threshold, schedule or code file is: which fields a row has, and that every number
has an origin. Reading a field is left to `cds_service.knowledge.rows`, what the data mean to the package
that they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from cds_service.codes import Code, CodeSet
from cds_service.knowledge.contract import Evidence, Mark, Series, Threshold, Thresholds
from cds_service.knowledge.rows import DataFile, Row, each, rows_of, tables_of

__all__ = ["DataFile", "load_code_sets", "load_evidence", "load_series", "load_thresholds"]

MARKS = ("V", "P", "K", "D")
COMPARATORS = ("", "=", "<", "≤", ">", "≥")


def load_evidence(file: DataFile) -> dict[str, Evidence]:
    """Sources by key. An address is https and specific, or ""."""
    return each(rows_of(file), _evidence)


def _evidence(row: Row) -> Evidence:
    made = Evidence(
        key=row.name,
        citation=row.text("citation"),
        year=row.text("year", may_be_empty=True),
        kind=row.text("kind"),
        url=row.text("url", may_be_empty=True),
        checked=row.text("checked"),
        label=row.text("label"),
    )
    if made.url and not made.url.startswith("https://"):
        row.fault("url", f"not an https address: {made.url}")
    row.finish()
    return made


def load_thresholds(file: DataFile, evidence: Mapping[str, Evidence]) -> Thresholds:
    """Numbers by id; V and P rows cite evidence, and a number that a site may change has bounds that hold it."""
    return Thresholds(each(rows_of(file), lambda row: _threshold(row, evidence)))


def _threshold(row: Row, evidence: Mapping[str, Evidence]) -> Threshold:
    mark, cites, why = _origin(row, evidence)
    made = Threshold(
        id=row.name,
        value=row.number("value"),
        unit=row.text("unit"),
        comparator=row.one_of("comparator", COMPARATORS),
        since=row.day("since"),
        mark=mark,
        cites=cites,
        why=why,
        site_may_change=row.flag("site_may_change"),
        bounds=row.bounds(),
    )
    if made.site_may_change and made.bounds is None:
        row.fault("bounds", "missing, and a site may change this number")
    if made.bounds and not made.site_may_change:
        row.fault("bounds", "given, but a site may not change this number")
    if made.bounds and not made.bounds[0] <= made.value <= made.bounds[1]:
        row.fault("value", f"{made.value} is outside the bounds")
    row.finish()
    return made


def load_series(file: DataFile, evidence: Mapping[str, Evidence]) -> dict[str, Series]:
    """Rising rows of whole numbers by id."""
    made = {}
    for row in rows_of(file):
        mark, cites, why = _origin(row, evidence)
        made[row.name] = Series(row.name, row.rising("values"), row.text("unit"), mark, cites, why)
        row.finish()
    return made


def _origin(row: Row, evidence: Mapping[str, Evidence]) -> tuple[Mark, tuple[str, ...], str]:
    """Mark, citations and reason, which together say where a number comes from."""
    mark = cast(Mark, row.one_of("mark", MARKS))
    cites = row.cites(evidence)
    if mark in ("V", "P") and not cites:
        row.fault("cites", f"a number marked {mark} cites its source")
    return mark, cites, row.text("why")


def load_code_sets(file: DataFile, supplements: Sequence[DataFile] = ()) -> dict[str, CodeSet]:
    """Code sets by name. A supplement adds codes that are read but never written to sets that `file` declares."""
    systems, concepts = _code_rows(file)
    sets = each(concepts, lambda row: _code_set(row, systems))
    for supplement in supplements:
        more_systems, more_concepts = _code_rows(supplement)
        for row in more_concepts:
            if row.name not in sets:
                row.fault("codes", f"the concept is not declared in {file.name}")
            codes = frozenset(code for code, _ in row.codes("codes", more_systems))
            row.finish()
            sets[row.name] = _with_codes(sets[row.name], codes)
    return sets


def _code_rows(file: DataFile) -> tuple[dict[str, str], list[Row]]:
    """The systems by short name, and the concepts; their `verified_in` is checked here."""
    top = tables_of(file)
    systems, sources = top.pairs("systems"), top.pairs("sources")
    concepts = [Row(file.name, name, body) for name, body in top.table("concepts").items()]
    top.finish()
    for row in concepts:
        keys = row.texts("verified_in")
        if not keys and row.codes("codes", systems):
            row.fault("verified_in", "empty")
        for key in keys:
            if key not in sources:
                row.fault("verified_in", f"{key} is not among the sources")
    return systems, concepts


def _code_set(row: Row, systems: Mapping[str, str]) -> CodeSet:
    written = row.codes("codes", systems)
    retired = row.codes("retired", systems, may_be_absent=True)
    made = CodeSet(
        name=row.name,
        codes=frozenset(code for code, _ in (*written, *retired)),
        prefixes=tuple(code for code, _ in row.codes("prefixes", systems, may_be_absent=True)),
        excluded=frozenset(code for code, _ in row.codes("excluded", systems, may_be_absent=True)),
        excluded_prefixes=tuple(code for code, _ in row.codes("excluded_prefixes", systems, may_be_absent=True)),
        displays=tuple((code, display) for code, display in written if display),
    )
    if made.codes & made.excluded:
        row.fault("excluded", f"also among the codes: {sorted(made.codes & made.excluded)}")
    row.finish()
    return made


def _with_codes(known: CodeSet, more: frozenset[Code]) -> CodeSet:
    return CodeSet(
        name=known.name,
        codes=known.codes | more,
        prefixes=known.prefixes,
        excluded=known.excluded,
        excluded_prefixes=known.excluded_prefixes,
        displays=known.displays,
    )
